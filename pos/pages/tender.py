"""Paying: what is due, the notes a customer is likely to hand over, and afterwards the change."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpResponse

from pos.cart.payment import suggested_amounts
from pos.cart.snapshot import Snapshot, snapshot
from pos.pages.access import TillRequest, for_seller
from pos.pages.show import show_cart, show_panel
from pos.services.session import Till

PAY = "pos/panels/_pay.html"
DONE = "pos/panels/_done.html"


@for_seller
def pay(request: TillRequest, till: Till) -> HttpResponse:
    """The ways to pay, beside the cart."""
    return show_panel(request, till, PAY, **pay_context(till, snapshot(till.cart)))


def after_payment(request: TillRequest, till: Till, cart: Snapshot) -> HttpResponse:
    """The cart after a payment: concluded with its change, or with what is still to pay."""
    if cart.sale is not None:
        return show_cart(
            request, till, cart, panel=DONE, sound="concluded", sale=cart.sale, **_paid(till, cart)
        )
    return show_cart(request, till, cart, panel=PAY, **pay_context(till, cart))


def pay_context(till: Till, cart: Snapshot) -> dict[str, Any]:
    """What the paying panel shows: suggested notes, and for each way to pay what it takes."""
    register = till.register
    return {
        "suggested": suggested_amounts(cart.due, register.currency, register.notes),
        "rules": register.tender_rules,
        "exact_cash": register.currency.round_cash(cart.due),
    }


def _paid(till: Till, cart: Snapshot) -> dict[str, Any]:
    change: Decimal = cart.sale.change if cart.sale else Decimal(0)
    return {
        "is_refund": bool(cart.sale and cart.sale.total < 0),
        "change": change,
        "has_station": till.register.station_id is not None,
    }
