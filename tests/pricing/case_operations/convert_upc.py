"""convert_upc: between UPC-E, UPC-A and the GTINs."""

from typing import Any

from catalog import barcodes


def run(case: dict[str, Any]) -> dict[str, Any]:
    """The case's answer in the words of its `expected`."""
    code = case["input"]["code"]
    short = len(code) <= 8
    upc_a = barcodes.upc_e_to_a(code) if short else code.zfill(12)[-12:]
    upc_e = barcodes.upc_e(code) if short else barcodes.upc_a_to_e(upc_a)
    return {
        "convertible": upc_e is not None,
        "upc_a": upc_a,
        "upc_e": upc_e,
        "gtin_12": upc_a,
        "gtin_13": upc_a.zfill(13),
        "gtin_14": upc_a.zfill(14),
    }
