"""What head office should know before a customer does: offers that never apply, offers that compete, prices below cost.

Nothing of it is stored; all of it is computed when it is asked for, in a number of queries that does not grow with
the offers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils import timezone

from hq.cells import counted
from hq.models import Store
from pricing.days import Period, is_over, next_given
from pricing.goods import Goods, goods_of, sold_of
from pricing.models import (
    AffiliationPriceGroup,
    AssortmentPriceGroup,
    CustomerGroupPriceGroup,
    CustomerPriceGroup,
    Discount,
    LoyaltyTierPriceGroup,
    PriceAdjustment,
    PricingPolicy,
    StorePriceGroup,
)
from pricing.services.discounts import WITHOUT_GOODS, lacks_currency

_FROM_FIRST_TO_LAST = timedelta(hours=26)  # a day begins in Kiribati so long before it does on Baker Island


@dataclass(frozen=True)
class Warning:
    """Something about an offer, and what to do about it."""

    offer: Discount
    text: str
    remedy: str


@dataclass(frozen=True)
class Overlap:
    """Two offers that may hold for the same goods at the same time, and how the engine settles it."""

    first: Discount
    second: Discount
    settled: str


def open_offers() -> QuerySet[Discount]:
    """Offers that are enabled or drafted, with all that the checks look at."""
    return (
        Discount.objects.filter(status__in=[Discount.Status.ENABLED, Discount.Status.DRAFT])
        .prefetch_related("lines", "tiers", "price_groups", "stores", "customers", "coupons")
        .order_by("name")
    )


def open_adjustments(now: datetime | None = None) -> QuerySet[PriceAdjustment]:
    """Price adjustments that are active and not over in every store, with their goods."""
    moment = now or timezone.now()
    over = Q(ends_at__lte=moment, clock="") | Q(ends_at__lte=moment - _FROM_FIRST_TO_LAST)
    active = PriceAdjustment.objects.filter(is_active=True).exclude(over)
    return active.prefetch_related("lines").order_by("name")


def without_currency(offers: Sequence[Discount]) -> list[Warning]:
    """Offers that were enabled before their amounts needed a currency: each holds, as a number, in every currency."""
    running = [offer for offer in offers if offer.status == Discount.Status.ENABLED]
    return [
        Warning(
            offer,
            f"{lacks}; it has none, so that the same figure counts in every currency.",
            "Disable it, choose the currency, and enable it again.",
        )
        for offer in running
        if (lacks := lacks_currency(offer))
    ]


def never_applying(offers: Sequence[Discount], now: datetime | None = None) -> list[Warning]:
    """Why offers can never be given, one reason each: the first that has to be mended."""
    moment = now or timezone.now()
    goods = goods_of(offers)
    sold = sold_of(goods)
    used = _used_price_groups()
    stores = set(Store.objects.values_list("currency_id", "time_zone"))
    currencies, zones = {currency for currency, _ in stores}, _zones({zone for _, zone in stores})
    found = []
    for offer in offers:
        reasons = _reasons(offer, moment, goods[offer.pk], offer.pk in sold, used, currencies, zones)
        found += [Warning(offer, text, remedy) for text, remedy in islice(reasons, 1)]
    return found


def _reasons(
    offer: Discount, now: datetime, goods: Goods, is_sold: bool, used: set[int], currencies: set[str],
    zones: Sequence[ZoneInfo],
) -> Iterator[tuple[str, str]]:  # fmt: skip
    if is_over(offer.ends_at, offer.clock, zones, now):
        end = Period.of(offer, timezone.get_current_timezone()).ends
        where = " on each store's clock" if offer.clock else ""
        yield (
            f"It is over since {end:%-d %b %Y, %H:%M}{where}.",
            "Disable it, or give it a later end.",
        )
    if offer.kind not in WITHOUT_GOODS:
        if goods.is_empty:
            yield "It names no goods.", "Add a line that says what it is given on."
        elif not is_sold:
            yield (
                "None of its goods can be sold: they are blocked, or none are in its categories or have its attribute.",
                "Change its lines.",
            )
    groups = {row.price_group_id for row in offer.price_groups.all()}
    if groups and not groups & used:
        yield (
            "Its price groups are in force in no store and no customer has them.",
            "Put one of them on a store, an affiliation or a customer.",
        )
    elif offer.matches_all_price_groups and not groups <= used:
        yield (
            "It needs all of its price groups, and one of them is in force nowhere.",
            "Remove it, or put it to use.",
        )
    if offer.currency_id and offer.currency_id not in currencies:
        yield f"No store sells in {offer.currency_id}.", "Choose another currency, or none for a percentage."
    if offer.coupon_required:
        coupons = [
            one
            for one in offer.coupons.all()
            if one.is_active and not is_over(one.ends_at, offer.clock, zones, now)
        ]
        if not coupons:
            yield "It needs a coupon, and none of its codes is valid any more.", "Add a code, or extend one."
    if not any(next_given(offer, zone, now) for zone in zones):
        if offer.weekdays or offer.days_only:
            yield (
                "Its days never come: no day of its period is one of its weekdays or dates.",
                "Change the period, the weekdays or the dates.",
            )
        else:
            yield "Its hours never come: its period has none of them.", "Change the period or the hours."


def _zones(of_stores: Iterable[str]) -> list[ZoneInfo]:
    """Where there are stores; the company's own where there are none."""
    return [ZoneInfo(name) for name in of_stores] or [ZoneInfo(timezone.get_current_timezone_name())]


def _used_price_groups() -> set[int]:
    """The price groups that are in force in some store, or that somebody or some goods bring along."""
    return brought_price_groups() | set(StorePriceGroup.objects.values_list("price_group_id", flat=True))


def brought_price_groups() -> set[int]:
    """The price groups that customers or goods bring along, whatever the store."""
    models = (
        AssortmentPriceGroup,
        CustomerPriceGroup,
        CustomerGroupPriceGroup,
        AffiliationPriceGroup,
        LoyaltyTierPriceGroup,
    )
    return {
        group
        for model in models
        for group in model.objects.values_list("price_group_id", flat=True).distinct()
    }


def overlaps(offers: Sequence[Discount], now: datetime | None = None) -> list[Overlap]:
    """Pairs of offers, running or ahead, that may meet on some goods, and how their meeting ends."""
    policy = PricingPolicy.objects.first()
    across = policy is not None and policy.concurrency_model == PricingPolicy.Concurrency.ACROSS
    goods = goods_of(offers)
    together = _Together()
    zones = _zones(Store.objects.values_list("time_zone", flat=True).distinct())
    moment = now or timezone.now()
    plain = [
        offer
        for offer in offers
        if offer.kind not in WITHOUT_GOODS and not is_over(offer.ends_at, offer.clock, zones, moment)
    ]
    periods = {offer.pk: [Period.of(offer, zone) for zone in zones] for offer in plain}
    return [
        Overlap(first, second, settled(first, second, across=across))
        for place, first in enumerate(plain)
        for second in plain[place + 1 :]
        if any(map(Period.overlaps, periods[first.pk], periods[second.pk]))
        and _meet(first, second)
        and together.may_be(first, second)
        and goods[first.pk].shares_with(goods[second.pk])
    ]


class _Together:
    """Which price groups can be present in one sale: those of one store, and any that a customer may bring."""

    def __init__(self) -> None:
        self.of_store: dict[int, set[int]] = {}
        for store, group in StorePriceGroup.objects.values_list("store_id", "price_group_id"):
            self.of_store.setdefault(store, set()).add(group)
        self.brought = _used_price_groups() - set().union(*self.of_store.values())

    def may_be(self, first: Discount, second: Discount) -> bool:
        """Whether one customer can get both, as far as price groups go."""
        mine = {row.price_group_id for row in first.price_groups.all()}
        theirs = {row.price_group_id for row in second.price_groups.all()}
        if not mine or not theirs or mine & theirs or (mine | theirs) & self.brought:
            return True
        return any(groups & mine and groups & theirs for groups in self.of_store.values())


def _meet(first: Discount, second: Discount) -> bool:
    """Whether they may be given at the same hours, in one store, to one customer."""
    if first.currency_id and second.currency_id and first.currency_id != second.currency_id:
        return False
    if first.weekdays and second.weekdays and not set(first.weekdays) & set(second.weekdays):
        return False
    if first.begins and first.ends and second.begins and second.ends and not _hours_meet(first, second):
        return False
    return _share(first, second, "stores", "store_id") and _share(first, second, "customers", "customer_id")


def _hours_meet(first: Discount, second: Discount) -> bool:
    assert first.begins and first.ends and second.begins and second.ends
    if first.begins > first.ends or second.begins > second.ends:
        return True  # past midnight: they may
    return first.begins < second.ends and second.begins < first.ends


def _share(first: Discount, second: Discount, relation: str, key: str) -> bool:
    mine = {getattr(row, key) for row in getattr(first, relation).all()}
    theirs = {getattr(row, key) for row in getattr(second, relation).all()}
    return not mine or not theirs or bool(mine & theirs)


def settled(first: Discount, second: Discount, *, across: bool) -> str:
    """How the engine decides between two offers on the same goods, in the words of docs/pricing.md."""
    mode = Discount.Concurrency
    threshold = Discount.Kind.THRESHOLD
    if (first.kind == threshold) != (second.kind == threshold):
        late, early = (first, second) if first.kind == threshold else (second, first)
        if early.concurrency == mode.COMPOUND and late.concurrency == mode.COMPOUND:
            return f"{late.name} comes after, on top of {early.name}."
        return f"{early.name} goes first; {late.name} counts only what has no discount by then."
    if first.priority != second.priority:
        high, low = (first, second) if first.priority > second.priority else (second, first)
        if across and high.concurrency != mode.EXCLUSIVE:
            return f"Both are given: {high.name} first (priority {high.priority}), then {low.name} on what is left."
        return (
            f"{high.name} goes first (priority {high.priority} before {low.priority}); "
            f"{low.name} is given only on what it leaves."
        )
    modes = {first.concurrency, second.concurrency}
    if modes == {mode.EXCLUSIVE}:
        return "Both are exclusive: the one that saves more is given."
    if mode.EXCLUSIVE in modes:
        alone = first if first.concurrency == mode.EXCLUSIVE else second
        return f"{alone.name} is exclusive and goes alone, even where the other would save more."
    if modes == {mode.COMPOUND} and not across:
        return "Both compound: both are given, one on top of the other."
    return "They compete: whichever combination saves the customer more is given."


def about(offer: Discount, now: datetime | None = None) -> tuple[list[Warning], list[Overlap]]:
    """What there is to say of one offer."""
    offers = list(open_offers())
    mine = [one for one in offers if one.pk == offer.pk]
    if not mine:
        return [], []
    return never_applying(mine, now), [
        pair for pair in overlaps(offers, now) if offer.pk in (pair.first.pk, pair.second.pk)
    ]


def summary(
    never: Sequence[Warning], without: Sequence[Warning], pairs: Sequence[Overlap], below: Sequence[object]
) -> str:
    """One line for the top of the page."""
    parts = [
        counted(len(never), "offer never applies", "offers never apply") if never else "",
        counted(len(without), "offer has no currency", "offers have no currency") if without else "",
        counted(len(pairs), "pair of offers competes", "pairs of offers compete") if pairs else "",
        counted(len(below), "price is below cost", "prices are below cost") if below else "",
    ]
    return ", ".join(filter(None, parts))
