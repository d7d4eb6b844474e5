"""pytest plugin: real PostgreSQL and Valkey for the tests, started before Django is set up.

Loaded with `-p` (see pyproject.toml), because pytest-django sets Django up before any conftest is imported.
Each test run takes a slot of its own under `.data/test`, so that several may run at once. A slot keeps its
cluster, and its test database as long as the migrations stay the same. With DATABASE_URL and REDIS_URL set,
those are used instead.
"""

import fcntl
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from config.embedded.children import die_with_parent
from config.embedded.services import PostgresServer, ServiceFailed, ValkeyServer, free_port, wait_until_ready
from config.embedded.state import ROOT, State, migrations_mark

SLOTS = 32
OURS = "TEST_SERVICES_ARE_OURS"  # whom the run has started to share its work has services of its own, too


class TestServices:
    """The services of one test run."""

    def __init__(self) -> None:
        self.lock, self.folder = _take_slot(ROOT / ".data" / "test")
        self.running: list[tuple[subprocess.Popen[bytes], int]] = []

    def start(self) -> None:
        try:
            self._start_all()
        except ServiceFailed:  # fsync is off: a cluster whose machine was killed may be beyond repair
            self.stop()
            self._postgres().forget()
            self._start_all()

    def _postgres(self) -> PostgresServer:
        return PostgresServer(self.folder, free_port(), self._password(), fast_and_loose=True)

    def _password(self) -> str:
        return State(self.folder).secret("password")

    def _start_all(self) -> None:
        postgres = self._postgres()
        valkey = ValkeyServer(self.folder, free_port(), self._password(), keeps=False)
        self._start(postgres, signal.SIGINT)
        self._start(valkey, signal.SIGTERM)
        os.environ[OURS] = "yes"
        os.environ["DATABASE_URL"] = postgres.url("tillhouse")
        os.environ["REDIS_URL"] = valkey.url()
        os.environ["DATA_DIR"] = str(self.folder / "data")

    def _start(self, service: PostgresServer | ValkeyServer, stop_signal: int) -> None:
        service.prepare()
        with open(self.folder / f"{type(service).__name__}.log", "ab") as log:
            process = subprocess.Popen(
                service.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent(stop_signal),
                **service.process_options(),
            )
        self.running.append((process, stop_signal))
        wait_until_ready(service, is_alive=lambda: process.poll() is None)

    def stop(self) -> None:
        while self.running:
            process, stop_signal = self.running.pop()
            process.send_signal(stop_signal)
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def has_current_database(self) -> bool:
        """Whether the slot's test database was made by these migrations and left clean by the last run."""
        mark = self.folder / "database"
        current = mark.exists() and mark.read_text() == migrations_mark()
        mark.unlink(missing_ok=True)
        return current

    def keep_database(self) -> None:
        (self.folder / "database").write_text(migrations_mark())


def _take_slot(root: Path) -> tuple[IO[str], Path]:
    for number in range(SLOTS):
        folder = root / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        lock = open(folder / "lock", "w")  # noqa: SIM115  # held, and so open, until the run is over
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        return lock, folder
    raise pytest.UsageError(f"{SLOTS} test runs are under way already.")


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Start the services before pytest-django, whose own hook loads the settings."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    given = {"DATABASE_URL", "REDIS_URL"} <= os.environ.keys() and OURS not in os.environ
    if not given:
        services = TestServices()
        early_config.stash[_services] = services
        early_config.add_cleanup(services.stop)
        services.start()
    return (yield)


_services = pytest.StashKey[TestServices]()


def pytest_configure(config: pytest.Config) -> None:
    services = config.stash.get(_services, None)
    if services and services.has_current_database() and not config.option.create_db:
        config.option.reuse_db = True


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Keep the test database unless the run was broken off, which may have left rows in it."""
    services = session.config.stash.get(_services, None)
    if services and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        services.keep_database()
