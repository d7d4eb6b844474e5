"""Doorbells of the stations: after the commit, and never waited for."""

from django.db.models import Model

from channels_app.doorbell import ring


def group_of(station_id: int) -> str:
    """The group in which the sockets of one station listen."""
    return f"station.{station_id}"


def ring_about_profiles(version: int, changed: frozenset[type[Model]]) -> None:
    """New master data may have changed what connected stations drive: let them be told now, not at the next beat."""
    from hardware.models import StationStatus
    from hq.models import HardwareDevice, HardwareProfile, HardwareStation, Register, Store

    if changed & {HardwareDevice, HardwareProfile, HardwareStation, Register, Store}:
        connected = StationStatus.objects.filter(connection__isnull=False)
        for station_id in connected.values_list("station_id", flat=True):
            ring(group_of(station_id), {"type": "station.profile"}, merge=True)
