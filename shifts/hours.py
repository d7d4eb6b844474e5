"""Hours at work, from what workers told the time clock. Pure: entries in, work days out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from shifts.states import CLOCK_MOVES, ClockKind

FORGOTTEN = timedelta(hours=16)
"""Whoever is in for longer has forgotten to clock out, and can clock in again."""
NO_TIME = timedelta(0)


class Entry(Protocol):
    """One entry of one worker."""

    kind: str
    happened_at: datetime


@dataclass
class WorkDay:
    """From one clocking in to its clocking out. `ended_at` is None while the worker is in, or forgot to clock out."""

    began_at: datetime
    ended_at: datetime | None = None
    breaks: timedelta = NO_TIME
    break_since: datetime | None = None
    entries: list[Entry] = field(default_factory=list)

    def is_forgotten(self, now: datetime) -> bool:
        """Whether nobody clocked out, and nobody will."""
        return self.ended_at is None and now - self.began_at > FORGOTTEN

    def worked(self, now: datetime) -> timedelta | None:
        """Time at work without the breaks, so far; None when it cannot be known."""
        if self.is_forgotten(now):
            return None
        until = self.ended_at or self.break_since or now
        return until - self.began_at - self.breaks

    @property
    def standing(self) -> ClockKind:
        """How the worker stands at the end of it."""
        if self.ended_at is not None:
            return ClockKind.OUT
        return ClockKind.BREAK if self.break_since else ClockKind.IN


def work_days(entries: Iterable[Entry]) -> list[WorkDay]:
    """The work days of one worker, the oldest first. What does not follow from what was before is passed over."""
    days: list[WorkDay] = []
    for entry in sorted(entries, key=lambda entry: entry.happened_at):
        kind, at = ClockKind(entry.kind), entry.happened_at
        day = days[-1] if days and days[-1].ended_at is None else None
        if kind is ClockKind.IN:
            day = WorkDay(began_at=at)
            days.append(day)
        elif day is None:
            continue
        elif kind is ClockKind.BREAK:
            day.break_since = day.break_since or at
        else:
            if day.break_since:
                day.breaks += at - day.break_since
                day.break_since = None
            if kind is ClockKind.OUT:
                day.ended_at = at
        day.entries.append(entry)
    return days


def standing_of(days: Sequence[WorkDay], now: datetime) -> ClockKind:
    """How a worker stands now: in, on a break or out."""
    if not days or days[-1].is_forgotten(now):
        return ClockKind.OUT
    return days[-1].standing


def possible_after(standing: ClockKind) -> tuple[ClockKind, ...]:
    """What the worker can tell the clock next, in the order of the keys."""
    return tuple(kind for kind in ClockKind if kind in CLOCK_MOVES[standing])
