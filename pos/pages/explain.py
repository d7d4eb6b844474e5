"""Why a line costs what it costs: the steps to its price, and why other offers did not count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from pricing.engine.explain import RULE_WORDS, sentence
from pricing.engine.model import AppliedDiscount, PricedLine, Reason


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way to the price: what, why, and the amount it led to."""

    title: str
    why: str
    amount: Decimal | None


PRICES = {
    "base_price": "Price of the product",
    "agreement_price": "Trade agreement",
    "price_adjustment": "Price adjustment",
    "price_keyed": "Keyed in at the till",
    "price_override": "Changed at the till",
}


def steps_of(line: PricedLine) -> list[Step]:
    """The steps in their order: prices first, then each discount."""
    prices = [_price(reason) for reason in line.explanation if reason.code in PRICES]
    return [*prices, *(_discount(found) for found in line.discounts)]


def others_of(line: PricedLine, money: Callable[[Decimal], str]) -> list[str]:
    """What else was looked at, in sentences: agreements and offers that did not count; `money` writes amounts."""
    spoken = {*PRICES, "discount_applied"}
    return [sentence(reason, money) for reason in line.explanation if reason.code not in spoken]


def _price(reason: Reason) -> Step:
    by = f"by {reason.subject}" if reason.code == "price_override" and reason.subject else ""
    return Step(
        PRICES[reason.code], " · ".join(filter(None, [by, reason.name, reason.detail])), reason.amount
    )


def _discount(discount: AppliedDiscount) -> Step:
    percent = ""
    if discount.value is not None and "percent" in discount.method:
        percent = f"{discount.value.normalize():f} %"
    by = f"by {discount.by}" if discount.by else ""
    words = [percent, RULE_WORDS.get(discount.rule, ""), by, discount.reason or ""]
    return Step(discount.name or "Discount", " · ".join(filter(None, words)), -discount.amount)
