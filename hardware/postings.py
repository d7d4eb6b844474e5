"""Device jobs as a share of a business fact: written in the fact's own statement, or not at all."""

from collections.abc import Sequence
from typing import Any

from channels_app.postings import Posting, Row
from hardware.services.jobs import LIVES_FOR

FACTS = frozenset(
    {
        "sale.concluded",
        "sale.voided",
        "drawer.opened",
        "shift.opened",
        "shift.closed",
        "cash.moved",
        "device.asked",
    }
)


def rows_of(fact: Any) -> Sequence[Row]:
    """The fact's ``print_jobs`` (``hq.station_port.JobRequest``) as rows of the posting."""
    return [
        {
            "id": str(job.id),
            "station_id": job.station_id,
            "register_id": job.register_id,
            "kind": job.kind,
            "document": job.document,
            "title": job.title[:120],
            "source": job.source,
            "priority": job.priority,
            "expires_in": job.expires_in or seconds_to_live(job.kind),
        }
        for job in getattr(fact, "print_jobs", ())
    ]


def seconds_to_live(kind: str) -> int | None:
    """How long a job of this kind may wait when nobody has said: a drawer that opens an hour later is theft."""
    lives_for = LIVES_FOR.get(kind)
    return int(lives_for.total_seconds()) if lives_for else None


DEVICE_JOBS = Posting(
    name="device_jobs",
    facts=FACTS,
    columns=(
        "id uuid, station_id bigint, register_id bigint, kind text, document jsonb, title text,"
        " source text, priority smallint, expires_in integer"
    ),
    statement="""
        INSERT INTO hardware_devicejob
            (id, station_id, register_id, kind, document, title, source, priority, expires_at)
        SELECT r.id, r.station_id, r.register_id, r.kind, r.document, r.title, r.source, r.priority,
               now() + r.expires_in * interval '1 second'
        FROM {rows} r, {guard}
    """,
    rows=rows_of,
)
