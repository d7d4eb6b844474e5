"""Keep a handful of processes running: start, restart with back-off, stop in order, leave no orphans."""

import asyncio
import contextlib
import logging
import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.embedded.children import GRACE, Register, die_with_parent

logger = logging.getLogger(__name__)

FIRST_PAUSE = 0.5  # seconds before the first restart; doubled at each further one
LONGEST_PAUSE = 30.0
STEADY = 20.0  # seconds after which a process counts as having started well
LARGEST_LOG = 10_000_000  # bytes; a longer log is put aside at the next start


@dataclass(frozen=True)
class Program:
    """One process to keep running. `options` go to the start as they are (cwd, env, user, …)."""

    name: str
    command: list[str]
    options: Mapping[str, Any] = field(default_factory=dict)
    stop_signal: int = signal.SIGTERM


@dataclass(frozen=True)
class Running:
    """A program's process of this moment."""

    process: asyncio.subprocess.Process
    stop_signal: int


class Supervisor:
    """Runs programs until `stop`. `on_restart(name, code, pause)` hears of each that died by itself."""

    def __init__(
        self, folder: Path, on_restart: Callable[[str, int, float], None] = lambda name, code, pause: None
    ) -> None:
        self.logs = folder / "log"
        self.logs.mkdir(parents=True, exist_ok=True)
        self.register = Register(folder / "processes.json")
        self.on_restart = on_restart
        self.keepers: dict[str, asyncio.Task[None]] = {}
        self.running: dict[str, Running] = {}
        self.restarts: dict[str, int] = {}

    async def start(self, program: Program) -> None:
        """Start `program` and keep it running; returns once its first process exists."""
        await self._spawn(program)
        self.keepers[program.name] = asyncio.create_task(self._keep(program))

    async def run(self, program: Program, on_line: Callable[[str], None] | None = None) -> int:
        """Run `program` once, to its end; what it prints goes by line to `on_line`, else to its log."""
        process = await self._spawn(program, pipe=on_line is not None)
        try:
            if process.stdout is not None and on_line is not None:
                async for line in process.stdout:
                    on_line(line.decode(errors="replace").rstrip())
            return await process.wait()
        finally:
            await self._end(program.name)

    def is_alive(self, name: str) -> bool:
        return name in self.running

    def log_of(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    async def stop(self, *names: str) -> None:
        """Stop these programs together (all of them without names): asked, then killed."""
        chosen = [name for name in names or tuple(self.keepers) if name in self.keepers]
        keepers = [self.keepers.pop(name) for name in chosen]
        for keeper in keepers:
            keeper.cancel()  # first of all: nobody starts again what we are about to end
        await asyncio.gather(*keepers, return_exceptions=True)
        await asyncio.gather(*(self._end(name) for name in chosen if name in self.running))

    async def _keep(self, program: Program) -> None:
        pause = FIRST_PAUSE
        while True:
            began = time.monotonic()
            code = await self.running[program.name].process.wait()
            self._forget(program.name)
            if time.monotonic() - began > STEADY:
                pause = FIRST_PAUSE
            self.restarts[program.name] = self.restarts.get(program.name, 0) + 1
            self.on_restart(program.name, code, pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            await self._spawn(program)

    async def _spawn(self, program: Program, *, pipe: bool = False) -> asyncio.subprocess.Process:
        path = self.log_of(program.name)
        if path.exists() and path.stat().st_size > LARGEST_LOG:
            path.replace(path.with_suffix(".old.log"))
        with open(path, "ab") as log:
            process = await asyncio.create_subprocess_exec(
                *program.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE if pipe else log,
                stderr=log,
                preexec_fn=die_with_parent(program.stop_signal),
                limit=1 << 20,
                **program.options,
            )
        self.running[program.name] = Running(process, program.stop_signal)
        self.register.add(program.name, process.pid, program.stop_signal)
        return process

    async def _end(self, name: str) -> None:
        """Stop the process and what it started itself; what does not listen in the grace time is killed."""
        process, stop_signal = self.running[name].process, self.running[name].stop_signal
        if process.returncode is None:
            _signal_group(process.pid, stop_signal)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), GRACE)
        _signal_group(process.pid, signal.SIGKILL)  # also a grandchild that stayed in the group
        await process.wait()
        self._forget(name)

    def _forget(self, name: str) -> None:
        self.running.pop(name, None)
        self.register.remove(name)


def _signal_group(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, number)
