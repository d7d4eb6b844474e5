"""Price components that work one after another on the running price, as unified pricing states them.

An extra beside the engine's own concurrency: rules belong to components in a sequence, each step is rounded to the
currency's unit, and rules that always apply come last. No page enters such rules and no till prices by them: unified
pricing is an optional extra of the model, and stands here so that its published cases are answered by the engine, not
by their test. (Dynamics 365 Supply Chain Management, "Resolving concurrency within price component codes" and "across
price component codes")
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import groupby

from pricing.engine.model import Value
from pricing.engine.rounding import CENT, round_to

ZERO = Decimal(0)
HUNDRED = Decimal(100)


class ComponentRule(Value, frozen=True):
    """One rule of a component: what it takes off the price, or as a margin puts on it."""

    id: str
    method: str  # percent_off | amount_off | percent | amount
    value: Decimal
    sequence: int = 0
    concurrency: str = "compound"  # exclusive | best_price | compound | always_apply
    margin: bool = False
    on_running: bool = True  # a percentage of the running price; else of the price at the start


class Step(Value, frozen=True):
    """A rule that was applied, its amount, and the price after it."""

    rule: str
    amount: Decimal
    price: Decimal
    margin: bool = False


def apply_rules(price: Decimal, rules: Iterable[ComponentRule], unit: Decimal = CENT) -> list[Step]:
    """The steps from the price through all components.

    Within a component an exclusive rule goes alone, else the best of the best-price rules, and all compound ones.
    """
    ordered = sorted(rules, key=lambda rule: rule.sequence)
    always = [rule for rule in ordered if rule.concurrency == "always_apply"]
    steps: list[Step] = []
    running = price
    for _, group in groupby((rule for rule in ordered if rule not in always), key=lambda rule: rule.sequence):
        for rule in _chosen(list(group), running, price):
            running = _step(steps, rule, running, price, unit)
    for rule in always:
        running = _step(steps, rule, running, price, unit)
    return steps


def best_across(price: Decimal, rules: Iterable[ComponentRule]) -> list[ComponentRule]:
    """The rules without the best-price discounts that lose against the largest of them in any component."""
    rules = list(rules)
    best = [rule for rule in rules if rule.concurrency == "best_price" and not rule.margin]
    winner = max(best, key=lambda rule: _amount(rule, price, price), default=None)
    return [rule for rule in rules if rule not in best or rule is winner]


def _chosen(rules: Sequence[ComponentRule], running: Decimal, start: Decimal) -> list[ComponentRule]:
    def worth(rule: ComponentRule) -> Decimal:
        return _amount(rule, running, start)

    exclusive = [rule for rule in rules if rule.concurrency == "exclusive"]
    if exclusive:
        return [max(exclusive, key=worth)]
    best = max((rule for rule in rules if rule.concurrency == "best_price"), key=worth, default=None)
    compound = [rule for rule in rules if rule.concurrency == "compound"]
    return ([best] if best is not None else []) + compound


def _amount(rule: ComponentRule, running: Decimal, start: Decimal) -> Decimal:
    if rule.method.startswith("percent"):
        return (running if rule.on_running else start) * rule.value / HUNDRED
    return rule.value


def _step(steps: list[Step], rule: ComponentRule, running: Decimal, start: Decimal, unit: Decimal) -> Decimal:
    amount = round_to(_amount(rule, running, start), unit)
    if not rule.margin:
        amount = min(amount, running)
    after = running + amount if rule.margin else running - amount
    steps.append(Step(rule.id, amount, after, rule.margin))
    return after


def margin_and_discount(steps: Iterable[Step]) -> tuple[Decimal, Decimal]:
    """What margins put on and discounts took off in all."""
    steps = list(steps)
    return (
        sum((step.amount for step in steps if step.margin), ZERO),
        sum((step.amount for step in steps if not step.margin), ZERO),
    )
