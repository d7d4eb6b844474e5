"""A database of its own for a bench, on the embedded servers with their durable settings.

The cluster is kept from run to run for its empty tables, which take half a minute to make; whatever a bench has put
beside them is thrown away.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg
from psycopg import sql

from config.embedded.children import die_with_parent
from config.embedded.services import PostgresServer, ValkeyServer, free_port, wait_until_ready
from config.embedded.state import ROOT, State, migrations_mark

EMPTY = "empty"


@contextmanager
def database(name: str, *, role: str) -> Iterator[PostgresServer]:
    """Start PostgreSQL (fsync on) and Valkey, set Django up in `role`, and make the tables."""
    folder = ROOT / ".data" / "bench" / name
    shutil.rmtree(folder / "data", ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    password = State(folder).secret("password")
    postgres = PostgresServer(folder, free_port(), password)
    valkey = ValkeyServer(folder, free_port(), password, keeps=False)
    mark = folder / "tables"
    if not mark.exists() or mark.read_text() != migrations_mark():
        mark.unlink(missing_ok=True)
        postgres.forget()
    with ExitStack() as stack:
        for service, stop_signal in ((postgres, signal.SIGINT), (valkey, signal.SIGTERM)):
            service.prepare()
            log = stack.enter_context(open(folder / f"{type(service).__name__}.log", "ab"))
            process = subprocess.Popen(
                service.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent(stop_signal),
                **service.process_options(),
            )
            stack.callback(stop, process, stop_signal)
            wait_until_ready(service, is_alive=lambda process=process: process.poll() is None)
        os.environ.update(
            {
                "DJANGO_SETTINGS_MODULE": "config.settings.test",
                "ROLE": role,
                "DATABASE_URL": postgres.url("bench"),
                "REDIS_URL": valkey.url(),
                "DATA_DIR": str(folder / "data"),
            }
        )
        if not mark.exists():
            postgres.create_database(EMPTY)
            # in a process of its own: what a migration leaves in memory is no part of what is measured
            subprocess.run(
                [sys.executable, "-m", "django", "migrate", "--verbosity=0"],
                cwd=ROOT,
                check=True,
                env={**os.environ, "DATABASE_URL": postgres.url(EMPTY)},
            )
            mark.write_text(migrations_mark())
        throw_away(postgres)
        new_databases(postgres.url(EMPTY), "bench")
        stack.callback(throw_away, postgres)
        import django

        django.setup()
        yield postgres
        from django.db import connections

        connections.close_all()


def throw_away(postgres: PostgresServer) -> None:
    """Drop all databases but the one with the empty tables."""
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
        others = "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> ALL(%s)"
        for (name,) in connection.execute(others, [["postgres", EMPTY]]).fetchall():
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def new_databases(dsn: str, *names: str) -> None:
    """Copies of the database of `dsn`, tables and all, to which nobody may be connected."""
    server, _, original = dsn.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        for name in names:
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(original)))


def stop(process: subprocess.Popen[bytes], stop_signal: int) -> None:
    """End a process that the bench has started."""
    process.send_signal(stop_signal)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
