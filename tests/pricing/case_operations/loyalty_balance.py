"""loyalty_balance: points added to or taken from a balance."""

from decimal import Decimal
from typing import Any

from pricing.engine.loyalty import change_balance


def run(case: dict[str, Any]) -> dict[str, Any]:
    """The case's answer in the words of its `expected`."""
    given = case["input"]
    found = change_balance(Decimal(given["balance"]), Decimal(given["change"]))
    return {"accepted": found.accepted, "balance": found.balance}
