"""round_amount: one amount to a precision in a named way."""

from decimal import Decimal
from typing import Any

from pricing.engine.rounding import round_to


def run(case: dict[str, Any]) -> dict[str, Any]:
    """The case's answer in the words of its `expected`."""
    given = case["input"]
    return {"value": round_to(Decimal(given["value"]), Decimal(given["precision"]), given["mode"])}
