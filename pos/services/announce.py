"""Telling a register's browsers what changed without them: after a scan at the station, for instance."""

from collections.abc import Mapping
from typing import Any

import msgspec

from channels_app.doorbell import ring
from hq.station_events import StationEvent
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


def announce_payment(register_id: int, answer: Snapshot | None) -> None:
    """Push how the card terminal stands, or the cart once its answer has been taken over."""
    ring(
        register_group(register_id),
        {"type": "payment.changed", "snapshot": msgspec.json.encode(answer).decode() if answer else ""},
    )


def sign_on_group(register_id: int) -> str:
    """The group in which the sign-on pages of one register listen."""
    return f"sign-on.{register_id}"


def announce_swipe(register_id: int, data: Mapping[str, str]) -> None:
    """Tell a register's sign-on page what came of a swiped card: `text` for people, and whom to sign on or to ask."""
    ring(sign_on_group(register_id), {"type": "card.swiped", "data": dict(data)})


def announce_weight(register_id: int, data: Mapping[str, Any]) -> None:
    """Push what the scale shows; a reading that is lost is followed by the next one."""
    ring(register_group(register_id), {"type": "weight.changed", "data": dict(data)})


def announce_devices(event: StationEvent) -> None:
    """Tell a register's browsers that its station or a device of it is different now."""
    ring(register_group(event.register_id), {"type": "devices.changed"})


def announce_job(event: StationEvent) -> None:
    """Tell a register's browsers how a print stands; a print whose outcome is unknown is named."""
    if event.data.get("kind") == "print" and event.data.get("source"):
        source = str(event.data["source"])[:80]
        ring(register_group(event.register_id), {"type": "receipt.changed", "source": source})
    if event.data.get("state") == "unknown":
        title = str(event.data.get("title") or event.data.get("kind") or "")[:200]
        about = {"title": title, "is_drawer": event.data.get("kind") == "drawer"}
        ring(register_group(event.register_id), {"type": "job.changed", **about})
    else:
        announce_devices(event)
