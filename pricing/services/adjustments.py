"""Price adjustments as head office enters them, on a page or in a sheet."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from pricing.engine.checks import Problem
from pricing.engine.price import Adjustment, validate_adjustment
from pricing.models import PriceAdjustment

WITHOUT_GOODS = "Add the goods whose prices it changes, or leave it a draft."


def problems_of(one: PriceAdjustment) -> Iterator[Problem]:
    """What is wrong with an adjustment, but for its goods."""
    rule = Adjustment(
        id="",
        percent=Decimal(one.percent),
        amount=Decimal(one.amount),
        price=one.price,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
    )
    yield from validate_adjustment(rule)
    if (one.amount or one.price is not None) and one.currency_id is None:
        yield Problem("currency", "An amount needs its currency.", "Choose it.")
