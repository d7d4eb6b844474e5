"""A database of its own for a bench: the embedded servers with their durable settings, thrown away afterwards."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from config.embedded.children import die_with_parent
from config.embedded.services import PostgresServer, ValkeyServer, free_port, wait_until_ready

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def database(name: str, *, role: str) -> Iterator[PostgresServer]:
    """Start PostgreSQL (fsync on) and Valkey, set Django up in `role`, and make the tables."""
    folder = ROOT / ".data" / "bench" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    password = secrets.token_hex(8)
    postgres = PostgresServer(folder, free_port(), password)
    valkey = ValkeyServer(folder, free_port(), password, keeps=False)
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
        postgres.create_database("bench")
        os.environ.update(
            {
                "DJANGO_SETTINGS_MODULE": "config.settings.test",
                "ROLE": role,
                "DATABASE_URL": postgres.url("bench"),
                "REDIS_URL": valkey.url(),
                "DATA_DIR": str(folder / "data"),
            }
        )
        # in a process of its own: what a migration leaves in memory is no part of what is measured
        subprocess.run([sys.executable, "-m", "django", "migrate", "--verbosity=0"], cwd=ROOT, check=True)
        import django

        django.setup()
        yield postgres
        from django.db import connections

        connections.close_all()
    shutil.rmtree(folder, ignore_errors=True)


def stop(process: subprocess.Popen[bytes], stop_signal: int) -> None:
    """End a process that the bench has started."""
    process.send_signal(stop_signal)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
