"""A discount or price that cannot work is refused with the field and the remedy."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from msgspec.structs import replace

from pricing.engine.discounts.model import (
    Coupon,
    Discount,
    DiscountLine,
    Hours,
    LeastExpensive,
    LineGroup,
    Tier,
)
from pricing.engine.discounts.validate import validate_discount
from pricing.engine.manual import ManualLimits, check_manual
from pricing.engine.model import ManualDiscount
from pricing.engine.price import Adjustment, Agreement, validate_adjustment, validate_agreement
from tests.pricing.shop import cheapest_free, deal, off, threshold

D = Decimal
LATE, EARLY = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
TIERS = (Tier(D(2), "percent_off", D(10)), Tier(D(5), "percent_off", D(5)))


@pytest.mark.parametrize(
    "good", [off("x", "10"), threshold("x", "100", "10"), cheapest_free("x", 3), deal("x", "5", 2)]
)
def test_what_works_is_not_refused(good: Discount) -> None:
    assert validate_discount(good) == []


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (replace(deal("x", "5", 2), lines=()), "lines"),
        (replace(deal("x", "5", 2), groups=()), "groups"),
        (off("x", "120"), "value"),
        (off("x", "0"), "value"),
        (off("x", "-5", "amount_off"), "value"),
        (off("x", "10", starts_at=LATE, ends_at=EARLY), "ends_at"),
        (off("x", "10", lines=(DiscountLine(),)), "lines"),
        (off("x", "10", hours=(Hours(()),)), "hours"),
        (off("x", "10", max_discount=D(0)), "max_discount"),
        (off("x", "10", coupon_required=True), "coupons"),
        (off("x", "10", coupon_required=True, coupons=(Coupon("A"), Coupon("a"))), "coupons"),
        (off("x", "10", concurrency="sometimes"), "concurrency"),
        (replace(off("x", "10"), kind="magic"), "kind"),
        (replace(threshold("x", "1", "10"), tiers=()), "tiers"),
        (replace(threshold("x", "1", "10"), tiers=TIERS), "tiers"),
        (cheapest_free("x", 2, least_expensive=LeastExpensive(2, "percent_off", D(100))), "least_expensive"),
        (replace(deal("x", "5", 2), groups=(LineGroup("1", 1), LineGroup("2", 2, mandatory=True))), "groups"),
        (deal("x", "5", 2, favor="retailer"), "favor"),
    ],
)
def test_what_cannot_work_names_field_and_remedy(bad: Discount, field: str) -> None:
    problems = validate_discount(bad)
    assert field in [problem.field for problem in problems]
    assert all(problem.message and problem.remedy for problem in problems)


def test_prices_that_cannot_work() -> None:
    good = Agreement("a", "p", D(1), "EUR")
    assert validate_agreement(good) == []
    for changed, field in (
        ({"price": D(-1)}, "price"), ({"starts_at": LATE, "ends_at": EARLY}, "ends_at"), ({"per": D(0)}, "per"),
        ({"min_quantity": D(5), "max_quantity": D(5)}, "max_quantity"),
        ({"customer": "c", "price_group": "g"}, "customer"),
    ):  # fmt: skip
        assert [problem.field for problem in validate_agreement(replace(good, **changed))] == [field]
    (over,) = validate_agreement(replace(good, starts_at=LATE, ends_at=EARLY))
    assert str(over) == "The end must be after the start, 1 Feb 2026, 00:00. Choose a later end, or none."
    assert [problem.field for problem in validate_adjustment(Adjustment("x"))] == ["percent"]
    assert [problem.field for problem in validate_adjustment(Adjustment("x", percent=D(120)))] == ["percent"]


def test_a_worker_gives_no_more_than_allowed() -> None:
    limits = ManualLimits(line_percent=D(10), total_amount=D(5))

    def fields(method: str, value: str, *, total: bool = False) -> list[str]:
        given = ManualDiscount(method, D(value))
        return [p.field for p in check_manual(given, gross=D(50), quantity=D(1), limits=limits, total=total)]

    assert fields("percent_off", "10") == []
    assert fields("percent_off", "11") == ["value"]
    assert fields("amount_off", "5.01") == ["value"]
    assert fields("unit_price", "44") == ["value"]
    assert fields("amount_off", "5", total=True) == []
    assert fields("percent_off", "101", total=True) == ["value"]
    assert fields("unit_price", "1", total=True) == ["method"]
