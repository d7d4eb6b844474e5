"""Card payments: an intent is a row before the terminal hears of it, and one intent is charged once at most.

The intent's id is the request's id of its job, so asking again finds the job that is there. The station resolves
an unknown outcome by asking the terminal; a payment whose sale is given up is reversed.
"""

from decimal import Decimal
from uuid import UUID, uuid5

from channels_app.errors import DomainError
from hardware.models import DeviceJob
from hardware.services.jobs import cancel_job, queue_job
from hardware.states import JobState


class NothingToReverse(DomainError):
    code = "nothing_to_reverse"
    message = "This payment was not approved, so there is nothing to reverse."


class NotWholeCents(DomainError):
    code = "not_whole_cents"
    message = "{amount} is not a whole number of the currency's smallest unit above zero."


def charge(*, register_id: int, intent_id: UUID, amount: Decimal, decimals: int = 2) -> UUID | None:
    """Ask the register's terminal for a payment; the same intent again is the same payment.

    ``amount`` is in the currency's main unit. None where the register has no station. Raises NotWholeCents.
    """
    cents = amount.scaleb(decimals)
    if cents != cents.to_integral_value() or cents <= 0:
        raise NotWholeCents(amount=amount, field="amount")
    return queue_job(
        register_id=register_id,
        kind=DeviceJob.Kind.PAYMENT,
        document={"do": "pay", "amount": int(cents)},
        title="Card payment",
        request_id=intent_id,
        priority=1,
    )


def reverse(*, intent_id: UUID) -> UUID | None:
    """Undo a payment: call it back if it has not begun, reverse it if it was approved, and only once.

    None when nothing was charged and nothing can be any more. Raises NothingToReverse while the outcome is
    unknown or the payment was declined.
    """
    job = DeviceJob.objects.filter(request_id=intent_id, kind=DeviceJob.Kind.PAYMENT).first()
    if job is None or job.state in (JobState.FAILED, JobState.CANCELLED) or cancel_job(job_id=job.pk):
        return None
    job.refresh_from_db()
    if job.state != JobState.DONE or "receipt" not in job.answer:
        raise NothingToReverse(field="intent")
    return queue_job(
        register_id=job.register_id,
        kind=DeviceJob.Kind.PAYMENT,
        title="Reversal of a card payment",
        priority=1,
        document={"do": "reverse", "receipt": job.answer["receipt"], "amount": job.document["amount"]},
        request_id=reversal_of(intent_id),
        source=str(intent_id),
    )


def reversal_of(intent_id: UUID) -> UUID:
    """The request's id of an intent's one reversal."""
    return uuid5(intent_id, "reversal")
