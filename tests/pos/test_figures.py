"""Figures as people key them in."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from hq.figures import FigureField
from pos.templatetags.till import pieces


@pytest.mark.parametrize(
    ("keyed", "meant"),
    [
        ("1500", "1500"), (" 1.5 ", "1.5"), ("1,5", "1.5"), ("1,50", "1.50"), ("0,005", "0.005"), ("0,432", "0.432"),
        ("1,500", None),
        ("-2,750", None), ("1,234.50", "1234.50"), ("1,234,567", "1234567"), ("12,34,567", None), ("1.2.3", None),
        ("1.234,50", "1234.50"), ("1 234,50", "1234.50"), ("1\u202f234\u202f567", "1234567"), ("1 23", None),
        ("12.34,5", None),
    ],
)  # fmt: skip
def test_a_comma_is_understood_or_refused_and_never_guessed(keyed: str, meant: str | None) -> None:
    field = FigureField(label="Float")
    if meant is not None:
        assert field.clean(keyed) == Decimal(meant)
        return
    with pytest.raises(ValidationError):
        field.clean(keyed)


def test_the_refusal_says_how_to_write_it() -> None:
    with pytest.raises(ValidationError, match=r"Float: 1,500 can be read in two ways. Write 1500 or 1.500."):
        FigureField(label="Float").clean("1,500")


@pytest.mark.parametrize(
    ("count", "words"),
    [("1", "1 item"), ("-1", "−1 item"), ("0", "0 items"), ("3.000", "3 items"), ("0.432", "")],
)
def test_pieces_are_items_and_kilograms_are_none(count: str, words: str) -> None:
    assert pieces(Decimal(count)) == words
