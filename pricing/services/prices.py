"""Prices as head office enters them, on a page or in a sheet: one that could never be found is refused in its field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from pricing.models import TradeAgreement

SAME = ("product", "variant", "price_group", "customer", "currency", "unit", "quantity_from", "starts_at")


def faults_of(price: TradeAgreement) -> Iterator[tuple[str, str]]:
    """What keeps a price from being found, each with the field in which to mend it."""
    if price.starts_at and price.ends_at and price.ends_at <= price.starts_at:
        start = date_format(timezone.localtime(price.starts_at), "j M Y, H:i")
        yield "ends_at", f"The end must be after the start, {start}."
    if price.price_group and price.customer:
        yield "customer", "A price holds for a price group or for a customer. Leave one of them empty."
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


def identity_of(price: TradeAgreement) -> tuple[Any, ...]:
    """What tells a price from all others: everything but its amount and end."""
    return tuple(getattr(price, TradeAgreement._meta.get_field(name).attname) for name in SAME)


def twin_of(price: TradeAgreement) -> TradeAgreement | None:
    """Another price for the same in every respect but its amount and end, which no sheet could tell from it."""
    same = {name: getattr(price, name) for name in SAME}
    return TradeAgreement.objects.filter(**same).exclude(pk=price.pk).first()
