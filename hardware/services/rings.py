"""Doorbells of the stations: after the commit, and never waited for."""

from collections.abc import Iterable

from channels_app.doorbell import ring


def group_of(station_id: int) -> str:
    """The group in which the sockets of one station listen."""
    return f"station.{station_id}"


def ring_stations(station_ids: Iterable[int]) -> None:
    """Tell stations that there are jobs; one that does not hear it asks when it connects."""
    for station_id in set(station_ids):
        ring(group_of(station_id), {"type": "station.wake"}, merge=True)
