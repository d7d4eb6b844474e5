"""An environment of its own for django-oscar, made once under .data/bench, and the worker that runs in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[2]
HOME = ROOT / ".data" / "bench" / "oscar"
WANTED = "django-oscar==4.2.1"


def prepare() -> Path:
    """The environment's Python; installs django-oscar when it is not there yet."""
    python = HOME / "bin" / "python"
    marker = HOME / "installed.txt"
    if not marker.exists() or marker.read_text().strip() != WANTED:
        HOME.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(HOME)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", WANTED], check=True)
        marker.write_text(WANTED)
    return python


class Worker:
    """A running worker; lines of JSON go in and out."""

    def __init__(self) -> None:
        environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        self._process = subprocess.Popen(
            [str(prepare()), str(Path(__file__).with_name("oscar_worker.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def ask(self, message: dict[str, Any]) -> dict[str, Any]:
        """Send one message and wait for its answer; RuntimeError when the worker is gone."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("the django-oscar worker stopped")
        return json.loads(answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(timeout=10)
