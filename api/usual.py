"""What every shop needs before it sells, as most have it: roles, reasons, ways to pay, units, labels of scales."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from catalog.models import BarcodeMask, Unit
from hq.models import PaymentMethod, PermissionGroup, ReasonCode, Store, StorePaymentMethod
from hq.permissions import Permission

CASHIER, SHIFT_LEAD, MANAGER = "Cashier", "Shift lead", "Store manager"
_CASHIER_MAY = [
    Permission.SELL, Permission.VOID_LINE, Permission.VOID_SALE, Permission.SUSPEND, Permission.OPEN_SHIFT,
    Permission.CLOSE_SHIFT, Permission.REPRINT, Permission.CHOOSE_STATION,
]  # fmt: skip
_LEAD_MAY = [
    *_CASHIER_MAY, Permission.PRICE_OVERRIDE, Permission.LINE_DISCOUNT, Permission.TOTAL_DISCOUNT,
    Permission.RETURN, Permission.OPEN_DRAWER, Permission.CASH_MOVEMENT, Permission.X_REPORT,
    Permission.OVERRIDE, Permission.KEY_WEIGHT, Permission.CHARGE,
]  # fmt: skip
# Role: what it may do, the largest discount on a line and on a sale in percent.
ROLES: dict[str, tuple[list[Permission], str, str]] = {
    CASHIER: (_CASHIER_MAY, "0", "0"),
    SHIFT_LEAD: (_LEAD_MAY, "20", "10"),
    MANAGER: (list(Permission), "50", "30"),
}
# Payment methods: code, name, kind, opens the drawer, gives change, is counted at the close.
PAYMENT_METHODS = [
    ("CASH", "Cash", "cash", True, True, True),
    ("CARD", "Card", "card", False, False, False),
    ("VOUCHER", "Gift voucher", "voucher", True, False, True),
]
# Reason codes: code, use, text.
REASONS = [
    ("PRICE-MATCH", "price_override", "Price match"),
    ("DAMAGED", "price_override", "Damaged packaging"),
    ("SHELF-LABEL", "price_override", "Shelf label says otherwise"),
    ("GOODWILL", "discount", "Goodwill"),
    ("STAFF", "discount", "Staff purchase"),
    ("LAST-ONE", "discount", "Last one"),
    ("DIPLOMAT", "tax", "Diplomatic mission"),
    ("CHARITY", "tax", "Registered charity, with certificate"),
    ("CHANGED-MIND", "void", "Customer changed their mind"),
    ("SCANNED-TWICE", "void", "Scanned by mistake"),
    ("NOT-WANTED", "return", "No longer wanted"),
    ("FAULTY", "return", "Faulty"),
    ("WRONG-ITEM", "return", "Wrong item"),
    ("CHANGE", "open_drawer", "Change for a customer"),
    ("CHECK-CASH", "open_drawer", "Check the cash"),
    ("TO-SAFE", "cash", "To the safe"),
    ("FLOAT", "cash", "More change needed"),
]


def make_roles() -> dict[str, PermissionGroup]:
    """Write the roles; return them by name."""
    groups = {
        name: PermissionGroup(
            name=name,
            permissions=permissions,
            max_line_discount_percent=line,
            max_total_discount_percent=total,
        )
        for name, (permissions, line, total) in ROLES.items()
    }
    PermissionGroup.objects.bulk_create(groups.values())
    return groups


def make_reasons(reasons: Iterable[tuple[str, str, str]]) -> None:
    """Write reason codes (code, use, text) in this order."""
    ReasonCode.objects.bulk_create(
        ReasonCode(code=code, use=use, text=text, position=place)
        for place, (code, use, text) in enumerate(reasons, start=1)
    )


def make_payment_methods(
    stores: Iterable[Store], methods: Iterable[tuple[str, str, str, bool, bool, bool]]
) -> None:
    """Write the ways to pay (as in PAYMENT_METHODS); every one of the stores takes every way."""
    ways = [(PaymentMethod(code=code, name=name, kind=kind), flags) for code, name, kind, *flags in methods]
    PaymentMethod.objects.bulk_create(method for method, _ in ways)
    StorePaymentMethod.objects.bulk_create(
        StorePaymentMethod(
            store=store,
            method=method,
            position=place,
            opens_drawer=opens_drawer,
            gives_change=gives_change,
            is_counted=is_counted,
        )
        for store in stores
        for place, (method, (opens_drawer, gives_change, is_counted)) in enumerate(ways, start=1)
    )


def make_units() -> Mapping[str, Unit]:
    """Write the units of measure; return them by code."""
    units = {"pcs": Unit(code="pcs", name="Piece"), "kg": Unit(code="kg", name="Kilogram", decimals=3)}
    Unit.objects.bulk_create(units.values())
    return units


def make_masks() -> None:
    """Write how the labels of the shop's own scales are read: 21 carries a weight, 20 a price.

    The price layout is the one that GS1 UK recommends.
    """
    BarcodeMask.objects.bulk_create(
        [
            BarcodeMask(
                name="Weight label", prefix="21", item_digits=5, value_digits=5, carries="weight", decimals=3
            ),
            BarcodeMask(
                name="Price label",
                prefix="20",
                item_digits=5,
                value_check_digit=True,
                value_digits=4,
                carries="price",
                decimals=2,
            ),
        ]
    )
