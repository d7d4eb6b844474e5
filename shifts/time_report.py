"""Hours at headquarters: what came up from the time clocks, as corrected, by worker and day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hq.models import Store, Worker
from shifts.hours import FORGOTTEN, NO_TIME, WorkDay, work_days
from shifts.models import TimeCorrection, TimeEntry
from shifts.states import ClockKind

_SLACK = (
    timedelta(days=1) + FORGOTTEN
)  # stores' days are not ours, and a day's last entry may be the next day's


@dataclass(frozen=True)
class CountedEntry:
    """A time entry as it counts: as it came up, or as headquarters corrected it."""

    worker: Worker
    store: Store
    kind: str
    happened_at: datetime
    counts: bool = True
    said: TimeEntry | None = None
    correction: TimeCorrection | None = None

    @property
    def words(self) -> str:
        return ClockKind(self.kind).label

    @property
    def local_at(self) -> datetime:
        """On the store's own clock."""
        return self.happened_at.astimezone(ZoneInfo(self.store.time_zone))

    @property
    def was(self) -> str:
        """What the clock was told, where it was corrected."""
        if self.said is None or self.correction is None:
            return ""
        at = self.said.happened_at.astimezone(ZoneInfo(self.store.time_zone))
        return f"{ClockKind(self.said.kind).label}, {at:%H:%M}"


@dataclass(frozen=True)
class WorkedDay:
    """One worker's day in one store: times are on the store's clock."""

    worker: Worker
    store: Store
    day: date
    work: tuple[WorkDay, ...]
    left_out: tuple[CountedEntry, ...]
    now: datetime

    @property
    def began_at(self) -> datetime:
        return self.work[0].began_at.astimezone(ZoneInfo(self.store.time_zone))

    @property
    def ended_at(self) -> datetime | None:
        last = self.work[-1].ended_at
        return last.astimezone(ZoneInfo(self.store.time_zone)) if last else None

    @property
    def breaks(self) -> timedelta:
        return sum((work.breaks for work in self.work), NO_TIME)

    @property
    def worked(self) -> timedelta | None:
        """Without breaks; None when somebody forgot to clock out."""
        parts = [work.worked(self.now) for work in self.work]
        return None if None in parts else sum((part for part in parts if part is not None), NO_TIME)

    @property
    def is_open(self) -> bool:
        return self.ended_at is None and self.worked is not None

    @property
    def is_on_break(self) -> bool:
        return self.is_open and self.work[-1].break_since is not None

    @property
    def entries(self) -> list[CountedEntry]:
        """All entries of the day, also those that do not count."""
        found = [entry for work in self.work for entry in work.entries]
        return sorted([*found, *self.left_out], key=lambda entry: entry.happened_at)

    @property
    def is_corrected(self) -> bool:
        return any(entry.correction for entry in self.entries)


def worked_days(
    *, first: date, last: date, now: datetime, store: int | None = None, worker: int | None = None
) -> list[WorkedDay]:
    """The days from `first` to `last` on which somebody worked, the newest first, then by name."""
    by_worker: dict[int, list[CountedEntry]] = defaultdict(list)
    for entry in _entries(first, last, worker):
        by_worker[entry.worker.pk].append(entry)
    days: list[WorkedDay] = []
    for entries in by_worker.values():
        days += _days_of(entries, now)
    wanted = [d for d in days if first <= d.day <= last and (store is None or d.store.pk == store)]
    return sorted(wanted, key=lambda d: (-d.day.toordinal(), d.worker.name, d.began_at))


def _entries(first: date, last: date, worker: int | None) -> list[CountedEntry]:
    utc = ZoneInfo("UTC")
    since = datetime.combine(first, time(), utc) - _SLACK
    until = datetime.combine(last, time(), utc) + timedelta(days=1) + _SLACK
    only = {} if worker is None else {"worker": worker}
    corrections = list(TimeCorrection.objects.filter(**only).select_related("worker", "store", "entry"))
    found = [
        CountedEntry(c.worker, c.store, c.kind, c.happened_at, c.counts, c.entry, c)
        for c in corrections
        if since <= c.happened_at < until
    ]
    said = TimeEntry.objects.filter(happened_at__range=(since, until), correction=None, **only)
    found += [
        CountedEntry(entry.worker, entry.store, entry.kind, entry.happened_at, said=entry)
        for entry in said.select_related("worker", "store")
    ]
    return found


def _days_of(entries: Sequence[CountedEntry], now: datetime) -> list[WorkedDay]:
    grouped: dict[tuple[int, date], list[WorkDay]] = defaultdict(list)
    stores = {entry.store.pk: entry.store for entry in entries}
    for work in work_days(entry for entry in entries if entry.counts):
        first: CountedEntry = work.entries[0]  # type: ignore[assignment]  # they are what went in
        grouped[first.store.pk, first.local_at.date()].append(work)
    left_out = [entry for entry in entries if not entry.counts]
    return [
        WorkedDay(
            entries[0].worker,
            stores[store],
            day,
            tuple(work),
            tuple(e for e in left_out if e.store.pk == store and e.local_at.date() == day),
            now,
        )
        for (store, day), work in grouped.items()
    ]
