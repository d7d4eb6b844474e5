"""Rounding and sharing: nothing is lost, nothing drifts."""

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.engine.minor import shares
from pricing.engine.money import currency
from pricing.engine.rounding import MODES, round_to, rounder, split_evenly, spread

cents = st.integers(-10_000_000, 10_000_000).map(lambda n: D(n) / 100)
exact = st.decimals(-1_000_000, 1_000_000, allow_nan=False, allow_infinity=False, places=6)
units = st.sampled_from([D("0.01"), D("1"), D("0.001"), D("0.05"), D("0.25"), D("0.5"), D("5"), D("10")])
modes = st.sampled_from(sorted(MODES))


@pytest.mark.parametrize(
    ("amount", "unit", "mode", "rounded"),
    [
        ("0.005", "0.01", "half_up", "0.01"),
        ("-0.005", "0.01", "half_up", "-0.01"),
        ("0.015", "0.01", "half_even", "0.02"),
        ("0.025", "0.01", "half_even", "0.02"),
        ("0.005", "0.01", "half_down", "0.00"),
        ("0.001", "0.01", "up", "0.01"),
        ("-0.001", "0.01", "up", "-0.01"),
        ("0.009", "0.01", "down", "0.00"),
        ("-0.001", "0.01", "floor", "-0.01"),
        ("-0.009", "0.01", "ceiling", "0.00"),
        ("1.025", "0.05", "nearest", "1.05"),
        ("1.024", "0.05", "nearest", "1.00"),
        ("12.5", "5", "half_up", "15"),
        ("0.4999999999", "1", "half_up", "0"),
    ],
)
def test_modes(amount: str, unit: str, mode: str, rounded: str) -> None:
    assert round_to(D(amount), D(unit), mode) == D(rounded)
    assert rounder(D(unit), mode)(D(amount)) == D(rounded)


def test_mode_none_gives_the_amount_back() -> None:
    assert round_to(D("1.23456"), D("0.01"), "none") == D("1.23456")
    assert rounder(D("0.01"), "none")(D("1.23456")) == D("1.23456")


@pytest.mark.parametrize(
    ("unit", "mode"), [("0", "half_up"), ("-1", "half_up"), ("0.01", "sideways"), ("NaN", "up")]
)
def test_what_cannot_round_is_refused(unit: str, mode: str) -> None:
    with pytest.raises(ValueError, match=r"unit|mode"):
        round_to(D(1), D(unit), mode)


@given(exact, units, modes)
def test_rounding_is_a_multiple_within_one_unit_and_symmetric(amount: D, unit: D, mode: str) -> None:
    rounded = round_to(amount, unit, mode)
    assert rounded % unit == 0
    assert abs(rounded - amount) < unit
    assert round_to(rounded, unit, mode) == rounded
    if mode not in ("ceiling", "floor"):
        assert round_to(-amount, unit, mode) == -rounded


@given(
    cents,
    st.lists(st.integers(0, 100_000).map(D), min_size=1, max_size=30),
    st.sampled_from(["largest_share", "first", "last"]),
    st.sampled_from([None, "down", "half_up", "half_down", "up"]),
)
def test_shares_add_up(total: D, weights: list[D], remainder: str, share_rounding: str | None) -> None:
    parts = spread(total, weights, remainder=remainder, share_rounding=share_rounding)
    assert sum(parts) == total
    assert all(part % D("0.01") == 0 for part in parts)
    if any(weights):
        assert all(not part for part, weight in zip(parts, weights, strict=True) if not weight)
    if remainder == "last":
        assert all(part * total >= 0 for part in parts)


@given(
    st.integers(0, 1000),
    st.lists(st.integers(0, 50), min_size=1, max_size=30).filter(any),
    st.sampled_from(["largest_share", "first", "last"]),
)
def test_whole_units_are_shared_alike(total: int, weights: list[int], remainder: str) -> None:
    parts = shares(total, weights, remainder)
    assert sum(parts) == total
    assert all(
        0 <= part <= total and (weight or not part) for part, weight in zip(parts, weights, strict=True)
    )
    if remainder == "last":
        assert parts == spread(D(total), [D(weight) for weight in weights], D(1), remainder=remainder)


def test_a_small_charge_on_many_lines_is_on_none_of_them_below_zero() -> None:
    assert spread(D("0.05"), [D(1)] * 10, remainder="last") == [D("0.01")] * 5 + [D(0)] * 5


@given(cents, st.lists(st.integers(1, 100_000).map(D), min_size=1, max_size=30))
def test_fair_shares_are_within_a_unit_of_exact(total: D, weights: list[D]) -> None:
    whole = sum(weights)
    for part, weight in zip(spread(total, weights), weights, strict=True):
        assert abs(part - total * weight / whole) < D("0.01") + D("1e-20")
        assert part * total >= 0


def test_a_total_below_its_unit_is_not_lost() -> None:
    assert sum(spread(D("0.015"), [D(1), D(1)])) == D("0.015")


@pytest.mark.parametrize(
    ("weights", "options"), [([], {}), ([D(-1), D(2)], {}), ([D(1)], {"remainder": "nobody"})]
)
def test_what_cannot_be_shared_is_refused(weights: list[D], options: dict) -> None:
    with pytest.raises(ValueError, match=r"share|negative|remainder"):
        spread(D(1), weights, **options)


@given(cents, st.integers(1, 500).map(D), st.booleans())
def test_units_of_a_line_share_an_amount_exactly(amount: D, quantity: D, negative: bool) -> None:
    quantity = -quantity if negative else quantity
    parts = split_evenly(amount, quantity)
    assert sum(part for part, _ in parts) == quantity
    assert sum(abs(part) * abs(each) for part, each in parts) == abs(amount)
    assert len(parts) <= 2
    assert all(each % D("0.01") == 0 for _, each in parts)


def test_weighed_goods_are_not_cut() -> None:
    assert split_evenly(D("10.00"), D("1.5")) == [(D("1.5"), D("10.00") / D("1.5"))]


@given(st.lists(cents, min_size=1, max_size=50))
def test_rounding_what_is_rounded_changes_nothing(amounts: list[D]) -> None:
    euro = currency("EUR")
    assert sum(map(euro.round, amounts)) == sum(amounts)


@pytest.mark.parametrize(
    ("code", "unit", "coin", "decimals"),
    [
        ("EUR", "0.01", "0.01", 2),
        ("JPY", "1", "1", 0),
        ("KWD", "0.001", "0.001", 3),
        ("CHF", "0.01", "0.05", 2),
        ("SEK", "0.01", "1", 2),
        ("HUF", "0.01", "5", 2),
        ("DKK", "0.01", "0.50", 2),
        ("CLF", "0.0001", "0.0001", 4),
        ("NZD", "0.01", "0.10", 2),
    ],
)
def test_currencies(code: str, unit: str, coin: str, decimals: int) -> None:
    found = currency(code)
    assert (found.unit, found.cash_unit, found.decimals) == (D(unit), D(coin), decimals)
    assert found.is_whole(D(unit) * 7)
    assert not found.is_whole(D(unit) / 2)


def test_cash_is_rounded_to_coins() -> None:
    assert currency("CHF").round_cash(D("10.03")) == D("10.05")
    assert currency("HUF").round_cash(D("1232.50")) == D("1235")
    assert currency("EUR").round_cash(D("10.03")) == D("10.03")
