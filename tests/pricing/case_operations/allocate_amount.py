"""allocate_amount: an amount over the units of a line, or over several lines."""

from decimal import Decimal
from typing import Any

from pricing.engine.money import currency
from pricing.engine.rounding import round_to, split_evenly, spread

REMAINDERS = {
    "any": "largest_share",
    "last": "last",
    "first": "first",
    "one_cent_each_from_first": "first",
    "largest": "largest_share",
}


def run(case: dict[str, Any]) -> dict[str, Any]:
    """The case's answer in the words of its `expected`."""
    given, settings = case["input"], case["settings"]
    smallest = settings.get("smallest_amount") or str(currency(case["currency"] or "USD").unit)
    if "weights" in given:
        parts = _over_lines(given, settings.get("allocation", {}), smallest)
        return {"parts": parts, "multiset": parts, "parts_multiset": parts, "sum": sum(parts, Decimal(0))}
    return _over_units(given, settings, Decimal(smallest))


def _over_lines(given: dict[str, Any], allocation: dict[str, Any], smallest: str) -> list[Decimal]:
    weights = [Decimal(weight) for weight in given["weights"]]
    unit = Decimal(allocation.get("precision", smallest))
    whole = sum(weights, Decimal(0))
    amount = Decimal(given["amount"]) if "amount" in given else whole * Decimal(given["percent"]) / 100
    if allocation.get("cap"):
        amount = min(amount, whole)
    if allocation.get("basis", "").startswith("equal"):
        weights = [Decimal(1)] * len(weights)
    remainder = REMAINDERS[allocation.get("remainder", "any")]
    return spread(
        round_to(amount, unit),
        weights,
        unit,
        remainder=remainder,
        share_rounding=allocation.get("share_rounding"),
    )


def _over_units(given: dict[str, Any], settings: dict[str, Any], unit: Decimal) -> dict[str, Any]:
    quantity = Decimal(given["qty"])
    price = Decimal(given["unit_price"]) if "unit_price" in given else None
    if "amount" in given:
        amount = Decimal(given["amount"])
    else:
        amount = round_to(price * quantity * Decimal(given["percent"]) / 100, unit)
    if settings.get("hold_together_for_rounding"):
        pairs = [(quantity, amount / quantity)]
    else:
        pairs = split_evenly(amount, quantity, unit)
    parts = [{"qty": part, "unit_discount": each, "unit_net": price and price - each} for part, each in pairs]
    return {
        "parts": parts,
        "multiset": sorted(each for part, each in pairs for _ in range(int(part))),
        "sum": amount,
    }
