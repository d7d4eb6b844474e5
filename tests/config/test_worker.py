"""A worker that takes no tasks any more, in a process of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache

from config import heartbeat
from config.celery import app

# Celery's own command line, but for how long a worker may stand still.
WORKER = """
import sys
from config import heartbeat
heartbeat.STANDS_STILL = 3.0
from celery.__main__ import main
sys.argv = ["celery", "-A", "config.celery", "worker", "--pool", "threads", "-l", "INFO",
            "--without-mingle", "--without-gossip", "--hostname", "test@tillhouse"]
main()
"""


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    with open(tmp_path / "log", "wb") as log:
        process = subprocess.Popen([sys.executable, "-c", WORKER], stdout=log, stderr=log, env=os.environ)
    yield process
    process.terminate()
    process.wait(20)
    print((tmp_path / "log").read_text())


def until_done(seconds: float = 60) -> None:
    """Send ticks as beat does until the worker has done one."""
    cache.delete("heartbeat:worker")
    deadline = time.monotonic() + seconds
    while cache.get("heartbeat:worker") is None:
        assert time.monotonic() < deadline, "The worker has done nothing."
        heartbeat.tick.delay()
        time.sleep(0.5)


def test_a_worker_that_takes_no_tasks_begins_anew(
    worker: subprocess.Popen[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.conf, "task_always_eager", False)
    until_done()
    queue = settings.CELERY_TASK_DEFAULT_QUEUE
    assert app.control.cancel_consumer(queue, reply=True, timeout=10), "It should stop taking tasks."
    time.sleep(1.5)  # what it was already asking for may still come
    until_done()
    assert worker.poll() is None
    assert b"begins anew" in (tmp_path / "log").read_bytes()
