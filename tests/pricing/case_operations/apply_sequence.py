"""apply_sequence: price components one after another on a unit price."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pricing.engine.money import currency
from pricing.engine.sequences import ComponentRule, Step, apply_rules, margin_and_discount
from tests.pricing.case_operations._words import told


def run(case: dict[str, Any]) -> dict[str, Any]:
    """The case's answer in the words of its `expected`."""
    return answer(case, rules_of(case), start_of(case))


def start_of(case: dict[str, Any]) -> Decimal | None:
    """The price before the first component, if the case has one."""
    names = ("unit_price", "price", "base_price", "start_price", "item_price", "base", "start", "cost")
    given = told(case["input"], *names)
    return None if given is None else Decimal(given)


def rules_of(case: dict[str, Any]) -> list[ComponentRule]:
    """The components of the case in the order in which it writes them."""
    given = told(case["input"], "rules", "components", "steps", "sequence")
    return [_rule(rule, place) for place, rule in enumerate(given)]


def answer(case: dict[str, Any], rules: list[ComponentRule], start: Decimal) -> dict[str, Any]:
    """The price after these components, and its steps."""
    steps = apply_rules(start, rules, currency(case["currency"] or "USD").unit)
    margin, discount = margin_and_discount(steps)
    return {
        "unit_price": steps[-1].price if steps else start,
        "steps": [_step(step, case["expected"].get("steps")) for step in steps],
        "margin_total": margin,
        "discount_total": discount,
    }


def _rule(rule: dict[str, Any], place: int) -> ComponentRule:
    kind = told(rule, "type", "kind", "component", "price_component", default="")
    method = told(rule, "method", "calculation", "calculation_method")
    method = method or ("percent" if "percent" in rule else "amount")
    margin = rule.get("margin", "margin" in kind.lower() if kind else not method.endswith("_off"))
    mode = told(rule, "concurrency", "mode", "concurrency_mode", "across", "within", default="compound")
    return ComponentRule(
        told(rule, "id", "rule", "code", default=str(place)),
        method,
        Decimal(told(rule, "value", "percent", "amount", "computed", "line_value")),
        rule.get("sequence", place),
        mode.lower().replace(" ", "_").replace("compounded", "compound"),
        margin=margin,
        on_running=told(rule, "compound", "compounded", "on_running", default=not margin),
    )


def _step(step: Step, expected: Any) -> Any:
    """A step as the case writes its steps: the price after it, a row of figures, or named figures."""
    form = expected[0] if expected else None
    if isinstance(form, str):
        return step.price
    if isinstance(form, Mapping):
        names = {"rule": step.rule, "amount": step.amount, "price": step.price}
        return {key: names[_FIGURES.get(key, "amount")] for key in form}
    return [step.rule, step.amount, step.price]


_FIGURES = {
    **dict.fromkeys(("id", "rule", "code", "component"), "rule"),
    **dict.fromkeys(("price", "unit_price", "new_unit_price", "running"), "price"),
}
