"""The rounding that a case's settings name for a kind of tender."""

from decimal import Decimal
from typing import Any

from pricing.engine.settlement import TenderRounding

MODES = {
    ("nearest", "down"): "half_down",
    ("nearest", "even"): "half_even",
    ("half_up", "down"): "half_down",
}


def rounding_for(case: dict[str, Any], tender: str) -> TenderRounding | None:
    """None where this tender is paid exactly."""
    told = case["settings"].get("cash_rounding")
    if not told or tender not in told.get("tender_types", ["cash"]):
        return None
    mode = told.get("mode", "nearest")
    return TenderRounding(
        Decimal(told["increment"]),
        MODES.get((mode, told.get("tie", "up")), mode),
        told.get("target", "total"),
    )
