"""The programs that are measured beside each other, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.pricing.oscar_env import prepare


def oscar() -> Worker:
    """django-oscar, in its own environment."""
    return Worker(str(prepare()), str(Path(__file__).with_name("oscar_worker.py")))


def ours() -> Worker:
    """The engine, in a process that has done nothing else: what others leave in its memory slows it down."""
    return Worker(sys.executable, "-m", "bench.pricing.our_worker")


class Worker:
    """A running worker; lines of JSON go in and out."""

    def __init__(self, *command: str) -> None:
        environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        self._process = subprocess.Popen(
            command,
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
            raise RuntimeError("a worker stopped")
        return json.loads(answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(timeout=10)
