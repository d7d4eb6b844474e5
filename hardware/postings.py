"""Device jobs as a share of a business fact: written in the fact's own statement, or not at all."""

from collections.abc import Sequence
from typing import Any

from channels_app.postings import Posting, Row

FACTS = frozenset({"sale.concluded", "drawer.opened", "cash.moved", "shift.opened", "shift.closed"})


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
            "expires_in": job.expires_in,
        }
        for job in getattr(fact, "print_jobs", ())
    ]


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
