"""What stations say on headquarters' home page."""

from collections.abc import Iterator

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from hardware.alerts import Alert, alerts
from hardware.models import StationReport
from hardware.services.reports import is_old, standing_of
from hq import panels
from hq.cells import counted
from hq.panels import Notice, Question, Tone

MOST_STATIONS = 5


@panels.notices(Question.NEEDS, permission="hq.view_hardwarestation")
def stations_in_trouble(request: HttpRequest) -> Iterator[Notice]:
    """Stations that are away or wait for a hand; of those that nobody tells of, their scale unit's line speaks."""
    now = timezone.now()
    troubled: list[tuple[StationReport, Alert, int]] = []
    reports = StationReport.objects.filter(station__is_active=True, is_calm=False).select_related(
        "station__store"
    )
    for report in reports.order_by("station__number"):
        standing = standing_of(report)
        if standing is None or is_old(report, now):
            continue
        found = [alert for alert in alerts(standing, now) if alert.tone >= Tone.ASKS]
        if found:
            troubled.append((report, found[0], len(found) - 1))
    troubled.sort(key=lambda row: -row[1].tone)
    for report, alert, more in troubled[:MOST_STATIONS]:
        station = report.station
        yield Notice(
            title=station.name if station.store.name in station.name else f"{station.store.name}, {station.name}",
            tone=alert.tone,
            words=alert.word.lower(),
            detail=alert.sentence + (f" And {counted(more, 'other thing')}." if more else ""),
            action="Open",
            url=reverse("admin:hq_hardwarestation_change", args=[station.pk]),
        )  # fmt: skip
    if len(troubled) > MOST_STATIONS:
        yield Notice(
            title=f"{counted(len(troubled) - MOST_STATIONS, 'more station needs', 'more stations need')} somebody",
            tone=troubled[MOST_STATIONS][1].tone,
            words="look",
            action="See all",
            url=f"{reverse('admin:hq_hardwarestation_changelist')}?calm=no",
        )
