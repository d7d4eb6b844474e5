"""apply_components: components that compete with or join those of other sequences."""

from decimal import Decimal
from typing import Any

from pricing.engine.sequences import best_across
from tests.pricing.case_operations.apply_sequence import answer, rules_of, start_of


def run(case: dict[str, Any]) -> dict[str, Any]:
    """The case's answer in the words of its `expected`. Amounts alone need no price to be taken off."""
    rules, start = rules_of(case), start_of(case)
    if start is None:
        start = sum((abs(rule.value) for rule in rules), Decimal(0))
    return answer(case, best_across(start, rules), start)
