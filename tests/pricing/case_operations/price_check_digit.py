"""price_check_digit: the digit before a price inside an in-store code."""

from typing import Any

from catalog import barcodes
from tests.pricing.case_operations._words import told


def run(case: dict[str, Any]) -> dict[str, Any]:
    """The case's answer in the words of its `expected`."""
    given = case["input"]
    data = told(given, "data", "digits", "value", "price")
    digit = barcodes.price_check_digit(data)
    return {"check_digit": digit, "full": digit + data}
