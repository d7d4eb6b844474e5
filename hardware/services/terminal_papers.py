"""What a card terminal has for paper beside a sale's receipt: the report of its day, and slips that no receipt has.

An approved payment's slip stands on the sale's receipt. One that was declined, broken off or given back belongs to no
receipt, and still the terminal leaves it to us to print.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from django.utils import timezone

from hardware.agent.protocol import Outcome
from hardware.models import DeviceJob
from hardware.services.jobs import JobNotFound, job_id_of, queue_job
from hardware.states import JobState

DAY_TITLE = "Card terminal: end of day"
LINE_LENGTH = 200
SLIP_LIVES_FOR = timedelta(minutes=10)  # by then whoever was declined has gone
SHOPS_COPY_STAYS_FOR = timedelta(days=1)
MOST_SHOPS_COPIES = 5


def has_paper(message: Outcome) -> bool:
    """Whether what the terminal said has something to print; cheap, since every outcome is asked."""
    return "report" in message.data or "lines" in message.data


def print_paper(*, station_id: int, message: Outcome) -> UUID | None:
    """Print what the terminal has for paper at the register that asked, once however often it is told."""
    job = DeviceJob.objects.filter(
        pk=job_id_of(message.job), station_id=station_id, kind=DeviceJob.Kind.PAYMENT
    ).first()
    if job is None:
        return None
    do = job.document.get("do")
    if do == "end_of_day":
        return _print(job, "report", DAY_TITLE, _lines(message.data, "report"))
    if message.result in ("failed", "cancelled"):
        title = f"{job.title or 'Card payment'}: not done"
        return _print(job, "slip", title, _lines(message.data, "lines"), lives_for=SLIP_LIVES_FOR)
    if message.result == "done" and do == "reverse":
        return _print(job, "slip", job.title or "Reversal", _lines(message.data, "lines"))
    return None


def shops_copies(register_id: int) -> list[DeviceJob]:
    """What the terminal has for the shop of payments of the last day that stand in no journal, the newest first."""
    jobs = DeviceJob.objects.filter(
        register_id=register_id,
        kind=DeviceJob.Kind.PAYMENT,
        created_at__gt=timezone.now() - SHOPS_COPY_STAYS_FOR,
        answer__has_key="merchant_lines",
    ).order_by("-created_at", "-id")
    return [job for job in jobs[:100] if _is_in_no_journal(job) and _lines(job.answer, "merchant_lines")][
        :MOST_SHOPS_COPIES
    ]


def print_shops_copy(*, register_id: int, job_id: UUID, request_id: UUID) -> UUID | None:
    """Print the shop's own slip of such a payment; raises JobNotFound."""
    job = next((job for job in shops_copies(register_id) if job.pk == job_id), None)
    if job is None:
        raise JobNotFound(field="job")
    return _print(
        job,
        "",
        f"{_title(job)}: merchant's copy",
        _lines(job.answer, "merchant_lines"),
        request_id=request_id,
    )


def _is_in_no_journal(job: DeviceJob) -> bool:
    is_given_back = job.state == JobState.DONE and job.document.get("do") == "reverse"
    return is_given_back or job.state in (JobState.FAILED, JobState.CANCELLED)


def _title(job: DeviceJob) -> str:
    title = job.title or "Card payment"
    return title if job.state == JobState.DONE else f"{title}: not done"


def _lines(data: dict[str, Any], name: str) -> list[str]:
    said = data.get(name)
    lines = [line[:LINE_LENGTH] for line in said if isinstance(line, str)] if isinstance(said, list) else []
    return lines if any(line.strip() for line in lines) else []


def _print(
    job: DeviceJob,
    what: str,
    title: str,
    lines: Sequence[str],
    lives_for: timedelta | None = None,
    request_id: UUID | None = None,
) -> UUID | None:
    if not lines:
        return None
    heading = [job.register.store.name, f"{job.register.number} {job.register.name}", title]
    blocks = [
        *({"kind": "text", "text": text, "align": "center", "bold": True} for text in heading),
        {"kind": "rule"},
        *({"kind": "text", "text": line} for line in lines),
        {"kind": "cut"},
    ]
    return queue_job(
        register_id=job.register_id,
        kind=DeviceJob.Kind.PRINT,
        document={"version": 1, "title": title, "blocks": blocks},
        title=title,
        request_id=request_id or uuid5(job.pk, what),
        source=str(job.pk),  # and not the sale's: this is not its receipt
        lives_for=lives_for,
    )
