"""The quarantine: taking a record after all, or leaving it out for good."""

from typing import Any

import msgspec
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from channels_app.errors import DomainError
from channels_app.models import QuarantinedRecord
from channels_app.registry import collected_models, columns_of
from channels_app.services.take import RecordDiffers, write_rows


class StillDoesNotFit(DomainError):
    code = "still_does_not_fit"
    message = "It still cannot be taken: {why}"


class AlreadySettled(DomainError):
    code = "already_settled"
    message = "This record was settled before."


def check_rows(rows: Any) -> None:
    """Raise StillDoesNotFit when mended rows are not lists of records by table, in columns that these tables have."""
    columns = {model._meta.db_table: set(columns_of(model)) for model in collected_models()}
    if not isinstance(rows, dict) or not rows:
        raise StillDoesNotFit(why='its rows stand by table, as in {"pos_retailtransaction": [{…}]}.')
    for table, records in rows.items():
        if table not in columns:
            raise StillDoesNotFit(why=f"no table {table} comes up; write its name as the channel sent it.")
        if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
            raise StillDoesNotFit(why=f"{table} needs a list of records, as in [{{…}}, {{…}}].")
        if unknown := set().union(*records) - columns[table]:
            raise StillDoesNotFit(why=f"{table} has no column {', '.join(sorted(unknown))}.")


def take_again(record: QuarantinedRecord) -> QuarantinedRecord:
    """Take a record as its rows stand now, perhaps mended by hand. Raises StillDoesNotFit, AlreadySettled."""
    try:
        with transaction.atomic():
            record = _open(record)
            check_rows(record.rows)
            write_rows({table: msgspec.json.encode(rows).decode() for table, rows in _ordered(record.rows)})
            return _settle(record, "taken")
    except (IntegrityError, DataError, RecordDiffers) as error:
        with transaction.atomic():
            record = _open(record)
            record.attempts += 1
            record.reason = str(error).strip()
            record.save(update_fields=["attempts", "reason"])
        raise StillDoesNotFit(why=record.reason) from error


def give_up(record: QuarantinedRecord) -> QuarantinedRecord:
    """Leave a record out; its rows stay to be read. Raises AlreadySettled."""
    with transaction.atomic():
        return _settle(_open(record), "left out")


def _open(record: QuarantinedRecord) -> QuarantinedRecord:
    record = QuarantinedRecord.objects.select_for_update().get(pk=record.pk)
    if record.resolved_at is not None:
        raise AlreadySettled()
    return record


def _settle(record: QuarantinedRecord, resolution: str) -> QuarantinedRecord:
    record.resolution, record.resolved_at = resolution, timezone.now()
    record.save(update_fields=["resolution", "resolved_at"])
    return record


def _ordered(rows: dict) -> list[tuple[str, list]]:
    order = [model._meta.db_table for model in collected_models()]
    return [(table, rows[table]) for table in order if table in rows]
