"""Rates that hang on an amount: which slice a line, a unit or the invoice falls in, also when the price
holds the tax.

An upper limit belongs to the lower slice. `whole` taxes all of the amount at the slice's rate, `interval`
taxes slice by slice. (Microsoft, "Whole amount and interval calculation options for sales tax codes",
"Marginal base")
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from pricing.engine.tax_plan import Plan, build_plan, plan_for, signed_units
from pricing.engine.tax_values import TaxInterval, TaxRule

MOST_ROUNDS = 64
CLOSE = Fraction(1, 10**15)


class Priced(NamedTuple):
    """A line whose rates are sought: its rules, quoted amount and quantity."""

    rules: tuple[TaxRule, ...]
    amount: Decimal
    quantity: Decimal


def asks_the_line(rules: Sequence[TaxRule]) -> bool:
    """Whether any rate has to be looked up."""
    return any(rule.intervals for rule in rules)


def asks_the_invoice(rules: Sequence[TaxRule]) -> bool:
    """Whether any tax is that of the whole document: such a one is always rounded there (Microsoft, "Sales tax
    calculation and rounding").
    """
    return any(rule.marginal_base.endswith("invoice") for rule in rules)


def rate_at(rule: TaxRule, looked_up: Fraction) -> Fraction:
    """The percentage that the whole of an amount pays when `looked_up` is the rule's marginal base; sign
    apart.
    """
    size = abs(looked_up)
    if rule.method == "whole" or not size:
        return next((Fraction(i.rate) for i in rule.intervals if _holds(i, size)), Fraction(0))
    due = sum((_within(i, size) * Fraction(i.rate) for i in rule.intervals), Fraction(0))
    return due / size


def _holds(interval: TaxInterval, size: Fraction) -> bool:
    from_zero = not size and not interval.above
    return (size > interval.above or from_zero) and (interval.up_to is None or size <= interval.up_to)


def _within(interval: TaxInterval, size: Fraction) -> Fraction:
    top = size if interval.up_to is None else min(size, Fraction(interval.up_to))
    return max(top - Fraction(interval.above), Fraction(0))


def line_plan(
    priced: Priced, prices_include_tax: bool, invoice: Mapping[str, Fraction] | None = None
) -> Plan:
    """The plan of one line at the rates that its own amounts lead to; `invoice` holds rates settled for the
    document.

    Where tax is inside the price, the rate decides the net and the net the rate: start in the lowest slice
    and go on until both agree. Prices that fall into a gap between two slices stay in the lower one.
    """
    if not asks_the_line(priced.rules):
        return plan_for(priced.rules, prices_include_tax)
    rates = _first_rates(priced.rules, invoice or {})
    seen: list[tuple[Fraction, ...]] = []
    for _ in range(MOST_ROUNDS):
        plan = build_plan(priced.rules, prices_include_tax, rates)
        found = _looked_up_rates(priced, plan, rates, invoice or {})
        if _agree(found, rates):
            return plan
        if found in seen:
            return build_plan(priced.rules, prices_include_tax, found)
        seen.append(rates)
        rates = found
    return build_plan(priced.rules, prices_include_tax, rates)


def _first_rates(rules: Sequence[TaxRule], invoice: Mapping[str, Fraction]) -> tuple[Fraction, ...]:
    return tuple(
        invoice.get(rule.code, Fraction(rule.intervals[0].rate)) if rule.intervals else Fraction(rule.rate)
        for rule in rules
    )


def _agree(one: Sequence[Fraction], other: Sequence[Fraction]) -> bool:
    return all(abs(a - b) < CLOSE for a, b in zip(one, other, strict=True))


def _looked_up_rates(
    priced: Priced, plan: Plan, rates: tuple[Fraction, ...], invoice: Mapping[str, Fraction]
) -> tuple[Fraction, ...]:
    found = []
    for i, rule in enumerate(priced.rules):
        if not rule.intervals or rule.code in invoice:
            found.append(rates[i])
            continue
        base = marginal_base(priced, plan, i)
        if rule.marginal_base.endswith("unit") and priced.quantity:
            base /= abs(Fraction(priced.quantity))
        found.append(rate_at(rule, base))
    return tuple(found)


def marginal_base(priced: Priced, plan: Plan, place: int) -> Fraction:
    """The line's amount in which the rule at this place looks for its rate: net, or net with all other
    taxes.
    """
    amount, units = priced.amount, signed_units(priced.amount, priced.quantity)
    base = Fraction(plan.net.of(amount, units))
    if plan.steps[place].rule.marginal_base.startswith("gross"):
        base += sum(
            (Fraction(step.exact.of(amount, units)) for i, step in enumerate(plan.steps) if i != place),
            Fraction(0),
        )
    return base


def invoice_rates(lines: Sequence[Priced], prices_include_tax: bool) -> dict[str, Fraction]:
    """The rates of the codes that hang on the document's total, over all lines that pay them."""
    asking = {rule.code: rule for p in lines for rule in p.rules if rule.marginal_base.endswith("invoice")}
    asking = {code: rule for code, rule in asking.items() if rule.intervals}
    rates = {code: Fraction(rule.intervals[0].rate) for code, rule in asking.items()}
    for _ in range(MOST_ROUNDS):
        sums = dict.fromkeys(asking, Fraction(0))
        for priced in lines:
            plan = line_plan(priced, prices_include_tax, rates)
            for i, rule in enumerate(priced.rules):
                if rule.code in sums:
                    sums[rule.code] += marginal_base(priced, plan, i)
        found = {code: rate_at(rule, sums[code]) for code, rule in asking.items()}
        if _agree(list(found.values()), list(rates.values())):
            break
        rates = found
    return rates
