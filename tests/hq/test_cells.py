"""What stands in the cells of lists."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.admin import site
from django.utils.html import strip_tags

from hq.cells import money, money_of
from hq.currency_sign import before_figure
from pos.admin import RetailTransactionAdmin
from pos.models import RetailTransaction
from shifts.admin import over_short

YEN = SimpleNamespace(currency="JPY", symbol="¥", decimals=0)
DINAR = SimpleNamespace(currency="KWD", symbol="KD", decimals=3)
GONE = SimpleNamespace(currency="ITL", symbol=None, decimals=None)


@pytest.mark.parametrize(
    ("row", "amount", "words"),
    [
        (YEN, "1793.000", "¥1,793"),
        (YEN, "1800.000", "¥1,800"),
        (DINAR, "-2.180", "−KD\xa02.180"),
        (GONE, "5", "ITL\xa05.00"),
    ],
)
def test_an_amount_of_a_record_has_the_decimals_of_its_currency(row: Any, amount: str, words: str) -> None:
    assert strip_tags(money_of(row, Decimal(amount))) == words


def test_over_or_short_is_said_in_the_currency_of_the_count() -> None:
    assert "KD\xa00.005 short" in strip_tags(over_short(DINAR, Decimal("-0.005")))
    assert "¥5 over" in strip_tags(over_short(YEN, Decimal(5)))


def test_letters_stand_apart_from_the_figure_and_signs_touch_it() -> None:
    assert [before_figure(sign) for sign in ("£", "CHF", "CHF\xa0", "Fr.", "US$", "")] == [
        *("£", "CHF\xa0", "CHF\xa0", "Fr.\xa0", "US$", ""),
    ]
    assert strip_tags(money(Decimal(5), symbol="CHF")) == "CHF\xa05.00"


@pytest.mark.parametrize(("total", "words"), [("5.80", "£0.01"), ("5.79", "–")])
def test_a_record_says_what_was_rounded_to_coins(total: str, words: str) -> None:
    sale = SimpleNamespace(
        currency="GBP", symbol="£", decimals=2, total=Decimal(total), net=Decimal("4.98"), tax=Decimal("0.81")
    )
    page = RetailTransactionAdmin(RetailTransaction, site)
    assert strip_tags(page.rounding_shown(sale)) == words
