"""On which days an offer is given: its weekdays, dates and hours within its period, by a clock on the wall."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from pricing.models import Discount, PriceAdjustment
from pricing.models.discount import WEEKDAYS

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """From and to as a clock on the wall shows them: that of each store, of the store, or of the company."""

    starts: datetime | None
    ends: datetime | None

    @classmethod
    def of(cls, dated: Discount | PriceAdjustment, zone: tzinfo) -> Period:
        """As a store in the zone reads it."""
        clock = ZoneInfo(dated.clock) if dated.clock else zone
        return cls(*(_on_the_wall(moment, clock) for moment in (dated.starts_at, dated.ends_at)))

    def meets(self, first: datetime, last: datetime) -> bool:
        """Whether a moment of it is in the stretch, which ends before `last`."""
        return (self.starts is None or self.starts < last) and (self.ends is None or first < self.ends)

    def overlaps(self, other: Period) -> bool:
        """Whether the two have a moment in common."""
        starts = [one.starts for one in (self, other) if one.starts is not None]
        ends = [one.ends for one in (self, other) if one.ends is not None]
        return not (starts and ends) or max(starts) < min(ends)


def is_over(ends: datetime | None, clock: str, zones: Iterable[tzinfo], now: datetime) -> bool:
    """Whether the moment, meant on each store's own clock where one is named, has come in all of these zones."""
    if ends is None:
        return False
    end = _on_the_wall(ends, ZoneInfo(clock)) if clock else None
    return now >= ends if end is None else all(_on_the_wall(now, zone) >= end for zone in zones)  # type: ignore[operator]


def _on_the_wall(moment: datetime | None, clock: tzinfo) -> datetime | None:
    return moment.astimezone(clock).replace(tzinfo=None) if moment is not None else None


def hours_on(offer: Discount, day: date) -> tuple[datetime, datetime]:
    """From and to of the hours that begin on the day; an end before the beginning is past midnight."""
    begins, ends = offer.begins or time(0), offer.ends or time(0)
    return datetime.combine(day, begins), datetime.combine(day + DAY * (ends <= begins), ends)


def is_given_on(offer: Discount, day: date, period: Period) -> bool:
    """Whether it is given on the day within the period; hours past midnight are those of the day before."""
    return offer.runs_on(day) and period.meets(*hours_on(offer, day))


def next_given(offer: Discount, zone: tzinfo, now: datetime) -> datetime | None:
    """The first moment from now on at which a store in the zone gives it, by its clock on the wall."""
    whole, start = Period.of(offer, zone), now.astimezone(zone).replace(tzinfo=None)
    first = max(start, whole.starts or start)
    ahead = Period(first, whole.ends)
    last_night = first.date() - DAY
    days = sorted(offer.days_only) or [last_night + DAY * number for number in range(2 + len(WEEKDAYS))]
    given = (day for day in days if is_given_on(offer, day, ahead))
    return next((max(first, hours_on(offer, day)[0]) for day in given), None)
