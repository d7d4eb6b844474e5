"""price_check_digit: the digit before a price inside an in-store code."""

from typing import Any

from catalog import barcodes


def run(case: dict[str, Any]) -> dict[str, Any]:
    """The case's answer in the words of its `expected`."""
    given = case["input"]
    data = given.get("data") or given.get("value") or given["price"]
    digit = barcodes.price_check_digit(data)
    return {"check_digit": digit, "full": digit + data}
