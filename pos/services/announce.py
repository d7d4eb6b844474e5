"""Telling a register's browsers what changed without them: after a scan at the station, for instance."""

import msgspec

from channels_app.doorbell import ring
from pos.cart.snapshot import Snapshot


def register_group(register_id: int) -> str:
    """The group in which the browsers of one register listen."""
    return f"register.{register_id}"


def announce_snapshot(register_id: int, snapshot: Snapshot) -> None:
    """Push the cart as it is now; a browser that missed a change sees it by the version and fetches the cart."""
    ring(
        register_group(register_id),
        {"type": "cart.changed", "snapshot": msgspec.json.encode(snapshot).decode()},
    )
