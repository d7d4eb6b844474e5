"""A whole installation of the embedded mode, each process of it ours to kill: what `make run` starts, with its
PostgreSQL and Valkey, both web servers, both workers and schedulers, and the hardware station.

Only the device lab is played by the test, which so sees every byte that was printed.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg

from config.embedded.children import die_with_parent
from config.embedded.programs import programs
from config.embedded.services import wait_until_ready
from config.embedded.state import ROOT, State
from config.embedded.supervisor import Program
from config.embedded.up import what_is_wrong
from tests.reliability.paper import PaperLab
from tests.scenarios.ports import three_free_ports

READY_WITHIN = 400.0
HOST = "127.0.0.1"


@contextlib.contextmanager
def a_system(folder: Path | None = None, **options: Any) -> Iterator[System]:
    """A running system in a folder that is thrown away, or in `folder`."""
    with tempfile.TemporaryDirectory(prefix="tillhouse-") as temporary:
        place = folder or Path(temporary)
        place.mkdir(parents=True, exist_ok=True)
        place.chmod(0o711)  # PostgreSQL may run as another user, who must get through
        with System(place, **options) as system:
            yield system


class System:
    """The processes of one installation in `folder`, by the names that the supervisor gives them."""

    def __init__(self, folder: Path, *, line_seconds: float = 0.002) -> None:
        self.port = three_free_ports()
        self.state = State(folder)
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.lab = PaperLab(self.port + 2, line_seconds)

    @property
    def address(self) -> str:
        """Of the scale unit, where registers sell."""
        return f"http://{HOST}:{self.port + 1}"

    def __enter__(self) -> System:
        try:
            self._prepare()
            self.lab.start()
            self._programs = {program.name: program for program in self._all()}
            for name in self._programs:
                self.start(name)
            self.wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        services = ("postgres", "valkey")
        for group in ([name for name in self.running if name not in services], services):
            for name in group:
                if name in self.running:
                    self.running[name].send_signal(signal.SIGINT if name == "postgres" else signal.SIGTERM)
            for name in group:
                if process := self.running.pop(name, None):
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(10)
                    process.kill()
                    process.wait()
        self.lab.stop()

    def _prepare(self) -> None:
        """Let the one command make the databases, the company, its first package and the stations' keys."""
        self.state.folder.mkdir(parents=True, exist_ok=True)
        with open(self.state.folder / "prepare.log", "wb") as log:
            command = [sys.executable, "manage.py", "up", "--port", str(self.port)]
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                env=self._environment(),
                preexec_fn=die_with_parent(),
            )
        deadline = time.monotonic() + READY_WITHIN
        while b"Tillhouse is ready" not in (self.state.folder / "prepare.log").read_bytes():
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                process.wait()
                raise RuntimeError((self.state.folder / "prepare.log").read_text()[-2000:])
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        process.wait(60)

    def _all(self) -> list[Program]:
        postgres, valkey = self.state.postgres(), self.state.valkey()
        services = [
            Program("postgres", postgres.command(), postgres.process_options(), signal.SIGINT),
            Program("valkey", valkey.command(), valkey.process_options()),
        ]
        ours = [
            replace(program, options={**program.options, "env": self._environment(**program.options["env"])})
            for program in programs(self.state, self.port, HOST)
            if program.name != "lab-web"
        ]
        return [*services, *ours]

    def _environment(self, **more: str) -> dict[str, str]:
        """Of this installation, with nothing of whoever runs the test but where programs are found."""
        own = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {
            **own,
            "PYTHONUNBUFFERED": "1",
            "DEMO_SALES": "0",
            **more,
            "TILLHOUSE_DATA": str(self.state.folder),
        }

    def start(self, name: str) -> None:
        """Start a process, as the supervisor would; PostgreSQL and Valkey are waited for."""
        program = self._programs[name]
        service = {"postgres": self.state.postgres, "valkey": self.state.valkey}.get(name)
        if service:
            service().prepare()
        with open(self.state.folder / "log" / f"{name}.log", "ab") as log:
            process = subprocess.Popen(
                program.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent(program.stop_signal),
                **program.options,
            )
        self.running[name] = process
        if service:
            wait_until_ready(service(), is_alive=lambda: process.poll() is None)

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """End a process as a power cut would (for PostgreSQL: `SIGQUIT`, its immediate shutdown)."""
        process = self.running.pop(name)
        process.send_signal(number)
        process.wait()

    def tend(self) -> int:
        """Start workers anew that ended by themselves, as a supervisor does, and say how many: Celery's may end
        when it loses Valkey twice within seconds."""
        ended = [
            name
            for name, process in self.running.items()
            if name.endswith("-worker") and process.poll() is not None
        ]
        for name in ended:
            self.start(name)
        return len(ended)

    def wait_until_ready(self) -> None:
        """Return when both roles say that all of their parts are there."""
        deadline = time.monotonic() + READY_WITHIN
        for port in (self.port, self.port + 1):
            while said := what_is_wrong(f"http://{HOST}:{port}"):
                if time.monotonic() > deadline:
                    raise RuntimeError(f"Port {port} is not ready: {said}")
                time.sleep(0.2)

    def wait_for_station(self, seconds: float = 30) -> None:
        """Return when every paired station is connected."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with self.connect("scale_unit") as database:
                row = database.execute(
                    "SELECT count(*) FILTER (WHERE connection IS NOT NULL), count(*) FROM hardware_stationstatus"
                ).fetchone()
            if row and row[1] and row[0] == row[1]:
                return
            time.sleep(0.1)
        raise RuntimeError("The stations have not come back.")

    def managers(self) -> dict[str, tuple[str, str]]:
        """Staff ID and PIN of the manager of each store, by the store's number: what a newcomer is told."""
        text = (self.state.folder / "headquarters" / "welcome.txt").read_text()
        pin = re.findall(r"^ +PIN .* (\d+)$", text, re.MULTILINE)[0]
        found = re.findall(r" ((\d)003) ", text)
        return {store: (staff_id, pin) for staff_id, store in found}

    def manage(self, role: str, *words: str) -> str:
        """What a management command says; raises when it fails."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self._environment(ROLE=role, PORT=str(self.port)),
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise AssertionError(f"{' '.join(words)}: {done.stdout[-1500:]}{done.stderr[-1500:]}")
        return done.stdout

    def connect(self, role: str) -> psycopg.Connection[Any]:
        """A connection of our own to a role's database; it commits each statement."""
        return psycopg.connect(self.state.postgres().url(role), autocommit=True, connect_timeout=5)
