"""The doorbell of a station: tells its sockets that there is something to do."""

from collections.abc import Iterable
from typing import Any

from channels_app.doorbell import ring as ring_group


def group_of(station_id: int) -> str:
    """The group in which the sockets of one station listen."""
    return f"station.{station_id}"


def ring(station_ids: Iterable[int]) -> None:
    """Tell stations that there are jobs."""
    for station_id in set(station_ids):
        send_to_station(station_id, {"type": "station.wake"})


def send_to_station(station_id: int, message: dict[str, Any]) -> None:
    """Send one message to the sockets of a station, without waiting for it to leave."""
    ring_group(group_of(station_id), message)
