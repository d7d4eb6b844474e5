"""The calendar of offers: on which days each one runs, as bars beside one another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from hq.models import Store
from pricing.models import Discount, PriceAdjustment, PriceGroup

DAY = timedelta(days=1)
MONTH, WEEKS = "month", "weeks"


@dataclass(frozen=True)
class Day:
    """A column."""

    date: date
    is_today: bool

    @property
    def is_weekend(self) -> bool:
        return self.date.weekday() >= 5


@dataclass(frozen=True)
class Stretch:
    """Days in a row on which an offer runs: the first column (from 1) and how many."""

    column: int
    days: int
    goes_on_before: bool = False
    goes_on_after: bool = False


@dataclass(frozen=True)
class Bar:
    """An offer's row. `state` is enabled, draft or disabled; `hours` is said where it does not run all day."""

    name: str
    url: str
    kind: str
    state: str
    hours: str
    stretches: tuple[Stretch, ...]
    words: str


@dataclass(frozen=True)
class Calendar:
    """Some weeks or a month of offers."""

    first: date
    days: tuple[Day, ...]
    bars: tuple[Bar, ...]
    before: date
    after: date
    view: str

    @property
    def title(self) -> str:
        last = self.days[-1].date
        if self.view == MONTH:
            return f"{self.first:%B %Y}"
        return f"{self.first:%-d %b} to {last:%-d %b %Y}"


def calendar(
    *, day: date, view: str = MONTH, store: Store | None = None, price_group: PriceGroup | None = None,
    with_disabled: bool = False,
) -> Calendar:  # fmt: skip
    """The offers and price adjustments of the month, or of the five weeks, that holds the day.

    `store` leaves those that it may give, `price_group` those that hang on the group or on none.
    """
    if view == WEEKS:
        first = day - timedelta(days=day.weekday())
        number, before = 35, first - timedelta(days=35)
        after = first + timedelta(days=35)
    else:
        first = day.replace(day=1)
        after = (first + timedelta(days=32)).replace(day=1)
        number, before = (after - first).days, (first - DAY).replace(day=1)
    today = timezone.localdate()
    days = tuple(Day(one, one == today) for one in (first + timedelta(days=place) for place in range(number)))
    bars = [
        *(_offer_bar(offer, days) for offer in _offers(days, store, price_group, with_disabled)),
        *(_adjustment_bar(one, days) for one in _adjustments(days, price_group)),
    ]
    kept = sorted((bar for bar in bars if bar.stretches), key=lambda bar: (bar.stretches[0].column, bar.name))
    return Calendar(first, days, tuple(kept), before, after, view)


def _moment(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(0)))


def _within(days: Sequence[Day]) -> Q:
    first, after = _moment(days[0].date), _moment(days[-1].date + DAY)
    return (Q(starts_at=None) | Q(starts_at__lt=after)) & (Q(ends_at=None) | Q(ends_at__gt=first))


def _offers(
    days: Sequence[Day], store: Store | None, group: PriceGroup | None, with_disabled: bool
) -> QuerySet[Discount]:
    states = [Discount.Status.ENABLED, Discount.Status.DRAFT]
    found = Discount.objects.filter(
        _within(days), status__in=states + [Discount.Status.DISABLED] * with_disabled
    )
    if store is not None:
        own = list(store.price_groups.values_list("price_group_id", flat=True))
        found = found.filter(Q(stores=None) | Q(stores__store=store))
        found = found.filter(Q(price_groups=None) | Q(price_groups__price_group__in=own))
        found = found.filter(Q(currency=None) | Q(currency=store.currency_id))
    if group is not None:
        found = found.filter(Q(price_groups=None) | Q(price_groups__price_group=group))
    return found.distinct()


def _adjustments(days: Sequence[Day], group: PriceGroup | None) -> QuerySet[PriceAdjustment]:
    found = PriceAdjustment.objects.filter(_within(days))
    return found if group is None else found.filter(Q(price_group=None) | Q(price_group=group))


def _offer_bar(offer: Discount, days: Sequence[Day]) -> Bar:
    runs = [_runs(offer, one.date) for one in days]
    hours = (
        f"{offer.begins or time(0):%H:%M}–{offer.ends or time(0):%H:%M}" if offer.begins or offer.ends else ""
    )
    stretches = _stretches(runs, offer, days)
    return Bar(
        name=offer.name, url=reverse("admin:pricing_discount_change", args=[offer.pk]),
        kind=str(offer.get_kind_display()).split(":")[0], state=offer.status, hours=hours, stretches=stretches,
        words=_words(offer, hours),
    )  # fmt: skip


def _adjustment_bar(one: PriceAdjustment, days: Sequence[Day]) -> Bar:
    runs = [_in_period(one.starts_at, one.ends_at, day.date) for day in days]
    return Bar(
        name=one.name, url=reverse("admin:pricing_priceadjustment_change", args=[one.pk]), kind="Price adjustment",
        state="enabled" if one.is_active else "draft", hours="", stretches=_stretches(runs, one, days),
        words=_words(one, ""),
    )  # fmt: skip


def _in_period(starts: datetime | None, ends: datetime | None, day: date) -> bool:
    return (starts is None or timezone.localtime(starts).date() <= day) and (
        ends is None or timezone.localtime(ends) > _moment(day)
    )


def _runs(offer: Discount, day: date) -> bool:
    return (
        _in_period(offer.starts_at, offer.ends_at, day)
        and (not offer.weekdays or day.weekday() in offer.weekdays)
        and (not offer.days_only or day in offer.days_only)
    )


def _stretches(
    runs: Sequence[bool], dated: Discount | PriceAdjustment, days: Sequence[Day]
) -> tuple[Stretch, ...]:
    found: list[Stretch] = []
    place = 0
    while place < len(runs):
        if not runs[place]:
            place += 1
            continue
        start = place
        while place < len(runs) and runs[place]:
            place += 1
        starts_here = (
            dated.starts_at is not None and timezone.localtime(dated.starts_at).date() >= days[0].date
        )
        found.append(
            Stretch(
                start + 1, place - start, goes_on_before=start == 0 and not starts_here,
                goes_on_after=place == len(runs) and not _ends_by(dated, days[-1].date),
            )
        )  # fmt: skip
    return tuple(found)


def _ends_by(dated: Discount | PriceAdjustment, last: date) -> bool:
    return dated.ends_at is not None and timezone.localtime(dated.ends_at) <= _moment(last + DAY)


def _words(dated: Discount | PriceAdjustment, hours: str) -> str:
    """When it runs, for those who do not see the bar."""
    starts = f"from {timezone.localtime(dated.starts_at):%-d %b %Y}" if dated.starts_at else "since ever"
    ends = f"until {timezone.localtime(dated.ends_at):%-d %b %Y, %H:%M}" if dated.ends_at else "for good"
    return ", ".join(filter(None, [f"{starts} {ends}", hours]))


def weeks(days: Iterable[Day]) -> list[tuple[int, int, int]]:
    """Calendar weeks over the columns: the week's number, its first column and how many columns."""
    found: list[tuple[int, int, int]] = []
    for column, day in enumerate(days, start=1):
        number = day.date.isocalendar().week
        if found and found[-1][0] == number:
            found[-1] = (number, found[-1][1], found[-1][2] + 1)
        else:
            found.append((number, column, 1))
    return found
