"""Paying: what is due, the notes a customer is likely to hand over, and afterwards the change."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from msgspec.structs import replace

from hq.models import PaymentMethod
from pos.cart.payment import suggested_amounts
from pos.cart.snapshot import Snapshot, snapshot
from pos.pages.access import TillRequest, for_seller
from pos.pages.card import CARD, card_context, has_answered
from pos.pages.devices import fresh_receipt
from pos.pages.show import show_cart, show_panel
from pos.services.price_cart import before_payment
from pos.services.session import Till

PAY = "pos/panels/_pay.html"
DONE = "pos/panels/_done.html"
PAYMENTS = {"pay", "pay_currency", "void_tender", "settle_card", "set_card_aside", "decide_card"}


def show_sale(request: TillRequest, till: Till) -> HttpResponse:
    """The cart as it is, with the terminal beside it while that is at work, or with what it has answered."""
    if till.cart.charge is None:
        return show_cart(request, till, snapshot(till.cart))
    return after_payment(request, till, has_answered(till) or snapshot(till.cart))


@for_seller
def pay(request: TillRequest, till: Till) -> HttpResponse:
    """The ways to pay, beside the cart; while the terminal is at work, how that goes."""
    if till.cart.charge is not None:
        if (answer := has_answered(till)) is not None:
            return after_payment(request, till, answer)
        cart = snapshot(till.cart)
        return show_panel(request, till, CARD, **card_context(till, cart))
    return show_panel(
        request, till, PAY, **pay_context(till, snapshot(before_payment(till.cart, till, timezone.now())))
    )


def after_payment(request: TillRequest, till: Till, cart: Snapshot) -> HttpResponse:
    """The cart after a payment: concluded with its change, with the terminal at work, or with what is still to pay."""
    if cart.sale is not None:
        return show_cart(
            request, till, cart, panel=DONE, sound="concluded", sale=cart.sale, **paid_context(till, cart)
        )
    if cart.charge is not None:
        return show_cart(request, till, cart, panel=CARD, **card_context(till, cart))
    return show_cart(request, till, cart, panel=PAY, **pay_context(till, cart))


def pay_context(till: Till, cart: Snapshot) -> dict[str, Any]:
    """What the paying panel shows: suggested notes, and for each way to pay what it takes."""
    register = till.register
    rule = register.tender_rule_of("cash")
    cash = rule.method if rule else ""
    offers = {one.method: one for one in cart.tender_offers}
    exact_cash = register.currency.round_cash(cart.due_by(cash))
    if cash in offers:
        offers[cash] = replace(offers[cash], due=exact_cash)
    rules = [rule for rule in register.tender_rules if rule.kind != PaymentMethod.Kind.CURRENCY]
    return {
        "suggested": suggested_amounts(cart.due_by(cash), register.currency, register.notes),
        "rules": [(rule, offers.get(rule.method)) for rule in rules],
        "cash_offer": offers.get(cash),
        "takes_foreign": any(rule.kind == PaymentMethod.Kind.CURRENCY for rule in register.tender_rules),
        "exact_cash": exact_cash,
    }


def paid_context(till: Till, cart: Snapshot) -> dict[str, Any]:
    change: Decimal = cart.sale.change if cart.sale else Decimal(0)
    return {
        "is_refund": bool(cart.sale and cart.sale.total < 0),
        "change": change,
    } | (fresh_receipt(till, cart.sale) if cart.sale else {})
