"""Taking records at headquarters: once each, in order, and never held up by one that does not fit."""

import logging
from collections.abc import Mapping
from contextlib import suppress

import msgspec
import zstandard
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import F, Model
from django.http import HttpRequest
from django.utils import timezone

from channels_app.errors import DomainError
from channels_app.models import ChannelDatabase, QuarantinedRecord, UploadHour
from channels_app.registry import collected, collected_models, columns_of
from channels_app.scope import schema_digest
from channels_app.services.upload import Position, Receipt, Records, Upload

logger = logging.getLogger(__name__)
SIZE_LIMIT = 256 << 20  # bytes, unpacked


class UploadBroken(DomainError):
    code = "upload_broken"
    message = "The upload cannot be read: {why}"


class UploadOtherSchema(DomainError):
    code = "upload_other_schema"
    message = (
        "The channel keeps {tables} in other columns than headquarters. Bring both to the same version of the"
        " program; nothing is lost meanwhile."
    )


class RecordDiffers(DomainError):
    code = "record_differs"
    message = "Headquarters has {count} of these records of {table} already, with other contents."


def take_upload(database: ChannelDatabase, request: HttpRequest) -> Receipt:
    """Take one upload of a channel; the answer says how far headquarters has everything.

    The same upload again changes nothing. A batch that does not fit is asked for again in single events; a single
    event that does not fit is put into quarantine with the reason, and the channel goes on.
    """
    body = request.read()
    sent = read_upload(body)
    _check_schemas(sent.records)
    try:
        with transaction.atomic():
            known = ChannelDatabase.objects.select_for_update(no_key=True).get(pk=database.pk)
            position = _position(known, sent.stream)
            if sent.end <= position or sent.start > position or not sent.events:
                _note_unsent(known, sent)
                return Receipt(sent.stream, position)
            rows = write_records(sent.records)
            _advance(known, sent, rows, len(body))
    except (IntegrityError, DataError, RecordDiffers) as error:
        if len(sent.events) > 1:
            logger.info(
                "An upload is taken apart", extra={"database": database.pk, "events": len(sent.events)}
            )
            return Receipt(sent.stream, sent.start, split=True)
        _quarantine(database, sent, str(error), len(body))
    return Receipt(sent.stream, sent.end)


def read_upload(body: bytes) -> Upload:
    """What a channel sent. Raises UploadBroken."""
    try:
        unpacked = zstandard.ZstdDecompressor(max_window_size=8 << 20).decompress(
            body, max_output_size=SIZE_LIMIT
        )
        return msgspec.json.decode(unpacked, type=Upload)
    except (zstandard.ZstdError, msgspec.DecodeError) as error:
        raise UploadBroken(why=str(error)) from error


def write_records(records: tuple[Records, ...]) -> int:
    """Write the rows of an upload; how many are new or changed. Raises IntegrityError, DataError, RecordDiffers."""
    return write_rows({r.table: bytes(r.rows).decode() for r in records})


def write_rows(rows: Mapping[str, str]) -> int:
    """Write rows by table, each as a JSON list; how many are new or changed. Raises as `write_records`."""
    models = {model._meta.db_table: model for model in collected_models()}
    replaced = _replaced()
    written = sum(_write(models[table], said, replaces=table in replaced) for table, said in rows.items())
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return written


def _replaced() -> set[str]:
    """The tables whose rows change in the channel, and come up again then."""
    return {entry.model._meta.db_table for entry in collected() if entry.replaces}


def _write(model: type[Model], rows: str, *, replaces: bool) -> int:
    table, key = model._meta.db_table, model._meta.pk.column
    columns = columns_of(model)
    names = ", ".join(f'"{c}"' for c in columns)
    if replaces:
        others = [c for c in columns if c != key]
        assigned = ", ".join(f'"{c}" = EXCLUDED."{c}"' for c in others)
        ours, theirs = (", ".join(f'{side}."{c}"' for c in others) for side in ("t", "EXCLUDED"))
        conflict = f"DO UPDATE SET {assigned} WHERE ({ours}) IS DISTINCT FROM ({theirs})"
    else:
        conflict = "DO NOTHING"
    source = f'jsonb_populate_recordset(NULL::"{table}", %s::jsonb)'
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" AS t ({names}) SELECT {names} FROM {source} ON CONFLICT ("{key}") {conflict}',  # noqa: S608
            [rows],
        )
        written = cursor.rowcount
        if not replaces:
            cursor.execute(
                f'SELECT count(*) FROM {source} r JOIN "{table}" t ON t."{key}" = r."{key}" WHERE t IS DISTINCT FROM r',  # noqa: S608
                [rows],
            )
            if differing := cursor.fetchone()[0]:
                raise RecordDiffers(count=differing, table=table)
    return written


def _position(database: ChannelDatabase, stream: str) -> Position:
    """How far we have this stream; a stream that is new to us begins at its beginning."""
    if database.upload_stream != stream:
        return Position()
    return Position(database.upload_xid, database.upload_sequence)


def _advance(database: ChannelDatabase, sent: Upload, rows: int, size: int) -> None:
    now = timezone.now()
    database.upload_stream = sent.stream
    database.upload_xid, database.upload_sequence = sent.end.xid, sent.end.sequence
    database.uploaded_at = now
    database.save(update_fields=["upload_stream", "upload_xid", "upload_sequence", "uploaded_at"])
    _note_unsent(database, sent)
    hour, _ = UploadHour.objects.get_or_create(
        database=database, hour=now.replace(minute=0, second=0, microsecond=0)
    )
    UploadHour.objects.filter(pk=hour.pk).update(
        events=F("events") + len(sent.events), rows=F("rows") + rows, bytes=F("bytes") + size
    )


def _note_unsent(database: ChannelDatabase, sent: Upload) -> None:
    database.unsent, database.unsent_since, database.last_contact_at = (
        sent.unsent,
        sent.unsent_since,
        timezone.now(),
    )
    database.save(update_fields=["unsent", "unsent_since", "last_contact_at"])


def _quarantine(database: ChannelDatabase, sent: Upload, reason: str, size: int) -> None:
    """Set an event's records aside. What only says how something stands by now, such as a shift, is taken if it can
    be: it would be out of date when the record is taken after all.
    """
    event = sent.events[0]
    logger.warning("Into quarantine: %s", reason, extra={"database": database.pk, "subject": event.subject})
    replaced = _replaced()
    with transaction.atomic():
        known = ChannelDatabase.objects.select_for_update(no_key=True).get(pk=database.pk)
        if _position(known, sent.stream) >= sent.end:
            return
        aside, taken = sent.records, 0
        standing = tuple(r for r in aside if r.table in replaced)
        with suppress(IntegrityError, DataError), transaction.atomic():
            taken = write_records(standing)
            aside = tuple(r for r in aside if r.table not in replaced)
        QuarantinedRecord.objects.update_or_create(
            database=known,
            topic=event.topic,
            subject=event.subject,
            resolved_at=None,
            defaults={
                "rows": {r.table: msgspec.json.decode(r.rows) for r in aside},
                "reason": reason,
                "received_at": timezone.now(),
            },
        )
        _advance(known, sent, taken, size)


def _check_schemas(records: tuple[Records, ...]) -> None:
    known: Mapping[str, str] = {m._meta.db_table: schema_digest(m) for m in collected_models()}
    if other := [r.table for r in records if known.get(r.table) != r.schema]:
        raise UploadOtherSchema(tables=", ".join(other))
