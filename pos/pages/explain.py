"""Why a line costs what it costs: the engine's reasons in the words of the shop."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from pricing.engine.model import AppliedDiscount, PricedLine, Reason


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way to the price: what, why, and the amount it led to (None: it changed nothing)."""

    title: str
    why: str = ""
    amount: Decimal | None = None


TITLES = {
    "base_price": "Price of the product",
    "agreement_price": "Trade agreement",
    "agreement_lost": "Another agreement, not the best",
    "agreement_not_period": "Agreement not valid today",
    "agreement_not_unit": "Agreement for another unit",
    "agreement_not_variant": "Agreement for another variant",
    "agreement_not_currency": "Agreement in another currency",
    "price_adjustment": "Price adjustment",
    "price_keyed": "Keyed in at the till",
    "price_override": "Changed at the till",
}
RULES = {
    "exclusive": "goes alone",
    "best_price": "the best of those that compete",
    "compound": "on top of the others",
    "always": "always",
    "manual": "given by hand",
}


def explanation(line: PricedLine) -> list[Step]:
    """The steps in their order: prices first, then each discount."""
    return [
        *(_reason(reason) for reason in line.explanation),
        *(_discount(found) for found in line.discounts),
    ]


def _reason(reason: Reason) -> Step:
    title = TITLES.get(reason.code) or reason.code.replace("_", " ").capitalize()
    if reason.code == "price_override":
        words = [f"by {reason.subject}" if reason.subject else "", reason.name, reason.detail]
    else:
        words = [reason.name, reason.detail]
    return Step(title, " · ".join(filter(None, words)), reason.amount)


def _discount(discount: AppliedDiscount) -> Step:
    percent = (
        f"{discount.value.normalize():f} %"
        if discount.value is not None and "percent" in discount.method
        else ""
    )
    words = [
        percent,
        RULES.get(discount.rule, ""),
        f"by {discount.by}" if discount.by else "",
        discount.reason or "",
    ]
    return Step(discount.name or "Discount", " · ".join(filter(None, words)), -discount.amount)
