"""Taxes of a document: lines after discounts go in, every line's net, taxes and total come out, and they add up."""

from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct

from pricing.engine.rounding import ZERO, round_to

ONE = Decimal(1)
HUNDRED = Decimal(100)


class TaxRule(Struct, frozen=True):
    """One tax code with the rate that holds now. `rate` is a percentage, or an amount per unit of the product."""

    code: str
    rate: Decimal
    kind: str = "percent"
    included: bool | None = None  # None: as the prices of the document


class TaxRounding(Struct, frozen=True):
    """How tax is rounded: per_line, document or none; in which unit, in which way."""

    level: str = "per_line"
    by: str = "tax_code"
    unit: Decimal = Decimal("0.01")
    mode: str = "half_up"


class TaxableLine(Struct, frozen=True):
    """A line as tax sees it: `amount` after all discounts, signed. `codes` None means every rule applies."""

    line: str | int
    amount: Decimal
    quantity: Decimal = ONE
    codes: tuple[str, ...] | None = None


class TaxPart(Struct, frozen=True):
    """What one code takes from one line: `base` is the amount that the rate was applied to."""

    code: str
    rate: Decimal
    base: Decimal
    amount: Decimal
    status: str = "taxed"  # taxed, zero_rated, exempt
    reason: str = ""


class TaxedLine(Struct, frozen=True):
    """A line with its taxes: net + tax = total, and tax is the sum of the parts."""

    line: str | int
    net: Decimal
    tax: Decimal
    total: Decimal
    parts: tuple[TaxPart, ...] = ()


class TaxTotal(Struct, frozen=True):
    """The document's sum of one code at one rate and standing."""

    code: str
    rate: Decimal
    base: Decimal
    amount: Decimal
    status: str = "taxed"


class TaxResult(Struct, frozen=True):
    """All lines in the order given, totals by code and rate, and the document's sums."""

    lines: tuple[TaxedLine, ...]
    totals: tuple[TaxTotal, ...]
    net: Decimal
    tax: Decimal
    total: Decimal


DEFAULT_ROUNDING = TaxRounding()


def compute_line_taxes(
    line: TaxableLine,
    rules: Sequence[TaxRule],
    *,
    prices_include_tax: bool = False,
    rounding: TaxRounding = DEFAULT_ROUNDING,
) -> TaxedLine:
    """The taxes of one line by itself, as they stand on the document when rounding is per line."""
    applying = [rule for rule in rules if line.codes is None or rule.code in line.codes]
    included = sum((r.rate for r in applying if _is_included(r, prices_include_tax)), ZERO)
    exact_net = line.amount * HUNDRED / (HUNDRED + included)
    parts, tax, taken_out = [], ZERO, ZERO
    for rule in applying:
        inside = _is_included(rule, prices_include_tax)
        exact = line.amount * rule.rate / (HUNDRED + included) if inside else exact_net * rule.rate / HUNDRED
        amount = exact if rounding.level == "none" else round_to(exact, rounding.unit, rounding.mode)
        parts.append((rule, amount))
        tax += amount
        taken_out += amount if inside else ZERO
    net = line.amount - taken_out
    shown = tuple(
        TaxPart(rule.code, rule.rate, net, amount, "taxed" if rule.rate else "zero_rated") for rule, amount in parts
    )
    return TaxedLine(line.line, net, tax, net + tax, shown)


def compute_taxes(
    lines: Sequence[TaxableLine],
    rules: Sequence[TaxRule],
    *,
    prices_include_tax: bool = False,
    rounding: TaxRounding = DEFAULT_ROUNDING,
) -> TaxResult:
    """The taxes of a document. The rules stand in their order of computation; every line names the codes it takes."""
    taxed = tuple(
        compute_line_taxes(line, rules, prices_include_tax=prices_include_tax, rounding=rounding) for line in lines
    )
    return add_up(taxed)


def add_up(lines: Sequence[TaxedLine]) -> TaxResult:
    """A document made of lines whose taxes are known: the totals by code, rate and standing, and the sums."""
    sums: dict[tuple[str, Decimal, str], list[Decimal]] = {}
    for line in lines:
        for part in line.parts:
            running = sums.setdefault((part.code, part.rate, part.status), [ZERO, ZERO])
            running[0] += part.base
            running[1] += part.amount
    totals = tuple(TaxTotal(code, rate, base, amount, status) for (code, rate, status), (base, amount) in sums.items())
    net, tax = sum((line.net for line in lines), ZERO), sum((line.tax for line in lines), ZERO)
    return TaxResult(tuple(lines), totals, net, tax, net + tax)


def _is_included(rule: TaxRule, prices_include_tax: bool) -> bool:
    return prices_include_tax if rule.included is None else rule.included
