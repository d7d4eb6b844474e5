"""What each role runs by itself. Tasks are named, not imported: beat only sends messages."""

from datetime import timedelta
from typing import Any

TICK = "config.heartbeat.tick"

EVERY_FEW_SECONDS = {
    "headquarters": [TICK],
    "scale_unit": [
        TICK,
        "channels_app.tasks.apply_waiting_packages",
        "channels_app.tasks.upload",
        "hardware.tasks.sweep",
    ],
    "lab": [],
}
PERIOD = timedelta(seconds=5)


def beat_schedule(role: str) -> dict[str, dict[str, Any]]:
    """The beat entries of `role`; one that found no worker in time is dropped, the next one does the work."""
    return {
        name: {"task": name, "schedule": PERIOD, "options": {"expires": PERIOD.total_seconds() * 2}}
        for name in EVERY_FEW_SECONDS[role]
    }
