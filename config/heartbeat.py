"""Signs of life of the worker and of beat, in Redis with an expiry: what /healthz reads.

Beat sends `tick` every few seconds and leaves its mark in the moment of sending; the worker leaves its own
when it has done the task. So a fresh mark of the worker says that a message went all the way.
"""

import logging
import os
import sys
import threading
import time

from celery import shared_task
from celery.signals import beat_init, before_task_publish, task_postrun, task_prerun, worker_ready
from django.core.cache import cache

logger = logging.getLogger(__name__)

TICK = "config.heartbeat.tick"
LASTS = 30  # seconds: six missed ticks
STANDS_STILL = 90.0  # seconds without a task, though beat sends them


@shared_task(name=TICK)
def tick() -> None:
    """Mark that this role's worker does its work."""
    cache.set("heartbeat:worker", time.time(), LASTS)


@before_task_publish.connect(sender=TICK)
def _beat_is_alive(**kwargs: object) -> None:
    cache.set("heartbeat:beat", time.time(), LASTS)


@beat_init.connect
def _tick_at_once(**kwargs: object) -> None:
    """The first tick of the schedule is one period away; whoever waits for /healthz need not."""
    tick.delay()


def ages() -> dict[str, float | None]:
    """Seconds since each sign of life; None when there was none lately."""
    marks = cache.get_many(["heartbeat:worker", "heartbeat:beat"])
    now = time.time()
    return {
        part: max(0.0, now - mark) if (mark := marks.get(f"heartbeat:{part}")) else None
        for part in ("worker", "beat")
    }


class Watch:
    """Has a worker begin anew that lost Redis and takes no tasks any more, as Celery's may (its issues 8030, 10205)."""

    def __init__(self) -> None:
        self._running = 0
        self._busy_until = time.monotonic()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def begun(self, **kwargs: object) -> None:
        """A task has begun in this process."""
        with self._lock:
            self._running += 1

    def ended(self, **kwargs: object) -> None:
        """A task has ended, however it did."""
        with self._lock:
            self._running -= 1
            self._busy_until = time.monotonic()

    def start(self, **kwargs: object) -> None:
        """Watch from now on; a worker says that it is ready each time it has found Redis again."""
        self._busy_until = time.monotonic()
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="watch", daemon=True)
            self._thread.start()

    def stands_still(self) -> bool:
        """True when nothing runs and nothing has run for long, while beat is heard. Raises what the cache raises."""
        if self._running or time.monotonic() - self._busy_until < STANDS_STILL:
            return False
        beat = ages()["beat"]
        return beat is not None and beat < LASTS / 2

    def _watch(self) -> None:
        while True:
            time.sleep(5)
            try:
                if not self.stands_still():
                    continue
            except Exception:  # whatever Redis' client raises  # noqa: S112
                continue
            logger.error("This worker has taken no task for %.0f seconds: it begins anew.", STANDS_STILL)
            os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


watch = Watch()
task_prerun.connect(watch.begun, weak=False)
task_postrun.connect(watch.ended, weak=False)
worker_ready.connect(watch.start, weak=False)
