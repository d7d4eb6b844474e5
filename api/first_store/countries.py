"""What is usual in each country: its money, its clock and its taxes on sales (DATA-LICENCES.md says from where)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

DATA = Path(__file__).resolve().parent / "data"


@dataclass(frozen=True)
class Country:
    """Proposals for a store there; rates in percent, and none where they hang on the place."""

    code: str  # ISO 3166
    name: str
    currency: str  # ISO 4217
    time_zone: str
    tax: str  # what the tax is called: VAT, GST, Sales tax
    standard: Decimal | None
    reduced: tuple[Decimal, ...]

    @property
    def prices_include_tax(self) -> bool:
        """Whether the price on the shelf is what the customer pays, as nearly everywhere."""
        return self.code not in ("US", "CA")

    @property
    def tax_is_rounded_once(self) -> bool:
        """Whether the law wants a tax rounded once for each rate of a receipt, and never line by line.

        Japan: National Tax Agency, questions and answers on the qualified invoice system, on fractions of a yen.
        """
        return self.code == "JP"


@dataclass(frozen=True)
class Money:
    """A currency, the smallest amount that can be paid in cash, and what lies in a drawer."""

    code: str
    name: str
    symbol: str
    decimals: int
    cash_unit: Decimal
    notes: tuple[Decimal, ...]
    coins: tuple[Decimal, ...]


@cache
def countries() -> dict[str, Country]:
    """All countries of which something is known, by code, in the order of their names."""
    return {
        row["country"]: Country(
            row["country"],
            row["name"],
            row["currency"],
            row["time_zone"],
            row["tax"],
            Decimal(row["standard"]) if row["standard"] else None,
            _numbers(row["reduced"]),
        )
        for row in _rows("countries")
    }


@cache
def currencies() -> dict[str, Money]:
    """The currencies of these countries, by code."""
    return {
        row["code"]: Money(
            row["code"],
            row["name"],
            row["symbol"],
            int(row["decimals"]),
            Decimal(row["cash_unit"]),
            _numbers(row["notes"]),
            _numbers(row["coins"]),
        )
        for row in _rows("currencies")
    }


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _numbers(text: str) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, filter(None, text.split("|"))))
