"""Paying: coins that exist, change, foreign money, gift cards."""

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.engine.money import currency
from pricing.engine.settlement import (
    ExchangeRate,
    Tendered,
    TenderRounding,
    change,
    check_exchange_rate,
    check_tender_rounding,
    coins,
    pay_by_gift_card,
    pay_foreign,
    payable,
    remaining_net,
    settle,
    tender_rounding,
)

FIVE = TenderRounding(D("0.05"))
DOWN = TenderRounding(D("0.05"), "down")
UP = TenderRounding(D("0.05"), "up")
CHANGE = TenderRounding(D("0.10"), "half_down", "change")
cents = st.integers(-1_000_000, 1_000_000).map(lambda n: D(n) / 100)
roundings = st.builds(
    TenderRounding,
    st.sampled_from([D("0.05"), D("0.10"), D("0.50"), D("1"), D("5")]),
    st.sampled_from(["half_up", "half_down", "half_even", "up", "down"]),
)


@pytest.mark.parametrize(
    ("owed", "rounding", "paid"),
    [
        ("15.72", FIVE, "15.70"),
        ("15.73", FIVE, "15.75"),
        ("-15.72", FIVE, "-15.70"),
        ("15.72", UP, "15.75"),
        ("-15.72", UP, "-15.75"),
        ("15.72", DOWN, "15.70"),
        ("15.72", None, "15.72"),
        ("0.02", FIVE, "0.00"),
        ("15.72", CHANGE, "15.72"),
        ("12.25", tender_rounding(currency("DKK")), "12.50"),
        ("12.24", tender_rounding(currency("DKK")), "12.00"),
        ("1232.50", tender_rounding(currency("HUF")), "1235"),
        ("99", tender_rounding(currency("JPY")), "99"),
        ("1.234", tender_rounding(currency("KWD")), "1.234"),
    ],
)
def test_payable(owed: str, rounding: TenderRounding | None, paid: str) -> None:
    found = payable(D(owed), rounding)
    assert found.amount == D(paid)
    assert found.difference == D(paid) - D(owed)


@given(cents, roundings)
def test_a_refund_is_rounded_as_its_sale(owed: D, rounding: TenderRounding) -> None:
    sale, refund = payable(owed, rounding), payable(-owed, rounding)
    assert sale.amount + refund.amount == 0
    assert sale.difference + refund.difference == 0
    assert abs(sale.difference) < rounding.unit


@pytest.mark.parametrize(
    ("tendered", "rounding", "back", "difference"),
    [
        ("20.00", None, "4.28", "0.00"),
        ("20.00", FIVE, "4.30", "-0.02"),
        ("16.00", FIVE, "0.30", "-0.02"),
        ("16.00", CHANGE, "0.30", "-0.02"),
        ("15.77", CHANGE, "0.00", "0.05"),
    ],
)
def test_change(tendered: str, rounding: TenderRounding | None, back: str, difference: str) -> None:
    found = change(D("15.72"), D(tendered), rounding)
    assert (found.change, found.difference) == (D(back), D(difference))


def test_too_little_is_refused() -> None:
    with pytest.raises(ValueError, match="does not cover"):
        change(D("10.00"), D("9.99"))


def test_card_first_then_cash_rounds_what_is_left() -> None:
    found = settle(D("15.72"), [Tendered(D("10.00")), Tendered(D("20.00"), FIVE)])
    assert (found.paid, found.still_due, found.change, found.difference) == (
        D("15.72"), D(0), D("14.30"), D("-0.02"),
    )  # fmt: skip


def test_some_cash_first_then_the_card_pays_exactly() -> None:
    found = settle(D("15.72"), [Tendered(D("5.00"), FIVE), Tendered(D("10.72"))])
    assert (found.paid, found.still_due, found.change, found.difference) == (D("15.72"), D(0), D(0), D(0))


def test_not_enough_leaves_the_rest_due() -> None:
    found = settle(D("15.72"), [Tendered(D("5.00"), FIVE)])
    assert (found.paid, found.still_due, found.difference) == (D("5.00"), D("10.72"), D(0))


def test_a_refund_in_cash() -> None:
    found = settle(D("-15.72"), [Tendered(D("-15.70"), FIVE)])
    assert (found.paid, found.still_due, found.change, found.difference) == (
        D("-15.72"),
        D(0),
        D(0),
        D("0.02"),
    )


@given(cents, st.lists(st.tuples(cents, st.sampled_from([None, FIVE, UP, DOWN])), max_size=5))
def test_every_cent_is_accounted_for(total: D, rows: list[tuple[D, TenderRounding | None]]) -> None:
    tenders = [Tendered(abs(amount) if total >= 0 else -abs(amount), rounding) for amount, rounding in rows]
    found = settle(total, tenders)
    assert found.paid + found.still_due == total
    if total >= 0:
        assert sum(t.amount for t in tenders) == found.paid + found.change + found.difference


def test_foreign_money_counts_at_the_rate_and_change_is_in_ours() -> None:
    dollars = ExchangeRate("USD", D("0.92"))
    euro, usd = currency("EUR"), currency("USD")
    asked = dollars.to_foreign(D("18.50"), usd)
    assert asked == D("20.11")
    paid = pay_foreign(D("18.50"), D("50.00"), dollars, euro)
    assert (paid.counts, paid.change, paid.still_due) == (D("18.50"), D("27.50"), D(0))
    part = pay_foreign(D("18.50"), D("10.00"), dollars, euro)
    assert (part.counts, part.change, part.still_due) == (D("9.20"), D(0), D("9.30"))


def test_rates_quoted_per_hundred_and_currencies_without_decimals() -> None:
    yen = ExchangeRate("JPY", D("61.37"), per=D(100))
    assert yen.to_local(D(10_000), currency("EUR")) == D("6137.00")
    assert yen.to_foreign(D("10.00"), currency("JPY")) == D(17)
    assert yen.to_foreign(D("10.00"), currency("JPY"), "down") == D(16)
    assert yen.to_local(D(17), currency("EUR")) >= D("10.00")


@given(st.integers(1, 1_000_000).map(lambda n: D(n) / 100), st.integers(1, 10_000).map(lambda n: D(n) / 1000))
def test_what_is_asked_for_in_foreign_money_covers_what_is_due(due: D, rate: D) -> None:
    for foreign in ("USD", "JPY", "CHF"):
        quoted = ExchangeRate(foreign, rate)
        asked = quoted.to_foreign(due, currency(foreign))
        assert pay_foreign(due, asked, quoted, currency("EUR")).still_due == 0


def test_gift_cards() -> None:
    found = pay_by_gift_card(D("37.00"), D("25.00"))
    assert (found.pays, found.balance, found.still_due) == (D("25.00"), D("0.00"), D("12.00"))
    assert pay_by_gift_card(D("37.00"), D("100.00")).balance == D("63.00")
    assert pay_by_gift_card(D("37.00"), D("100.00"), D("10.00")).still_due == D("27.00")
    assert pay_by_gift_card(D("-12.00"), D("5.00")).balance == D("17.00")


@pytest.mark.parametrize(
    ("due", "wanted"), [("37", "30"), ("10", "11"), ("10", "-1"), ("-10", "-11"), ("-10", "1")]
)
def test_a_gift_card_gives_no_more_than_it_holds_or_is_due(due: str, wanted: str) -> None:
    with pytest.raises(ValueError, match=r"holds|due|back"):
        pay_by_gift_card(D(due), D(25), D(wanted))


def test_a_gift_card_leaves_the_documents_tax_ratio() -> None:
    assert remaining_net(D("12.00"), D("36.90"), D("30.00")) == D("9.76")
    assert remaining_net(D(0), D(0), D(0)) == 0


def test_coins() -> None:
    notes = [D(n) for n in ("20", "10", "5", "2", "1", "0.50", "0.20", "0.10", "0.05")]
    assert coins(D("14.30"), notes) == [
        (D(10), 1), (D(2), 2), (D("0.20"), 1), (D("0.10"), 1),
    ]  # fmt: skip
    with pytest.raises(ValueError, match="cannot be made"):
        coins(D("0.02"), notes)


@pytest.mark.parametrize(
    ("rounding", "field"),
    [
        (TenderRounding(D(0)), "unit"),
        (TenderRounding(D("0.005")), "unit"),
        (TenderRounding(D("0.05"), "often"), "mode"),
        (TenderRounding(D("0.05"), "up", "moon"), "target"),
    ],
)
def test_a_rounding_that_cannot_work_is_refused(rounding: TenderRounding, field: str) -> None:
    problems = check_tender_rounding(rounding, currency("EUR"))
    assert [problem.field for problem in problems] == [field]
    assert check_tender_rounding(FIVE, currency("EUR")) == []


@pytest.mark.parametrize(
    ("rate", "field"),
    [
        (ExchangeRate("EUR", D(1)), "foreign"),
        (ExchangeRate("USD", D(0)), "rate"),
        (ExchangeRate("USD", D(1), D(-100)), "per"),
    ],
)
def test_a_rate_that_cannot_work_is_refused(rate: ExchangeRate, field: str) -> None:
    assert [problem.field for problem in check_exchange_rate(rate, currency("EUR"))] == [field]
    assert check_exchange_rate(ExchangeRate("USD", D("0.92")), currency("EUR")) == []
