"""An explanation as a drawing: how a line's price comes about, stage by stage, and what became of the other offers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from pricing.engine.explain import RULE_WORDS, sentence
from pricing.engine.model import AppliedDiscount, PricedBasket, PricedLine, Reason
from pricing.engine.tax_values import tax_left_off

ZERO = Decimal(0)
TAX_OFF = "Tax taken off the price"
PRICE_STEPS = {
    "base_price": "Base price",
    "agreement_price": "Price",
    "price_adjustment": "Price adjustment",
    "price_keyed": "Keyed in at the till",
    "price_override": "Changed at the till",
}
COMPETED = {
    "lost_to_exclusive", "lost_to_priority", "lost_to_better", "lost_under_ceiling", "lost_in_combination",
    "not_enough", "nothing_to_give", "nothing_left", "threshold_not_reached", "took_part", "needs_coupon",
    "coupon_used_up", "coupon_needs_customer", "agreement_lost", "not_enough_left", "not_together", "at_most",
}  # fmt: skip


@dataclass(frozen=True)
class Known:
    """What headquarters knows of an agreement or offer that the engine names by its key."""

    name: str
    url: str = ""
    is_draft: bool = False


@dataclass(frozen=True)
class Stage:
    """One bar: what it is, what it leads to or takes off, and where it stands (in percent of the widest)."""

    title: str
    amount: Decimal
    start: Decimal
    width: Decimal
    kind: str  # price | off | sum
    why: str = ""
    known: Known | None = None


@dataclass(frozen=True)
class Loser:
    """An offer or price that was looked at and does not count, and why."""

    words: str
    known: Known | None


def subjects_of(priced: PricedBasket) -> tuple[set[str], set[str]]:
    """The keys of the agreements and of the offers that the explanations name."""
    agreements: set[str] = set()
    offers: set[str] = set()
    for line in priced.lines:
        offers.update(discount.id for discount in line.discounts)
        for reason in line.explanation:
            (agreements if reason.code.startswith("agreement") else offers).add(reason.subject)
    for charge in priced.charges:
        offers.update(discount.id for discount in charge.discounts)
    return agreements, offers


def stages_of(
    line: PricedLine, known: Mapping[tuple[str, str], Known], money: Callable[[Decimal], str]
) -> list[Stage]:
    """The bars of a line: its prices for the whole quantity, each discount, and what is left."""
    steps = [
        reason for reason in line.explanation if reason.code in PRICE_STEPS and reason.amount is not None
    ]
    amounts = [abs((reason.amount or ZERO) * line.quantity) for reason in steps]
    widest = max([*amounts, abs(line.gross)], default=ZERO) or Decimal(1)

    def share(amount: Decimal) -> Decimal:
        return round(abs(amount) / widest * 100, 2)

    found = []
    for reason, amount in zip(steps, amounts, strict=True):
        about = known.get(("agreement", reason.subject)) if reason.code == "agreement_price" else None
        per_unit = (
            f"{line.quantity.normalize():f} × {money(reason.amount or ZERO)}" if line.quantity != 1 else ""
        )
        title = PRICE_STEPS[reason.code]
        why = " · ".join(filter(None, [about.name if about else reason.name, per_unit]))
        found.append(Stage(title, amount, ZERO, share(amount), "price", why, about))
    left = abs(line.gross)
    for discount in line.discounts:
        left -= abs(discount.amount)
        about = known.get(("offer", discount.id))
        why = _given(discount)
        found.append(
            Stage(
                discount.name,
                -discount.amount,
                share(max(left, ZERO)),
                share(discount.amount),
                "off",
                why,
                about,
            )
        )
    if left_off := tax_left_off(line.amount, line.total, line.taxes):
        why = ", ".join(dict.fromkeys(tax.reason for tax in line.taxes if tax.reason))
        found.append(Stage(TAX_OFF, -left_off, share(line.total), share(left_off), "off", why))
    left = line.amount - left_off
    found.append(Stage("On this line", left, ZERO, share(left), "sum"))
    return found


def tax_off(priced: PricedBasket) -> Decimal:
    """What exemptions take off the whole basket's prices."""
    parts = (*priced.lines, *priced.charges)
    return sum((tax_left_off(part.amount, part.total, part.taxes) for part in parts), ZERO)


def losers_of(
    line: PricedLine, known: Mapping[tuple[str, str], Known], money: Callable[[Decimal], str]
) -> tuple[list[Loser], list[Loser]]:
    """Offers that competed for the line and lost, and those that are not for here, now or this customer."""
    competed, elsewhere = [], []
    for reason in line.explanation:
        if reason.code in PRICE_STEPS or reason.code == "discount_applied":
            continue
        loser = Loser(_words(reason, known, money), known.get((_kind(reason), reason.subject)))
        (competed if reason.code in COMPETED else elsewhere).append(loser)
    return competed, elsewhere


def given_by_offer(priced: PricedBasket) -> list[tuple[str, Decimal]]:
    """What each offer takes off the whole basket, the largest first."""
    sums: dict[str, Decimal] = {}
    for discounts in _all_discounts(priced):
        for discount in discounts:
            sums[discount.name] = sums.get(discount.name, ZERO) + discount.amount
    return sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))


def _all_discounts(priced: PricedBasket) -> Iterable[tuple[AppliedDiscount, ...]]:
    yield from (line.discounts for line in priced.lines)
    yield from (charge.discounts for charge in priced.charges)


def _kind(reason: Reason) -> str:
    return "agreement" if reason.code.startswith("agreement") else "offer"


def _words(reason: Reason, known: Mapping[tuple[str, str], Known], money: Callable[[Decimal], str]) -> str:
    about = known.get((_kind(reason), reason.subject))
    if about is not None and not reason.name:
        reason = Reason(reason.code, reason.subject, f"“{about.name}”", reason.amount, reason.detail)
    return sentence(reason, money)


def _given(discount: AppliedDiscount) -> str:
    percent = ""
    if discount.value is not None and "percent" in discount.method:
        percent = f"{discount.value.normalize():f} %"
    units = f"on {discount.quantity.normalize():f}" if discount.quantity is not None else ""
    coupon = f"coupon {discount.coupon}" if discount.coupon else ""
    return " · ".join(filter(None, [percent, units, RULE_WORDS.get(discount.rule, ""), coupon]))
