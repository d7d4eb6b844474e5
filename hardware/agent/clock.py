"""The clock by which things become too old: it goes on while the computer sleeps, where the system has such a one."""

import time

# Nothing that this program waits for takes so long: what has come meanwhile is of any age.
STOOD_STILL_SECONDS = 5.0
_CLOCK = getattr(time, "CLOCK_BOOTTIME", None)


def now() -> float:
    """Seconds since some moment, which nobody sets."""
    return time.monotonic() if _CLOCK is None else time.clock_gettime(_CLOCK)
