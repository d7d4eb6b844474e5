"""apply_sequence: price components one after another on a unit price."""

from decimal import Decimal
from typing import Any

from pricing.engine.money import currency
from pricing.engine.sequences import ComponentRule, apply_rules, margin_and_discount


def run(case: dict[str, Any]) -> dict[str, Any]:
    """The case's answer in the words of its `expected`."""
    given = case["input"]
    start = Decimal(
        given.get("unit_price") or given.get("price") or given.get("base_price") or given["start_price"]
    )
    rules = [_rule(rule, place) for place, rule in enumerate(given.get("rules") or given["components"])]
    steps = apply_rules(start, rules, currency(case["currency"]).unit)
    margin, discount = margin_and_discount(steps)
    return {
        "unit_price": steps[-1].price if steps else start,
        "steps": [[step.rule, step.amount, step.price] for step in steps],
        "margin_total": margin,
        "discount_total": discount,
    }


def _rule(rule: dict[str, Any], place: int) -> ComponentRule:
    return ComponentRule(
        rule["id"],
        rule["method"],
        Decimal(rule["value"]),
        rule.get("sequence", place),
        rule.get("concurrency", "compound"),
        margin=rule.get("type") == "margin" or rule.get("margin", False),
        on_running=rule.get("compound", rule.get("type") != "margin"),
    )
