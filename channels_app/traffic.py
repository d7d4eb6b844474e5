"""What comes up by the hour, beside what is usual at that hour of the week."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Sum

from channels_app.models import UploadHour

WEEKS = 4  # that what is usual is taken from
_HOUR = timedelta(hours=1)
_FEW = 10  # events an hour; below that a quiet hour says nothing
_TOO_QUIET = 0.2  # of what is usual


@dataclass(frozen=True)
class TrafficHour:
    """One hour: the events that came up, and how many usually do (None while nothing is known of such an hour)."""

    hour: datetime
    events: int
    rows: int
    usual: float | None
    is_running: bool

    @property
    def is_quiet(self) -> bool:
        """Whether far less came than usual; the hour that runs is not judged."""
        return (
            not self.is_running
            and self.usual is not None
            and self.usual >= _FEW
            and self.events < self.usual * _TOO_QUIET
        )


def traffic(now: datetime, *, database: UUID | None = None, hours: int = 24) -> Sequence[TrafficHour]:
    """The last hours of one channel database or of all, the oldest first; usual is the mean of the last four weeks
    at the same hour of the same weekday, where there was anything then."""
    this = now.replace(minute=0, second=0, microsecond=0)
    wanted = [this - _HOUR * back for back in reversed(range(hours))]
    asked = {hour - timedelta(weeks=week) for hour in wanted for week in range(WEEKS + 1)}
    rows = UploadHour.objects.filter(hour__in=asked)
    if database is not None:
        rows = rows.filter(database=database)
    found: dict[datetime, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for hour, events, count in rows.values_list("hour").annotate(Sum("events"), Sum("rows")):
        found[hour] = (events, count)
    return [_hour(hour, found, is_running=hour == this) for hour in wanted]


def _hour(hour: datetime, found: dict[datetime, tuple[int, int]], *, is_running: bool) -> TrafficHour:
    before = [
        found[then][0] for week in range(1, WEEKS + 1) if (then := hour - timedelta(weeks=week)) in found
    ]
    return TrafficHour(
        hour=hour,
        events=found[hour][0],
        rows=found[hour][1],
        usual=sum(before) / len(before) if before else None,
        is_running=is_running,
    )


def quiet_databases(now: datetime) -> dict[UUID, TrafficHour]:
    """Channel databases from which far less came in the last full hour than usual."""
    last = now.replace(minute=0, second=0, microsecond=0) - _HOUR
    asked = [last - timedelta(weeks=week) for week in range(WEEKS + 1)]
    by_database: dict[UUID, dict[datetime, tuple[int, int]]] = defaultdict(
        lambda: defaultdict(lambda: (0, 0))
    )
    for database, hour, events, rows in UploadHour.objects.filter(hour__in=asked).values_list(
        "database", "hour", "events", "rows"
    ):
        by_database[database][hour] = (events, rows)
    hours = {d: _hour(last, found, is_running=False) for d, found in by_database.items()}
    return {d: hour for d, hour in hours.items() if hour.is_quiet}
