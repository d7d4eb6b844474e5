"""Buttons as the till draws them, for the pages of headquarters."""

from collections.abc import Sequence
from typing import Any

from django.http import QueryDict

from hq.button_operations import SELLS_PRODUCT, operation_name
from hq.models import Button


def unsaved_buttons(data: QueryDict) -> list[Button]:
    """The buttons of a grid's form, in order; what cannot be read yet is left out."""
    total = data.get("buttons-TOTAL_FORMS", "0")
    rows = [f"buttons-{index}-" for index in range(min(int(total) if total.isdigit() else 0, 500))]
    found = [
        Button(
            operation=_number(data, f"{row}operation"),
            product_id=_number(data, f"{row}product"),
            label=data.get(f"{row}label", "").strip(),
            hue=_number(data, f"{row}hue"),
            position=_number(data, f"{row}position") or 0,
        )
        for row in rows
        if _number(data, f"{row}operation") is not None and not data.get(f"{row}DELETE")
    ]
    return sorted(with_products(found), key=lambda button: button.position)


def _number(data: QueryDict, name: str) -> int | None:
    value = data.get(name, "").strip()
    return int(value) if value.isdecimal() and len(value) < 10 else None


def with_products(buttons: Sequence[Button]) -> Sequence[Button]:
    """The buttons, each with its product read."""
    product: Any = Button._meta.get_field("product").related_model  # of an app above
    products = product.objects.in_bulk([button.product_id for button in buttons if button.product_id])
    for button in buttons:
        button.product = products.get(button.product_id)
    return buttons


def tile(button: Button) -> dict[str, Any]:
    """What a till writes on a button: its words, what kind of key it is, its tint."""
    words = button.label or str(button.product or "") or operation_name(button.operation)
    return {"words": words, "sells": button.operation == SELLS_PRODUCT, "hue": button.hue}
