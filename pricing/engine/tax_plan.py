"""From a line's tax rules to arithmetic: which amount every tax is a share of, solved once and kept.

Every tax of a line is a sum of shares of its net, of the price that was quoted, and of its units, so taxes
that hang on one another, included or not, are one small linear system. It is solved in fractions; a line
then costs two multiplications and one division per tax, and a tie is seen as a tie.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import NamedTuple

from pricing.engine.tax_values import (
    CALCULATED_PERCENT,
    DIVISION,
    FIXED_PER_UNIT,
    ONE,
    PERCENT,
    PERCENT_OF_GROSS,
    PERCENT_OF_TAX,
    TaxRule,
)

Rates = tuple[Fraction, ...]
SHOWN = Decimal("0.0001")


class TaxLoop(ValueError):
    """Taxes that are each a share of the other; `codes` names one of them."""

    def __init__(self, code: str):
        super().__init__(f"Tax code {code} is computed on itself, through the taxes in its base.")
        self.code = code


class Shares(NamedTuple):
    """An amount as shares of the line's net, its units and its quoted price."""

    net: Fraction = Fraction(0)
    units: Fraction = Fraction(0)
    price: Fraction = Fraction(0)

    def plus(self, other: "Shares") -> "Shares":
        return Shares(self.net + other.net, self.units + other.units, self.price + other.price)

    def times(self, factor: Fraction) -> "Shares":
        return Shares(self.net * factor, self.units * factor, self.price * factor)


NET, PRICE = Shares(net=Fraction(1)), Shares(price=Fraction(1))


class Linear(NamedTuple):
    """(amount × by_amount + units × by_units) ÷ divisor, in whole numbers so that only one division is
    inexact.
    """

    by_amount: Decimal
    by_units: Decimal
    divisor: Decimal

    def of(self, amount: Decimal, units: Decimal) -> Decimal:
        """The exact figure for a line of this amount and so many units."""
        top = amount * self.by_amount
        if self.by_units:
            top += units * self.by_units
        return top if self.divisor == ONE else top / self.divisor


class Step(NamedTuple):
    """One rule of a plan. `factor` of its base is its amount; `parts` are the places of taxes in that
    base.
    """

    rule: TaxRule
    included: bool
    exact: Linear
    factor: Linear
    on_net: bool
    parts: tuple[int, ...]
    rate: Decimal
    status: str


class Plan(NamedTuple):
    """A set of rules made ready: steps in the rules' order, and the order in which those on top are worked
    out.
    """

    steps: tuple[Step, ...]
    added: tuple[int, ...]
    net: Linear
    has_included: bool
    cascades: bool  # a tax on top whose base holds another tax or a net that was rounded


def linear(by_amount: Fraction, by_units: Fraction) -> Linear:
    """The two shares over their common divisor; a divisor of twos and fives only is worked into the
    shares.
    """
    divisor = lcm(by_amount.denominator, by_units.denominator)
    x, y = by_amount * divisor, by_units * divisor
    if _is_decimal(divisor):
        return Linear(_decimal(x) / divisor, _decimal(y) / divisor, ONE)
    return Linear(_decimal(x), _decimal(y), Decimal(divisor))


def _shown_rate(rule: TaxRule, rate: Fraction) -> Decimal:
    """The rule's own rate, or the one that its intervals led to."""
    if not rule.intervals:
        return rule.rate
    return (Decimal(rate.numerator) / rate.denominator).quantize(SHOWN)


def _standing(rule: TaxRule) -> str:
    if rule.exempt is not None:
        return "exempt"
    return "taxed" if rule.rate or rule.intervals else "zero_rated"


def _decimal(whole: Fraction) -> Decimal:
    return Decimal(whole.numerator)


def _is_decimal(number: int) -> bool:
    for prime in (2, 5):
        while number % prime == 0:
            number //= prime
    return number == 1


def is_included(rule: TaxRule, prices_include_tax: bool) -> bool:
    """Whether the quoted price holds this tax."""
    return prices_include_tax if rule.included is None else rule.included


@lru_cache(maxsize=4096)
def plan_for(rules: tuple[TaxRule, ...], prices_include_tax: bool) -> Plan:
    """The plan of rules without intervals, kept for the next line. Raises TaxLoop."""
    return build_plan(rules, prices_include_tax, tuple(Fraction(rule.rate) for rule in rules))


def build_plan(rules: Sequence[TaxRule], prices_include_tax: bool, rates: Rates) -> Plan:
    """Work out every rule at these rates as shares of the line's amount and units. Raises TaxLoop."""
    solver = _Solver(rules, [is_included(rule, prices_include_tax) for rule in rules], rates)
    shares = [solver.shares(i) for i in range(len(rules))]
    inside = Shares()
    for i, included in enumerate(solver.included):
        if included:
            inside = inside.plus(shares[i])
    # price = net × (1 + inside.net) + units × inside.units + price × inside.price, solved for net
    per_price = (1 - inside.price) / (1 + inside.net)
    per_unit = -inside.units / (1 + inside.net)
    steps = tuple(
        Step(
            rule=rule,
            included=solver.included[i],
            exact=linear(
                shares[i].net * per_price + shares[i].price, shares[i].net * per_unit + shares[i].units
            ),
            factor=linear(solver.factor(i), Fraction(0)),
            on_net=rule.kind != PERCENT_OF_TAX,
            parts=solver.parts(i),
            rate=_shown_rate(rule, rates[i]),
            status=_standing(rule),
        )
        for i, rule in enumerate(rules)
    )
    added = tuple(i for i in solver.order if not solver.included[i])
    has_included = any(solver.included)
    return Plan(
        steps=steps,
        added=added,
        net=linear(per_price, per_unit),
        has_included=has_included,
        cascades=(has_included and bool(added)) or any(steps[i].parts for i in added),
    )


class _Solver:
    """Follows the bases of a line's taxes down to net, units and price, and notices when they run in a
    circle.
    """

    def __init__(self, rules: Sequence[TaxRule], included: list[bool], rates: Rates):
        self.rules, self.included, self.rates = rules, included, rates
        self.places = {rule.code: i for i, rule in enumerate(rules)}
        self.order: list[int] = []
        self._shares: dict[int, Shares] = {}
        self._open: set[int] = set()
        self._runs = self._division_runs()

    def _division_runs(self) -> list[tuple[int, ...]]:
        """Neighbouring division taxes, all inside the price or all on top, share one grossed-up base."""
        runs: list[list[int]] = []
        for i, rule in enumerate(self.rules):
            last = runs[-1][-1] if runs else -1
            joins = (
                rule.kind == DIVISION
                and last == i - 1 >= 0
                and self.rules[last].kind == DIVISION
                and self.included[last] == self.included[i]
                and not (self.rules[last].affects_next_base and rule.base_affected_by_previous)
            )
            if joins:
                runs[-1].append(i)
            else:
                runs.append([i])
        found: list[tuple[int, ...]] = [()] * len(self.rules)
        for run in runs:
            for i in run:
                found[i] = tuple(run)
        return found

    def parts(self, i: int) -> tuple[int, ...]:
        """The places of the taxes in this one's base."""
        rule = self.rules[i]
        if rule.exempt is not None or rule.kind == FIXED_PER_UNIT:
            return ()
        if rule.kind == PERCENT_OF_TAX:
            return (self.places[rule.of],) if rule.of in self.places else ()
        others = [j for j in range(len(self.rules)) if j != i]
        if rule.kind == PERCENT_OF_GROSS:
            return tuple(j for j in others if self.rules[j].kind != PERCENT_OF_GROSS)
        return tuple(
            j
            for j in others
            if j not in self._runs[i] and self._enters(j, i) and not self._already_in_price(j, i)
        )

    def _enters(self, j: int, i: int) -> bool:
        other, rule = self.rules[j], self.rules[i]
        if other.kind == FIXED_PER_UNIT and other.calculate_before and rule.kind == PERCENT:
            return True
        return j < i and other.affects_next_base and rule.base_affected_by_previous

    def _already_in_price(self, j: int, i: int) -> bool:
        """A share of the quoted price holds the included taxes anyway."""
        return self._of_price(i) and self.included[j]

    def _of_price(self, i: int) -> bool:
        return self.included[i] and self.rules[i].kind in (DIVISION, CALCULATED_PERCENT)

    def factor(self, i: int) -> Fraction:
        """What one unit of the base gives."""
        rule, rate = self.rules[i], self.rates[i]
        if rule.exempt is not None:
            return Fraction(0)
        if rule.kind == FIXED_PER_UNIT:
            return rate
        if self.included[i] or rule.kind not in (DIVISION, CALCULATED_PERCENT):
            return rate / 100
        due = [self.rates[j] for j in self._runs[i] if self.rules[j].exempt is None]
        whole = sum(due, Fraction(0)) if rule.kind == DIVISION else rate
        if whole >= 100:
            raise ValueError(f"Tax code {rule.code}: shares of {whole} % leave nothing to compute them from.")
        return rate / (100 - whole)

    def shares(self, i: int) -> Shares:
        """This tax as shares of net, units and price. Raises TaxLoop."""
        if i in self._shares:
            return self._shares[i]
        if i in self._open:
            raise TaxLoop(self.rules[i].code)
        self._open.add(i)
        rule, factor = self.rules[i], self.factor(i)
        if rule.kind == FIXED_PER_UNIT:
            found = Shares(units=factor)
        else:
            base = Shares() if rule.kind == PERCENT_OF_TAX else PRICE if self._of_price(i) else NET
            for j in self.parts(i):
                base = base.plus(self.shares(j))
            found = base.times(factor)
        self._open.discard(i)
        self._shares[i] = found
        self.order.append(i)
        return found


def signed_units(amount: Decimal, quantity: Decimal) -> Decimal:
    """Units with the sign of price × quantity; of the quantity where the price is zero. (Odoo's tax tests)"""
    return abs(quantity).copy_sign(amount) if amount else quantity
