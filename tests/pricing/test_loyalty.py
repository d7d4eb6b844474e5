"""Loyalty points: earning, redeeming, taking back, balances and their lots."""

from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pricing.engine.loyalty import (
    Earned,
    EarnRule,
    PointLot,
    RedeemRule,
    change_balance,
    check_earn_rule,
    check_redeem_rule,
    earned,
    points_by_line,
    points_for,
    spend_points,
    taken_back,
    tier_reached,
    usable,
)

ONE_PER_TEN = EarnRule(D(1), D(10))
TENTH = EarnRule(D("0.1"), partial="exact")
WORTH_ONE = RedeemRule(D(1), D(1))
money = st.integers(0, 1_000_000).map(lambda n: D(n) / 100)


@pytest.mark.parametrize(
    ("spend", "rule", "points"),
    [
        ("105.00", ONE_PER_TEN, "10"),
        ("109.99", ONE_PER_TEN, "10"),
        ("9.99", ONE_PER_TEN, "0"),
        ("-105.00", ONE_PER_TEN, "-10"),
        ("25.50", replace(ONE_PER_TEN, partial="exact"), "2.55"),
        ("25.50", replace(ONE_PER_TEN, partial="nearest"), "3"),
        ("25.00", EarnRule(D(5), D(10)), "10"),
    ],
)
def test_points_for(spend: str, rule: EarnRule, points: str) -> None:
    assert points_for(D(spend), rule) == D(points)


def test_lines_of_one_rule_are_added_up_before_steps_are_counted() -> None:
    double = EarnRule(D(2), D(10))
    assert (
        points_by_line([(D("5.50"), ONE_PER_TEN), (D("4.50"), ONE_PER_TEN), (D("25"), double), (D(99), None)])
        == 5
    )


def test_a_sale_that_redeems_points_earns_none_as_shipped() -> None:
    assert earned(D(100), TENTH, redeemed=D(20), redeem=WORTH_ONE) == Earned(D(0))


def test_with_the_extension_it_earns_on_what_was_paid_otherwise() -> None:
    found = earned(D(100), TENTH, redeemed=D(20), redeem=WORTH_ONE, earn_with_redeem=True)
    assert (found.points, found.extra_deducted) == (D(8), D(2))
    ten_points_a_unit = RedeemRule(D(10), D(1))
    found = earned(D(100), TENTH, redeemed=D(200), redeem=ten_points_a_unit, earn_with_redeem=True)
    assert found.points == D(8)


def test_what_points_are_worth() -> None:
    rule = RedeemRule(D(100), D("1.50"))
    assert rule.worth(D(250)) == D("3.75")
    assert rule.worth(D(1)) == D("0.01")
    assert rule.points_for(D("3.76")) == D(251)


@given(money, st.integers(1, 500).map(D), st.integers(1, 500).map(D))
def test_points_asked_for_cover_the_amount(amount: D, points: D, worth: D) -> None:
    rule = RedeemRule(points, worth)
    assert rule.worth(rule.points_for(amount)) >= amount


@given(st.integers(0, 5000).map(D), money, st.lists(money, max_size=6))
def test_returns_take_back_just_what_was_earned(points: D, spend: D, parts: list[D]) -> None:
    before, back = D(0), D(0)
    for part in [*parts, spend]:
        now = min(part, spend - before)
        took = taken_back(points, spend, before, now)
        assert took >= 0
        back, before = back + took, before + now
    assert back == (points if spend else 0)


@pytest.mark.parametrize(
    ("balance", "change", "accepted", "after"),
    [("10", "5", True, "15"), ("40", "-40", True, "0"), ("20", "-40", False, "20"), ("-5", "3", True, "-2")],
)
def test_balance(balance: str, change: str, accepted: bool, after: str) -> None:
    found = change_balance(D(balance), D(change))
    assert (found.accepted, found.balance) == (accepted, D(after))


def test_points_that_expire_first_are_spent_first() -> None:
    lots = [PointLot(D(50)), PointLot(D(30), date(2026, 6, 1)), PointLot(D(20), date(2026, 3, 1))]
    day = date(2026, 2, 28)
    assert usable(lots, day) == 100
    assert spend_points(lots, D(35), day) == [PointLot(D(15), date(2026, 6, 1)), PointLot(D(50))]
    assert usable(lots, date(2026, 3, 1)) == 80
    assert spend_points(lots, D(81), date(2026, 3, 1)) is None
    assert spend_points(lots, D(80), date(2026, 3, 1)) == []


def test_tiers() -> None:
    tiers = [("silver", D(100)), ("gold", D(1000))]
    assert [tier_reached(D(points), tiers) for points in (99, 100, 999, 1000)] == [
        None,
        "silver",
        "silver",
        "gold",
    ]


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (EarnRule(D(-1)), "points"),
        (EarnRule(D(1), D(0)), "per_amount"),
        (EarnRule(D(1), partial="sometimes"), "partial"),
    ],
)
def test_earning_rules_that_cannot_work(rule: EarnRule, field: str) -> None:
    assert [problem.field for problem in check_earn_rule(rule)] == [field]
    assert check_earn_rule(ONE_PER_TEN) == []


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (RedeemRule(D(0), D(1)), "points"),
        (RedeemRule(D(1), D(0)), "amount"),
        (RedeemRule(D(1), D(1), D(-1)), "least"),
    ],
)
def test_redemption_rules_that_cannot_work(rule: RedeemRule, field: str) -> None:
    assert [problem.field for problem in check_redeem_rule(rule)] == [field]
    assert check_redeem_rule(WORTH_ONE) == []
