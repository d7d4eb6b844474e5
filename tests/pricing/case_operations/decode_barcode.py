"""decode_barcode: article and value of an in-store code, by the shop's layout or its country's."""

from decimal import Decimal
from typing import Any

from catalog import barcodes


def run(case: dict[str, Any]) -> dict[str, Any]:
    """The case's answer in the words of its `expected`."""
    given = case["input"]
    try:
        found = barcodes.decode(given["code"], layouts_of(case["settings"], given))
    except barcodes.BarcodeError as error:
        return {"valid": False, "error": error.error, "expected_check_digit": error.expected}
    answer: dict[str, Any] = {"valid": True, "price": None, "weight": None, "count": None}
    if found is None:
        return answer
    answer[found.kind] = found.value
    answer |= {"product": found.item, "base_code": found.base_code}
    unit_price = given.get("unit_price") or given.get("price_per_kg")
    if unit_price and found.kind == "price":
        answer["qty"] = barcodes.quantity_from_price(found.value, Decimal(unit_price))
    elif found.kind in ("weight", "count"):
        answer["qty"] = found.value
    return answer


def layouts_of(settings: dict[str, Any], given: dict[str, Any]) -> tuple[barcodes.Layout, ...]:
    """The layouts that the settings name, drawn as a pattern, digit by digit, or by country."""
    layout = settings.get("layout")
    if not layout:
        return barcodes.REGIONS[settings.get("region") or given["region"]]
    if "pattern" in layout:
        return (barcodes.layout_from_pattern(layout["pattern"], layout.get("value", "weight")),)
    prefixes = layout["prefix"] if isinstance(layout["prefix"], list) else [layout["prefix"]]
    return (
        barcodes.Layout(
            tuple(prefixes),
            layout["item_digits"],
            layout["value_digits"],
            layout["value"],
            layout["decimals"],
            layout["value_check_digit"],
        ),
    )
