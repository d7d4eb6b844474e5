"""The calendar of offers: on which days each one runs, as bars beside one another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from functools import partial
from itertools import groupby
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from hq.models import Store
from pricing.days import DAY, Period, is_given_on
from pricing.models import Discount, PriceAdjustment, PriceGroup
from pricing.models.discount import WEEKDAYS
from pricing.warnings import brought_price_groups

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
    """An offer's row. `state` is enabled, draft or disabled; `hours` is said where it does not run all day.

    The `currency` tells offers apart that are entered once for each.
    """

    name: str
    url: str
    kind: str
    currency: str
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
    zone = ZoneInfo(store.time_zone) if store is not None else timezone.get_current_timezone()
    chosen = _chosen(days, store, price_group)
    bars = [
        *(_offer_bar(offer, days, zone) for offer in _offers(chosen, store, with_disabled)),
        *(_adjustment_bar(one, days, zone) for one in _adjustments(chosen)),
    ]
    kept = sorted((bar for bar in bars if bar.stretches), key=lambda bar: (bar.stretches[0].column, bar.name))
    return Calendar(first, days, tuple(kept), before, after, view)


@dataclass
class _Chosen:
    """A condition on the rows themselves, and sets of price groups: of each, they hang on one of it or on none."""

    own: Q
    groups: list[set[int]] = field(default_factory=list)


def _within(days: Sequence[Day]) -> Q:
    """Periods that may touch the days, on whatever clock they are meant: no two are more than a day apart."""
    first, after = (
        timezone.make_aware(datetime.combine(day, time(0)))
        for day in (days[0].date - 2 * DAY, days[-1].date + 3 * DAY)
    )
    return (Q(starts_at=None) | Q(starts_at__lt=after)) & (Q(ends_at=None) | Q(ends_at__gt=first))


def _chosen(days: Sequence[Day], store: Store | None, group: PriceGroup | None) -> _Chosen:
    """What is asked of offers and adjustments alike; a store's price groups are its own and those brought into it."""
    found = _Chosen(_within(days))
    if store is not None:
        own = store.price_groups.values_list("price_group_id", flat=True)
        found.groups.append({*own, *brought_price_groups()})
        found.own &= Q(currency=None) | Q(currency=store.currency_id)
    if group is not None:
        found.groups.append({group.pk})
    return found


def _offers(chosen: _Chosen, store: Store | None, with_disabled: bool) -> QuerySet[Discount]:
    states = [Discount.Status.ENABLED, Discount.Status.DRAFT]
    found = Discount.objects.filter(
        chosen.own, status__in=states + [Discount.Status.DISABLED] * with_disabled
    )
    if store is not None:
        found = found.filter(Q(stores=None) | Q(stores__store=store))
    for groups in chosen.groups:
        found = found.filter(Q(price_groups=None) | Q(price_groups__price_group__in=groups))
    return found.distinct()


def _adjustments(chosen: _Chosen) -> QuerySet[PriceAdjustment]:
    found = PriceAdjustment.objects.filter(chosen.own)
    for groups in chosen.groups:
        found = found.filter(Q(price_group=None) | Q(price_group__in=groups))
    return found


def _offer_bar(offer: Discount, days: Sequence[Day], zone: tzinfo) -> Bar:
    period = Period.of(offer, zone)
    begins, ends = offer.begins or time(0), offer.ends or time(0)
    hours = f"{begins:%H:%M}–{ends:%H:%M}" if offer.begins or offer.ends else ""
    runs = partial(is_given_on, offer, period=period)
    return Bar(
        name=offer.name, url=reverse("admin:pricing_discount_change", args=[offer.pk]),
        kind=str(offer.get_kind_display()).split(":")[0], currency=offer.currency_id or "",
        state=offer.status, hours=hours,
        stretches=_stretches(runs, days), words=_words(period, _which_days(offer), hours),
    )  # fmt: skip


def _adjustment_bar(one: PriceAdjustment, days: Sequence[Day], zone: tzinfo) -> Bar:
    period = Period.of(one, zone)

    def runs(day: date) -> bool:
        return period.meets(datetime.combine(day, time(0)), datetime.combine(day + DAY, time(0)))

    return Bar(
        name=one.name, url=reverse("admin:pricing_priceadjustment_change", args=[one.pk]), kind="Price adjustment",
        currency=one.currency_id or "", state="enabled" if one.is_active else "draft", hours="",
        stretches=_stretches(runs, days), words=_words(period),
    )  # fmt: skip


def _stretches(runs: Callable[[date], bool], days: Sequence[Day]) -> tuple[Stretch, ...]:
    running = [runs(day.date) for day in days]
    found: list[Stretch] = []
    for is_running, run in groupby(enumerate(running), key=lambda pair: pair[1]):
        places = [place for place, _ in run]
        if is_running:
            found.append(
                Stretch(
                    places[0] + 1, len(places),
                    goes_on_before=places[0] == 0 and runs(days[0].date - DAY),
                    goes_on_after=places[-1] == len(days) - 1 and runs(days[-1].date + DAY),
                )
            )  # fmt: skip
    return tuple(found)


def _which_days(offer: Discount) -> str:
    weekdays = ", ".join(f"{WEEKDAYS[day]}s" for day in sorted(offer.weekdays))
    days = ", ".join(f"{day:%-d %b %Y}" for day in sorted(offer.days_only))
    return ", ".join(f"on {said}" for said in (weekdays, days) if said)


def _words(period: Period, *more: str) -> str:
    """When it runs, for those who do not see the bar."""
    starts = f"from {period.starts:%-d %b %Y}" if period.starts else "since ever"
    ends = f"until {period.ends:%-d %b %Y, %H:%M}" if period.ends else "for good"
    return ", ".join(filter(None, [f"{starts} {ends}", *more]))


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
