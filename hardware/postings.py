"""Device jobs as a share of a business fact: written in the fact's own statement, or not at all."""

from collections.abc import Sequence
from typing import Any

from channels_app.identifiers import uuid7
from channels_app.postings import Posting, Row
from hardware.services.handover import mark
from hardware.services.jobs import LIVES_FOR

CALLED_BACK = "Called back: the register uses another station now."
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
            "journal": mark(job),
        }
        for job in getattr(fact, "print_jobs", ())
    ]


def seconds_to_live(kind: str) -> int | None:
    """How long a job of this kind may wait when nobody has said: a drawer that opens an hour later is theft."""
    lives_for = LIVES_FOR.get(kind)
    return int(lives_for.total_seconds()) if lives_for else None


def choice_rows(fact: Any) -> Sequence[Row]:
    """Of the fact's ``detail`` (``hq.station_port.StationChosen``) the station left, then the one used."""
    choice = fact.detail
    row = {"register_id": choice.register_id, "worker_id": choice.worker_id, "at": choice.at.isoformat()}
    return [
        {**row, "id": str(uuid7()), "station_id": station_id, "left_at": left_at}
        for station_id, left_at in ((choice.old, row["at"]), (choice.new, None))
        if station_id not in (None, choice.own)
    ]


STATION_CHOICES = Posting(
    name="station_choices",
    facts=frozenset({"station.chosen"}),
    columns="id uuid, register_id bigint, station_id bigint, worker_id bigint, at timestamptz, left_at timestamptz",
    statement="""
        INSERT INTO hq_stationchoice AS known (id, register_id, station_id, worker_id, chosen_at, left_at)
        SELECT r.id, r.register_id, r.station_id, r.worker_id, r.at, r.left_at
          FROM {rows} r, {guard} ORDER BY r.left_at NULLS LAST
            ON CONFLICT (register_id, station_id) DO UPDATE
               SET left_at = EXCLUDED.left_at,
                   chosen_at = CASE WHEN EXCLUDED.left_at IS NULL THEN EXCLUDED.chosen_at ELSE known.chosen_at END,
                   worker_id = CASE WHEN EXCLUDED.left_at IS NULL THEN EXCLUDED.worker_id ELSE known.worker_id END
    """,
    rows=choice_rows,
)

# Only what is still queued: a job that is being taken at this moment is locked, looked at again, and left alone.
# A drawer, a display and a scale stand where they stand; a payment is called back by the till that asked for it.
JOBS_BROUGHT = Posting(
    name="jobs_brought",
    facts=frozenset({"station.chosen"}),
    columns="register_id bigint, old bigint, new bigint, brings boolean",
    statement=f"""
        UPDATE hardware_devicejob j
           SET station_id = CASE WHEN j.kind = 'print' THEN r.new ELSE j.station_id END,
               device = CASE WHEN j.kind = 'print' THEN '' ELSE j.device END,
               state = CASE WHEN j.kind = 'print' THEN j.state ELSE 'cancelled' END,
               words = CASE WHEN j.kind = 'print' THEN '' ELSE '{CALLED_BACK}' END,
               is_settled = j.kind <> 'print',
               finished_at = CASE WHEN j.kind = 'print' THEN NULL ELSE now() END
          FROM {{rows}} r, {{guard}}
         WHERE j.register_id = r.register_id AND j.station_id = r.old AND j.state = 'queued' AND NOT j.cancel_asked
           AND (j.kind IN ('drawer', 'display', 'weigh') OR j.kind = 'print' AND r.brings)
    """,
    rows=lambda fact: [
        {name: getattr(fact.detail, name) for name in ("register_id", "old", "new", "brings")}
    ],
)

DEVICE_JOBS = Posting(
    name="device_jobs",
    facts=FACTS,
    columns=(
        "id uuid, station_id bigint, register_id bigint, kind text, document jsonb, title text,"
        " source text, priority smallint, expires_in integer, journal text"
    ),
    statement="""
        INSERT INTO hardware_devicejob
            (id, station_id, register_id, kind, document, title, source, priority, expires_at, state, sent_at, journal)
        SELECT r.id, r.station_id, r.register_id, r.kind, r.document, r.title, r.source, r.priority,
               now() + r.expires_in * interval '1 second',
               CASE WHEN r.journal <> '' THEN 'sent' ELSE 'queued' END,
               CASE WHEN r.journal <> '' THEN now() END, r.journal
        FROM {rows} r, {guard}
    """,
    rows=rows_of,
)
