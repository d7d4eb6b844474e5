"""What each role runs by itself. Tasks are named, not imported: beat only sends messages.

The recurring jobs of headquarters (packages for everybody at night, and so on) are rows that staff edit; here is
only what keeps the machinery going.
"""

from datetime import timedelta
from typing import Any

from config.heartbeat import TICK

SOON = timedelta(seconds=5)
DAILY = timedelta(days=1)

SCHEDULES: dict[str, dict[str, timedelta]] = {
    "headquarters": {
        TICK: SOON,
        "channels_app.tasks.tend_packages": SOON,
        "hq.tasks.tend_lists": SOON,
    },
    "scale_unit": {
        TICK: SOON,
        "channels_app.tasks.apply_waiting_packages": SOON,
        "channels_app.tasks.upload": SOON,
        "hardware.tasks.sweep": SOON,
        "hardware.tasks.report": SOON,
        "pos.tasks.tend_cards": SOON,
        "pos.tasks.mail_receipts": SOON,
        "hardware.tasks.forget_old": DAILY,
    },
    "lab": {},
}


def beat_schedule(role: str) -> dict[str, dict[str, Any]]:
    """The beat entries of `role`; one that found no worker in time is dropped, the next one does the work."""
    return {
        name: {"task": name, "schedule": period, "options": {"expires": max(10, period.total_seconds())}}
        for name, period in SCHEDULES[role].items()
    }
