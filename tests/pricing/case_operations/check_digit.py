"""check_digit: the last digit of a GTIN."""

from typing import Any

from catalog import barcodes
from tests.pricing.case_operations._words import told


def run(case: dict[str, Any]) -> dict[str, Any]:
    """The case's answer in the words of its `expected`."""
    data = told(case["input"], "data", "digits", "code")
    digit = barcodes.check_digit(data)
    return {"check_digit": digit, "full": data + digit}
