"""`make run` and `manage.py up`: from nothing to a running company, and back to nothing at Ctrl-C."""

import asyncio
import contextlib
import fcntl
import json
import os
import shutil
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from config.embedded import binaries
from config.embedded.environment import addresses
from config.embedded.programs import once, programs, station_codes
from config.embedded.services import PostgresServer, ServiceFailed, ValkeyServer, is_free
from config.embedded.state import State, migrations_mark
from config.embedded.supervisor import Program, Supervisor

DATABASES = ("headquarters", "scale_unit")
READY_WITHIN = 180.0  # seconds
PAIRED_WITHIN = 20.0
HOPELESS = 4  # restarts of one process before it was ever ready


class CannotRun(Exception):
    """What keeps the company from running, in one sentence with the remedy."""


@dataclass
class Up:
    """One run of the embedded mode in `state`, on `port` and the two after it."""

    state: State
    port: int
    host: str
    own: bool = False
    say: Callable[[str], None] = print
    started: float = field(default_factory=lambda: float(os.environ.pop("TILLHOUSE_STARTED", time.time())))
    is_ready: bool = False

    async def run(self) -> None:
        """Start everything, print where it is, and keep it running until a signal. Raises CannotRun."""
        os.umask(0o077)  # logs, media and data are nobody else's to read
        self.state.folder.mkdir(parents=True, exist_ok=True)
        self.state.folder.chmod(0o711)  # PostgreSQL may run as another user, who must get through
        with only_one(self.state.folder / "lock"):
            self.supervisor = Supervisor(self.state.folder, self._restarted)
            if left := self.supervisor.register.stop_leftovers():
                self._step(f"stopped what a former run left behind ({len(left)} processes)")
            check_ports(self.port, self.host)
            self.choose_company()
            self.state.remember_address(self.port, self.host)
            stopped = asyncio.Event()
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, stopped.set)
            stopping = asyncio.create_task(stopped.wait())
            work = asyncio.create_task(self._start_all())
            try:
                await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if work.done():
                    work.result()
                    await stopping
                self.say("\nStopping …")
            finally:
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)
                await self._stop_all()
            over = "" if self.state.is_own else "; 'make reset' starts over"
            self.say(f"Stopped. The data is kept in {self.state.folder}{over}.")

    def choose_company(self) -> None:
        """The folder remembers whose company it holds. Raises CannotRun for the demo company's folder."""
        if not self.own or self.state.is_own:
            return
        if self._company_made.exists():
            raise CannotRun(
                f"{self.state.folder} holds the demo company: name another folder, as in "
                "'TILLHOUSE_DATA=/srv/shop make own'."
            )
        self.state.own.touch()

    async def _start_all(self) -> None:
        try:
            await self._start_services()
        except (binaries.BinariesMissing, ServiceFailed) as error:
            raise CannotRun(str(error)) from error
        await self._prepare_databases()
        await self._make_company()
        await self._tell_addresses()
        for program in programs(self.state, self.port, self.host):
            await self.supervisor.start(program)
        await self._wait_until_ready()
        if not self.state.is_own:
            await self._pair_stations()
        self.is_ready = True
        self.say(closing_block(self.state, self.port, self.host, time.time() - self.started))
        if not self.state.is_own:
            await self._make_past()

    async def _stop_all(self) -> None:
        services = {"postgres", "valkey"}
        await self.supervisor.stop(*(name for name in self.supervisor.keepers if name not in services))
        await self.supervisor.stop()

    async def _start_services(self) -> None:
        ports = self.state.ports()
        free = {name: port for name, port in ports.items() if is_free(port)}
        if free != ports:  # another program took one of our internal ports since
            self.state.choose_ports(free)
        postgres, valkey = self.state.postgres(), self.state.valkey()
        if not (postgres.data / "PG_VERSION").exists():
            self._step("creating the database server's data folder")
        await asyncio.gather(asyncio.to_thread(postgres.prepare), asyncio.to_thread(valkey.prepare))
        # PostgreSQL calls the orderly stop that does not wait for clients SIGINT.
        await self._start_service("postgres", postgres, signal.SIGINT)
        await self._start_service("valkey", valkey, signal.SIGTERM)
        self._step("PostgreSQL and Valkey are up")

    async def _start_service(
        self, name: str, service: PostgresServer | ValkeyServer, stop_signal: int
    ) -> None:
        await self.supervisor.start(Program(name, service.command(), service.process_options(), stop_signal))
        deadline = time.monotonic() + 60
        while not await asyncio.to_thread(service.is_ready):
            if time.monotonic() > deadline or self.supervisor.restarts.get(name, 0) >= HOPELESS:
                raise ServiceFailed(f"{name} did not start: see {self.supervisor.log_of(name)}.")
            await asyncio.sleep(0.03)

    async def _prepare_databases(self) -> None:
        mark = migrations_mark()
        for name in DATABASES:
            await asyncio.to_thread(self.state.postgres().create_database, name)
        behind = [role for role in DATABASES if read(self._migrated(role)) != mark]
        if not behind:
            return
        self._step(f"setting up the tables ({' and '.join(role.replace('_', ' ') for role in behind)})")
        codes = await asyncio.gather(
            *(self._command(role, f"{role}-migrate", "migrate", "--noinput", "-v", "0") for role in behind)
        )
        for role, code in zip(behind, codes, strict=True):
            if code:
                log = self.supervisor.log_of(f"{role}-migrate")
                raise CannotRun(f"The tables of {role.replace('_', ' ')} could not be set up: see {log}.")
            path = self._migrated(role)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(mark)

    async def _make_company(self) -> None:
        if self._company_made.exists():
            return
        what, command = "the demo company", "demo_company"
        if self.state.is_own:
            what, command = "a user for headquarters", "first_user"
        self._step(f"making {what}")
        name = command.replace("_", "-")
        if await self._command("headquarters", name, command, on_line=self._line):
            raise CannotRun(f"It failed to make {what}: see {self.supervisor.log_of(name)}.")
        self._company_made.touch()

    async def _make_past(self) -> None:
        """Once, when all is ready: what the stores sold on the days before, so that there is something to look at."""
        mark = self.state.folder / "scale_unit" / "past-made"
        if mark.exists() or os.environ.get("DEMO_SALES") == "0":
            return
        self._step("the stores are given a week of sales to look at; you can begin meanwhile")
        if await self._command("scale_unit", "demo-sales", "demo_sales"):
            self._step(f"they have none: see {self.supervisor.log_of('demo-sales')}")
            return
        mark.touch()
        self._step("a week of sales is in the journals of the third registers")

    async def _tell_addresses(self) -> None:
        """Register the scale unit; headquarters keeps its address in a row, which another PORT changes."""
        address = addresses(self.port, self.host)["scale_unit"]
        known = self.state.folder / "headquarters" / "scale-unit-address"
        if read(known) == address:
            return
        register = ("register", "main", address, "--stores", "free")
        if await self._command("headquarters", "scale-unit", "scale_unit", *register):
            log = self.supervisor.log_of("scale-unit")
            raise CannotRun(f"Headquarters could not be told where the scale unit is: see {log}.")
        known.write_text(address)

    async def _pair_stations(self) -> None:
        """Give the emulated stations codes to be paired with, at first and at a new address."""
        codes = station_codes(self.state)
        address = addresses(self.port, self.host)["scale_unit"]
        wanted = len(read(codes).splitlines())
        if wanted and paired_stations(codes.parent, address) >= wanted:
            return
        codes.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if await self._command("scale_unit", "station-codes", "station_code", "--write", str(codes)):
            self._step(f"the stations could not be paired: see {self.supervisor.log_of('station-codes')}")
            return
        wanted = len(read(codes).splitlines())
        deadline = time.monotonic() + PAIRED_WITHIN
        while paired_stations(codes.parent, address) < wanted and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
        self._step(f"{paired_stations(codes.parent, address)} of {wanted} hardware stations are paired")

    async def _command(
        self, role: str, name: str, *words: str, on_line: Callable[[str], None] | None = None
    ) -> int:
        return await self.supervisor.run(
            once(self.state, role, name, *words, port=self.port, host=self.host), on_line
        )

    async def _wait_until_ready(self) -> None:
        """Wait for /healthz of both; the last thing that was wrong is what a failure says."""
        if self.state.is_own:
            self._step("starting headquarters and the scale unit")
        else:
            self._step("starting headquarters, the scale unit and the hardware station")
        waiting = {part: addresses(self.port, self.host)[part] for part in DATABASES}
        wrong = ""
        deadline = time.monotonic() + READY_WITHIN
        while waiting:
            for part, address in list(waiting.items()):
                said = await asyncio.to_thread(what_is_wrong, address)
                if not said:
                    del waiting[part]
                    self._step(f"{part.replace('_', ' ')} is ready")
                else:
                    wrong = f"{part.replace('_', ' ')}: {said}"
            restarts = self.supervisor.restarts
            hopeless = [name for name in restarts if is_required(name) and restarts[name] >= HOPELESS]
            if hopeless:
                raise CannotRun(f"{hopeless[0]} does not stay up: see {self.supervisor.log_of(hopeless[0])}.")
            if waiting and time.monotonic() > deadline:
                raise CannotRun(
                    f"Not ready after {READY_WITHIN:.0f} seconds ({wrong}): see {self.supervisor.logs}."
                )
            await asyncio.sleep(0.2)

    @property
    def _company_made(self) -> Path:
        return self.state.folder / "headquarters" / "company-made"

    def _migrated(self, role: str) -> Path:
        return self.state.folder / role / "migrated"

    def _restarted(self, name: str, code: int, pause: float) -> None:
        log = self.supervisor.log_of(name)
        self.say(f"  {name} ended with code {code}; starting it again in {pause:g} s (log: {log})")

    def _step(self, words: str) -> None:
        self.say(f"[{time.time() - self.started:5.1f} s] {words}")

    def _line(self, words: str) -> None:
        self.say(f"           {words}")


@contextlib.contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold the folder for this run. Raises CannotRun when another run holds it."""
    with open(path, "a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotRun(
                "Tillhouse already runs from this folder: stop it there with Ctrl-C first."
            ) from None
        yield


def check_ports(port: int, host: str) -> None:
    """Raise CannotRun naming the first of the three ports that another program has."""
    if not 1 <= port <= 65533:
        raise CannotRun(f"PORT must be between 1 and 65533, not {port}.")
    for offset, use in enumerate(("headquarters", "the scale unit", "the device lab")):
        if not is_free(port + offset, host):
            other = 9100 if 8998 <= port <= 9002 else 9000
            raise CannotRun(
                f"Port {port + offset}, wanted for {use}, is taken by another program: "
                f"stop that program, or choose other ports with PORT={other} before the command."
            )


def paired_stations(folder: Path, address: str) -> int:
    """How many stations of this folder are paired with the scale unit at `address`."""
    known = [json.loads(path.read_text()) for path in folder.glob("*/station.json")]
    return sum(1 for identity in known if identity["server"] == address and identity["station"])


def is_required(name: str) -> bool:
    """Whether nothing works without that process: a till also sells without a station."""
    return name.startswith(DATABASES)


def read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def what_is_wrong(address: str) -> str:
    """Empty when /healthz says ready, else the words of the first part that is not."""
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=5):  # noqa: S310  # our own http address
            return ""
    except urllib.error.HTTPError as error:
        try:
            parts = json.loads(error.read())["parts"]
        except (ValueError, KeyError):
            return f"it answers {error.code}"
        wrong = [str(part.get("words", name)) for name, part in parts.items() if not part["ok"]]
        return wrong[0] if wrong else f"it answers {error.code}"
    except OSError:
        return "it does not answer yet"


def closing_block(state: State, port: int, host: str, seconds: float) -> str:
    """The one block: addresses, who can sign in with what, where the receipts are."""
    shown = addresses(port, host)
    lines = [
        f"Tillhouse is ready after {seconds:.1f} seconds.",
        "",
        f"  Headquarters   {shown['headquarters']}/",
        f"  Cloud POS      {shown['scale_unit']}/",
    ]
    if not state.is_own:
        lines.append(f"  Device lab     {shown['lab']}/   (printed receipts, scanners, drawers)")
    for path in (state.folder / "headquarters" / "welcome.txt", state.folder / "welcome.txt"):
        if path.exists():
            lines += ["", *(f"  {line}".rstrip() for line in path.read_text().strip().splitlines())]
            break
    over = "" if state.is_own else ", 'make reset' starts over"
    lines += ["", f"  Logs in {state.folder / 'log'}; Ctrl-C stops everything{over}."]
    width = min(shutil.get_terminal_size((100, 24)).columns, 100)
    return "\n".join(["", "─" * width, *lines, "─" * width])


def main(state: State, port: int, host: str, *, own: bool = False) -> int:
    """Run until stopped; the exit code. A failure is one sentence on stderr."""
    try:
        asyncio.run(Up(state, port, host, own=own).run())
    except CannotRun as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0
