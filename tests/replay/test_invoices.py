"""Reading the file: what each invoice is, and what is wrong with a file that is none."""

import gzip
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from api.replay.invoices import Kind, UnreadableFile, read_invoices
from tests.replay.conftest import INVENTED, ODD

HEADER = "invoice_no,stock_code,quantity,invoice_date,unit_price,customer_id\n"


def test_every_odd_kind_is_told_apart():
    kinds = Counter(invoice.kind for invoice in read_invoices(ODD))
    assert kinds == {Kind.SALE: 15, Kind.RETURN: 14, Kind.STOCK_NOTE: 3, Kind.LEDGER_ENTRY: 3}


def test_an_invoice_has_all_its_lines_wherever_they_stand():
    first = next(invoice for invoice in read_invoices(INVENTED) if invoice.number == "900001")
    assert [line.code for line in first.lines] == ["85123A", "22423"]


def test_an_invoice_over_two_minutes_has_its_first():
    two = next(invoice for invoice in read_invoices(ODD) if invoice.number == "544926")
    assert len(two.lines) == 6
    assert two.at.isoformat() == "2011-02-24T17:50:00"


def test_amounts_are_whole_pennies_and_values_exact():
    bank = next(invoice for invoice in read_invoices(ODD) if invoice.number == "568375")
    assert bank.value == Decimal("15.001")
    assert bank.amount == Decimal("15.00")


def test_gzip_and_plain_are_the_same(tmp_path: Path):
    zipped = tmp_path / "odd.csv.gz"
    zipped.write_bytes(gzip.compress(ODD.read_bytes()))
    assert read_invoices(zipped) == read_invoices(ODD)


def test_invoices_come_by_time(tmp_path: Path):
    path = tmp_path / "late.csv"
    path.write_text(HEADER + "2,A,1,2011-01-02T10:00:00,1,\n1,A,1,2011-01-01T10:00:00,1,\n")
    assert [invoice.day for invoice in read_invoices(path)] == [date(2011, 1, 1), date(2011, 1, 2)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", "no column invoice_no"),
        ("", "no column invoice_no"),
        (HEADER + "1,A,1\n", "Row 2 has 3 columns"),
        (HEADER + "1,A,many,2011-01-01T10:00:00,1,\n", "Row 2: 'many' is no number"),
        (HEADER + "1,A,NaN,2011-01-01T10:00:00,1,\n", "Row 2: 'NaN' is no number"),
        (HEADER + "1,A,1,yesterday,1,\n", "Row 2: 'yesterday' is no time"),
        (HEADER + ",A,1,2011-01-01T10:00:00,1,\n", "Row 2 has no invoice number"),
    ],
)
def test_a_file_that_is_none_says_where(tmp_path: Path, text: str, words: str):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(UnreadableFile, match=words):
        read_invoices(path)


def test_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(UnreadableFile, match="cannot be read"):
        read_invoices(tmp_path / "none.csv")
