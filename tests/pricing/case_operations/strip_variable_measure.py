"""strip_variable_measure: the base code under which the article of an in-store code is kept."""

from typing import Any

from catalog import barcodes
from tests.pricing.case_operations.decode_barcode import layouts_of


def run(case: dict[str, Any]) -> dict[str, Any]:
    """The case's answer in the words of its `expected`."""
    code = case["input"]["code"]
    found = barcodes.decode(code, layouts_of(case["settings"], case["input"]))
    return {"base_code": code if found is None else found.base_code}
