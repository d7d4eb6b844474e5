"""Charges: tiers, delivery modes, proration, what is kept by hand, and what cannot work."""

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pricing.engine.charges import (
    Buyer,
    ChargeableLine,
    ChargeRule,
    ChargeTier,
    check_rule,
    common_mode,
    compute_charges,
    discounted,
    kept_and_fresh,
    overridden,
    share_discount,
    tier_value,
)
from pricing.engine.model import Charge

ZERO = D(0)


def tiers(*rows: tuple[str, str | None, str]) -> tuple[ChargeTier, ...]:
    return tuple(ChargeTier(D(least), most and D(most), D(value)) for least, most, value in rows)


GROUND = ChargeRule(
    "ground",
    "FREIGHT",
    tiers(("0.01", "100", "10"), ("100.01", None, "0")),
    type="shipping",
    delivery_mode="ground",
)
AIR = ChargeRule("air", "FREIGHT", tiers(("0.01", None, "20")), type="shipping", delivery_mode="air")
SETUP = ChargeRule("setup", "SETUP", tiers(("0", None, "19.99")), level="line", products=("computer",))


def line(
    number: int, amount: str, mode: str | None = None, product: str = "p", quantity: str = "1"
) -> ChargeableLine:
    return ChargeableLine(str(number), D(amount), D(quantity), product, ("c",), mode)


def amounts(charges: tuple[Charge, ...]) -> dict[str, D]:
    return {charge.id: charge.amount for charge in charges}


# Microsoft, "Omni-channel advanced auto charges"
@pytest.mark.parametrize(
    ("total", "mode", "charged"),
    [
        ("100.00", "ground", "10"),
        ("100.01", "ground", "0"),
        ("500", "air", "20"),
        ("50", None, "0"),
        ("0", "ground", "0"),
    ],
)
def test_freight_by_mode_and_tier(total: str, mode: str | None, charged: str) -> None:
    found = compute_charges([line(1, total, mode)], [GROUND, AIR], header_mode=mode)
    assert sum((charge.amount for charge in found), ZERO) == D(charged)


def test_mixed_modes_have_no_header_charge_at_the_till() -> None:
    lines = [line(1, "30", "ground"), line(2, "30", "air")]
    assert common_mode(lines) is None
    assert compute_charges(lines, [GROUND, AIR], header_mode=common_mode(lines)) == ()
    assert common_mode(lines[:1]) == "ground"
    assert amounts(compute_charges(lines, [GROUND, AIR], header_mode="air")) == {"air": D("20.00")}


# Microsoft, "Prorate header charges to matching sales lines": its five items and both scenarios
FIVE = [
    line(1, "10", "11"),
    line(2, "50", "99"),
    line(3, "60", "11", quantity="2"),
    line(4, "30", "99", quantity="3"),
    line(5, "15", "21", quantity="3"),
]
MODE_11 = ChargeRule("m11", "FREIGHT", tiers(("0", None, "7")), delivery_mode="11")
MODE_99 = ChargeRule("m99", "FREIGHT", tiers(("0", None, "15")), delivery_mode="99")


def test_scenario_1_the_header_s_mode_counts_for_the_whole_order() -> None:
    assert amounts(compute_charges(FIVE, [MODE_11, MODE_99], header_mode="99")) == {"m99": D("15.00")}


def test_scenario_2_each_mode_has_its_charge_shared_over_its_lines() -> None:
    rules = [replace(MODE_11, prorated=True), replace(MODE_99, prorated=True)]
    found = compute_charges(FIVE, rules, header_mode="99")
    assert amounts(found) == {"m11:1": D("1.00"), "m11:3": D("6.00"), "m99:2": D("9.38"), "m99:4": D("5.62")}
    assert all(charge.prorated and charge.line for charge in found)


def test_line_charges_fall_on_their_products() -> None:
    found = compute_charges([line(1, "500", product="computer"), line(2, "20")], [SETUP])
    assert [(charge.line, charge.amount) for charge in found] == [("1", D("19.99"))]
    by_category = replace(SETUP, products=(), categories=("c",))
    assert len(compute_charges([line(1, "500", product="computer"), line(2, "20")], [by_category])) == 2


@pytest.mark.parametrize(("way", "charged"), [("fixed", "2.50"), ("per_unit", "7.50"), ("percent", "1.00")])
def test_ways_to_charge(way: str, charged: str) -> None:
    rule = ChargeRule("r", "R", tiers(("0", None, "2.5")), level="line", way=way)
    assert compute_charges([line(1, "40", quantity="3")], [rule])[0].amount == D(charged)


def test_of_one_charge_the_most_precise_rule_counts() -> None:
    everyone = ChargeRule("all", "FREIGHT", tiers(("0", None, "9")))
    group = replace(everyone, id="group", customer_group="gold", tiers=tiers(("0", None, "5")))
    customer = replace(everyone, id="anna", customer="anna", tiers=tiers(("0", None, "1")))
    rules = [everyone, group, customer]
    assert amounts(compute_charges([line(1, "10")], rules)) == {"all": D("9.00")}
    assert amounts(compute_charges([line(1, "10")], rules, buyer=Buyer("bob", ("gold",)))) == {
        "group": D("5.00")
    }
    assert amounts(compute_charges([line(1, "10")], rules, buyer=Buyer("anna", ("gold",)))) == {
        "anna": D("1.00")
    }
    other = replace(everyone, id="other", code="HANDLING")
    assert len(compute_charges([line(1, "10")], [everyone, other])) == 2


def test_returns_are_not_charged() -> None:
    assert (
        compute_charges([line(1, "-10", quantity="-1")], [ChargeRule("r", "R", tiers(("0", None, "9")))])
        == ()
    )


@given(
    st.lists(st.integers(0, 100_000).map(lambda n: D(n) / 100), min_size=1, max_size=12),
    st.integers(0, 10_000).map(lambda n: D(n) / 100),
)
def test_a_prorated_charge_adds_up(values: list[D], charged: D) -> None:
    lines = [ChargeableLine(str(i), value) for i, value in enumerate(values)]
    rule = ChargeRule("r", "R", (ChargeTier(ZERO, None, charged),), prorated=True)
    assert sum((charge.amount for charge in compute_charges(lines, [rule])), ZERO) == charged


def test_what_was_changed_by_hand_stays_until_all_is_recalculated() -> None:
    fresh = (Charge("air", D(20)), Charge("setup:1", D("19.99"), line="1"))
    present = (
        overridden(Charge("air", D(20)), D(5), by="7", reason="promised"),
        Charge("gift", D(2), line="2", manual=True),
        Charge("gift-gone", D(2), line="9", manual=True),
    )
    kept = kept_and_fresh(present, fresh, lines=["1", "2"])
    assert [(charge.id, charge.amount) for charge in kept] == [
        ("air", D(5)),
        ("gift", D(2)),
        ("setup:1", D("19.99")),
    ]
    again = kept_and_fresh(kept, fresh, lines=["1", "2"], everything=True)
    assert [(charge.id, charge.amount) for charge in again] == [
        ("gift", D(2)),
        ("air", D(20)),
        ("setup:1", D("19.99")),
    ]


@pytest.mark.parametrize(
    ("method", "value", "off", "left"),
    [
        ("unit_price", "1", "9.00", "1.00"),
        ("unit_price", "12", "0", "10.00"),
        ("percent_off", "40", "4.00", "6.00"),
        ("amount_off", "3", "3", "7.00"),
        ("amount_off", "30", "10.00", "0.00"),
    ],
)
def test_shipping_discounts(method: str, value: str, off: str, left: str) -> None:
    assert discounted(D("10.00"), method, D(value)) == (D(off), D(left))


def test_an_unknown_discount_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be discounted"):
        discounted(D(10), "least_expensive", D(1))


def test_a_discount_on_several_charges_is_shared() -> None:
    charges = [Charge("a", D("10.00")), Charge("b", D("5.00"))]
    assert share_discount(charges, D("1.00")) == {"a": D("0.67"), "b": D("0.33")}
    assert share_discount(charges, D("99")) == {"a": D("10.00"), "b": D("5.00")}


def test_tiers_hold_both_their_limits() -> None:
    found = tiers(("50", "200", "5"), ("200.01", "500", "4"))
    assert [tier_value(found, D(a)) for a in ("49.99", "50", "200", "200.01", "500", "500.01")] == [
        ZERO, D(5), D(5), D(4), D(4), ZERO,
    ]  # fmt: skip


GOOD = ChargeRule("r", "R", tiers(("0", "10", "5"), ("10.01", None, "3")))


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (replace(GOOD, code=" "), "code"),
        (replace(GOOD, level="shelf"), "level"),
        (replace(GOOD, way="often"), "way"),
        (replace(GOOD, products=("p",)), "products"),
        (replace(GOOD, level="line", prorated=True), "prorated"),
        (replace(GOOD, customer="c", customer_group="g"), "customer_group"),
        (replace(GOOD, tiers=()), "tiers"),
        (replace(GOOD, tiers=tiers(("0", None, "-5"))), "tiers"),
        (replace(GOOD, tiers=tiers(("-1", None, "5"))), "tiers"),
        (replace(GOOD, tiers=tiers(("10", "5", "5"))), "tiers"),
        (replace(GOOD, tiers=tiers(("0", "10", "5"), ("10", None, "3"))), "tiers"),
        (replace(GOOD, tiers=tiers(("0", None, "5"), ("10", None, "3"))), "tiers"),
        (replace(GOOD, way="percent", tiers=tiers(("0", None, "120"))), "tiers"),
    ],
)
def test_a_rule_that_cannot_work_is_refused(rule: ChargeRule, field: str) -> None:
    problems = check_rule(rule)
    assert [problem.field for problem in problems] == [field]
    assert problems[0].message
    assert problems[0].remedy


def test_a_good_rule_has_no_problem() -> None:
    assert [problem for rule in (GOOD, GROUND, AIR, SETUP) for problem in check_rule(rule)] == []
