"""Signs of life of the worker and of beat, in Redis with an expiry: what /healthz reads.

Beat sends `tick` every few seconds and leaves its mark in the moment of sending; the worker leaves its own
when it has done the task. So a fresh mark of the worker says that a message went all the way.
"""

import time

from celery import shared_task
from celery.signals import beat_init, before_task_publish
from django.core.cache import cache

TICK = "config.heartbeat.tick"
LASTS = 30  # seconds: six missed ticks


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
