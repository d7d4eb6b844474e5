"""Discounts given by hand: on a line, on the whole order, and what a worker may give."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from pricing.engine.checks import Problem
from pricing.engine.discounts.model import AMOUNT_OFF, PERCENT_OFF, UNIT_PRICE
from pricing.engine.discounts.pools import WHOLE
from pricing.engine.discounts.terms import Rate, rate_of
from pricing.engine.minor import PERCENT, Minor, half_up, shares
from pricing.engine.model import AppliedDiscount, ManualDiscount, Value
from pricing.engine.rows import Given, Row

HUNDRED = Decimal(100)


class ManualLimits(Value, frozen=True):
    """What a worker may take off by hand; None is without limit."""

    line_percent: Decimal | None = None
    line_amount: Decimal | None = None
    total_percent: Decimal | None = None
    total_amount: Decimal | None = None


def check_manual(
    discount: ManualDiscount, *, gross: Decimal, quantity: Decimal, limits: ManualLimits, total: bool = False
) -> list[Problem]:
    """What is wrong with a discount given by hand, or beyond what the worker may give; empty when it may be given.

    ``gross`` is what it would be taken from: the line's amount, or the order's. A manager's limits are asked in the
    same way when a manager overrides.
    """
    found: list[Problem] = []
    if discount.value < 0 or not discount.value.is_finite():
        found.append(Problem("value", f"{discount.value} is no discount.", "Enter zero or more."))
    elif discount.method == PERCENT_OFF and discount.value > HUNDRED:
        found.append(Problem("value", f"{discount.value} % is more than the price.", "Enter at most 100 %."))
    if found:
        return found
    size = abs(gross)
    amount = {
        PERCENT_OFF: size * discount.value / HUNDRED,
        AMOUNT_OFF: discount.value,
        UNIT_PRICE: max(size - discount.value * abs(quantity), Decimal(0)),
    }.get(discount.method)
    if amount is None or (total and discount.method == UNIT_PRICE):
        return [Problem("method", f"{discount.method!r} is no way to discount.", "Choose percent or amount.")]
    percent_limit = limits.total_percent if total else limits.line_percent
    amount_limit = limits.total_amount if total else limits.line_amount
    what = "the order" if total else "a line"
    if percent_limit is not None and size and amount * HUNDRED / size > percent_limit:
        found.append(
            Problem("value", f"You may take at most {percent_limit} % off {what}.", "Ask a manager.")
        )
    if amount_limit is not None and amount > amount_limit:
        found.append(Problem("value", f"You may take at most {amount_limit} off {what}.", "Ask a manager."))
    return found


def may_discount(row: Row) -> bool:
    """Whether a discount by hand may touch the line."""
    return not (row.line.prevent_all_discounts or row.line.prevent_manual_discounts)


def give_line_discount(row: Row, money: Minor, *, on_original: bool) -> None:
    """The row's manual discount, on what its other discounts left or, by the setting, on the original price."""
    manual = row.line.manual_discount
    if manual is None or not may_discount(row):
        return
    rate = rate_of(manual.method, manual.value)
    basis = row.gross if on_original else row.left
    if rate.method == PERCENT_OFF:
        amount = half_up(basis * rate.value, PERCENT)
    elif rate.method == AMOUNT_OFF:
        amount = money.rounded(rate.value)
    else:
        amount = basis - half_up(rate.value * row.size, WHOLE * money.per_unit)
    applied = _applied("manual_line", manual)
    lefts = [part.left for part in row.parts]
    for part, share in zip(row.parts, shares(max(min(amount, sum(lefts)), 0), lefts), strict=True):
        part.take(Given(applied, share, "manual", applied), on_original=False)


def total_amount(manual: ManualDiscount, basis: int, money: Minor) -> int:
    """What a total discount comes to on this basis, in smallest units; never more than the basis."""
    rate: Rate = rate_of(manual.method, manual.value)
    amount = half_up(basis * rate.value, PERCENT) if rate.method == PERCENT_OFF else money.rounded(rate.value)
    return min(amount, basis)


def give_total_discount(rows: Sequence[Row], manual: ManualDiscount, amount: int, remainder: str) -> None:
    """The order's manual discount over its rows, by what is left of each, so that the parts add up."""
    applied = _applied("manual_total", manual)
    if remainder == "largest_share":
        rows = sorted(rows, key=lambda row: (row.item.key, -row.size, row.line.id))
    parts = [part for row in rows for part in row.parts]
    for part, share in zip(parts, shares(amount, [part.left for part in parts], remainder), strict=True):
        part.take(Given(applied, share, "manual", applied), on_original=False)


def applied_total(manual: ManualDiscount) -> AppliedDiscount:
    """The order's manual discount as it stands on a line, the amount left open."""
    return _applied("manual_total", manual)


def _applied(kind: str, manual: ManualDiscount) -> AppliedDiscount:
    name = "Line discount" if kind == "manual_line" else "Total discount"
    return AppliedDiscount(
        kind,
        name,
        kind,
        Decimal(0),
        "manual",
        manual.method,
        manual.value,
        None,
        None,
        manual.reason,
        manual.by,
    )
