"""A job goes straight to its station where this very process holds the station's socket.

Its row is then written as sent, to the journal of that socket, and after the commit the job itself is handed over:
no ring, no question, no second statement. What is lost on that last step (the process dies, the line breaks) stands
like anything that a socket loses: sent and not settled. It is given again, and the journal knows it if it was done.
"""

import json
import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from channels_app.doorbell import ring
from hardware.agent.protocol import Job
from hardware.services.rings import group_of
from hq.station_port import JobRequest

log = logging.getLogger(__name__)

MOST_MARKED = 5_000


@dataclass(eq=False)
class Listener:
    """A station's socket in this process. ``journal`` is empty until the station has asked for its jobs.

    ``wake`` and ``hand`` may be called from any thread and answer whether anybody was there.
    """

    wake: Callable[[], bool]
    hand: Callable[[Sequence[Job]], bool]
    journal: str = ""


_here: dict[int, Listener] = {}
_marked: dict[UUID, str] = {}
_marking = threading.Lock()


def listen_here(station_id: int, listener: Listener) -> None:
    """This process holds the station's socket."""
    _here[station_id] = listener


def stop_listening(station_id: int, listener: Listener) -> None:
    """The socket is gone, unless another one has taken its place."""
    if _here.get(station_id) is listener:
        del _here[station_id]


def journal_here(station_id: int | None) -> str:
    """The journal to which this process could hand a job of the station now; empty where it could not."""
    listener = _here.get(station_id) if station_id is not None else None
    return listener.journal if listener is not None else ""


def mark(job: JobRequest) -> str:
    """The journal that the job's row is to name as sent to; empty for a row that waits to be fetched."""
    journal = journal_here(job.station_id) if job.register else ""
    if journal:
        with _marking:
            _marked[job.id] = journal
            if len(_marked) > MOST_MARKED:  # of facts that were never committed
                del _marked[next(iter(_marked))]
    return journal


def hand_over_marked(jobs: Sequence[JobRequest], lives_for: Callable[[str], int | None]) -> None:
    """After the commit: each job that was marked goes to its socket, for the others their stations are rung."""
    rung: set[int] = set()
    for job in jobs:
        with _marking:
            journal = _marked.pop(job.id, "")
        if journal:
            seconds = job.expires_in or lives_for(job.kind)
            message = message_of(job.id, job.kind, job.register, job.document, job.priority, seconds)
            hand_over(job.station_id, journal, message)
        else:
            rung.add(job.station_id)
    wake(rung)


def message_of(
    job_id: UUID,
    kind: str,
    register: str | None,
    document: dict[str, Any] | str,
    priority: int,
    expires_in: float | None,
    device: str = "",
) -> Job:
    """A job's row as the station is told it; the document may still be the row's text."""
    return Job(
        id=str(job_id),
        kind=kind,
        device=device,
        register=register,
        document=json.loads(document) if isinstance(document, str) else document,
        priority=priority,
        expires_in=expires_in,
    )


def hand_over(station_id: int, journal: str, job: Job) -> None:
    """Give a committed job that is marked as sent to its socket, or to the one that has taken that one's place."""
    listener = _here.get(station_id)
    if listener is None or listener.journal != journal or not listener.hand([job]):
        log.info(
            "A job missed its socket and waits for the next", extra={"station": station_id, "job": job.id}
        )


def wake(station_ids: Iterable[int]) -> None:
    """Tell stations that there are jobs; one that does not hear it asks at its next heartbeat."""
    for station_id in set(station_ids):
        listener = _here.get(station_id)
        if listener is None or not listener.wake():
            ring(group_of(station_id), {"type": "station.wake"}, merge=True)
