"""cash_change: what goes back when more is handed over than is due."""

from decimal import Decimal
from typing import Any

from pricing.engine.settlement import change
from tests.pricing.case_operations._cash import rounding_for


def run(case: dict[str, Any]) -> dict[str, Any]:
    """The case's answer in the words of its `expected`."""
    given = case["input"]
    found = change(
        Decimal(given["amount_due"]),
        Decimal(given["tendered"]),
        rounding_for(case, given.get("tender", "cash")),
    )
    return {"change": found.change, "rounding_difference": found.difference}
