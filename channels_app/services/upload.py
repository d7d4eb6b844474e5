"""Sending records up: a scale unit sends what happened in it, in order, and forgets nothing unacknowledged."""

import logging
import time
from collections.abc import Sequence
from datetime import datetime

import msgspec
import zstandard
from django.db import connection, transaction
from django.utils import timezone

from channels_app.changes import cluster_id
from channels_app.identifiers import uuid7
from channels_app.models import ExchangeState, OutboxCursor
from channels_app.prepared import prepared
from channels_app.registry import collected_models, collected_with
from channels_app.scope import schema_digest, sql_of
from channels_app.services.contact import HeadquartersRefused, ask_headquarters

logger = logging.getLogger(__name__)
CONSUMER = "upload"
BATCH = 400  # events
_UPLOADING = 0x7111_0004  # advisory lock: one uploader at a time
_LONGEST = 20.0  # seconds after which the next run goes on


class Position(msgspec.Struct, frozen=True, order=True):
    """A place in the outbox. Everything before it is known, late commits included."""

    xid: int = 0
    sequence: int = 0


class Event(msgspec.Struct, frozen=True):
    topic: str
    subject: str
    position: Position
    happened_at: datetime


class Records(msgspec.Struct, frozen=True):
    """The rows of one table, as PostgreSQL wrote them."""

    table: str
    schema: str
    replaces: bool
    rows: msgspec.Raw


@prepared
class Upload(msgspec.Struct, frozen=True):
    """What goes up in one request: the events between two positions with their records.

    `stream` names the numbering of the positions: a database that was restored elsewhere counts anew.
    """

    stream: str
    start: Position
    end: Position
    events: tuple[Event, ...]
    records: tuple[Records, ...]
    unsent: int = 0
    unsent_since: datetime | None = None


@prepared
class Receipt(msgspec.Struct, frozen=True):
    """How far headquarters has everything. `split` asks for the same again, one event at a time."""

    stream: str
    position: Position
    split: bool = False


def upload() -> int:
    """Send up what has happened since the last time; how many events headquarters acknowledged.

    Raises Unavailable or HeadquartersRefused; what was acknowledged before is safe.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_UPLOADING])
        if not cursor.fetchone()[0]:
            return 0
        try:
            return _upload_all()
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_UPLOADING])


def _upload_all() -> int:
    started, count, size = time.monotonic(), 0, BATCH
    stream = _stream()
    while time.monotonic() - started < _LONGEST:
        packed = pack(stream, size)
        if not packed.events:
            break
        receipt = _send(packed)
        if receipt.split and size > 1:
            size = 1
            continue
        if not _acknowledged(packed, receipt):
            break
        count += len(packed.events)
        size = BATCH if size > 1 or receipt.split else min(BATCH, size * 2)
    return count


def pack(stream: str, size: int) -> Upload:
    """The next events after the cursor, with their records, as of one moment."""
    with transaction.atomic(), connection.cursor() as cursor:
        if not connection.savepoint_ids:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        start = _cursor()
        events = _events(cursor, start, size)
        end = events[-1].position if events else start
        records = _records(cursor, events)
        unsent, since = _unsent(cursor, end)
    return Upload(stream, start, end, events, records, unsent, since)


def unsent_events() -> tuple[int, datetime | None]:
    """How many events headquarters has not acknowledged, and since when the oldest waits."""
    with connection.cursor() as cursor:
        return _unsent(cursor, _cursor())


def _events(cursor, start: Position, size: int) -> tuple[Event, ...]:  # Django's cursor wrapper
    cursor.execute(
        """SELECT topic, subject, xid, sequence, happened_at FROM channels_app_outboxevent
            WHERE (xid, sequence) > (%s, %s) AND xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
            ORDER BY xid, sequence LIMIT %s""",
        [start.xid, start.sequence, size],
    )
    return tuple(
        Event(topic, subject, Position(xid, sequence), at)
        for topic, subject, xid, sequence, at in cursor.fetchall()
    )


def _unsent(cursor, after: Position) -> tuple[int, datetime | None]:
    cursor.execute(
        "SELECT count(*), min(happened_at) FROM channels_app_outboxevent WHERE (xid, sequence) > (%s, %s)",
        [after.xid, after.sequence],
    )
    return cursor.fetchone()


def _records(cursor, events: Sequence[Event]) -> tuple[Records, ...]:
    """The records of the events, each table once, those referred to first."""
    found: dict[type, tuple[bool, list]] = {}
    for topic in dict.fromkeys(event.topic for event in events):
        subjects = [event.subject for event in events if event.topic == topic]
        for entry in collected_with(topic):
            _, queries = found.setdefault(entry.model, (entry.replaces, []))
            queries.append(sql_of(entry.rows(subjects).order_by().values("pk")))
    records = []
    for model in collected_models():
        if model not in found:
            continue
        replaces, queries = found[model]
        union = " UNION ".join(sql for sql, _ in queries)
        table = model._meta.db_table
        cursor.execute(
            f'SELECT jsonb_agg(to_jsonb(t))::text FROM "{table}" t WHERE t."{model._meta.pk.column}" IN ({union})',  # noqa: S608
            [parameter for _, parameters in queries for parameter in parameters],
        )
        rows = cursor.fetchone()[0]
        if rows:
            records.append(Records(table, schema_digest(model), replaces, msgspec.Raw(rows.encode())))
    return tuple(records)


def _send(packed: Upload) -> Receipt:
    body = zstandard.ZstdCompressor(level=3).compress(msgspec.json.encode(packed))
    response = ask_headquarters(
        "POST",
        "upload/",
        content=body,
        headers={"Content-Type": "application/json", "Content-Encoding": "zstd"},
    )
    return msgspec.json.decode(response.content, type=Receipt)


def _acknowledged(packed: Upload, receipt: Receipt) -> bool:
    """Move the cursor to what headquarters has: forward, or back when it lost something."""
    if receipt.stream != packed.stream:
        raise HeadquartersRefused("upload_other_stream", "it acknowledged another database's events.", {})
    with transaction.atomic():
        cursor, _ = OutboxCursor.objects.select_for_update().get_or_create(consumer=CONSUMER)
        moved = Position(cursor.xid, cursor.sequence) != receipt.position
        cursor.xid, cursor.sequence = receipt.position.xid, receipt.position.sequence
        cursor.save()
        ExchangeState.objects.filter(singleton=True).update(last_upload_at=timezone.now())
    if receipt.position < packed.end:
        logger.warning("Headquarters wants records again", extra={"from": repr(receipt.position)})
    return moved


def _cursor() -> Position:
    row = OutboxCursor.objects.filter(consumer=CONSUMER).first()
    return Position(row.xid, row.sequence) if row else Position()


@transaction.atomic
def _stream() -> str:
    """The name of this outbox's numbering.

    Transaction ids belong to a database cluster. In another one (the database was restored there) they begin
    anew, so what is in the outbox is put before all that is to come, and everything is sent again.
    """
    state, _ = ExchangeState.objects.select_for_update().get_or_create(singleton=True)
    cluster = cluster_id()
    if not state.stream.startswith(f"{cluster}-"):
        if state.stream:
            with connection.cursor() as cursor:
                cursor.execute("UPDATE channels_app_outboxevent SET xid = 0")
        OutboxCursor.objects.filter(consumer=CONSUMER).delete()
        state.stream = f"{cluster}-{str(uuid7())[-12:]}"
        state.save(update_fields=["stream"])
    return state.stream
