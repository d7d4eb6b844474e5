"""Paying, as plain arithmetic."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from pos.cart.errors import BadTender
from pos.cart.model import Article, Cart, CartLine, pieces
from pos.cart.payment import TenderRule, pay, suggested_amounts
from pricing.engine.model import BasketLine, PricedBasket, Totals
from pricing.engine.money import Currency

GBP = Currency("GBP", cash_unit=Decimal("0.01"))
EUR = Currency("EUR", cash_unit=Decimal("0.05"))
JPY = Currency("JPY", unit=Decimal(1), cash_unit=Decimal(1))
CASH = TenderRule("cash", "cash", "Cash", gives_change=True)
CARD = TenderRule("card", "card", "Card", max_amount=Decimal(500))


def a_cart(total: str) -> Cart:
    line = CartLine("1", Article(1, "A", "Anything", "pcs"), BasketLine(id="1", product="1"))
    priced = PricedBasket(lines=(), totals=Totals(total=Decimal(total)))
    return replace(Cart(id="c", register=1, currency="GBP"), lines=(line,), priced=priced)


@pytest.mark.parametrize(
    ("total", "handed", "change"),
    [("9.94", "20", "10.06"), ("9.94", "9.94", "0"), ("0.01", "50", "49.99"), ("-5.90", "-5.90", "0")],
)
def test_cash_gives_change(total: str, handed: str, change: str) -> None:
    paid = pay(a_cart(total), CASH, GBP, tender_id="t", amount=Decimal(handed))
    assert paid.is_settled and paid.tenders[0].change == Decimal(change)


@pytest.mark.parametrize(
    ("total", "rounding"), [("9.92", "-0.02"), ("9.93", "0.02"), ("-9.92", "0.02"), ("9.95", "0")]
)
def test_cash_is_paid_in_coins_that_exist(total: str, rounding: str) -> None:
    paid = pay(a_cart(total), CASH, EUR, tender_id="t", amount=None)
    assert paid.is_settled and paid.rounding == Decimal(rounding)
    assert paid.tenders[0].amount == Decimal(total) + Decimal(rounding)


def test_a_part_in_cash_and_the_rest_by_card_needs_no_rounding() -> None:
    part = pay(a_cart("9.92"), CASH, EUR, tender_id="t1", amount=Decimal("5.00"))
    done = pay(part, CARD, EUR, tender_id="t2", amount=None)
    assert done.is_settled and done.rounding == 0 and done.tenders[1].amount == Decimal("4.92")


@pytest.mark.parametrize(
    ("total", "rule", "amount", "word"),
    [
        ("9.94", CARD, "10", "no change"),
        ("900", CARD, "600", "at most GBP\N{NO-BREAK SPACE}500.00"),
        ("9.94", CASH, "-1", "above zero"),
        ("-9.94", CASH, "5", "below zero"),
        ("-9.94", CASH, "-20", "no more than GBP\N{NO-BREAK SPACE}9.94"),
        ("9.94", CASH, "NaN", "give an amount"),
        ("9.94", CASH, "1.005", "smallest amount"),
    ],
)
def test_what_cannot_be_taken_is_refused(total: str, rule: TenderRule, amount: str, word: str) -> None:
    with pytest.raises(BadTender, match=word):
        pay(a_cart(total), rule, GBP, tender_id="t", amount=Decimal(amount))


@pytest.mark.parametrize(
    ("due", "currency", "notes", "expected"),
    [
        ("9.94", GBP, (50, 20, 10, 5), (10, 20, 50)),
        ("20.34", GBP, (50, 20, 10, 5), (25, 30, 40, 50)),
        ("63.00", GBP, (50, 20, 10, 5), (65, 70, 80, 100)),
        ("1234", JPY, (10000, 5000, 1000), (2000, 5000, 10000)),
        ("20.00", GBP, (50, 20, 10, 5), (50,)),
        ("-5", GBP, (50, 20), ()),
    ],
)
def test_notes_that_a_customer_is_likely_to_hand_over(due, currency, notes, expected) -> None:
    found = suggested_amounts(Decimal(due), currency, [Decimal(note) for note in notes])
    assert found == tuple(Decimal(amount) for amount in expected)


@pytest.mark.parametrize(
    ("quantities", "count"),
    [(("2", "1"), 3), (("0.432", "3"), 4), (("-1",), -1), (("-0.5", "2"), 1), ((), 0)],
)
def test_a_weighed_item_is_one(quantities: tuple[str, ...], count: int) -> None:
    assert pieces(Decimal(quantity) for quantity in quantities) == count


def test_cash_that_was_keyed_in_wrongly_is_refused_and_figures_are_written_out() -> None:
    cart = a_cart("2.95")
    with pytest.raises(BadTender, match=r"the change would be GBP\s997\.05\. Check the amount"):
        pay(cart, CASH, GBP, tender_id="t1", amount=Decimal(1000), most_change=Decimal(100))
    paid = pay(cart, CASH, GBP, tender_id="t1", amount=Decimal("1E+2"), most_change=Decimal(100))
    assert str(paid.tenders[0].tendered) == "100.00"
