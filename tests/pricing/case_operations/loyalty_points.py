"""loyalty_points: what a sale earns, also when points are redeemed in it."""

from decimal import Decimal
from typing import Any

from pricing.engine.loyalty import EarnRule, RedeemRule, earned
from tests.pricing.case_operations._words import told


def run(case: dict[str, Any]) -> dict[str, Any]:
    """The case's answer in the words of its `expected`."""
    given = case["input"]
    redeemed = told(given, "redeemed_points", "redeemed", "points_redeemed", default="0")
    found = earned(
        Decimal(given["spend"]),
        _earn_rule(given),
        redeemed=Decimal(redeemed),
        redeem=_redeem_rule(given),
        earn_with_redeem=case["settings"].get("earn_with_redeem", False),
    )
    return {"points": found.points, "extra_deducted": found.extra_deducted}


def _earn_rule(given: dict[str, Any]) -> EarnRule:
    if "rule" in given:
        rule = given["rule"]
        return EarnRule(
            Decimal(rule["points"]), Decimal(rule.get("per_amount", "1")), rule.get("partial", "exact")
        )
    rate = told(given, "earn_rate", "earn_per_unit", "points_per_unit_spent")
    return EarnRule(Decimal(rate), partial="exact")


def _redeem_rule(given: dict[str, Any]) -> RedeemRule | None:
    worth = told(given, "redeem_value", "point_value")  # of one point
    if worth is not None:
        return RedeemRule(Decimal(1), Decimal(worth))
    points = told(
        given, "redeem_rate", "points_per_unit", "redeem_points_per_unit"
    )  # for one of the currency
    return None if points is None else RedeemRule(Decimal(points), Decimal(1))
