"""price_metric: the margin of a price."""

from decimal import Decimal
from typing import Any

from pricing.engine.price import margin_percent


def run(case: dict[str, Any]) -> dict[str, Any]:
    """The case's answer in the words of its `expected`."""
    given = case["input"]
    return {"margin_percent": margin_percent(Decimal(given["cost"]), Decimal(given["price"]))}
