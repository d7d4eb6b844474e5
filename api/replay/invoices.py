"""The file of invoices as values: what each line says, and what kind of paper each invoice is. No database.

Columns as in *Online Retail*: invoice_no, stock_code, description, quantity, invoice_date (the shop's local time),
unit_price, customer_id, country. Amounts are in the currency of the store that replays them.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import TextIO

PENNY = Decimal("0.01")
COLUMNS = ("invoice_no", "stock_code", "quantity", "invoice_date", "unit_price", "customer_id")


class UnreadableFile(ValueError):
    """The file is not one of invoices; the words say where and why."""


class Kind(StrEnum):
    """What an invoice is, and whether a till can take it."""

    SALE = "sale"
    RETURN = "return"
    STOCK_NOTE = "stock note"
    LEDGER_ENTRY = "ledger entry"
    MIXED = "mixed"


# Why a till cannot take what is neither a sale nor a return.
NOT_TAKEN = {
    Kind.STOCK_NOTE: "a stock note: no customer and no price; goods counted in, damaged or written off",
    Kind.LEDGER_ENTRY: "an entry of the ledger: a bad debt is adjusted, nothing is sold",
    Kind.MIXED: "its lines are neither all sold nor all brought back",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `quantity` is negative on a cancellation; `price` is of one piece, as invoiced."""

    code: str
    quantity: Decimal
    price: Decimal

    @property
    def value(self) -> Decimal:
        """Quantity times price, exactly."""
        return self.quantity * self.price

    @property
    def amount(self) -> Decimal:
        """The value in whole pennies, half up: what can be paid. Four lines of the source have a tenth of one."""
        return self.value.quantize(PENNY, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice with its lines in the order of the file, `at` in local time without a zone."""

    number: str
    at: datetime
    customer: str
    lines: list[Line] = field(default_factory=list)

    @property
    def day(self) -> date:
        return self.at.date()

    @property
    def value(self) -> Decimal:
        return sum((line.value for line in self.lines), Decimal(0))

    @property
    def amount(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))

    @property
    def kind(self) -> Kind:
        """What the invoice is: `C` numbers cancel, `A` numbers adjust the ledger; the rest shows in its lines."""
        if self.number.upper().startswith("A"):
            return Kind.LEDGER_ENTRY
        if not self.customer and all(line.price == 0 for line in self.lines):
            return Kind.STOCK_NOTE
        if all(line.quantity < 0 for line in self.lines):
            return Kind.RETURN
        if self.number.upper().startswith("C") or any(line.quantity <= 0 for line in self.lines):
            return Kind.MIXED
        return Kind.SALE


def read_invoices(path: Path) -> list[Invoice]:
    """Return the invoices of a CSV file (gzip or plain) by time, then in the order in which they first appear.

    An invoice takes the time of its first line (43 in the source were keyed over two minutes), and all lines of
    its number, wherever they stand. Raises UnreadableFile with the row and what is wrong with it.
    """
    try:
        with _open(path) as file:
            return sorted(_gather(_rows(file)), key=lambda invoice: invoice.at)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFile(f"{path} cannot be read: {error}.") from error


def _open(path: Path) -> TextIO:
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    if zipped:
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _rows(file: TextIO) -> Iterator[tuple[int, list[str]]]:
    """The wanted columns of each row, with the row's number in the file."""
    reader = csv.reader(file)
    header = next(reader, [])
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise UnreadableFile(f"The file has no column {missing[0]}; it needs {', '.join(COLUMNS)}.")
    places = [header.index(name) for name in COLUMNS]
    for number, row in enumerate(reader, start=2):
        if len(row) != len(header):
            raise UnreadableFile(f"Row {number} has {len(row)} columns and not {len(header)}.")
        yield number, [row[place] for place in places]


def _gather(rows: Iterable[tuple[int, list[str]]]) -> Iterator[Invoice]:
    invoices: dict[str, Invoice] = {}
    for number, (invoice_no, code, quantity, at, price, customer) in rows:
        invoice = invoices.get(invoice_no)
        if invoice is None:
            if not invoice_no:
                raise UnreadableFile(f"Row {number} has no invoice number.")
            invoice = invoices[invoice_no] = Invoice(invoice_no, _instant(at, number), customer)
        invoice.lines.append(Line(code, _number(quantity, number), _number(price, number)))
    yield from invoices.values()


def _number(text: str, row: int) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise UnreadableFile(f"Row {row}: {text!r} is no number.")
    return value


def _instant(text: str, row: int) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise UnreadableFile(f"Row {row}: {text!r} is no time such as 2010-12-01T08:26:00.") from None
