"""Prices as head office enters them, on a page or in a sheet: one that could never be found is refused in its field."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from pricing.engine.money import currency as currency_of
from pricing.engine.price import Agreement, validate_agreement
from pricing.models import TradeAgreement

SAME = ("product", "variant", "price_group", "customer", "currency", "unit", "quantity_from", "starts_at")


# What the engine's rules call otherwise than the page.
FIELDS = {"price": "amount", "min_quantity": "quantity_from"}


def faults_of(price: TradeAgreement) -> Iterator[tuple[str, str]]:
    """What keeps a price from being found, each with the field in which to mend it.

    What is not entered yet is nobody's fault here: the form says that it is missing.
    """
    for problem in validate_agreement(_rule_of(price), on_our_clock):
        yield FIELDS.get(problem.field, problem.field), str(problem)
    if price.product_id is None:
        return
    product = price.product
    if price.variant and price.variant.product_id != product.pk:
        yield "variant", f"“{price.variant}” is no variant of “{product}”. Choose one of its variants."
    if price.unit_id not in (None, product.unit_id) and not product.units.filter(unit=price.unit_id).exists():
        yield (
            "unit",
            f"“{product}” is not sold by {price.unit}. Choose {product.unit}, or add the unit to the product.",
        )


def _rule_of(price: TradeAgreement) -> Agreement:
    return Agreement(
        id="",
        product=str(price.product_id),
        price=price.amount if price.amount is not None else Decimal(0),
        currency=price.currency_id or "",
        min_quantity=Decimal(price.quantity_from or 0),
        starts_at=price.starts_at,
        ends_at=price.ends_at,
        customer=str(price.customer_id) if price.customer_id else None,
        price_group=str(price.price_group_id) if price.price_group_id else None,
    )


def on_our_clock(moment: datetime | None) -> str:
    """A moment on the company's clock as people write it: 2 Dec 2026, 10:00; a dash for none."""
    return date_format(timezone.localtime(moment), "j M Y, H:i") if moment else "–"


def identity_of(price: TradeAgreement) -> tuple[Any, ...]:
    """What tells a price from all others: everything but its amount and end."""
    return tuple(getattr(price, TradeAgreement._meta.get_field(name).attname) for name in SAME)


def twin_of(price: TradeAgreement) -> TradeAgreement | None:
    """Another price for the same in every respect but its amount and end, which no sheet could tell from it."""
    same = {name: getattr(price, name) for name in SAME}
    return TradeAgreement.objects.filter(**same).exclude(pk=price.pk).first()


def outdone(prices: Iterable[TradeAgreement]) -> Iterator[str]:
    """What is to be said of prices, all there are of their products, that never count: a lower one for the same holds
    whenever they do, and of several the lowest counts. Nothing is stopped by it.
    """
    now = timezone.now()
    alike: dict[tuple[Any, ...], list[TradeAgreement]] = defaultdict(list)
    for price in prices:
        if price.ends_at is None or price.ends_at > now:
            alike[identity_of(price)[:-1]].append(price)
    for rows in alike.values():
        for price in rows:
            lower = next(
                (row for row in rows if row.amount < price.amount and _holds_as_long(row, price)), None
            )
            if lower is not None:
                begins = f" from {on_our_clock(price.starts_at)}" if price.starts_at else ""
                yield (
                    f"{price}{begins} never counts: {lower} holds then, too, and the lowest price counts. "
                    "Give that one an end."
                )


def remarks(prices: Iterable[TradeAgreement]) -> Iterator[str]:
    """All that is to be said of prices, which are all there are of their products. Nothing is stopped by it."""
    known = list(prices)
    yield from outdone(known)
    yield from unpayable(known)


def unpayable(prices: Iterable[TradeAgreement]) -> Iterator[str]:
    """What one alone really costs at a price that is finer than what can be paid, where goods are sold by the piece."""
    now = timezone.now()
    for price in prices:
        money = currency_of(price.currency_id)
        is_over = price.ends_at is not None and price.ends_at <= now
        if is_over or money.is_whole(price.amount) or price.quantity_from > 1 or price.unit.decimals:
            continue
        yield f"{price} is finer than what can be paid: one alone comes to {money.round(price.amount):,} {money.code}."


def _holds_as_long(price: TradeAgreement, other: TradeAgreement) -> bool:
    begins = price.starts_at is None or (other.starts_at is not None and price.starts_at <= other.starts_at)
    return begins and (
        price.ends_at is None or (other.ends_at is not None and price.ends_at >= other.ends_at)
    )
