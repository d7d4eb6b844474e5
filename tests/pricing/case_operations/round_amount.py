"""round_amount: one amount to a precision in a named way."""

from decimal import Decimal
from typing import Any

from pricing.engine.rounding import round_to

WAYS = {"normal": "half_up", "rounding_up": "up", "downward": "down"}


def run(case: dict[str, Any]) -> dict[str, Any]:
    """The case's answer in the words of its `expected`."""
    given = case["input"]
    mode = WAYS.get(given["mode"], given["mode"])
    return {"value": round_to(Decimal(given["value"]), Decimal(given["precision"]), mode)}
