"""Applying packages in a scale unit: one transaction, the package's mark in it; twice changes nothing."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import uniform
from typing import BinaryIO
from uuid import UUID

from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from channels_app import package_format
from channels_app.announcements import announce
from channels_app.errors import DomainError
from channels_app.identifiers import uuid7
from channels_app.merge import Merge
from channels_app.models import ReceivedPackage, TableVersion
from channels_app.progress import watched
from channels_app.registry import Carried, carried, carried_by_name
from channels_app.scope import schema_digest
from channels_app.services.receive import check_fits, forget_file, received_content, trusted_keys
from channels_app.states import ReceivedState

logger = logging.getLogger(__name__)
_APPLYING = 0x7111_0003  # advisory lock: one package is applied at a time
_LONGEST_WAIT = 300.0  # seconds between two tries
# References are checked, and what the package brought is noted, in one round trip.
_APPLIED = """
    SET CONSTRAINTS ALL IMMEDIATE;
    WITH tables AS (
        INSERT INTO channels_app_tableversion (id, "table", version)
        SELECT * FROM unnest(%(ids)s::uuid[], %(tables)s::text[], %(versions)s::bigint[])
        ON CONFLICT ("table") DO UPDATE SET version = EXCLUDED.version
    ), package AS (
        UPDATE channels_app_receivedpackage
           SET state = %(state)s, applied_at = %(at)s::timestamptz, error = '', content = NULL,
               changed_rows = %(changed_rows)s, seconds = %(seconds)s
         WHERE id = %(package)s::uuid
    )
    INSERT INTO channels_app_dataversion (id, singleton, version, package, applied_at)
    VALUES (%(id)s::uuid, true, %(version)s::bigint, %(package)s::uuid, %(at)s::timestamptz)
    ON CONFLICT (singleton) DO UPDATE
    SET version = EXCLUDED.version, package = EXCLUDED.package, applied_at = EXCLUDED.applied_at
"""


class OtherSchema(DomainError):
    code = "package_other_schema"
    message = (
        "The package was built for other columns of {tables}. Bring headquarters and this scale unit to the same"
        " version of the program; the package is then built again."
    )


@dataclass
class Outcome:
    """What applying a package did: rows inserted, updated and deleted, by table, and in how many seconds."""

    version: int
    changed: dict[str, int]
    seconds: float


def apply_waiting() -> int:
    """Apply the packages that have been received, oldest version first; how many were applied."""
    count = 0
    now = timezone.now()
    waiting = ReceivedPackage.objects.filter(state=ReceivedState.RECEIVED).exclude(next_try_at__gt=now)
    for package in waiting.order_by("version").values_list("pk", flat=True):
        count += apply_package(package)
    return count


def apply_package(package: UUID) -> bool:
    """Apply one received package; whether it is applied now. A refusal or a failure is noted in its row."""
    try:
        outcome = _apply(package)
    except DomainError as error:
        _note(package, ReceivedState.REFUSED, error.code, str(error))
        return False
    except OperationalError as error:  # the disk is full, the server went away: it may heal
        _note_retry(package, error)
        return False
    except (DatabaseError, OSError) as error:
        _note(package, ReceivedState.FAILED, "package_failed", _plain(error))
        return False
    if outcome is None:
        return True
    forget_file(package)
    _refresh_statistics(outcome)
    models = frozenset(carried_by_name()[table].model for table, rows in outcome.changed.items() if rows)
    announce(outcome.version, models)
    return True


def _apply(package: UUID) -> Outcome | None:
    """The transaction; None when the package was applied before."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_APPLYING])
        known = ReceivedPackage.objects.select_for_update().only("state", "content").get(pk=package)
        if known.state == ReceivedState.APPLIED:
            return None
        with received_content(known) as body, watched([package]):
            manifest = package_format.read_manifest(body, trusted_keys())
            outcome = write_package(manifest, body)
    said = {"package": package, "rows": manifest.rows, "seconds": outcome.seconds}
    logger.info("Package applied", extra=said)
    return outcome


def write_package(manifest: package_format.Manifest, body: BinaryIO) -> Outcome:
    """Bring the tables to what the package says, and note that it is applied, in the surrounding transaction.

    Raises ForeignPackage, OutOfOrder, OtherSchema, BrokenPackage, IntegrityError; the caller's transaction must then
    be undone.
    """
    begun = time.perf_counter()
    check_fits(manifest)
    _check_schemas(manifest.tables)
    merge = Merge(manifest.tables)
    merge.load(body)
    merge.write()
    outcome = Outcome(manifest.version, merge.changed, time.perf_counter() - begun)
    _note_applied(manifest, outcome)
    return outcome


def _note_applied(manifest: package_format.Manifest, outcome: Outcome) -> None:
    """The version of each of its tables, and of the data as a whole; the package itself; and that all fits together."""
    with connection.cursor() as cursor:
        cursor.execute(
            _APPLIED,
            {
                "ids": [uuid7() for _ in manifest.tables],
                "tables": [t.table for t in manifest.tables],
                "versions": [t.version for t in manifest.tables],
                "id": uuid7(),
                "version": manifest.version,
                "package": manifest.package,
                "at": timezone.now(),
                "state": ReceivedState.APPLIED,
                "changed_rows": sum(outcome.changed.values()),
                "seconds": outcome.seconds,
            },
        )


def _check_schemas(tables: Sequence[package_format.Table]) -> None:
    known = carried_by_name()
    other = [t.table for t in tables if t.table not in known or not _is_same(t, known[t.table])]
    if other:
        raise OtherSchema(tables=", ".join(other))


def _is_same(table: package_format.Table, ours: Carried) -> bool:
    return (table.schema, table.columns, table.key) == (schema_digest(ours.model), ours.columns, ours.key)


def table_versions() -> dict[str, int]:
    """The version of each table that this channel database has."""
    known = {t.name for t in carried()}
    return {t: v for t, v in TableVersion.objects.values_list("table", "version") if t in known}


def _note(package: UUID, state: ReceivedState, code: str, reason: str) -> None:
    logger.warning("Package %s: %s", state.label.lower(), reason, extra={"package": package})
    ReceivedPackage.objects.filter(pk=package).exclude(state=ReceivedState.APPLIED).update(
        state=state, error_code=code, error=reason, reported_at=None, content=None
    )
    forget_file(package)


def _note_retry(package: UUID, error: OperationalError) -> None:
    logger.warning("Package not applied yet", exc_info=error, extra={"package": package})
    with transaction.atomic():
        known = ReceivedPackage.objects.select_for_update().get(pk=package)
        known.attempts += 1
        wait = min(_LONGEST_WAIT, 2.0**known.attempts) * uniform(0.5, 1.5)  # noqa: S311  # spreads, hides nothing
        known.next_try_at = timezone.now() + timedelta(seconds=wait)
        known.error = _plain(error)
        known.save(update_fields=["attempts", "next_try_at", "error"])


def _plain(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    reason = " ".join(lines[:2]) or type(error).__name__
    if isinstance(error, IntegrityError):
        return f"The rows do not fit together: {reason}"
    return reason


def _refresh_statistics(outcome: Outcome) -> None:
    """Let the planner know of tables of which a tenth changed; PostgreSQL itself takes a minute to look."""
    changed = {table: rows for table, rows in outcome.changed.items() if rows >= 1000}
    if not changed:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, reltuples FROM pg_class WHERE oid = ANY(%s::regclass[])", [list(changed)]
        )
        for table, known in cursor.fetchall():
            if changed[table] * 10 >= known:
                cursor.execute(f'ANALYZE "{table}"')
