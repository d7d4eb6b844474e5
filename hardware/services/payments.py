"""What is known of a card payment: one job, whose id is the payment's intent.

The intent's row is written with its job, before the terminal hears of it. A job has one id and is begun once, so
one intent is charged once at most; where the outcome is unknown the station asks the terminal by itself.
"""

from uuid import UUID

from django.utils import timezone

from hardware.models import DeviceJob, StationStatus
from hardware.services.jobs import CONNECTED_FOR, WORDS_LENGTH
from hardware.states import JobState
from hq.station_port import JobStatement, PaymentView

WAKING = "Waking the card terminal…"
AT_WORK = "The card terminal is at work."
CHECKING = "Checking with the terminal…"
NOT_BEGUN_AWAY = "The hardware station is away and has not begun. Wait for it, or cancel."
BEGUN_AWAY = (
    "The hardware station is away. Checking with the terminal as soon as it is back: it is not charged twice."
)
NOBODY_KNOWS = "Nobody can say whether it was charged. Look into the terminal's own journal."

# Only what nobody can say any more: an answer of the terminal that came meanwhile is the better word.
_DECIDE = """
    UPDATE hardware_devicejob j
       SET state = %(decided_state)s, words = %(decided_words)s, is_settled = true, finished_at = statement_timestamp()
      FROM held WHERE j.id = %(decided_job)s AND j.kind = 'payment' AND j.state = 'unknown' RETURNING 1
"""


def view(intent: UUID) -> PaymentView | None:
    """What the terminal has said of a payment so far."""
    job = DeviceJob.objects.filter(pk=intent, kind=DeviceJob.Kind.PAYMENT).first()
    if job is None:
        return None
    match job.state:
        case JobState.DONE:
            return PaymentView("approved", job.words, job.answer, job.station_id)
        case JobState.FAILED:
            return PaymentView("refused", job.words or "Not charged.")
        case JobState.CANCELLED:
            return PaymentView("cancelled", job.words or "Cancelled.")
        case JobState.UNKNOWN if job.is_settled and "asks" not in job.answer:
            return PaymentView("lost", job.words or NOBODY_KNOWS)
    connected = _is_connected(job.station_id)
    if job.state == JobState.QUEUED:
        return PaymentView("waiting", WAKING if connected else NOT_BEGUN_AWAY)
    if not connected:
        return PaymentView("asking", BEGUN_AWAY)
    if job.state == JobState.UNKNOWN:
        return PaymentView("asking", CHECKING)
    return PaymentView("waiting", WAKING if job.state == JobState.SENT else job.words or AT_WORK)


def decision(intent: UUID, *, charged: bool, words: str) -> JobStatement | None:
    """The end that a person gives to a payment's job, so that nobody waits or is alerted any more."""
    if not DeviceJob.objects.filter(pk=intent, kind=DeviceJob.Kind.PAYMENT).exists():
        return None
    state = JobState.DONE if charged else JobState.FAILED
    parameters = {"decided_job": intent, "decided_state": state.value, "decided_words": words[:WORDS_LENGTH]}
    return JobStatement(_DECIDE, parameters)


def _is_connected(station_id: int) -> bool:
    return StationStatus.objects.filter(
        station_id=station_id, connection__isnull=False, seen_at__gt=timezone.now() - CONNECTED_FOR
    ).exists()
