"""The card terminal beside the cart: what it is doing, and what may be done about it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect

from channels_app.errors import DomainError
from hq.permissions import Permission
from hq.station_port import PaymentView, station
from pos.boundary import as_notice, status_of
from pos.cart.model import Notice
from pos.cart.snapshot import Snapshot, snapshot
from pos.pages.access import TillRequest, for_seller
from pos.pages.show import show_message, show_panel
from pos.services.card import cancel_charge, settle_by_hand, settle_charge
from pos.services.session import Till

CARD = "pos/panels/_card.html"
CARD_WORK = "pos/panels/_card_work.html"
TITLES = {"pay": "Card payment", "refund": "Refund to the card", "reverse": "Giving back to the card"}
UNASKED = PaymentView("waiting", "Waking the card terminal…")


def card_context(till: Till, cart: Snapshot) -> dict[str, Any]:
    """What the panel shows: the amount, what the terminal says in plain words, and which keys that leaves."""
    charge = cart.charge
    view = (station().payment(charge.intent) if charge else None) or UNASKED
    kind = charge.kind if charge else "pay"
    return {
        "charge": charge,
        "payment": view,
        "card_title": TITLES[kind],
        "card_hint": _hint(view, kind),
        "may_decide": bool(till.worker and till.worker.may(Permission.OVERRIDE)),
    }


def has_answered(till: Till) -> Snapshot | None:
    """The cart with the terminal's answer in it, where there is one that nobody has taken over yet."""
    return settle_charge(till) if till.cart.charge is not None else None


@for_seller
def cancel(request: TillRequest, till: Till) -> HttpResponse:
    """Call the payment back while it waits; the terminal has the last word."""
    from pos.pages.tender import after_payment

    if request.method != "POST":
        return redirect("pos:pay")
    answer = cancel_charge(till)
    if answer is not None or till.cart.charge is None:
        return after_payment(request, till, answer or snapshot(till.cart))
    cart = snapshot(till.cart)
    return show_panel(request, till, CARD, **card_context(till, cart), is_cancelling=True)


@for_seller
def settled(request: TillRequest, till: Till, intent: UUID) -> HttpResponse:
    """A manager has seen to a payment that stands in no sale."""
    if request.method != "POST":
        return redirect("pos:status")
    try:
        settle_by_hand(till=till, intent=intent)
    except DomainError as error:
        return show_message(request, till, as_notice(error), status=status_of(error))
    return show_message(request, till, Notice("info", "card_settled", "Noted: the card payment is settled."))


def _hint(view: PaymentView, kind: str) -> str:
    if view.state == "asking":
        return "Nothing is charged twice: the answer comes by itself. Do not take the card again meanwhile."
    if view.state == "lost":
        return "Look into the terminal's own journal, then say here what stands there."
    return "" if kind != "refund" else "The customer's card is needed."
