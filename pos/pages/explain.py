"""Why a line costs what it costs: the steps to its price, and why other offers did not count."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from pos.config import RegisterConfig
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


def steps_of(line: PricedLine, register: RegisterConfig) -> list[Step]:
    """The steps in their order: prices first, then each discount; who and why as the store calls them."""
    prices = [_price(reason, register) for reason in line.explanation if reason.code in PRICES]
    return [*prices, *(_discount(found, register) for found in line.discounts)]


def others_of(line: PricedLine, register: RegisterConfig) -> list[str]:
    """What else was looked at, in sentences: agreements and offers that did not count."""
    spoken = {*PRICES, "discount_applied"}
    return [
        sentence(reason, register.store.money) for reason in line.explanation if reason.code not in spoken
    ]


def _price(reason: Reason, register: RegisterConfig) -> Step:
    words = [reason.name, reason.detail]
    if reason.code == "price_override":
        words = [_by(reason.subject, register), _why(reason.name, register), reason.detail]
    return Step(PRICES[reason.code], " · ".join(filter(None, words)), reason.amount)


def _by(staff_id: str | None, register: RegisterConfig) -> str:
    """Who did it: by name where the store knows the worker."""
    names = (worker.name for worker in register.workers.values() if worker.staff_id == staff_id)
    return f"by {next(names, staff_id)}" if staff_id else ""


def _why(code: str | None, register: RegisterConfig) -> str:
    """A reason code in its words; what is none stands for itself."""
    return next((reason.text for reason in register.reasons if reason.code == code), code or "")


def _discount(discount: AppliedDiscount, register: RegisterConfig) -> Step:
    percent = ""
    if discount.value is not None and "percent" in discount.method:
        percent = f"{discount.value.normalize():f} %"
    by, reason = _by(discount.by, register), _why(discount.reason, register)
    words = [percent, RULE_WORDS.get(discount.rule, ""), by, reason]
    return Step(discount.name or "Discount", " · ".join(filter(None, words)), -discount.amount)
