"""Prices, and prices after offers, that do not bring in what the goods cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial

from django.contrib import messages
from django.db.models import Count, F, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from hq.cells import counted
from hq.models import LegalEntity, Store
from pricing.engine.discounts.model import AMOUNT_OFF, PERCENT_OFF, SIMPLE
from pricing.engine.price import Adjustment, adjust
from pricing.engine.rounding import round_to
from pricing.feed import tax_book
from pricing.goods import Goods, adjusted_goods, goods_of
from pricing.models import Discount, ExchangeRate, PriceAdjustment, TradeAgreement
from pricing.rules import read_rules

MOST_ROWS = 200
MOST_SAID = 3
MOST_LOOKED_AT = 5_000
HUNDRED = Decimal(100)
EVERY = Q(pk__gt=0)


@dataclass(frozen=True)
class BelowCost:
    """A price below cost: `net` is what is left of it without tax, and after what it is `because` of, if any."""

    price: TradeAgreement
    net: Decimal
    cost: Decimal
    because: Discount | PriceAdjustment | None = None

    @property
    def page(self) -> str:
        """Where that is entered, or the price."""
        of = self.because or self.price
        return reverse(f"admin:pricing_{of._meta.model_name}_change", args=[of.pk])

    def __str__(self) -> str:
        price, unit = self.price, self.price.currency
        amount, net, cost = (
            f"{unit.symbol}{number:,.{unit.decimals}f}" for number in (price.amount, self.net, self.cost)
        )
        whom = price.customer or price.price_group or "everybody"
        after = f" after {self.because.name}" if self.because else ""
        return (
            f"{price.product.name}: {amount} for {whom} leaves {net} without tax{after}, "
            f"less than its cost of {cost}."
        )


def prices_below_cost(
    now: datetime | None = None,
    offers: Sequence[Discount] = (),
    adjustments: Sequence[PriceAdjustment] = (),
    among: Q = EVERY,
) -> list[BelowCost]:
    """Prices in force or ahead whose net is below the cost of the article, alone, adjusted or after a simple offer.

    Cost is in the currency of the company with the most stores; a price in another is compared at the day's exchange
    rate, or not at all where there is none. Tax is taken out where the stores' prices include it.
    """
    moment = now or timezone.now()
    look = _Look(moment)
    simple = [offer for offer in offers if offer.kind == SIMPLE and offer.value is not None]
    changes = [*_lowering(adjustments), *_giving(simple)]
    rows = (
        TradeAgreement.objects.filter(Q(ends_at=None) | Q(ends_at__gt=moment))
        .filter(product__cost__gt=0, product__is_blocked=False, unit=F("product__unit"))
        .filter(among, _doubtful(look, changes))
        .select_related("product__item_tax_group", "product__category", "price_group", "customer", "currency")
        .order_by("product__name", "pk")
    )
    found = []
    for row in rows[:MOST_LOOKED_AT].iterator(chunk_size=MOST_ROWS):  # most of the time goes into making rows
        cost = look.cost(row)
        if cost is None:
            continue
        net = look.net(row, row.amount)
        if net < cost:
            found.append(BelowCost(row, net, cost))
        else:
            found += _after_changes(row, look, cost, changes)
        if len(found) >= MOST_ROWS:
            break
    return found


@dataclass(frozen=True)
class _Change:
    """What makes prices lower: an adjustment or an offer, the goods it names, and the price after it.

    It takes off a percentage and then an amount, or puts a lower price in the place of one.
    """

    by: Discount | PriceAdjustment
    goods: Goods
    after: Callable[[Decimal], Decimal]
    percent: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)
    price: Decimal | None = None

    @property
    def is_mere_percentage(self) -> bool:
        return self.price is None and not self.amount

    def brings_below(self, factor: Decimal) -> Q:
        """Prices of its goods that may be below cost after it, a price above `factor` times its cost never being so."""
        named = _named([self.goods])
        if self.price is not None:
            return named & Q(product__cost__gt=self.price / factor)
        return named & Q(amount__lt=(F("product__cost") * factor + self.amount) / _left_of(self.percent))


def _giving(offers: Sequence[Discount]) -> list[_Change]:
    goods = goods_of(offers)
    gives = {PERCENT_OFF: "percent", AMOUNT_OFF: "amount"}
    return [
        _Change(
            offer,
            goods[offer.pk],
            partial(reduced, offer),
            **{gives.get(offer.method, "price"): offer.value or Decimal(0)},
        )
        for offer in offers
    ]


def _lowering(adjustments: Sequence[PriceAdjustment]) -> list[_Change]:
    goods = adjusted_goods(adjustments)
    changes = []
    for one in adjustments:
        rule = Adjustment(id="", percent=one.percent, amount=one.amount, price=one.price)
        after = partial(adjust, adjustment=rule, can_raise=True)
        changes.append(_Change(one, goods[one.pk], after, one.percent, one.amount, one.price))
    return changes


def _doubtful(look: _Look, changes: Sequence[_Change]) -> Q:
    """The prices that are looked at one by one: low beside their cost, by themselves or after a change of theirs."""
    percents: dict[Decimal, list[_Change]] = defaultdict(list)  # those of one size are asked for at once
    for change in changes:
        if change.is_mere_percentage:
            percents[change.percent].append(change)
    others = [change for change in changes if not change.is_mere_percentage]
    found = Q(pk__in=[])
    for currency, factor in look.factors.items():
        most = F("product__cost") * factor
        low = Q(amount__lt=most)
        for percent, same in percents.items():
            low |= _named([change.goods for change in same]) & Q(amount__lt=most / _left_of(percent))
        for change in others:
            if change.by.currency_id in (None, currency):
                low |= change.brings_below(factor)
        found |= Q(currency=currency) & low
    return found


def _named(goods: Sequence[Goods]) -> Q:
    """The prices of all these goods."""
    if any(one.everything for one in goods):
        return EVERY
    products = {product for one in goods for product in one.products}
    categories = {category for one in goods for category in one.categories}
    return Q(product__in=products) | Q(product__category__in=categories)


def _left_of(percent: Decimal) -> Decimal:
    """The share of a price that a percentage leaves; never none, so that a bound can be divided by it."""
    return (HUNDRED - min(percent, Decimal(99))) / HUNDRED


def _after_changes(
    row: TradeAgreement, look: _Look, cost: Decimal, changes: Sequence[_Change]
) -> list[BelowCost]:
    """The change that leaves least of the price, when that is below cost."""
    this = Goods(products={row.product_id: row.product.category_id})
    left = [
        BelowCost(row, look.net(row, change.after(row.amount)), cost, change.by)
        for change in changes
        if change.by.currency_id in (None, row.currency_id) and change.goods.shares_with(this)
    ]
    return sorted((one for one in left if one.net < cost), key=lambda one: one.net)[:1]


def warn_below_cost(request: HttpRequest, rows: Sequence[BelowCost]) -> None:
    """Say it to whoever has just entered it; nothing is stopped by it."""
    for row in rows[:MOST_SAID]:
        messages.warning(request, str(row))
    if more := how_many_more(rows):
        messages.warning(request, f"{more} below cost: see Warnings.")


def how_many_more(rows: Sequence[BelowCost]) -> str:
    """How many are not said one by one, in words; the search ends at so many that the true number may be larger."""
    more = counted(len(rows) - MOST_SAID, "more price is", "more prices are")
    if len(rows) <= MOST_SAID:
        return ""
    return f"At least {more}" if len(rows) >= MOST_ROWS else more


def reduced(offer: Discount, price: Decimal) -> Decimal:
    """The price of one unit after a simple offer; never below zero."""
    value = offer.value or Decimal(0)
    if offer.method == PERCENT_OFF:
        return price * (HUNDRED - value) / HUNDRED
    return max(price - value, Decimal(0)) if offer.method == AMOUNT_OFF else min(price, value)


class _Look:
    """What prices are compared by: rates of exchange and tax, read once."""

    def __init__(self, now: datetime) -> None:
        self.day = timezone.localtime(now).date()
        entities = LegalEntity.objects.annotate(size=Count("stores")).order_by("-size", "pk")
        self.home = entities.values_list("currency_id", flat=True).first()
        self.rates = {
            (rate.currency_id, rate.into_id): rate.rate
            for rate in ExchangeRate.objects.filter(starts_on__lte=self.day).order_by("starts_on")
        }
        self.stores: dict[int | None, Store] = {}
        self.by_currency: dict[str, Store] = {}
        for store in Store.objects.prefetch_related("price_groups").order_by("-pk"):
            self.by_currency[store.currency_id] = store
            for row in store.price_groups.all():
                self.stores[row.price_group_id] = store
        self.taxes = tax_book(read_rules(0, ""))
        rates = [rate.rate for code in self.taxes.codes.values() for rate in code.rates]
        most = 1 + max(rates, default=Decimal(0)) / HUNDRED
        currencies = {code for pair in self.rates for code in pair} | {self.home or ""}
        # By currency: a price above this many times its cost, as it is kept, is above it with any tax taken out.
        into = {code: self._into(code) for code in sorted(currencies)}
        self.factors = {code: rate * most for code, rate in into.items() if rate is not None}

    def cost(self, row: TradeAgreement) -> Decimal | None:
        """The cost of one unit in the price's currency, at the day's rate."""
        cost, rate = row.product.cost, self._into(row.currency_id)
        return None if cost is None or rate is None else cost * rate

    def _into(self, currency: str) -> Decimal | None:
        """What a unit of our own money is in that currency at the day's rate."""
        if self.home is None or currency == self.home:
            return Decimal(1) if self.home else None
        back = self.rates.get((currency, self.home))
        return self.rates.get((self.home, currency)) or (1 / back if back else None)

    def net(self, row: TradeAgreement, price: Decimal) -> Decimal:
        """The price without its tax, as in a store where it holds."""
        store = self.stores.get(row.price_group_id) or self.by_currency.get(row.currency_id)
        if store is None or not store.prices_include_tax:
            return price
        rules = self.taxes.rules_for(
            str(store.sales_tax_group_id), row.product.item_tax_group.code, self.day, unit_price=price
        )
        percent = sum((rule.rate for rule in rules if rule.kind == "percent" and not rule.exempt), Decimal(0))
        return round_to(price * HUNDRED / (HUNDRED + percent), Decimal("0.0001"))
