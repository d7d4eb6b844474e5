"""A web server of its own for a bench: the real application under uvicorn, started as `make run` starts it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.services import ROOT, stop
from config.embedded.children import die_with_parent
from config.embedded.services import free_port

SECONDS_TO_START = 60


@contextmanager
def web_server(application: str, environment: dict[str, str] | None = None) -> Iterator[int]:
    """The port where `application` ("module:name") listens while the block runs."""
    port = free_port()
    command = [
        *(sys.executable, "-m", "uvicorn", application, "--host", "127.0.0.1", "--port", str(port)),
        *("--no-access-log", "--no-server-header", "--lifespan", "off", "--log-level", "warning"),
        *("--timeout-graceful-shutdown", "2"),
    ]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **(environment or {}), "PYTHONPATH": str(ROOT)},
        preexec_fn=die_with_parent(signal.SIGTERM),
    )
    try:
        _wait_until_it_listens(process, port)
        yield port
    finally:
        stop(process, signal.SIGTERM)


def as_made_to_run() -> dict[str, str]:
    """What a scale unit's web process is told beside the database and Redis: the settings of `make run`."""
    return {
        "EMBEDDED": "1",
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "TILLHOUSE_DATA": os.environ["DATA_DIR"],
        "ROLE": "scale_unit",
        "LOG_LEVEL": "WARNING",
    }


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("The bench's web server did not start.")
