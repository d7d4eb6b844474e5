"""validate_barcode: whether a code is a whole one of its kind, and what is wrong with it."""

from typing import Any

from catalog import barcodes


def run(case: dict[str, Any]) -> dict[str, Any]:
    """The case's answer in the words of its `expected`."""
    given = case["input"]
    try:
        barcodes.validate(given["code"], given.get("type", "GTIN"))
    except barcodes.BarcodeError as error:
        return {"valid": False, "error": error.error, "expected_check_digit": error.expected}
    return {"valid": True, "error": None}
