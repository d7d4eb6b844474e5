"""Why a line costs what it costs: the steps to its price, and why other offers did not count."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from msgspec.structs import replace

from pos.config import RegisterConfig
from pos.journal_document import DocumentLine
from pos.services.choices import whom_prices_are_for
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
    "agreement_price": "Price for this sale",
    "price_adjustment": "Price adjustment",
    "price_keyed": "Keyed in at the till",
    "price_override": "Changed at the till",
}


@dataclass(frozen=True, slots=True)
class Named:
    """What people call those who decided (by staff ID), their reasons (by code), whom prices are for (by agreement)."""

    workers: Mapping[str, str]
    reasons: Mapping[str, str]
    agreements: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def at(cls, register: RegisterConfig, line: PricedLine) -> Named:
        """As the store of a register calls those of a line."""
        taken = [reason.subject for reason in line.explanation if reason.code == "agreement_price"]
        return cls(
            {worker.staff_id: worker.name for worker in register.workers.values()},
            {reason.code: reason.text for reason in register.reasons},
            whom_prices_are_for(taken),
        )


def steps_of(line: PricedLine | DocumentLine, named: Named) -> list[Step]:
    """The steps in their order: prices first, then each discount."""
    return [*prices_of(line, named), *discounts_of(line, named)]


def prices_of(line: PricedLine | DocumentLine, named: Named) -> list[Step]:
    """The steps to the price of one unit."""
    return [_price(reason, named) for reason in line.explanation if reason.code in PRICES]


def discounts_of(line: PricedLine | DocumentLine, named: Named) -> list[Step]:
    """What each discount takes off the line."""
    return [_discount(found, named) for found in line.discounts]


REMARKS = {"as_sold", "at_most"}  # of what did count


def remarks_of(line: PricedLine | DocumentLine, money: Callable[[Decimal], str]) -> list[str]:
    """What there is to say beside the steps of what did count, in sentences; `money` writes amounts."""
    return [sentence(reason, money) for reason in line.explanation if reason.code in REMARKS]


def others_of(line: PricedLine | DocumentLine, money: Callable[[Decimal], str]) -> list[str]:
    """What else was looked at, in sentences: agreements and offers that did not count; `money` writes amounts."""
    spoken = {*PRICES, *REMARKS, "discount_applied"}
    return [sentence(reason, money) for reason in line.explanation if reason.code not in spoken]


def words_of(reason: Reason, named: Named, money: Callable[[Decimal], str]) -> str:
    """A reason in a sentence that calls whoever set a price, and why, as people do."""
    if reason.code == "price_override":
        who = named.workers.get(reason.subject, reason.subject)
        reason = replace(reason, subject=who, name=_why(reason.name, named) or "no reason given")
    return sentence(reason, money)


def _price(reason: Reason, named: Named) -> Step:
    words = [reason.name or named.agreements.get(reason.subject, ""), reason.detail]
    if reason.code == "price_override":
        words = [_by(reason.subject, named), _why(reason.name, named), reason.detail]
    return Step(PRICES[reason.code], " · ".join(filter(None, words)), reason.amount)


def _by(staff_id: str | None, named: Named) -> str:
    """Who did it: by name where the worker is known."""
    return f"by {named.workers.get(staff_id, staff_id)}" if staff_id else ""


def _why(code: str | None, named: Named) -> str:
    """A reason code in its words; what is none stands for itself."""
    return named.reasons.get(code, code) if code else ""


def _discount(discount: AppliedDiscount, named: Named) -> Step:
    percent = ""
    if discount.value is not None and "percent" in discount.method:
        percent = f"{discount.value.normalize():f} %"
    by, reason = _by(discount.by, named), _why(discount.reason, named)
    coupon = f"coupon {discount.coupon}" if discount.coupon else ""
    units = ""
    if discount.quantity is not None and discount.amount > 0:  # what comes back is a share of every unit
        units = f"on {discount.quantity.normalize():f}"
    words = [percent, units, RULE_WORDS.get(discount.rule, ""), coupon, by, reason]
    return Step(discount.name or "Discount", " · ".join(filter(None, words)), -discount.amount)
