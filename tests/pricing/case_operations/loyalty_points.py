"""loyalty_points: what a sale earns, also when points are redeemed in it."""

from decimal import Decimal
from typing import Any

from pricing.engine.loyalty import EarnRule, RedeemRule, earned


def run(case: dict[str, Any]) -> dict[str, Any]:
    """The case's answer in the words of its `expected`."""
    given = case["input"]
    redeemed = given.get("redeemed_points") or given.get("redeemed") or "0"
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
    return EarnRule(Decimal(given["earn_rate"]), partial="exact")


def _redeem_rule(given: dict[str, Any]) -> RedeemRule | None:
    value = given.get("redeem_value")  # what one point is worth
    if value is None and "redeem_rate" not in given:
        return None
    if value is not None:
        return RedeemRule(Decimal(1), Decimal(value))
    return RedeemRule(Decimal(given["redeem_rate"]), Decimal(1))
