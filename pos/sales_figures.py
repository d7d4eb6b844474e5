"""What sold, as headquarters sees it: by hour against the same weekday a week ago, by store and currency.

An hour is counted from the start of the business date on the store's own clock, so a sale at 00:20 stands at the
end of last night and not at the beginning of the day.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Func, IntegerField, Q, Sum
from django.utils import timezone

from hq.models import Currency, Store
from pos.models import RetailTransaction

WEEK = timedelta(days=7)
OPENING, CLOSING = 8, 20  # hours that are shown also on a quiet day


class BusinessHour(Func):
    """Whole hours from the start of the business date to the sale, on the store's clock."""

    output_field = IntegerField()

    def __init__(self) -> None:
        super().__init__(F("store__time_zone"), F("concluded_at"), F("business_date"))

    def as_sql(self, compiler: Any, connection: Any, **kwargs: Any) -> Any:
        parts, params = [], []
        for expression in self.source_expressions:
            sql, given = compiler.compile(expression)
            parts.append(sql)
            params += given
        zone, moment, day = parts
        return f"floor(extract(epoch from timezone({zone}, {moment}) - {day}) / 3600)::int", params


@dataclass
class Hour:
    """One hour of the day: what was sold today (None: it has not come yet) and a week ago."""

    hour: int
    today: Decimal | None
    before: Decimal

    @property
    def label(self) -> str:
        """The hour as a clock shows it."""
        return f"{self.hour % 24:02}:00"


@dataclass
class StoreSales:
    """One store's day beside its day a week ago, up to the same moment."""

    store: Store
    total: Decimal = Decimal(0)
    before: Decimal = Decimal(0)
    count: int = 0

    @property
    def change(self) -> int | None:
        """Percent more or less than a week ago by this moment; None where nothing was sold then."""
        return percent_change(self.total, self.before)


@dataclass
class CurrencySales:
    """The day in one currency: amounts in different currencies are never added."""

    currency: Currency
    total: Decimal = Decimal(0)
    before: Decimal = Decimal(0)
    before_whole_day: Decimal = Decimal(0)
    count: int = 0
    items: Decimal = Decimal(0)
    hours: list[Hour] = field(default_factory=list)
    stores: list[StoreSales] = field(default_factory=list)

    @property
    def change(self) -> int | None:
        """Percent more or less than a week ago by this moment."""
        return percent_change(self.total, self.before)

    @property
    def average(self) -> Decimal | None:
        """The average sale."""
        return self.total / self.count if self.count else None


def percent_change(now: Decimal, before: Decimal) -> int | None:
    """How many percent `now` is above or below `before`; None without a before to compare with."""
    return round((now - before) / before * 100) if before > 0 else None


def business_days(now: datetime) -> dict[int, date]:
    """The date of today in each store, by its primary key."""
    zones: dict[str, date] = {}
    days = {}
    for pk, zone in Store.objects.values_list("pk", "time_zone"):
        if zone not in zones:
            zones[zone] = now.astimezone(ZoneInfo(zone)).date()
        days[pk] = zones[zone]
    return days


def sales_today(now: datetime | None = None) -> list[CurrencySales]:
    """Today's sales by currency, the one with most sales first; three queries, however many sales."""
    now = now or timezone.now()
    days = business_days(now)
    dates = {day for today in days.values() for day in (today, today - WEEK)}
    rows = (
        RetailTransaction.objects.filter(kind=RetailTransaction.Kind.SALE, business_date__in=dates)
        .order_by()
        .values("store_id", "currency", "business_date", hour=BusinessHour())
        .annotate(
            amount=Sum("total"),
            sales=Count("pk"),
            pieces=Sum("item_count"),
            by_now=Sum("total", filter=Q(concluded_at__lte=now - WEEK), default=Decimal(0)),
        )
    )
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["currency"]].append(row)
    stores = Store.objects.in_bulk(days)
    currencies = Currency.objects.in_bulk()
    figures = [
        _of_currency(currencies[code], own, stores, days, now)
        for code, own in found.items()
        if code in currencies
    ]
    return sorted(figures, key=lambda figure: (-figure.count, -figure.before_whole_day, figure.currency.code))


def _of_currency(
    currency: Currency,
    rows: list[dict[str, Any]],
    stores: dict[int, Store],
    days: dict[int, date],
    now: datetime,
) -> CurrencySales:
    figures = CurrencySales(currency)
    today: dict[int, Decimal] = defaultdict(Decimal)
    before: dict[int, Decimal] = defaultdict(Decimal)
    by_store: dict[int, StoreSales] = {}
    for row in rows:
        pk = row["store_id"]
        own = by_store.setdefault(pk, StoreSales(stores[pk]))
        if row["business_date"] == days[pk]:
            today[row["hour"]] += row["amount"]
            own.total += row["amount"]
            own.count += row["sales"]
            figures.count += row["sales"]
            figures.items += row["pieces"] or 0
        elif row["business_date"] == days[pk] - WEEK:
            before[row["hour"]] += row["amount"]
            own.before += row["by_now"]
            figures.before_whole_day += row["amount"]
    figures.total = sum(today.values(), Decimal(0))
    figures.before = sum((own.before for own in by_store.values()), Decimal(0))
    figures.stores = sorted(by_store.values(), key=lambda own: (-own.total, own.store.name))
    figures.hours = _hours(today, before, _current_hour(by_store, days, now))
    return figures


def _current_hour(by_store: dict[int, StoreSales], days: dict[int, date], now: datetime) -> int:
    """The furthest hour that any of the stores has reached."""
    return max((now.astimezone(ZoneInfo(own.store.time_zone)).hour for own in by_store.values()), default=0)


def _hours(today: dict[int, Decimal], before: dict[int, Decimal], current: int) -> list[Hour]:
    first = min([OPENING, *today, *before])
    last = max([CLOSING, *today, *before])
    reached = max([current, *today])
    return [
        Hour(hour, today[hour] if hour <= reached else None, before[hour]) for hour in range(first, last + 1)
    ]
