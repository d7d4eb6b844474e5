"""What the till does with a magnetic card: a loyalty card goes on the sale, a staff card signs on, others are refused.

Payment cards go into the terminal. The station has kept no more than the first six and last four digits of one, and
nothing of it is stored here.
"""

from __future__ import annotations

import logging

from channels_app.errors import DomainError
from hq.station_events import StationEvent
from pos.cart.model import Notice, Outcome
from pos.cart.snapshot import snapshot
from pos.errors import UnknownLoyaltyCard
from pos.operations.loyalty import LoyaltyCard
from pos.services.announce import announce_snapshot, announce_swipe
from pos.services.run_command import run_command
from pos.services.session import Till, till_by_ids
from pos.services.sign_on import signed_on_worker
from pos.services.staff_card import note_swipe, worker_of_card

logger = logging.getLogger(__name__)


class PaymentCardSwiped(DomainError):
    code = "payment_card"
    message = "Payment cards go into the terminal. Nothing of this one was read."


class CardNotRead(DomainError):
    code = "card_not_read"
    message = "The card could not be read. Swipe it again, evenly."


class UnknownCard(DomainError):
    code = "unknown_card"
    message = "The card {number} is neither an active loyalty card nor a staff card. Go on without it."


class StaffCardInSale(DomainError):
    code = "staff_card_in_sale"
    message = "This is the staff card of {name}. {worker} is signed on: sign off first, then swipe it."


class SignedOnAlready(DomainError):
    code = "signed_on_already"
    message = "{name} is signed on already. A staff card signs on; it is not needed in a sale."


def swiped(event: StationEvent) -> None:
    """Take a card that was swiped at the register's reader; the event's id makes a second copy harmless."""
    worker_id = signed_on_worker(event.register_id)
    till = till_by_ids(register_id=event.register_id, worker_id=worker_id, request_id=event.id)
    code = str(event.data.get("code", ""))[:80]
    try:
        _refuse_what_is_not_ours(event, code)
        if till.worker is None:
            _at_sign_on(till, event, code)
        else:
            _in_the_sale(till, event, code)
    except DomainError as refusal:
        logger.info("card refused", extra={"register": event.register_id, "request_id": str(event.id)})
        if till.worker is None:
            announce_swipe(event.register_id, {"text": str(refusal)})
        else:
            notice = Notice("danger", refusal.code, str(refusal))
            shown = snapshot(till.cart, Outcome(notice=notice, previous_version=till.cart.version))
            announce_snapshot(event.register_id, shown)


def _refuse_what_is_not_ours(event: StationEvent, code: str) -> None:
    if event.data.get("number"):  # masked by the station's driver
        raise PaymentCardSwiped()
    if event.data.get("refused") or not code:
        raise CardNotRead()


def _at_sign_on(till: Till, event: StationEvent, code: str) -> None:
    worker = note_swipe(till.register, code, event.id)
    if till.register.functions.staff_card_needs_pin:
        text = f"{worker.name}: now your PIN."
        announce_swipe(event.register_id, {"staff_id": worker.staff_id, "text": text})
    else:
        announce_swipe(event.register_id, {"swipe": str(event.id), "text": f"Welcome, {worker.name}."})


def _in_the_sale(till: Till, event: StationEvent, code: str) -> None:
    try:
        answer = run_command(till=till, request_id=event.id, commands=[LoyaltyCard(number=code)])
    except UnknownLoyaltyCard as error:
        worker = worker_of_card(till.register, code)
        if worker is None:
            raise UnknownCard(number=ends_in(code)) from error
        if worker.id == till.require_worker().id:
            raise SignedOnAlready(name=worker.name) from error
        raise StaffCardInSale(name=worker.name, worker=till.require_worker().name) from error
    announce_snapshot(event.register_id, answer)


def ends_in(code: str) -> str:
    """A card's code as it may be shown: its last four characters."""
    return f"…{code[-4:]}" if len(code) > 4 else "…"
