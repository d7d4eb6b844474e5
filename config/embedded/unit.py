"""`manage.py run_scale_unit NAME`: one more scale unit beside `make run`, on a port of its own.

It shares the servers of the embedded mode and nothing else: its own database, folder, credential and processes.
Stopped and started again it goes on where it was; started from a newer version of the program it migrates first.
"""

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from config.embedded.environment import network_address, process_environment
from config.embedded.programs import beat, once, web, worker
from config.embedded.services import is_free
from config.embedded.state import ROOT, State
from config.embedded.supervisor import Program, Supervisor
from config.embedded.up import CannotRun, only_one, what_is_wrong

READY_WITHIN = 120.0  # seconds


@dataclass
class Unit:
    """One more scale unit of the installation in `state`, served on `port`."""

    state: State
    name: str
    port: int
    host: str
    stores: str = ""
    say: Callable[[str], None] = print

    @cached_property
    def folder(self) -> Path:
        return self.state.folder / "units" / self.name

    @property
    def database(self) -> str:
        return f"scale_unit_{self.name.replace('-', '_')}"

    @property
    def address(self) -> str:
        shown = network_address() if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104
        return f"http://{shown}:{self.port}"

    @cached_property
    def environment(self) -> dict[str, str]:
        """What its processes read: those of the first scale unit, with its own names, database and secret."""
        port, host = self.state.address()
        return process_environment(self.state, "scale_unit", port=port, host=host) | {
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": self.state.postgres().url(self.database),
            "SECRET_KEY": self.state.secret(f"{self.name}_secret_key"),
            "SCALE_UNIT_NAME": self.name,
            "SCALE_UNIT_URL": self.address,
            "EXCHANGE_CREDENTIAL": self.state.secret(f"{self.name}_exchange_credential"),
        }

    async def run(self) -> None:
        """Make it, register it at headquarters, and serve it until a signal. Raises CannotRun."""
        os.umask(0o077)
        self._check()
        self.folder.mkdir(parents=True, exist_ok=True)
        with only_one(self.folder / "lock"):
            self.supervisor = Supervisor(self.folder, self._restarted)
            self.supervisor.register.stop_leftovers()
            stopped = asyncio.Event()
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                asyncio.get_running_loop().add_signal_handler(number, stopped.set)
            stopping = asyncio.create_task(stopped.wait())
            work = asyncio.create_task(self._start())
            try:
                await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if work.done():
                    work.result()
                    await stopping
            finally:
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)
                await self.supervisor.stop()
            self.say(f"Scale unit {self.name} is stopped. Its data is kept; start it again in the same way.")

    def _check(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,39}", self.name) or self.name == "main":
            raise CannotRun(
                f"'{self.name}' cannot be its name: take small letters, digits and hyphens, and not main."
            )
        if not self.state.postgres().is_ready():
            raise CannotRun("Headquarters does not run here: start it first with 'make run'.")
        if not is_free(self.port, self.host):
            raise CannotRun(f"Port {self.port} is taken by another program: choose another one with --port.")

    async def _start(self) -> None:
        await asyncio.to_thread(self.state.postgres().create_database, self.database)
        self.say(f"Setting up the tables of {self.name} …")
        migrate = [sys.executable, "manage.py", "migrate", "--noinput", "-v", "0"]
        await self._once(Program("migrate", migrate, {"cwd": ROOT, "env": self.environment}))
        await self._once(self._registration())
        for program in (
            web("web", self.environment, self.host, self.port),
            worker("worker", self.environment, self.name),
            beat("beat", self.environment),
        ):
            await self.supervisor.start(program)
        self.say(f"Starting {self.name} …")
        deadline = time.monotonic() + READY_WITHIN
        while wrong := await asyncio.to_thread(what_is_wrong, self.address):
            if time.monotonic() > deadline:
                self.say(
                    f"It is not ready yet: {wrong} It goes on trying; its logs are in {self.folder}/log."
                )
                return
            await asyncio.sleep(0.3)
        self.say(f"Scale unit {self.name} is ready at {self.address}/; Ctrl-C stops it.")

    def _registration(self) -> Program:
        port, host = self.state.address()
        words = ["register", self.name, self.address, *(["--stores", self.stores] if self.stores else [])]
        program = once(self.state, "headquarters", "register", "scale_unit", *words, port=port, host=host)
        environment = dict(program.options["env"])
        environment["EXCHANGE_CREDENTIAL"] = self.environment["EXCHANGE_CREDENTIAL"]
        return Program(program.name, program.command, {**program.options, "env": environment})

    async def _once(self, program: Program) -> None:
        if await self.supervisor.run(program):
            raise CannotRun(f"{program.name} failed: see {self.supervisor.log_of(program.name)}.")

    def _restarted(self, name: str, code: int, pause: float) -> None:
        log = self.supervisor.log_of(name)
        self.say(f"  {name} ended with code {code}; starting it again in {pause:g} s (log: {log})")


def main(unit: Unit) -> int:
    """Run until stopped; the exit code. A failure is one sentence on stderr."""
    try:
        asyncio.run(unit.run())
    except CannotRun as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0
