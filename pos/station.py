"""What the till does with events of the hardware station: a scan is a command like any other."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from catalog.gs1 import is_element_string
from channels_app.errors import DomainError
from hq.station_events import StationEvent, register_handler
from pos.cart.model import Notice, Outcome
from pos.cart.snapshot import Snapshot, snapshot
from pos.operations import goods_of
from pos.operations.product_sale import ProductSale
from pos.services.announce import (
    announce_devices,
    announce_job,
    announce_payment,
    announce_snapshot,
    announce_weight,
)
from pos.services.card import payment_changed
from pos.services.customer_display import show_present
from pos.services.run_command import run_command
from pos.services.session import Till, till_by_ids
from pos.services.sign_on import signed_on_worker
from pos.swipes import swiped

logger = logging.getLogger(__name__)


def scanned(event: StationEvent) -> None:
    """Put what was scanned in the register's cart, and push the change to its browsers.

    The event's id is the request's id, so a scan that arrives twice is one line. What cannot be added is said on
    the till, loudly; nothing is lost in silence.
    """
    worker_id = signed_on_worker(event.register_id)
    code = _code_of(event.data)
    sale = ProductSale(code=code)
    till = till_by_ids(
        register_id=event.register_id,
        worker_id=worker_id,
        request_id=event.id,
        sells=lambda: goods_of([sale]),
    )
    try:
        answer = run_command(till=till, request_id=event.id, commands=[sale])
    except DomainError as refusal:
        logger.info("scan refused", extra={"register": event.register_id, "request_id": str(event.id)})
        answer = refused(till, refusal, code)
    announce_snapshot(event.register_id, answer)


def _code_of(data: dict[str, Any]) -> str:
    """The code of a scan; with the scanner's identifier where that alone says that it is a GS1 label."""
    code, symbology = str(data.get("code", ""))[:200], str(data.get("symbology", ""))[:3]
    return symbology + code if is_element_string(symbology) else code


def refused(till: Till, refusal: DomainError, code: str) -> Snapshot:
    """The cart as it is, with what was refused."""
    tone = "question" if refusal.code in ("weight_needed", "price_needed") else "danger"
    detail = {name: str(value) for name, value in refusal.details.items()} | {"code": code}
    notice = Notice(tone, refusal.code, str(refusal), refusal.field or "", detail)
    return snapshot(till.cart, Outcome(notice=notice, previous_version=till.cart.version))


def station_changed(event: StationEvent) -> None:
    """The station came or went: the devices are different, and so is what is known of a payment under way."""
    announce_devices(event)
    announce_payment(event.register_id, None)


def job_changed(event: StationEvent) -> None:
    """A job has come further: a payment is taken over where it ended, any other is shown."""
    if event.data.get("kind") == "payment":
        payment_changed(UUID(event.data["job"]))
    elif event.data.get("kind") == "weigh":
        weighing_ended(event)
    else:
        announce_job(event)


def display_back(event: StationEvent) -> None:
    """The station has started afresh or drives a display newly: the customer sees again what the till shows."""
    worker_id = signed_on_worker(event.register_id)
    try:
        till = till_by_ids(register_id=event.register_id, worker_id=worker_id)
    except DomainError:  # no data of this register yet: it sells nothing that could be shown
        return
    show_present(till, event.station_id)


def weight(event: StationEvent) -> None:
    """The scale shows something else now."""
    announce_weight(event.register_id, event.data)


def weighing_ended(event: StationEvent) -> None:
    """The scale is no longer watched: its time is up, or it is not there."""
    state = event.data.get("state")
    if state in ("failed", "unknown"):
        announce_weight(event.register_id, {"state": "away", "words": event.data.get("words", "")})
    elif state == "done":
        announce_weight(event.register_id, {"state": "over", "job": event.data.get("job")})


def listen() -> None:
    """Called once when the app is ready."""
    register_handler("scan", scanned)
    register_handler("station", station_changed)
    register_handler("status", announce_devices)
    register_handler("job", job_changed)
    register_handler("weight", weight)
    register_handler("display", display_back)
    register_handler("card", swiped)
