"""What becomes of card payments when the terminal has answered: taken over, or looked after until they are reversed.

All of it may run twice, in any process, at any time: after an event, when a page is opened, and every few seconds.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from channels_app.errors import DomainError
from channels_app.identifiers import uuid7
from channels_app.statements import run_statement
from hq.permissions import Permission
from hq.station_port import JobRequest, PaymentView, station
from pos.cart.snapshot import Snapshot
from pos.errors import ApprovalNeeded, NothingToSettle
from pos.models import CardPayment
from pos.operations.card import JOB_TITLES, SettleCard
from pos.services.announce import announce_payment
from pos.services.run_command import run_command
from pos.services.session import Till, till_by_ids

logger = logging.getLogger(__name__)
Kind, State = CardPayment.Kind, CardPayment.State
MOST_REVERSALS = 60
GIVEN_BACK = "Another reversal of this payment is done."
UNSETTLED = Q(state__in=[State.ASKED, State.ASIDE, State.REVERSING])


def settle_charge(till: Till) -> Snapshot | None:
    """Take over what the terminal has answered for the open sale; None while there is nothing to take over."""
    charge = till.cart.charge
    if charge is None or till.worker is None:
        return None
    view = station().payment(charge.intent)
    if view is None or view.is_open or view.state == "lost":
        return None
    return run_command(
        till=till, request_id=uuid5(charge.intent, "settle"), commands=[SettleCard(intent=charge.intent)]
    )


def cancel_charge(till: Till) -> Snapshot | None:
    """Call the payment back. The cart afterwards where that is certain already; else the terminal will say."""
    charge = till.cart.charge
    if charge is None:
        return None
    station().cancel(register_id=till.register.id, job_id=charge.intent)
    return settle_charge(till)


def payment_changed(intent: UUID) -> None:
    """The terminal has said something of this payment: show it, and do what follows from it."""
    row = CardPayment.objects.filter(pk=intent).first()
    if row is None:
        return
    if row.state == State.ASKED:
        till = till_by_ids(register_id=row.register_id, worker_id=row.worker_id)
        try:
            answer = settle_charge(till)
        except DomainError:
            logger.warning("a card payment waits for somebody at the till", extra={"intent": str(intent)})
            answer = None
        announce_payment(row.register_id, answer)
    elif row.state == State.ASIDE:
        _look_after(intent)


def tend_card_payments(at: datetime | None = None) -> dict[str, int]:
    """Do what is still to be done for payments that nobody waits for; returns how many there are."""
    at = at or timezone.now()
    waiting = list(CardPayment.objects.filter(UNSETTLED).order_by("asked_at")[:500])
    for row in waiting:
        try:
            if row.state == State.REVERSING:
                _reverse_again(row.pk, at)
            else:
                payment_changed(row.pk)
        except Exception:  # one that cannot be settled must not hold up the others
            logger.exception("a card payment could not be settled", extra={"intent": str(row.pk)})
    return {"unsettled": len(waiting)}


def unsettled(register_id: int) -> list[CardPayment]:
    """Payments of a register that are set aside, being reversed, or to be looked at by a person."""
    return list(
        CardPayment.objects.filter(
            register=register_id, state__in=[State.ASIDE, State.REVERSING, State.STUCK]
        ).exclude(kind=Kind.REVERSE)[:20]
    )


def settle_by_hand(*, till: Till, intent: UUID) -> None:
    """A manager has seen to a payment that stands in no sale, at the terminal: nobody is asked for it any more.

    Raises ApprovalNeeded, NothingToSettle.
    """
    worker = till.require_worker()
    if not worker.may(Permission.OVERRIDE):
        raise ApprovalNeeded(operation="Settling a card payment")
    words = f"Seen to at the terminal ({worker.staff_id})."
    with transaction.atomic():
        stuck = CardPayment.objects.select_for_update().filter(
            pk=intent, register=till.register.id, state=State.STUCK
        )
        row = stuck.first()
        if row is None:
            raise NothingToSettle(field="intent")
        _end(row, State.REFUSED, words)
        _decide_jobs([intent, *_tries_of(intent)], words)


@transaction.atomic
def _look_after(intent: UUID) -> None:
    """A payment or a reversal that stands in no cart: once its end is known, see that no money is kept for nothing."""
    row = CardPayment.objects.select_for_update().get(pk=intent)
    view = station().payment(intent)
    if row.state != State.ASIDE or view is None or view.is_open:
        return
    if view.state == "lost":
        _end(row, State.STUCK, view.words)
        # to ask once more gives nothing back twice: the terminal says that it was done
        if row.kind == Kind.REVERSE:
            CardPayment.objects.filter(pk=row.reverses).update(state=State.REVERSING, words=view.words[:300])
    elif row.kind == Kind.REVERSE:
        _reversal_ended(row, view)
    elif view.state == "approved":
        _end(row, State.REVERSING, "Approved after the sale went on without it.")
        _ask_reversal(row)
    else:
        _end(row, State.REFUSED, view.words)


def _reversal_ended(row: CardPayment, view: PaymentView) -> None:
    approved = view.state == "approved"
    _end(row, State.TAKEN if approved else State.REFUSED, view.words)
    CardPayment.objects.filter(pk=row.reverses).update(
        state=State.REVERSED if approved else State.REVERSING, words=view.words[:300]
    )
    if approved:
        _decide_jobs(_tries_of(row.reverses), GIVEN_BACK)


def _tries_of(payment: UUID | None) -> list[UUID]:
    """The reversals that were asked for a payment."""
    return list(CardPayment.objects.filter(reverses=payment).values_list("pk", flat=True))


def _decide_jobs(intents: Sequence[UUID], words: str) -> None:
    """Give an end to jobs of which nobody could say it, so that headquarters is not alerted any more."""
    for intent in intents:
        if (said := station().decision(intent, charged=False, words=words)) is not None:
            run_statement(said.alone, said.parameters)


@transaction.atomic
def _reverse_again(intent: UUID, at: datetime) -> None:
    """A reversal that did not succeed is asked for again, with a pause that grows to half an hour."""
    row = CardPayment.objects.select_for_update().get(pk=intent)
    tries = list(CardPayment.objects.filter(reverses=intent).order_by("-asked_at"))
    if row.state != State.REVERSING or any(found.state in (State.ASKED, State.ASIDE) for found in tries):
        return
    if len(tries) >= MOST_REVERSALS:
        _end(
            row, State.STUCK, "The terminal does not take the reversal. Give the money back at the terminal."
        )
    elif not tries or tries[0].asked_at + timedelta(minutes=min(len(tries), 30)) <= at:
        _ask_reversal(row)


def _ask_reversal(row: CardPayment) -> None:
    """Ask the terminal to give back what it took; the row stands before the terminal hears of it."""
    view = station().payment(row.pk)
    receipt = view.answer.get("receipt") if view else None
    if view is None or view.station_id is None or receipt is None:
        _end(row, State.STUCK, "This register's terminal cannot give it back. Do it at the terminal by hand.")
        return
    intent = uuid7()
    try:
        with transaction.atomic():
            CardPayment.objects.create(
                id=intent,
                register=row.register,
                worker=row.worker,
                cart=row.cart,
                kind=Kind.REVERSE,
                reverses=row.pk,
                method=row.method,
                amount=row.amount,
                currency=row.currency,
                state=State.ASIDE,
                asked_at=timezone.now(),
            )
    except IntegrityError:  # another hand has asked for it
        return
    station().ask(
        JobRequest(
            id=intent,
            station_id=view.station_id,  # where it was paid, whichever station the register uses by now
            register_id=row.register_id,
            kind="payment",
            document={
                "do": "reverse",
                "receipt": int(receipt),
                "amount": view.answer.get("amount") or 0,
                "currency": row.currency,
            },
            title=JOB_TITLES[Kind.REVERSE],
            source=str(row.pk),
            priority=1,
        )
    )


def _end(row: CardPayment, state: str, words: str) -> None:
    row.state, row.words, row.settled_at = state, words[:300], timezone.now()
    row.save(update_fields=["state", "words", "settled_at"])
