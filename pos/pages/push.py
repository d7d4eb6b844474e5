"""What is put on an open page without being asked for, rendered for one browser from what the database holds."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from django.template.loader import render_to_string
from django.utils import timezone

from hq.station_port import station
from pos.boundary import scan_stopped
from pos.cart.snapshot import LineView, Snapshot, snapshot
from pos.pages.card import CARD_WORK, card_context, has_answered
from pos.pages.context import chosen_line, device_marks, fragment_context
from pos.pages.devices import receipt_context
from pos.pages.messages import added, is_of_head
from pos.pages.show import SOUNDS, pay_keys_stand
from pos.pages.tender import DONE, PAY, paid_context, pay_context
from pos.services.session import Till, till_by_tokens

_read_snapshot = msgspec.json.Decoder(Snapshot).decode


def signed_on(device: str, worker: str) -> Till:
    """The till of a socket's cookies; raises NotActivated, NotSignedOn, WaitingForData."""
    till = till_by_tokens(device=device, worker=worker)
    till.require_worker()
    return till


def hello(till: Till) -> dict[str, Any]:
    """What a page is told when it connects: the cart's version, the devices, the data.

    What a terminal has answered while nobody listened is taken over now.
    """
    if (answer := has_answered(till)) is not None:
        return payment_changed(till, msgspec.json.encode(answer).decode())
    return {"kind": "hello", "version": till.cart.version, "html": _devices(till) + _pill(till)}


def cart_changed(till: Till, text: str) -> dict[str, Any]:
    """A change to the cart as its lines and everything around them."""
    cart = _read_snapshot(text)
    notice = cart.notice or added(cart)
    context = fragment_context(till, cart) | {
        "message": notice,
        "added": (),
        "replaced": (),
        "keys_stand": pay_keys_stand(cart),
    }
    sound = "added" if cart.changed else ""
    if cart.notice is not None:
        context |= scan_stopped(cart.notice, dict(cart.notice.detail), has_scale=till.register.has_scale)
        sound = SOUNDS.get(cart.notice.tone, "")
    more_than_lines = is_of_head(cart) or not cart.changed  # whose sale it is, for one
    if more_than_lines and cart.version != cart.previous_version:
        html = render_to_string("pos/sell/_answer.html", context | {"chosen": chosen_line(cart)})
        return {
            "kind": "cart",
            "version": cart.version,
            "previous": cart.previous_version,
            "whole": html,
            "sound": SOUNDS.get(notice.tone, "") if notice else "",
        }
    wanted = set(cart.changed)
    lines = [(line.id, _line(context, line)) for line in cart.lines if line.id in wanted]
    return {
        "kind": "cart",
        "version": cart.version,
        "previous": cart.previous_version,
        "lines": lines,
        "sound": sound,
        "html": render_to_string("pos/sell/_changes.html", context),
    }


def payment_changed(till: Till, text: str) -> dict[str, Any]:
    """How the card terminal stands: its panel while it is at work, the whole cart once it has answered."""
    if not text:
        cart = snapshot(till.cart)
        if cart.charge is None:  # it was answered meanwhile, and that is pushed by itself
            return {"kind": "payment", "version": cart.version}
        context = fragment_context(till, cart) | card_context(till, cart)
        work = render_to_string(CARD_WORK, context | {"oob": True})
        return {"kind": "payment", "version": cart.version, "work": work}
    cart = _read_snapshot(text)
    context = fragment_context(till, cart) | {
        "message": cart.notice,
        "chosen": chosen_line(cart),
    }
    if cart.sale is not None:
        context |= {"panel": DONE, "sale": cart.sale} | paid_context(till, cart)
    else:
        context |= {"panel": PAY} | pay_context(till, cart)
    sound = "concluded" if cart.sale else SOUNDS.get(cart.notice.tone, "") if cart.notice else ""
    html = render_to_string("pos/sell/_answer.html", context)
    return {"kind": "payment", "version": cart.version, "html": html, "sound": sound}


def devices_changed(till: Till) -> dict[str, Any]:
    """The devices in the head of the page."""
    return {"kind": "devices", "html": _devices(till)}


def receipt_changed(till: Till, source: str) -> dict[str, Any]:
    """How the paper of a sale stands, for the page that still shows that sale."""
    try:
        context = receipt_context(till, UUID(source))
    except ValueError:  # a report or a copy
        return {"kind": "devices", "html": _devices(till)}
    html = render_to_string("pos/panels/_receipt_state.html", context | {"oob": True})
    job = context["receipt_job"]
    printed = job.title if job is not None and job.state == "done" else ""
    return {"kind": "receipt", "source": source, "html": html, "printed": printed}


def job_changed(till: Till, title: str, is_drawer: bool = False) -> dict[str, Any]:
    """A print whose outcome nobody knows: the cashier looks at the paper and decides. Or a drawer's."""
    text = (
        "Nobody knows whether the drawer was opened. Look at it."
        if is_drawer
        else f"Nobody knows whether “{title}” was printed. Look at the paper; the status sheet can print a copy."
    )
    return {"kind": "job", "html": _devices(till), "text": text, "title": title}


def data_changed(till: Till) -> dict[str, Any]:
    """New prices and layouts have arrived."""
    at = timezone.localtime(till.data_as_of, till.register.store.zone)
    return {"kind": "data", "html": _pill(till), "text": f"Prices and articles updated {at:%H:%M}."}


def _line(context: dict[str, Any], line: LineView) -> str:
    return render_to_string("pos/sell/_line.html", context | {"line": line, "fresh": True})


def _devices(till: Till) -> str:
    marks = device_marks(station().view(till.register.id))
    return render_to_string("pos/sell/_devices.html", {"devices": marks, "oob": True})


def _pill(till: Till) -> str:
    return render_to_string("pos/sell/_pill.html", {"till": till, "register": till.register, "oob": True})
