"""The time clock: workers say when they come, rest and go, at any register of their store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from channels_app.models import OutboxEvent
from pos.config import WorkerView
from pos.errors import RequestReused
from pos.services.session import Till
from shifts.errors import ClockRefused, NoSuchClockKind
from shifts.hours import FORGOTTEN, WorkDay, possible_after, standing_of, work_days
from shifts.models import TimeEntry
from shifts.states import ClockKind

_CLOCKING = 0x7111_0010  # advisory lock class: one worker's entries are written one after another
_STANDING = {
    ClockKind.OUT: ("is not clocked in", "Clock in first."),
    ClockKind.IN: ("is clocked in already", "Begin a break, or clock out."),
    ClockKind.BREAK: ("is on a break", "End the break first, or clock out."),
}


@dataclass(frozen=True)
class TimeSheet:
    """How a worker stands at the clock now, and the work day that counts, if there is one."""

    worker: WorkerView
    standing: ClockKind
    can: tuple[ClockKind, ...]
    day: WorkDay | None
    now: datetime

    @property
    def worked(self) -> timedelta | None:
        return self.day.worked(self.now) if self.day else None

    @property
    def is_forgotten(self) -> bool:
        """Whether the last day has no end: the manager should have it corrected."""
        return self.day is not None and self.day.is_forgotten(self.now)


def time_sheet(worker: WorkerView, *, at: datetime | None = None) -> TimeSheet:
    """How the worker stands, by what this channel's registers were told."""
    now = at or timezone.now()
    recent = TimeEntry.objects.filter(worker=worker.id, happened_at__gte=now - 3 * FORGOTTEN)
    days = work_days(recent.filter(happened_at__lte=now))
    standing = standing_of(days, now)
    return TimeSheet(worker, standing, possible_after(standing), days[-1] if days else None, now)


def clock(
    *, till: Till, worker: WorkerView, kind: str, request_id: UUID, at: datetime | None = None
) -> TimeSheet:
    """Write down that the worker comes, begins or ends a break, or goes; the same request again changes nothing.

    Raises NoSuchClockKind, RequestReused, and ClockRefused when that does not follow from how the worker stands.
    """
    if kind not in ClockKind.values:
        raise NoSuchClockKind(kind=kind[:20], field="kind")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_CLOCKING, worker.id % 2**31])
        known = TimeEntry.objects.filter(pk=request_id).first()
        if known is not None:
            if (known.worker_id, known.kind) != (worker.id, kind):
                raise RequestReused(field="request_id")
            return time_sheet(worker, at=at)
        now = at or timezone.now()
        sheet = time_sheet(worker, at=now)
        if kind not in sheet.can:
            is_out = kind == ClockKind.BACK and sheet.standing is ClockKind.IN
            words, remedy = ("is not on a break", "Begin one first.") if is_out else _STANDING[sheet.standing]
            raise ClockRefused(name=worker.name, standing=words, remedy=remedy, field="kind")
        entry = TimeEntry.objects.create(
            id=request_id,
            store_id=till.register.store.id,
            register_id=till.register.id,
            worker_id=worker.id,
            kind=kind,
            happened_at=now,
        )
        OutboxEvent.objects.create(topic="time.recorded", subject=str(entry.pk), happened_at=now)
    return time_sheet(worker, at=at)
