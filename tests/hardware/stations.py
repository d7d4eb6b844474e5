"""A real server on a real port, and real station programs that dial it."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import ClassVar

import uvicorn
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.handlers.wsgi import WSGIHandler

from config.embedded.services import free_port
from hardware.routing import websocket_urlpatterns
from tests.hardware.lab_bench import until
from tests.scenarios.live import new_channel_layer

ROOT = Path(__file__).resolve().parents[2]


class Server:
    """The scale unit's stations under uvicorn in a thread; it can be stopped and started on the same port."""

    def __init__(self) -> None:
        self.port = free_port()
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        from a2wsgi import WSGIMiddleware

        application = ProtocolTypeRouter(
            {"http": WSGIMiddleware(WSGIHandler(), workers=2), "websocket": URLRouter(websocket_urlpatterns)}
        )
        config = uvicorn.Config(
            application,
            port=self.port,
            log_config=None,
            lifespan="off",
            ws="websockets-sansio",
            timeout_graceful_shutdown=2,
        )
        self._server = uvicorn.Server(config)
        new_channel_layer()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        until(lambda: self._server.started)

    def _run(self) -> None:
        with asyncio.Runner() as runner:
            runner.run(self._server.serve())

    def stop(self) -> None:
        if self._server is not None:
            self._server.should_exit = True
            self._thread.join(10)
            self._server = None


class StationProgram:
    """``python -m hardware.agent`` as a process of its own. `stop_all` ends what a failed test has left running."""

    running: ClassVar[list[subprocess.Popen]] = []

    def __init__(self, server: str, state: Path, *arguments: str, **environment: str) -> None:
        self._environment = environment
        self._command = [
            sys.executable,
            "-m",
            "hardware.agent",
            "--server",
            server,
            "--state",
            str(state),
            *arguments,
        ]
        self.process: subprocess.Popen | None = None
        self.log = state / "log" / "station.log"

    def start(self) -> None:
        environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")} | self._environment
        self.process = subprocess.Popen(
            self._command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.running.append(self.process)

    def kill(self) -> None:
        """As a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(10) if self.process is not None else 0

    @classmethod
    def stop_all(cls) -> None:
        while cls.running:
            process = cls.running.pop()
            process.kill()
            process.wait()

    def memory_mb(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024


def settled(count: int, seconds: float = 15.0) -> list:
    """Wait until so many jobs have the station's word, and give them; ``seconds`` without one more are too many."""
    from hardware.models import DeviceJob

    end, most = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        jobs = list(DeviceJob.objects.filter(is_settled=True))
        if len(jobs) >= count:
            return jobs
        if len(jobs) > most:
            end, most = time.monotonic() + seconds, len(jobs)
        time.sleep(0.02)
    states = list(DeviceJob.objects.values_list("state", "words"))
    raise AssertionError(f"Only some of {count} jobs were settled: {states}")
