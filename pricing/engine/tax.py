"""Taxes of a document: lines after discounts go in, every line's net, taxes and total come out, and they
add up.

Rounded per line, a line's tax hangs on that line alone (`compute_line_taxes`), so a scan computes one line.
Rounded per document, the exact taxes of a code (or of a combination of codes) are added up and the rounding
of the running sum gives each line its part, so that the parts are always the whole. docs/tax.md tells the
rules.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from msgspec.structs import replace

from pricing.engine.rounding import rounder, spread
from pricing.engine.tax_intervals import (
    Priced,
    asks_the_invoice,
    asks_the_line,
    invoice_rates,
    line_plan,
)
from pricing.engine.tax_plan import Plan, Step, TaxLoop, is_included, plan_for, signed_units
from pricing.engine.tax_values import (
    FIXED_PER_UNIT,
    ONE,
    ZERO,
    TaxableLine,
    TaxedLine,
    TaxInterval,
    TaxPart,
    TaxResult,
    TaxRounding,
    TaxRule,
    TaxTotal,
)

__all__ = [
    "TaxInterval",
    "TaxLoop",
    "TaxPart",
    "TaxResult",
    "TaxRounding",
    "TaxRule",
    "TaxTotal",
    "TaxableLine",
    "TaxedLine",
    "add_up",
    "compute_line_taxes",
    "compute_taxes",
    "convert_price",
    "reverse_taxes",
    "stands_alone",
]

Rounder = Callable[[Decimal], Decimal]
DEFAULT_ROUNDING = TaxRounding()
FINE = Decimal("1e-12")  # sums of repeating decimals are cleared of their dust before they are rounded


def compute_line_taxes(
    line: TaxableLine,
    rules: Sequence[TaxRule] = (),
    *,
    prices_include_tax: bool = False,
    rounding: TaxRounding = DEFAULT_ROUNDING,
) -> TaxedLine:
    """The taxes of one line by itself, as they stand on the document when rounding is per line."""
    if stands_alone(rounding) and not line.weighted:
        paid = line.rules
        if paid is None:
            paid = tuple(rule for rule in rules if line.codes is None or rule.code in line.codes)
        chosen, ready, tax_one = _alone(paid, prices_include_tax, rounding)
        if not ready.asks_the_invoice:
            return tax_one(line, ready, chosen)
    return compute_taxes([line], rules, prices_include_tax=prices_include_tax, rounding=rounding).lines[0]


def compute_taxes(
    lines: Sequence[TaxableLine],
    rules: Sequence[TaxRule] = (),
    *,
    prices_include_tax: bool = False,
    rounding: TaxRounding = DEFAULT_ROUNDING,
) -> TaxResult:
    """The taxes of a document. The rules stand in their order of computation; every line names those it
    takes.

    Amounts are in the document's currency, signed; where prices include tax a line's total is its amount,
    else its net is. Raises TaxLoop for taxes computed on one another, ValueError for a rounding or a kind
    that is not known.
    """
    chosen = _Chosen(tuple(rules), prices_include_tax, rounding)
    if stands_alone(rounding) and not any(line.weighted for line in lines):
        ready = [chosen.ready(line) for line in lines]
        if not any(one.asks_the_invoice for one in ready):
            tax_one = _line_by_line(rounding)
            return add_up([tax_one(line, one, chosen) for line, one in zip(lines, ready, strict=True)])
    return add_up(_Document(lines, chosen, rounding).taxed())


def add_up(lines: Sequence[TaxedLine]) -> TaxResult:
    """A document made of lines whose taxes are known: the totals by code, rate and standing, and the sums."""
    sums: dict[tuple[str, Decimal, str], list] = {}
    net = tax = ZERO
    for line in lines:
        net += line.net
        tax += line.tax
        for part in line.parts:
            running = sums.get((part.code, part.rate, part.status))
            if running is None:
                sums[part.code, part.rate, part.status] = [part.base, part.amount, part]
            else:
                running[0] += part.base
                running[1] += part.amount
    totals = tuple(
        TaxTotal(first.code, first.rate, base, amount, first.status, first.name, first.reason)
        for base, amount, first in sums.values()
    )
    return TaxResult(tuple(lines), totals, net, tax, net + tax)


def reverse_taxes(
    line: TaxableLine, rules: Sequence[TaxRule], *, rounding: TaxRounding = DEFAULT_ROUNDING
) -> TaxedLine:
    """Reverse calculation: the net and the taxes that lead to this line's amount as the total to be paid."""
    taken = rules if line.rules is None else line.rules
    inside = tuple(replace(rule, included=True) for rule in taken)
    at_line = replace(line, rules=tuple(r for r in inside if line.codes is None or r.code in line.codes))
    return compute_line_taxes(at_line, rounding=rounding)


def convert_price(
    price: Decimal, current: Sequence[TaxRule], other: Sequence[TaxRule], *, prices_include_tax: bool = False
) -> Decimal:
    """A unit price quoted under the current rules, exactly as it must be quoted under others to leave the
    same net.

    For goods that are shipped to where other taxes are inside the price. Not rounded. Rules whose rate
    hangs on an amount are taken at their first rate.
    """
    net = plan_for(tuple(current), prices_include_tax).net.of(price, ONE)
    after = plan_for(tuple(other), prices_include_tax).net
    return (net * after.divisor - after.by_units) / after.by_amount


def stands_alone(rounding: TaxRounding) -> bool:
    """Whether this rounding lets a line's tax be told from the line alone. Raises ValueError for an unknown one."""
    if rounding.level not in ("per_line", "document", "none") or rounding.by not in (
        "tax_code",
        "combination",
    ):
        raise ValueError(f"Unknown tax rounding: {rounding.level} by {rounding.by}.")
    if rounding.level == "none":
        return True
    return rounding.level == "per_line" and (rounding.by == "tax_code" or rounding.within_line)


# --- a line's rules, made ready once per document ----------


class _Ready(NamedTuple):
    rules: tuple[TaxRule, ...]
    plan: Plan | None  # None: its rates hang on the line's amounts
    lowers_price: bool
    asks_the_invoice: bool
    only: Step | None  # the one tax of a line that has no other


class _Chosen:
    """Which rules a line pays, each set of rules made ready once."""

    def __init__(self, rules: tuple[TaxRule, ...], prices_include_tax: bool, rounding: TaxRounding):
        self.rules, self.prices_include_tax = rules, prices_include_tax
        self.round = _as_is if rounding.level == "none" else rounder(rounding.unit, rounding.mode)
        self._ready: dict[tuple | None, _Ready] = {}

    def ready(self, line: TaxableLine) -> _Ready:
        key = line.rules if line.rules is not None else line.codes
        found = self._ready.get(key)
        if found is None:
            found = self._ready[key] = self._make_ready(line)
        return found

    def _make_ready(self, line: TaxableLine) -> _Ready:
        rules = line.rules
        if rules is None:
            rules = tuple(rule for rule in self.rules if line.codes is None or rule.code in line.codes)
        inside = any(r.exempt is not None and r.exempt_lowers_price and self._included(r) for r in rules)
        invoice = asks_the_invoice(rules)
        if asks_the_line(rules):
            return _Ready(rules, None, inside, invoice, None)
        plan = plan_for(rules, self.prices_include_tax)
        only = plan.steps[0] if len(rules) == 1 and not inside else None
        return _Ready(rules, plan, inside, invoice, only)

    def _included(self, rule: TaxRule) -> bool:
        return is_included(rule, self.prices_include_tax)

    def work(self, line: TaxableLine, one: _Ready, invoice: Mapping[str, Fraction] | None = None) -> "_Work":
        """The line's amount and units with the plan that holds for them."""
        rules, amount, plan = one.rules, line.amount, one.plan
        included = self.prices_include_tax
        if one.lowers_price or line.net_discount:  # what is due is then on top of the net
            due = tuple(replace(r, exempt=None) if r.exempt_lowers_price else r for r in rules)
            whole = line_plan(Priced(due, amount, line.quantity), included, invoice)
            net = self.round(whole.net.of(amount, signed_units(amount, line.quantity)))
            amount, included, plan = net - line.net_discount, False, None
            rules = tuple(replace(rule, included=False) for rule in rules)
        if plan is None:
            plan = line_plan(Priced(rules, amount, line.quantity), included, invoice)
        return _Work(line.line, plan, amount, signed_units(amount, line.quantity))


class _Work(NamedTuple):
    line: str | int
    plan: Plan
    amount: Decimal
    units: Decimal

    def exact(self) -> list[Decimal]:
        return [step.exact.of(self.amount, self.units) for step in self.plan.steps]


# --- line by line ----------


TaxOne = Callable[[TaxableLine, _Ready, _Chosen], TaxedLine]


@lru_cache(maxsize=4096)
def _alone(
    rules: tuple[TaxRule, ...], prices_include_tax: bool, rounding: TaxRounding
) -> tuple[_Chosen, _Ready, TaxOne]:
    """What it takes to tax single lines with these rules, kept for the next scan."""
    chosen = _Chosen((), prices_include_tax, rounding)
    return chosen, chosen.ready(TaxableLine("", ZERO, rules=rules)), _line_by_line(rounding)


def _line_by_line(rounding: TaxRounding) -> TaxOne:
    """How one line is taxed when it stands alone."""
    if rounding.level == "none":
        share = _exactly
    elif rounding.by == "combination":
        share = _by_combination
    else:
        share = _by_code

    def tax_one(line: TaxableLine, one: _Ready, chosen: _Chosen) -> TaxedLine:
        if one.only is not None and not line.net_discount:
            return _only_tax(line, one.only, chosen.round)
        work = chosen.work(line, one)
        return _assemble(work, share(work, chosen.round))

    return tax_one


def _only_tax(line: TaxableLine, step: Step, round_: Rounder) -> TaxedLine:
    amount, exact = line.amount, step.exact
    if exact.by_units:
        tax = round_(exact.of(amount, signed_units(amount, line.quantity)))
    elif exact.divisor is ONE:
        tax = round_(amount * exact.by_amount)
    else:
        tax = round_(amount * exact.by_amount / exact.divisor)
    tax = tax or abs(tax)  # no minus before a zero
    net, total = (amount - tax, amount) if step.included else (amount, amount + tax)
    return TaxedLine(line.line, net, tax, total, (_part(step, net, tax),))


def _exactly(work: _Work, round_: Rounder) -> list[Decimal]:
    return work.exact()


def _by_code(work: _Work, round_: Rounder) -> list[Decimal]:
    """Each tax rounded by itself. One on top is computed on the net and the taxes as they are printed."""
    plan = work.plan
    if not plan.cascades:
        return [round_(exact) for exact in work.exact()]
    amounts = [
        round_(step.exact.of(work.amount, work.units)) if step.included else ZERO for step in plan.steps
    ]
    net = work.amount - sum(amounts, ZERO)
    for i in plan.added:
        step = plan.steps[i]
        if step.rule.kind == FIXED_PER_UNIT:
            amounts[i] = round_(step.exact.of(work.amount, work.units))
        else:
            amounts[i] = round_(step.factor.of(_base(step, net, amounts), ZERO))
    return amounts


def _by_combination(work: _Work, round_: Rounder) -> list[Decimal]:
    running = _RunningSum(round_)
    return [running.part(exact) for exact in work.exact()]


def _base(step: Step, net: Decimal, amounts: Sequence[Decimal]) -> Decimal:
    base = net if step.on_net else ZERO
    for j in step.parts:
        base += amounts[j]
    return base


def _assemble(work: _Work, amounts: Sequence[Decimal]) -> TaxedLine:
    steps = work.plan.steps
    tax, net = sum(amounts, ZERO), work.amount
    for step, amount in zip(steps, amounts, strict=True):
        if step.included:
            net -= amount
    parts = tuple(
        _part(
            step, net if step.on_net and not step.parts else _base(step, net, amounts), amount or abs(amount)
        )
        for step, amount in zip(steps, amounts, strict=True)
    )
    return TaxedLine(work.line, net, tax, net + tax, parts)


def _part(step: Step, base: Decimal, amount: Decimal) -> TaxPart:
    rule = step.rule
    if rule.kind == FIXED_PER_UNIT:
        base = ZERO  # it is taken from units
    return TaxPart(
        rule.code, step.rate, base, amount, step.status, rule.exempt or "", rule.name, step.included
    )


# --- as a document ----------


class _RunningSum:
    """Gives every amount the difference that it makes to the rounded sum, so that the parts are the rounded
    whole.
    """

    def __init__(self, round_: Rounder):
        self.round, self.exact, self.given = round_, ZERO, ZERO

    def part(self, exact: Decimal) -> Decimal:
        self.exact += exact
        rounded = self.round(self.exact.quantize(FINE, ROUND_HALF_EVEN))
        part, self.given = rounded - self.given, rounded
        return part


class _Document:
    """Taxes that can only be told from all lines together."""

    def __init__(self, lines: Sequence[TaxableLine], chosen: _Chosen, rounding: TaxRounding):
        self.lines, self.chosen, self.rounding = lines, chosen, rounding
        plain = [line for line in lines if not line.weighted]
        ready = [chosen.ready(line) for line in plain]
        prices = [
            Priced(one.rules, line.amount, line.quantity) for line, one in zip(plain, ready, strict=True)
        ]
        asked = any(one.asks_the_invoice for one in ready)
        invoice = invoice_rates(prices, chosen.prices_include_tax) if asked else None
        self.works = [chosen.work(line, one, invoice) for line, one in zip(plain, ready, strict=True)]
        self._sums: dict[tuple | str, _RunningSum] = {}

    def taxed(self) -> list[TaxedLine]:
        works = iter(self.works)
        return [self._weighted(line) if line.weighted else self._taxed(next(works)) for line in self.lines]

    def _taxed(self, work: _Work) -> TaxedLine:
        if stands_alone(self.rounding) and self.rounding.level != "none" and not _invoiced(work):
            share = _by_combination if self.rounding.by == "combination" else _by_code
            return _assemble(work, share(work, self.chosen.round))
        rules = [step.rule for step in work.plan.steps]
        return _assemble(work, self._shared(rules, work.exact()))

    def _shared(self, rules: Sequence[TaxRule], exact: Sequence[Decimal]) -> list[Decimal]:
        """The exact taxes of one line in whole units, with what earlier lines left over."""
        if self.rounding.level == "none":
            return list(exact)
        if self.rounding.by == "combination":
            if self.rounding.within_line and self.rounding.level == "per_line":
                running = _RunningSum(self.chosen.round)
                return [running.part(one) for one in exact]
            key = tuple(rule.code for rule in rules if rule.exempt is None)
            return [self._sum(key).part(one) for one in exact]
        by_document = self.rounding.level == "document"
        return [
            self._sum(rule.code).part(one)
            if by_document or asks_the_invoice((rule,))
            else self.chosen.round(one)
            for rule, one in zip(rules, exact, strict=True)
        ]

    def _sum(self, key: tuple | str) -> _RunningSum:
        if key not in self._sums:
            self._sums[key] = _RunningSum(self.chosen.round)
        return self._sums[key]

    def _weighted(self, line: TaxableLine) -> TaxedLine:
        """A charge that pays what the lines pay: it is shared over them by net, and each share taxed as its
        line.
        """
        weights = [abs(work.plan.net.of(work.amount, work.units)) for work in self.works]
        whole = sum(weights, ZERO)
        if not whole:
            return TaxedLine(line.line, line.amount, ZERO, line.amount)
        found: dict[TaxRule, tuple[Step, list[Decimal], list[int]]] = {}  # a code may be exempt on some lines
        for place, (work, weight) in enumerate(zip(self.works, weights, strict=True)):
            for step in work.plan.steps:
                exact = step.exact.of(line.amount * weight / whole, ZERO)
                taken = found.setdefault(step.rule, (step, [], []))
                taken[1].append(exact)
                taken[2].append(place)
        steps = [step for step, _, _ in found.values()]
        exacts = [sum(shares, ZERO).quantize(FINE, ROUND_HALF_EVEN) for _, shares, _ in found.values()]
        amounts = self._shared([step.rule for step in steps], exacts)
        net = line.amount - sum((a for a, step in zip(amounts, steps, strict=True) if step.included), ZERO)
        bases = _shares_of(net, weights, self.rounding)
        parts = tuple(
            _part(step, sum((bases[place] for place in places), ZERO), amount)
            for (step, _, places), amount in zip(found.values(), amounts, strict=True)
        )
        tax = sum(amounts, ZERO)
        return TaxedLine(line.line, net, tax, net + tax, parts)


def _shares_of(net: Decimal, weights: Sequence[Decimal], rounding: TaxRounding) -> list[Decimal]:
    if rounding.level == "none":
        whole = sum(weights, ZERO)
        return [net * weight / whole for weight in weights]
    return spread(net, weights, rounding.unit)


def _invoiced(work: _Work) -> bool:
    return asks_the_invoice([step.rule for step in work.plan.steps])


def _as_is(amount: Decimal) -> Decimal:
    return amount
