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

from django.db import IntegrityError, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from channels_app.errors import DomainError
from channels_app.identifiers import uuid7
from channels_app.statements import run_statement
from hardware.agent.document import DocumentInvalid, read_document
from hardware.agent.protocol import Acknowledge, Job, Outcome
from hardware.models import DeviceJob
from hardware.services.handover import hand_over, journal_here, message_of, wake
from hardware.states import FINAL, OPEN, JobState, sources_of
from hq.models import HardwareStation
from hq.station_events import StationEvent, dispatch
from hq.station_port import JobRequest
from hq.stations import SERVING

log = logging.getLogger(__name__)

LIVES_FOR = {
    DeviceJob.Kind.PRINT: timedelta(hours=18),
    DeviceJob.Kind.DRAWER: timedelta(seconds=20),
    DeviceJob.Kind.DISPLAY: timedelta(seconds=10),
    DeviceJob.Kind.WEIGH: timedelta(seconds=10),
    DeviceJob.Kind.PAYMENT: timedelta(seconds=45),
}
CONNECTED_FOR = timedelta(seconds=45)  # after this without a heartbeat a station counts as away
OUTCOME_WITHIN = timedelta(seconds=5)
PEOPLE_ARE_SLOW = [
    DeviceJob.Kind.WEIGH,
    DeviceJob.Kind.PAYMENT,
]  # their devices say themselves when time is up
NOT_ANSWERED = "The station has not said whether it is done. Look at the paper before you print again."
STATION_LOST_ITS_MEMORY = "The station was installed anew before it said how this ended. Look at the paper."
STATION_DELETED = "Its station was deleted before it said how this ended. Look at the paper there."
NEVER_TAKEN = "Its station was deleted before it took this. Print it at another one."
TOO_LATE = "Not started in time, so it was given up."
WORDS_LENGTH = 300

_QUEUE = f"""
    INSERT INTO hardware_devicejob (id, station_id, register_id, kind, document, title, request_id, source, priority,
                                    copy_of_id, device, expires_at, state, sent_at, journal)
    SELECT %(id)s::uuid, at.station, r.id, %(kind)s::text, %(document)s::jsonb, %(title)s::text, %(request_id)s::uuid,
           %(source)s::text,
           %(priority)s::smallint, %(copy_of)s::uuid, %(device)s::text, statement_timestamp() + %(lives_for)s::interval,
           CASE WHEN at.here THEN 'sent' ELSE 'queued' END, CASE WHEN at.here THEN statement_timestamp() END,
           CASE WHEN at.here THEN %(journal)s::text ELSE '' END
    FROM hq_register r, LATERAL (SELECT coalesce(%(station)s::bigint, {SERVING}) AS station) AS found,
         LATERAL (SELECT found.station, found.station = %(here)s::bigint AND %(journal)s::text <> '' AS here) AS at
    WHERE r.id = %(register)s::bigint AND at.station IS NOT NULL
    ON CONFLICT (request_id) DO NOTHING
    RETURNING station_id, state, (SELECT number FROM hq_register WHERE hq_register.id = register_id)
"""

# Without synchronous_commit a database server that falls over may lose the last half second of these two. The
# station's journal knows better and says so at the next heartbeat, so nobody need wait for the disk.
_TAKE = """
    WITH late AS (
        UPDATE hardware_devicejob
        SET state = 'failed', is_settled = true, finished_at = statement_timestamp(), words = %(too_late)s::text
        WHERE station_id = %(station)s::bigint AND state = 'queued' AND expires_at <= statement_timestamp()
        RETURNING id
    ), due AS (
        SELECT id, (SELECT number FROM hq_register WHERE hq_register.id = register_id) AS register
        FROM hardware_devicejob,
             (SELECT max(connected_at) AS since FROM hardware_stationstatus
              WHERE station_id = %(station)s::bigint) AS connected
        WHERE station_id = %(station)s::bigint AND NOT is_settled AND NOT cancel_asked
          AND (expires_at IS NULL OR expires_at > statement_timestamp())
          AND (state = 'queued' OR state = ANY(%(again)s::text[]) AND journal = %(journal)s::text AND sent_at <=
               CASE WHEN %(is_silent)s::bool THEN statement_timestamp() - %(silence)s::interval
                    ELSE coalesce(connected.since, statement_timestamp()) END)
        ORDER BY priority, created_at, id LIMIT %(limit)s::int
        FOR UPDATE OF hardware_devicejob SKIP LOCKED
    ), taken AS (
        UPDATE hardware_devicejob AS job
        SET state = CASE WHEN job.state = 'queued' THEN 'sent' ELSE job.state END,
            sent_at = statement_timestamp(), journal = %(journal)s::text
        FROM due WHERE job.id = due.id
        RETURNING job.id, job.kind, job.device, due.register, job.document, job.priority, job.created_at,
                  extract(epoch FROM job.expires_at - statement_timestamp())::float AS expires_in
    )
    SELECT 'job', id, kind, device, register, document, priority, created_at, expires_in,
           set_config('synchronous_commit', 'off', true) FROM taken
    UNION ALL SELECT 'late', id, '', '', '', '{}', 0, statement_timestamp(), 0, '' FROM late
    UNION ALL SELECT 'cancelled', id, '', '', '', '{}', 0, statement_timestamp(), 0, '' FROM hardware_devicejob
        WHERE station_id = %(station)s::bigint AND NOT is_settled
          AND (cancel_asked AND state IN ('queued', 'sent', 'acknowledged', 'unknown')
               OR kind IN ('print', 'drawer') AND expires_at <= statement_timestamp() AND state = ANY(%(again)s::text[])
                  AND journal = %(journal)s::text)
    ORDER BY 7, 8, 2
"""

_SETTLE = """
    UPDATE hardware_devicejob
    SET state = %(state)s::text, is_settled = true, words = %(words)s::text, answer = %(answer)s::jsonb,
        finished_at = CASE WHEN %(is_final)s::bool THEN statement_timestamp() ELSE finished_at END,
        acknowledged_at = coalesce(acknowledged_at, statement_timestamp())
    WHERE id = %(job)s::uuid AND station_id = %(station)s AND state = ANY(%(sources)s::text[])
    RETURNING register_id, device, kind, title, source, set_config('synchronous_commit', 'off', true)
"""


_served_by: dict[int, int] = {}  # the station that served a register last, as far as this process has seen


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
    station_id: int | None = None,
    lives_for: timedelta | None = None,
) -> UUID | None:
    """Save one job and ring the station after the commit; the same request again gives the same job.

    ``station_id`` names a station in place of the one that serves the register. Answers None where it has none.
    Raises NotPrintable when the document is none.
    """
    if kind == DeviceJob.Kind.PRINT:
        try:
            read_document(document)
        except DocumentInvalid as error:
            raise NotPrintable(reason=str(error), field="document") from error
    job_id, lives_for = uuid7(), lives_for or LIVES_FOR.get(kind)
    probably = station_id or _served_by.get(register_id)  # the statement knows; a wrong guess is a ring
    journal = journal_here(probably)
    rows = run_statement(
        _QUEUE,
        {
            "id": job_id,
            "register": register_id,
            "station": station_id,
            "kind": kind,
            "document": json.dumps(document),
            "title": title[:120],
            "request_id": request_id,
            "source": source,
            "priority": priority,
            "copy_of": copy_of,
            "device": device,
            "lives_for": lives_for,
            "here": probably,
            "journal": journal,
        },
    )
    if not rows:
        known = DeviceJob.objects.filter(request_id=request_id) if request_id else DeviceJob.objects.none()
        return known.values_list("pk", flat=True).first()
    serving, state, number = rows[0]
    if station_id is None:
        _served_by[register_id] = serving
    if state == JobState.QUEUED:
        transaction.on_commit(partial(wake, [serving]))
        return job_id
    seconds = lives_for.total_seconds() if lives_for else None
    message = message_of(job_id, kind, number, document, priority, seconds, device)
    transaction.on_commit(partial(hand_over, serving, journal, message))
    return job_id


def ask(job: JobRequest) -> UUID:
    """Save a job under the id that whoever asks has given it; the same id again is the same job."""
    lives_for = timedelta(seconds=job.expires_in) if job.expires_in else LIVES_FOR.get(job.kind)
    row = DeviceJob(
        id=job.id,
        station_id=job.station_id,
        register_id=job.register_id,
        kind=job.kind,
        document=job.document,
        title=job.title[:120],
        source=job.source,
        priority=job.priority,
        expires_at=timezone.now() + lives_for if lives_for else None,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        if not DeviceJob.objects.filter(pk=job.id).exists():
            raise
    transaction.on_commit(partial(wake, [job.station_id]))
    return job.id


def take_jobs(
    *,
    station_id: int,
    journal: str,
    limit: int = 50,
    again: bool = False,
    silent: bool = False,
    former: Sequence[str] = (),
) -> tuple[list[Job], list[str]]:
    """The jobs to do now, marked as sent, and those that must not be started any more.

    ``again`` also gives what was sent before this connection and has not been settled, for a station that has just
    come back: its journal knows which of them it has done, and however many they are, it gets each once, asking
    again until an answer is not full. ``silent`` gives those of them that were sent a while ago: what
    the station said of them may have been lost. What was sent to an older journal is never sent again: nobody
    knows any more whether it was done. The ``former`` ones are those that this journal goes on from.
    """
    if again and former:
        DeviceJob.objects.filter(station_id=station_id, is_settled=False, journal__in=former).update(
            journal=journal
        )
    if again:
        _settle_jobs_of_lost_journals(station_id, journal)
    rows = run_statement(
        _TAKE,
        {
            "station": station_id,
            "journal": journal,
            "again": ["sent", "acknowledged", "unknown"] if again or silent else [],
            "is_silent": silent,
            "silence": OUTCOME_WITHIN,
            "limit": max(1, min(limit, 200)),
            "too_late": TOO_LATE,
        },
    )
    for row in rows:
        if row[0] == "late":
            _tell_till(str(row[1]))
    return [_to_message(row[1:]) for row in rows if row[0] == "job"], [
        str(row[1]) for row in rows if row[0] == "cancelled"
    ]


def _to_message(row: Sequence[Any]) -> Job:
    job_id, kind, device, register, document, priority, _, expires_in, *_ = row
    return message_of(job_id, kind, register, document, priority, expires_in, device)


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
    state, job_id = JobState(message.result), job_id_of(message.job)
    words = message.detail[:WORDS_LENGTH]
    rows = run_statement(
        _SETTLE,
        {
            "state": state,
            "words": words,
            "answer": json.dumps(message.data),
            "is_final": state in FINAL,
            "job": job_id,
            "station": station_id,
            "sources": [*sources_of(state), *([state] if state is JobState.UNKNOWN else [])],
        },
    )
    if not rows:
        return DeviceJob.objects.filter(pk=job_id, station_id=station_id).exists()
    log.info("Device job %s", state, extra={"job": message.job, "station": station_id})
    register_id, device, kind, title, source, _ = rows[0]
    _tell(
        station_id,
        register_id,
        device,
        {
            "job": message.job,
            "kind": kind,
            "state": state,
            "words": words,
            "title": title,
            "source": source,
            "answer": message.data,
        },
    )
    return True


def _open_jobs(station_id: int, job: str, to: JobState, also: JobState):
    states = [*sources_of(to), also]
    return DeviceJob.objects.filter(pk=job_id_of(job), station_id=station_id, state__in=states)


def job_id_of(text: str) -> UUID | None:
    """The id that a station names; None where it is none."""
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
        transaction.on_commit(partial(wake, [station_id]))
    return False


def confirm_print(*, job_id: UUID, register_id: int) -> bool:
    """The cashier has seen the paper of a print whose outcome nobody knew; False when it is known by now."""
    doubted = DeviceJob.objects.filter(
        pk=job_id, register_id=register_id, kind=DeviceJob.Kind.PRINT, state=JobState.UNKNOWN
    )
    confirmed = doubted.update(
        state=JobState.DONE, is_settled=True, finished_at=Now(), words="Seen by the cashier."
    )
    if confirmed:
        _tell_till(str(job_id))
    return bool(confirmed)


def call_back_others(*, register_id: int, kind: str, request_id: UUID) -> None:
    """Call back a register's open jobs of one kind, but for the one of that request."""
    others = DeviceJob.objects.filter(register_id=register_id, kind=kind, state__in=OPEN, is_settled=False)
    for job_id in others.exclude(request_id=request_id).values_list("pk", flat=True):
        cancel_job(job_id=job_id, register_id=register_id)


def reprint(*, register_id: int, job_id: UUID, request_id: UUID, device: str = "") -> UUID | None:
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
            device=device,
        )


def give_up_late_jobs() -> int:
    """Fail what was never sent and whose time is over; returns how many."""
    late = DeviceJob.objects.filter(state=JobState.QUEUED, expires_at__lte=Now())
    jobs = list(late.values_list("pk", flat=True))
    given_up = late.filter(pk__in=jobs).update(
        state=JobState.FAILED, is_settled=True, finished_at=Now(), words=TOO_LATE
    )
    for job in jobs:
        _tell_till(str(job))
    return given_up


def _settle_jobs_of_lost_journals(station_id: int, journal: str) -> None:
    DeviceJob.objects.filter(
        station_id=station_id,
        is_settled=False,
        state__in=[JobState.SENT, JobState.ACKNOWLEDGED, JobState.UNKNOWN],
    ).exclude(journal=journal).update(state=JobState.UNKNOWN, is_settled=True, words=STATION_LOST_ITS_MEMORY)


def settle_jobs_of_deleted_stations() -> int:
    """A station that was deleted at headquarters says nothing more, and nobody waits for it; returns how many jobs."""
    orphans = DeviceJob.objects.filter(state__in=OPEN, is_settled=False)
    jobs = list(orphans.exclude(station__in=HardwareStation.objects.all()).values_list("pk", flat=True))
    if not jobs:
        return 0
    orphans.filter(pk__in=jobs, state=JobState.QUEUED).update(
        state=JobState.FAILED, is_settled=True, finished_at=Now(), words=NEVER_TAKEN
    )
    orphans.filter(pk__in=jobs).update(state=JobState.UNKNOWN, is_settled=True, words=STATION_DELETED)
    for job in jobs:
        _tell_till(str(job))
    return len(jobs)


def sweep_jobs() -> dict[str, int]:
    """Say ``unknown`` where the station has been silent for too long or is no more, and give up what is too late.

    A job that waits for paper is not silent: its station has said so. Returns how many of each.
    """
    deleted = settle_jobs_of_deleted_stations()
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
    return {"unknown": unknown + deleted, "late": give_up_late_jobs()}


def _tell_till(job_id: str) -> None:
    """The register hears of its job after the commit, as an event like any other."""
    row = (
        DeviceJob.objects.filter(pk=job_id_of(job_id))
        .values("register_id", "station_id", "kind", "device", "state", "words", "title", "answer", "source")
        .first()
    )
    if row is None:
        return
    about = {"job": job_id} | {
        name: row[name] for name in ("kind", "state", "words", "title", "answer", "source")
    }
    _tell(row["station_id"], row["register_id"], row["device"], about)


def _tell(station_id: int, register_id: int | None, device: str, data: dict[str, Any]) -> None:
    if register_id is None:
        return
    event = StationEvent(
        id=uuid7(), kind="job", register_id=register_id, station_id=station_id, device=device, data=data
    )
    transaction.on_commit(partial(dispatch, event), robust=True)
