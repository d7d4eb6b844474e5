"""Doorbells of the stations: after the commit, and never waited for."""

from collections.abc import Callable, Iterable

from django.db.models import Model

from channels_app.doorbell import ring

_here: dict[int, Callable[[], bool]] = {}


def group_of(station_id: int) -> str:
    """The group in which the sockets of one station listen."""
    return f"station.{station_id}"


def listen_here(station_id: int, heard: Callable[[], bool]) -> None:
    """This process holds the station's socket: its rings need not travel.

    ``heard`` is called from any thread and answers whether anybody was there.
    """
    _here[station_id] = heard


def stop_listening(station_id: int, heard: Callable[[], bool]) -> None:
    """The socket is gone, unless another one has taken its place."""
    if _here.get(station_id) == heard:
        del _here[station_id]


def ring_stations(station_ids: Iterable[int]) -> None:
    """Tell stations that there are jobs; one that does not hear it asks at its next heartbeat."""
    for station_id in set(station_ids):
        heard = _here.get(station_id)
        if heard is None or not heard():
            ring(group_of(station_id), {"type": "station.wake"}, merge=True)


def ring_about_profiles(version: int, changed: frozenset[type[Model]]) -> None:
    """New master data may have changed what connected stations drive: let them be told now, not at the next beat."""
    from hardware.models import StationStatus
    from hq.models import HardwareDevice, HardwareProfile, HardwareStation, Register, Store

    if changed & {HardwareDevice, HardwareProfile, HardwareStation, Register, Store}:
        connected = StationStatus.objects.filter(connection__isnull=False)
        for station_id in connected.values_list("station_id", flat=True):
            ring(group_of(station_id), {"type": "station.profile"}, merge=True)
