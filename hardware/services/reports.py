"""Headquarters hears how stations stand, and keeps what it heard last."""

from datetime import datetime

import msgspec
from django.utils import timezone

from channels_app.models import ChannelDatabase
from hardware.models import StationReport
from hardware.standing import Reports, Standing, Wanted
from hq.models import HardwareStation

OLD_AFTER_SECONDS = 90.0


def take_reports(database: ChannelDatabase, said: Reports) -> Wanted:
    """Keep what a scale unit says of the stations of its own stores; answers which standings it should send.

    What it says of others' stations is left out: a store that has moved is told of by its new scale unit.
    """
    now = timezone.now()
    own = set(
        HardwareStation.objects.filter(store__placement__channel_database=database).values_list(
            "pk", flat=True
        )
    )
    for station, standing in said.standings.items():
        if station in own:
            keep_standing(station, standing, database=database, at=now)
    known = dict(
        StationReport.objects.filter(database=database, station__in=own).values_list("station_id", "digest")
    )
    same = {station for station, digest in said.digests.items() if known.get(station) == digest}
    StationReport.objects.filter(station__in=same).update(heard_at=now)
    return Wanted(want=sorted(own & said.digests.keys() - same))


def keep_standing(station: int, standing: Standing, *, database: ChannelDatabase, at: datetime) -> None:
    """This is how the station stands now."""
    StationReport.objects.update_or_create(
        station_id=station,
        defaults={
            "database": database,
            "digest": standing.digest,
            "standing": msgspec.to_builtins(standing),
            "is_calm": standing.is_calm,
            "changed_at": at,
            "heard_at": at,
        },
    )


def standing_of(report: StationReport | None) -> Standing | None:
    """What a report says; None without one, or when it comes from another release and cannot be read."""
    if report is None:
        return None
    try:
        return msgspec.convert(report.standing, Standing)
    except msgspec.ValidationError:
        return None


def is_old(report: StationReport, now: datetime) -> bool:
    """Whether the scale unit has been silent for so long that nobody knows how the station is now."""
    return (now - report.heard_at).total_seconds() > OLD_AFTER_SECONDS
