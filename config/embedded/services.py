"""The embedded PostgreSQL and Valkey: how each is prepared, the command that runs it, when it is ready."""

import contextlib
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import redis
from psycopg import sql

from config.embedded import binaries
from config.embedded.children import GRACE, started_at

USER = "tillhouse"
OUTSIDE = Path("/var/lib/tillhouse")


class ServiceFailed(Exception):
    """A service could not be prepared or did not come up; the message is one sentence."""


def free_port() -> int:
    """A port of the loopback interface that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen on `port` now (a closing connection of a former run does not count)."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def shelter(folder: Path) -> Path:
    """`folder`, or a place outside of it when the user that runs PostgreSQL cannot get there.

    That is so for root with a clone under a private home. The place is named after the folder;
    `folder/outside` points at it, so that starting over finds it.
    """
    pointer = folder / "outside"
    if pointer.is_symlink():  # decided before: permissions that change later do not move the data
        return pointer.resolve()
    if (folder / "postgres").exists() or binaries.reachable(folder / "postgres"):
        return folder
    place = OUTSIDE / hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    place.mkdir(parents=True, exist_ok=True)
    for each in (OUTSIDE, place):
        each.chmod(0o711)  # to be walked through, whatever the umask
    pointer.symlink_to(place)
    return place


@dataclass(frozen=True)
class PostgresServer:
    """A cluster in `folder/postgres`, on a loopback port. For tests, `fast_and_loose` risks it in a crash."""

    folder: Path
    port: int
    password: str
    fast_and_loose: bool = False

    @property
    def data(self) -> Path:
        return shelter(self.folder).resolve() / "postgres"

    def url(self, database: str) -> str:
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def prepare(self) -> None:
        """Create the cluster when there is none, else make sure that no former server is in its way."""
        if (self.data / "PG_VERSION").exists():
            self._settle_lock()
        else:
            self._create(self._installed())

    def command(self) -> list[str]:
        settings = ["max_connections=200", "unix_socket_directories="]
        if self.fast_and_loose:
            settings += ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        program = str(self._installed().bin / "postgres")
        options = [part for setting in settings for part in ("-c", setting)]
        return [program, "-D", str(self.data), "-h", "127.0.0.1", "-p", str(self.port), *options]

    def process_options(self) -> dict[str, Any]:
        """How its process must be started: not as root, where it may enter, with a clean environment."""
        return {"cwd": "/", "env": binaries.CLEAN_ENVIRONMENT, **binaries.unprivileged()}

    def is_ready(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def create_database(self, name: str) -> None:
        """Create the database when it is not there."""
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        with (
            contextlib.suppress(psycopg.errors.DuplicateDatabase),
            psycopg.connect(self.url("postgres"), autocommit=True) as connection,
        ):
            connection.execute(statement)

    def forget(self) -> None:
        """Remove the cluster and all that is in it; its server must have stopped."""
        shutil.rmtree(self.data, ignore_errors=True)

    def _installed(self) -> binaries.Postgres:
        return binaries.readable_copy(binaries.postgres(), shelter(self.folder).resolve())

    def _settle_lock(self) -> None:
        """Stop a server that still runs here, and forget a lock whose number another process has by now.

        A lock that is merely stale is PostgreSQL's to judge: it also looks for the former server's memory.
        """
        lock = self.data / "postmaster.pid"
        try:
            pid = int(lock.read_text().splitlines()[0])
        except (FileNotFoundError, ValueError, IndexError):
            return
        if (mark := started_at(pid)) is None:
            return
        if not _works_in(pid, self.data):
            lock.unlink(missing_ok=True)
            return
        os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + GRACE
        while started_at(pid) == mark:
            if time.monotonic() > deadline:
                raise ServiceFailed(
                    f"A former PostgreSQL (process {pid}) in {self.data} does not stop: stop it."
                )
            time.sleep(0.05)

    def _create(self, installed: binaries.Postgres) -> None:
        self.forget()
        self.data.mkdir(parents=True, mode=0o700)
        user = binaries.unprivileged()
        with tempfile.NamedTemporaryFile("w", prefix="tillhouse-") as password_file:
            password_file.write(self.password)
            password_file.flush()
            if user:
                os.chown(self.data, user["user"], user["group"])
                os.chown(password_file.name, user["user"], user["group"])
            locale = ["--locale-provider=builtin"] if installed.major >= 17 else []
            made = subprocess.run(
                [
                    *(installed.bin / "initdb", "-N", "-D", self.data, "-U", USER, "--encoding=UTF8"),
                    *("--auth=scram-sha-256", f"--pwfile={password_file.name}", *locale, "--locale=C.UTF-8"),
                ],
                **self.process_options(),
                capture_output=True,
                text=True,
            )
        if made.returncode:
            self.forget()
            raise ServiceFailed(f"PostgreSQL could not create its data folder: {made.stderr.strip()[-400:]}")


@dataclass(frozen=True)
class ValkeyServer:
    """A Valkey in `folder/valkey`, on a loopback port, behind a password."""

    folder: Path
    port: int
    password: str
    keeps: bool = True

    @property
    def data(self) -> Path:
        return self.folder.resolve() / "valkey"

    def url(self, database: int = 0) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/{database}"

    def prepare(self) -> None:
        """Write its settings; the password is in a private file, not on the command line."""
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings = self.data / "valkey.conf"
        lines = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f'dir "{self.data}"',
            f"requirepass {self.password}",
            'save "60 1"' if self.keeps else 'save ""',
        ]
        with open(os.open(settings, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write("\n".join(lines) + "\n")

    def command(self) -> list[str]:
        return [str(binaries.valkey()), str(self.data / "valkey.conf")]

    def process_options(self) -> dict[str, Any]:
        return {"cwd": "/", "env": binaries.CLEAN_ENVIRONMENT}

    def is_ready(self) -> bool:
        try:
            with redis.Redis.from_url(self.url(), socket_timeout=1, socket_connect_timeout=1) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


def _works_in(pid: int, folder: Path) -> bool:
    """Whether the process has `folder` as its working folder, as PostgreSQL has its data folder."""
    if sys.platform != "linux":
        shown = subprocess.run(
            ["lsof", "-a", "-d", "cwd", "-p", str(pid), "-Fn"], capture_output=True, text=True
        )
        return f"n{folder}" in shown.stdout.splitlines()
    try:
        return Path(f"/proc/{pid}/cwd").resolve() == folder
    except OSError:
        return False


def wait_until_ready(
    service: PostgresServer | ValkeyServer, *, seconds: float = 30, is_alive: Any = None
) -> None:
    """Return when `service` answers. Raises ServiceFailed after `seconds`, or when it died."""
    name = "PostgreSQL" if isinstance(service, PostgresServer) else "Valkey"
    deadline = time.monotonic() + seconds
    while not service.is_ready():
        if time.monotonic() > deadline or (is_alive and not is_alive()):
            raise ServiceFailed(f"{name} did not start on port {service.port}; its log says why.")
        time.sleep(0.03)
