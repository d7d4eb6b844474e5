"""What a shift sold, by tax: pure, from the records of its sales. docs/tax.md tells how the rows add up."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import msgspec

from pricing.engine.tax_values import TaxPart, tax_words

ZERO = Decimal(0)
STANDINGS = ("taxed", "zero_rated", "exempt", "untaxed", "shared")


class TaxFigure(msgspec.Struct, frozen=True):
    """Net, tax and gross of one tax at one rate, with what came back taken off. An amount per unit has no rate.

    `status` is taxed, zero_rated or exempt; untaxed is what no tax was taken from, and shared takes off again what
    several taxes were taken from, so that the rows add up to what was sold.
    """

    code: str
    name: str
    rate: Decimal | None
    status: str
    net: Decimal
    tax: Decimal
    gross: Decimal

    @property
    def words(self) -> str:
        """The tax with its rate, and that it was not paid."""
        if self.status == "untaxed":
            return "No tax"
        if self.status == "shared":
            return "In several taxes, counted once"
        words = self.name if self.rate is None else tax_words(self.name, self.rate)
        return f"{words}, exempt" if self.status == "exempt" else words


class _Taxed(msgspec.Struct):
    net: Decimal
    taxes: tuple[TaxPart, ...] = ()
    is_voided: bool = False


class _Sale(msgspec.Struct):
    """Of a journal record what this page asks for; the rest of it is not read."""

    net: Decimal = ZERO
    lines: tuple[_Taxed, ...] = ()
    charges: tuple[_Taxed, ...] = ()


_read = msgspec.json.Decoder(_Sale).decode


def tax_figures(records: Iterable[str]) -> tuple[TaxFigure, ...]:
    """The taxes of some sales and returns, in the journal's own words and order; a later name replaces an earlier."""
    sums: dict[tuple[str, Decimal | None, str], list[Decimal]] = {}
    names: dict[str, str] = {}
    net = untaxed = ZERO
    for record in records:
        sale = _read(record)
        net += sale.net
        for one in (*sale.lines, *sale.charges):
            if one.is_voided:
                continue
            for part in one.taxes:
                if part.base or part.amount:
                    key = (part.code, part.rate if part.base else None, part.status)
                    running = sums.setdefault(key, [ZERO, ZERO])
                    running[0] += part.base
                    running[1] += part.amount
                    names[part.code] = part.name or part.code
            if not any(part.base for part in one.taxes):
                untaxed += one.net
    found = [_figure(code, names[code], rate, status, *both) for (code, rate, status), both in sums.items()]
    shared = net - untaxed - sum((figure.net for figure in found), ZERO)
    found += [
        _figure("", "", None, status, left, ZERO)
        for status, left in zip(STANDINGS[3:], (untaxed, shared), strict=True)
        if left
    ]
    return tuple(sorted(found, key=_place))


def _figure(code: str, name: str, rate: Decimal | None, status: str, net: Decimal, tax: Decimal) -> TaxFigure:
    plain = rate if rate is None else Decimal(f"{rate.normalize():f}")
    return TaxFigure(code, name, plain, status, net, tax, net + tax)


def _place(figure: TaxFigure) -> tuple:
    """The highest rate first; what is zero-rated, exempt or without a tax stands apart, below."""
    return STANDINGS.index(figure.status), -(figure.rate or ZERO), figure.code
