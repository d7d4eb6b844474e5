"""The values that tax is computed from and the values it becomes. Import them from `pricing.engine.tax`."""

from collections.abc import Iterable
from decimal import Decimal

from msgspec import Struct

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)

PERCENT = "percent"  # of the net amount
FIXED_PER_UNIT = "fixed_per_unit"  # an amount per unit sold
DIVISION = "division"  # a share of the amount that holds it; neighbours share one such amount
CALCULATED_PERCENT = "calculated_percent"  # the same for one code by itself
PERCENT_OF_GROSS = "percent_of_gross"  # of net plus all other taxes of the line
PERCENT_OF_TAX = "percent_of_tax"  # of the tax named in `of`
KINDS = (PERCENT, FIXED_PER_UNIT, DIVISION, CALCULATED_PERCENT, PERCENT_OF_GROSS, PERCENT_OF_TAX)

MARGINAL_BASES = ("net_line", "net_unit", "net_invoice", "gross_line", "gross_unit", "gross_invoice")
METHODS = ("whole", "interval")


class TaxInterval(Struct, frozen=True, cache_hash=True):
    """Amounts above `above` and up to `up_to` (None: without end) pay `rate` percent; the limit belongs
    below.
    """

    above: Decimal
    up_to: Decimal | None
    rate: Decimal


class TaxRule(Struct, frozen=True, cache_hash=True):
    """One tax code as it stands at this moment. `rate` is a percentage, or an amount per unit of the product.

    `affects_next_base` puts its amount into the base of later rules, unless they say
    `base_affected_by_previous` is False; `calculate_before` puts a duty per unit into the base of every
    percentage of net. With `intervals` the rate depends on an amount: `marginal_base` says which, `method`
    whether that amount pays one rate or slice by slice. `exempt` is the reason why nothing is due;
    `exempt_lowers_price` then takes an included tax off the price.
    """

    code: str
    rate: Decimal
    kind: str = PERCENT
    included: bool | None = None  # None: as the prices of the document
    name: str = ""
    affects_next_base: bool = False
    base_affected_by_previous: bool = True
    of: str | None = None
    calculate_before: bool = False
    intervals: tuple[TaxInterval, ...] = ()
    method: str = "whole"
    marginal_base: str = "net_line"
    exempt: str | None = None
    exempt_lowers_price: bool = False


class TaxRounding(Struct, frozen=True, cache_hash=True):
    """How tax is rounded: `level` per_line, document or none; `by` tax_code or combination; unit and mode.

    `within_line` matters for combinations rounded per line: False rounds them over all lines together
    (Dynamics Finance), True inside each line (its tax calculation service).
    """

    level: str = "per_line"
    by: str = "tax_code"
    unit: Decimal = Decimal("0.01")
    mode: str = "half_up"
    within_line: bool = False


class TaxableLine(Struct, frozen=True):
    """A line, or a charge, as tax sees it: `amount` after all discounts, signed like the sale.

    `rules` names what it pays; without them it pays the document's rules whose codes are in `codes` (None:
    all). A `weighted` one pays what the other lines pay, in proportion to their net amounts.
    """

    line: str | int
    amount: Decimal
    quantity: Decimal = ONE
    codes: tuple[str, ...] | None = None
    rules: tuple[TaxRule, ...] | None = None
    weighted: bool = False
    net_discount: Decimal = ZERO


def tax_words(name: str, rate: Decimal) -> str:
    """A tax with its rate, which is said once where the name ends with it."""
    said = f"{rate.normalize():f} %"
    return name if name.replace(" %", "%").endswith(f" {said.replace(' ', '')}") else f"{name} {said}"


class TaxSaid(Struct, frozen=True):
    """How a tax is said, of a line or of the document: both have its code, name, rate, base, amount and status."""

    @property
    def is_amount(self) -> bool:
        """Whether it is an amount for each unit, so that nothing is its base."""
        return not self.base and bool(self.amount or self.status == "exempt")

    @property
    def words(self) -> str:
        """The tax with its rate: VAT 20 %. An amount per unit has none."""
        name = self.name or self.code
        return name if self.is_amount else tax_words(name, self.rate)


class TaxPart(TaxSaid, frozen=True):
    """What one code takes from one line: `base` is the amount that the rate was applied to."""

    code: str
    rate: Decimal
    base: Decimal
    amount: Decimal
    status: str = "taxed"  # taxed, zero_rated, exempt
    reason: str = ""  # of an exemption
    name: str = ""
    included: bool = False


class TaxedLine(Struct, frozen=True):
    """A line with its taxes: net + tax = total, and tax is the sum of the parts."""

    line: str | int
    net: Decimal
    tax: Decimal
    total: Decimal
    parts: tuple[TaxPart, ...] = ()


class TaxTotal(TaxSaid, frozen=True):
    """The document's sum of one code at one rate and standing."""

    code: str
    rate: Decimal
    base: Decimal
    amount: Decimal
    status: str = "taxed"
    name: str = ""
    reason: str = ""


class TaxResult(Struct, frozen=True):
    """All lines in the order given, totals by code and rate, and the document's sums."""

    lines: tuple[TaxedLine, ...]
    totals: tuple[TaxTotal, ...]
    net: Decimal
    tax: Decimal
    total: Decimal


def is_freed(reason: str, tax: Decimal, taxes: Iterable[TaxTotal]) -> bool:
    """Whether a document's reason frees from anything: its days may be over since, or the taxes be others."""
    return not tax or any(one.status == "exempt" and one.reason == reason for one in taxes)


def tax_left_off(amount: Decimal, total: Decimal, taxes: Iterable[TaxPart]) -> Decimal:
    """What an exemption took off a price that holds the tax; zero where it left the price as it is."""
    is_free = any(part.status == "exempt" for part in taxes)
    return amount - total if is_free and abs(total) < abs(amount) else ZERO
