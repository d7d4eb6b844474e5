"""The embedded PostgreSQL and Valkey, on real ones."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config.embedded import services
from config.embedded.children import die_with_parent, started_at
from config.embedded.services import (
    PostgresServer,
    ServiceFailed,
    ValkeyServer,
    free_port,
    is_free,
    wait_until_ready,
)


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    folder = Path(tempfile.mkdtemp())  # not pytest's own: those are private, and postgres is another user
    folder.chmod(0o711)
    server = PostgresServer(folder, free_port(), "a-password")
    server.prepare()
    yield server
    server.prepare()  # stops what a test left running
    shutil.rmtree(folder)


def start(server: PostgresServer | ValkeyServer) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        server.command(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=die_with_parent(signal.SIGINT),
        **server.process_options(),
    )
    wait_until_ready(server, is_alive=lambda: process.poll() is None)
    return process


def start_as_the_supervisor_does(server: PostgresServer) -> subprocess.Popen[bytes]:
    """Again and again: PostgreSQL refuses to start while a killed one's helpers are still on their way out."""
    for _ in range(20):
        try:
            return start(server)
        except ServiceFailed:
            time.sleep(0.5)
    raise AssertionError("it never came up")


def test_postgres_is_behind_a_password_and_survives_what_may_happen(postgres: PostgresServer) -> None:
    process = start(postgres)
    postgres.create_database("headquarters")
    postgres.create_database("headquarters")  # a second time changes nothing
    with psycopg.connect(postgres.url("headquarters")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT upper('é') AS word")
        assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(postgres.url("headquarters").replace("a-password", "wrong"))

    process.kill()  # as a power cut would
    process.wait()
    assert (postgres.data / "postmaster.pid").exists()
    postgres.prepare()
    process = start_as_the_supervisor_does(postgres)
    with psycopg.connect(postgres.url("headquarters")) as connection:
        assert connection.execute("SELECT word FROM kept").fetchone() == ("É",)

    pid = process.pid  # a server that nobody remembers is stopped before the next
    postgres.prepare()
    process.wait()
    assert started_at(pid) is None

    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (postgres.data / "postmaster.pid").write_text(f"{other.pid}\n{postgres.data}\n")
    postgres.prepare()  # the number in the lock is another process's by now: that one is left alone
    assert other.poll() is None
    other.kill()
    other.wait()
    process = start(postgres)
    process.send_signal(signal.SIGINT)
    process.wait()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives PostgreSQL to another user")
def test_out_of_reach_it_lives_outside_and_stays_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(services, "OUTSIDE", tmp_path / "outside")
    folder = tmp_path / "private"
    folder.mkdir()
    monkeypatch.setattr(services.binaries, "reachable", lambda path: False)
    place = services.shelter(folder)
    assert (tmp_path / "outside") in place.parents
    monkeypatch.setattr(services.binaries, "reachable", lambda path: True)
    assert services.shelter(folder) == place


def test_valkey_is_behind_a_password(tmp_path: Path) -> None:
    server = ValkeyServer(tmp_path, free_port(), "a-password")
    server.prepare()
    assert (server.data / "valkey.conf").stat().st_mode & 0o077 == 0
    assert "a-password" not in " ".join(server.command())
    process = start(server)
    with redis.Redis.from_url(server.url()) as client:
        assert client.set("key", "value")
    with redis.Redis(port=server.port) as client, pytest.raises(redis.AuthenticationError):
        client.get("key")
    process.terminate()
    process.wait()


def test_one_that_dies_is_not_waited_for(tmp_path: Path) -> None:
    server = ValkeyServer(tmp_path, free_port(), "a-password")
    with pytest.raises(ServiceFailed, match="did not start"):
        wait_until_ready(server, is_alive=lambda: False)


def test_a_taken_port_is_not_free() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert not is_free(taken.getsockname()[1])
    assert is_free(free_port())
