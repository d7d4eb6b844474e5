"""A device job's life, from the row to the station's last word.

Every move is one UPDATE whose WHERE names the states it may come from, so that two processes, or the same
message twice, cannot move a job twice. Rings (``wake``) leave after the commit and may be lost: the
station asks for its jobs whenever it connects.
"""

import json
import logging
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from channels_app.errors import DomainError
from channels_app.identifiers import uuid7
from hardware.agent.document import DocumentInvalid, read_document
from hardware.agent.protocol import Acknowledge, Job, Outcome
from hardware.models import DeviceJob
from hardware.services.rings import ring_stations
from hardware.states import FINAL, OPEN, JobState, sources_of
from hq.models import Register
from hq.station_events import StationEvent, dispatch

log = logging.getLogger(__name__)

LIVES_FOR = {
    DeviceJob.Kind.PRINT: timedelta(hours=18),
    DeviceJob.Kind.DRAWER: timedelta(seconds=20),
    DeviceJob.Kind.DISPLAY: timedelta(seconds=10),
    DeviceJob.Kind.WEIGH: timedelta(seconds=10),
    DeviceJob.Kind.PAYMENT: timedelta(seconds=45),
}
OUTCOME_WITHIN = timedelta(seconds=5)
PEOPLE_ARE_SLOW = [
    DeviceJob.Kind.WEIGH,
    DeviceJob.Kind.PAYMENT,
]  # their devices say themselves when time is up
NOT_ANSWERED = "The station has not said whether it is done. Look at the paper before you print again."
STATION_LOST_ITS_MEMORY = "The station was installed anew before it said how this ended. Look at the paper."
TOO_LATE = "Not started in time, so it was given up."
WORDS_LENGTH = 300

_TAKE = """
    UPDATE hardware_devicejob AS job
    SET state = CASE WHEN job.state = 'queued' THEN 'sent' ELSE job.state END,
        sent_at = now(), journal = %(journal)s
    FROM (
        SELECT id, (SELECT number FROM hq_register WHERE hq_register.id = register_id) AS register
        FROM hardware_devicejob
        WHERE station_id = %(station)s AND NOT is_settled AND NOT cancel_asked
          AND (expires_at IS NULL OR expires_at > now())
          AND (state = 'queued'
               OR (%(again)s AND state IN ('sent', 'acknowledged', 'unknown') AND journal = %(journal)s))
        ORDER BY priority, created_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ) AS due
    WHERE job.id = due.id
    RETURNING job.id, job.kind, job.device, due.register, job.document, job.priority, job.created_at,
              extract(epoch FROM job.expires_at - now())::float
"""


class JobNotFound(DomainError):
    code = "device_job_not_found"
    message = "There is no such job at this register."


class NotPrintable(DomainError):
    code = "not_printable"
    message = "This cannot be printed: {reason}"


def queue_job(
    *,
    register_id: int,
    kind: str,
    document: dict,
    title: str,
    request_id: UUID | None = None,
    source: str = "",
    priority: int = 5,
    copy_of: UUID | None = None,
    device: str = "",
    lives_for: timedelta | None = None,
) -> UUID | None:
    """Save one job and ring the station after the commit; the same request again gives the same job.

    Answers None where the register has no station. Raises NotPrintable when the document is none.
    """
    if kind == DeviceJob.Kind.PRINT:
        try:
            read_document(document)
        except DocumentInvalid as error:
            raise NotPrintable(reason=str(error), field="document") from error
    station_id = Register.objects.values_list("station_id", flat=True).filter(pk=register_id).first()
    if station_id is None:
        return None
    lives_for = lives_for or LIVES_FOR.get(kind)
    job = DeviceJob(
        id=uuid7(),
        station_id=station_id,
        register_id=register_id,
        kind=kind,
        document=document,
        title=title[:120],
        request_id=request_id,
        source=source,
        priority=priority,
        copy_of_id=copy_of,
        device=device,
        expires_at=timezone.now() + lives_for if lives_for else None,
    )
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError:
        known = DeviceJob.objects.filter(request_id=request_id).values_list("pk", flat=True).first()
        if request_id is None or known is None:
            raise
        return known
    transaction.on_commit(partial(ring_stations, [station_id]))
    return job.pk


def take_jobs(
    *, station_id: int, journal: str, limit: int = 50, again: bool = False
) -> tuple[list[Job], list[str]]:
    """The jobs to do now, marked as sent, and those that must not be started any more.

    ``again`` also gives what was sent before and has not been settled, for a station that has just
    connected; its journal knows which of them it has done. What was sent to an older journal is never
    sent again: nobody knows any more whether it was done.
    """
    with transaction.atomic():
        give_up_late_jobs(station_id)
        if again:
            _settle_jobs_of_lost_journals(station_id, journal)
        with connection.cursor() as cursor:
            cursor.execute(
                _TAKE,
                {"station": station_id, "journal": journal, "again": again, "limit": max(1, min(limit, 200))},
            )
            rows = sorted(cursor.fetchall(), key=lambda row: (row[5], row[6], row[0]))
        cancelled = [
            str(pk)
            for pk in DeviceJob.objects.filter(station_id=station_id, cancel_asked=True, is_settled=False)
            .exclude(state__in=FINAL)
            .values_list("pk", flat=True)
        ]
    return [_to_message(row) for row in rows], cancelled


def _to_message(row: Sequence[Any]) -> Job:
    pk, kind, device, register, document, priority, _, expires_in = row
    return Job(
        id=str(pk),
        kind=kind,
        device=device,
        register=register,
        priority=priority,
        expires_in=expires_in,
        document=json.loads(document) if isinstance(document, str) else document,
    )


def note_progress(*, station_id: int, message: Acknowledge) -> bool:
    """Store how far a job has come; False when it is no open job of this station."""
    started = Now() if message.step == "started" else F("started_at")
    moved = _open_jobs(station_id, message.job, JobState.ACKNOWLEDGED, JobState.ACKNOWLEDGED).update(
        state=JobState.ACKNOWLEDGED,
        acknowledged_at=Coalesce("acknowledged_at", Now()),
        started_at=started,
        words=message.words[:WORDS_LENGTH],
    )
    if moved:
        _tell_till(message.job)
    return bool(moved)


def settle_job(*, station_id: int, message: Outcome) -> bool:
    """Store the station's word on how a job ended; False when it is no job of this station.

    An outcome that comes twice changes nothing; ``unknown`` never overwrites what is known.
    """
    state = JobState(message.result)
    finished = Now() if state in FINAL else F("finished_at")
    also = JobState.UNKNOWN if state is JobState.UNKNOWN else None
    moved = _open_jobs(station_id, message.job, state, also).update(
        state=state,
        is_settled=True,
        finished_at=finished,
        words=message.detail[:WORDS_LENGTH],
        answer=message.data,
        acknowledged_at=Coalesce("acknowledged_at", Now()),
    )
    if moved:
        log.info("Device job %s", state, extra={"job": message.job, "station": station_id})
        _tell_till(message.job)
    return bool(moved) or DeviceJob.objects.filter(pk=_uuid(message.job), station_id=station_id).exists()


def _open_jobs(station_id: int, job: str, to: JobState, also: JobState | None):
    states = [*sources_of(to), *([also] if also else [])]
    return DeviceJob.objects.filter(pk=_uuid(job), station_id=station_id, state__in=states)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def cancel_job(*, job_id: UUID, register_id: int | None = None) -> bool:
    """Call a job back. True when it will certainly not be done; otherwise the station decides and says."""
    jobs = DeviceJob.objects.filter(pk=job_id, **({"register_id": register_id} if register_id else {}))
    if jobs.filter(state=JobState.QUEUED).update(
        state=JobState.CANCELLED, is_settled=True, finished_at=Now(), words="Called back before it was sent."
    ):
        _tell_till(str(job_id))
        return True
    if jobs.filter(state__in=OPEN, is_settled=False).update(cancel_asked=True):
        station_id = jobs.values_list("station_id", flat=True).get()
        transaction.on_commit(partial(ring_stations, [station_id]))
    return False


def reprint(*, register_id: int, job_id: UUID, request_id: UUID) -> UUID | None:
    """Print a job of this register again, marked COPY; an original that has not begun is called back."""
    original = DeviceJob.objects.filter(pk=job_id, register_id=register_id, kind=DeviceJob.Kind.PRINT).first()
    if original is None:
        raise JobNotFound(field="job")
    with transaction.atomic():
        if original.state not in FINAL:
            cancel_job(job_id=job_id)
        marks = [*original.document.get("marks", ())]
        document = {
            **original.document,
            "marks": [*marks, *([] if "COPY" in marks else ["COPY"])],
            "blocks": [block for block in original.document["blocks"] if block.get("kind") != "drawer"],
        }
        return queue_job(
            register_id=register_id,
            kind=DeviceJob.Kind.PRINT,
            document=document,
            title=original.title,
            request_id=request_id,
            source=original.source,
            copy_of=original.copy_of_id or original.pk,
        )


def give_up_late_jobs(station_id: int | None = None) -> int:
    """Fail what was never sent and whose time is over; returns how many."""
    late = DeviceJob.objects.filter(state=JobState.QUEUED, expires_at__lte=Now())
    if station_id is not None:
        late = late.filter(station_id=station_id)
    return late.update(state=JobState.FAILED, is_settled=True, finished_at=Now(), words=TOO_LATE)


def _settle_jobs_of_lost_journals(station_id: int, journal: str) -> None:
    DeviceJob.objects.filter(
        station_id=station_id,
        is_settled=False,
        state__in=[JobState.SENT, JobState.ACKNOWLEDGED, JobState.UNKNOWN],
    ).exclude(journal=journal).update(state=JobState.UNKNOWN, is_settled=True, words=STATION_LOST_ITS_MEMORY)


def sweep_jobs() -> dict[str, int]:
    """Say ``unknown`` where the station has been silent for too long, and give up what is too late.

    A job that waits for paper is not silent: its station has said so. Returns how many of each.
    """
    before = timezone.now() - OUTCOME_WITHIN
    silent = DeviceJob.objects.filter(
        Q(state=JobState.SENT, sent_at__lt=before)
        | Q(state=JobState.ACKNOWLEDGED, started_at__lt=before, is_settled=False)
        & ~Q(kind__in=PEOPLE_ARE_SLOW)
    )
    jobs = list(silent.values_list("pk", flat=True))
    unknown = silent.filter(pk__in=jobs).update(state=JobState.UNKNOWN, words=Value(NOT_ANSWERED))
    for job in jobs:
        _tell_till(str(job))
    return {"unknown": unknown, "late": give_up_late_jobs()}


def _tell_till(job_id: str) -> None:
    """The register hears of its job after the commit, as an event like any other."""
    row = (
        DeviceJob.objects.filter(pk=_uuid(job_id))
        .values("register_id", "station_id", "kind", "device", "state", "words", "title", "answer")
        .first()
    )
    if row is None or row["register_id"] is None:
        return
    event = StationEvent(
        id=uuid7(),
        kind="job",
        register_id=row["register_id"],
        station_id=row["station_id"],
        device=row["device"],
        data={
            "job": job_id,
            "kind": row["kind"],
            "state": row["state"],
            "words": row["words"],
            "title": row["title"],
            "answer": row["answer"],
        },
    )
    transaction.on_commit(partial(dispatch, event), robust=True)
