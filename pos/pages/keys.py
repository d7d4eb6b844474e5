"""What a key for an operation looks like and where it leads; operations themselves know nothing of screens."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.urls import reverse

from pos.forms import OPERATIONS
from pos.operations import Operation, operations, operations_by_number
from pos.till_pages import TILL_PAGES


@dataclass(frozen=True, slots=True)
class Key:
    """A key: its name, its icon, where it leads, which region the answer replaces (none: it is a page of its own)."""

    name: str
    icon: str
    url: str
    target: str
    with_line: bool = False


# Operations that have a panel of their own beside the cart.
PANELS = {
    "pay": ("pos:pay", "banknote"),
    "suspend": ("pos:suspended", "pause"),
    "recall": ("pos:suspended", "pause"),
    "return_by_receipt": ("pos:return", "rotate-ccw"),
    "set_customer": ("pos:customers", "user"),
    "call_up_order": ("pos:orders", "package-check"),
}
ICONS = {
    "undo": "undo-2",
    "set_quantity": "hash",
    "void_line": "trash-2",
    "price_override": "tag",
    "line_discount": "percent",
    "line_comment": "message-square",
    "total_discount": "percent",
    "void_sale": "ban",
    "tax_exempt": "badge-percent",
    "sale_taxes": "landmark",
    "line_taxes": "landmark",
    "charge": "circle-plus",
    "change_charge": "circle-plus",
    "deliver": "truck",
    "deliver_line": "truck",
    "affiliate": "users",
    "set_unit": "package",
    "add_coupon": "ticket-percent",
    "remove_coupon": "ticket-x",
    "loyalty_card": "id-card",
    "add_customer": "user-plus",
    "pay_currency": "coins",
    "return_product": "rotate-ccw",
}


@cache
def operation_keys() -> dict[int, Key]:
    """The key of each operation that a button of a screen layout may point at, by number."""
    numbers = operations_by_number()
    keys = {number: key for number, found in numbers.items() if (key := _key(found)) is not None}
    return keys | {
        number: Key(page.name, page.icon, reverse(page.url), "") for number, page in TILL_PAGES.items()
    }


def key_of(code: str) -> Key | None:
    """The key of an operation by its code."""
    found = operations().get(code)
    return _key(found) if found else None


def _key(found: Operation) -> Key | None:
    if found.code in PANELS:
        name, icon = PANELS[found.code]
        return Key(found.name, icon, reverse(name), "#panel")
    form = OPERATIONS.get(found.code)
    if form is None:
        return None
    return Key(
        found.name,
        ICONS.get(found.code, "circle-dot"),
        reverse("pos:operation", args=[found.code]),
        "#sheet",
        "line" in form.base_fields,
    )
