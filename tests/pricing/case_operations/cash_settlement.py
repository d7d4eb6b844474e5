"""cash_settlement: what is to be paid for a total in one way of paying."""

from decimal import Decimal
from typing import Any

from pricing.engine.settlement import payable
from tests.pricing.case_operations import compute_tax
from tests.pricing.case_operations._cash import rounding_for


def run(case: dict[str, Any]) -> dict[str, Any]:
    """The case's answer in the words of its `expected`."""
    given = case.get("input", {})
    total = Decimal(given["total"]) if "total" in given else compute_tax.taxed(case).total
    tender = given.get("tender") or next(iter(case.get("tenders", [])), {}).get("type", "cash")
    found = payable(total, rounding_for(case, tender))
    return {"amount_to_pay": found.amount, "rounding_difference": found.difference, "total": total}
