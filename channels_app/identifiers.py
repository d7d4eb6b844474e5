"""UUIDv7: ids that every channel can make by itself and that sort by the time of their making (RFC 9562)."""

import os
import threading
import time
import uuid

_lock = threading.Lock()
_last = 0


def uuid7() -> uuid.UUID:
    """A new UUIDv7; within one process later ids are greater than earlier ones.

    The 12 bits after the version hold fractions of the millisecond (RFC 9562, method 3).
    """
    global _last
    with _lock:
        now = time.time_ns()
        stamp = (now // 1_000_000 << 12) | ((now % 1_000_000) * 4096 // 1_000_000)
        stamp = max(stamp, _last + 1)
        _last = stamp
    random = int.from_bytes(os.urandom(8)) & 0x3FFF_FFFF_FFFF_FFFF
    value = (stamp >> 12) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64 | 0b10 << 62 | random
    return uuid.UUID(int=value)
