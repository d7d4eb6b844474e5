"""What headquarters learns of its packages and of the channels that have them."""

import hashlib
import logging
from collections.abc import Mapping
from datetime import timedelta
from random import uniform
from uuid import UUID

import msgspec
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from psycopg.types.json import Jsonb

from channels_app.contents import manifest_of, marks_after
from channels_app.marks import raise_marks_above
from channels_app.models import ChannelDatabase, Mark, Package, Part
from channels_app.prepared import prepared
from channels_app.services.care import note_failure
from channels_app.services.scale_units import begin_epoch
from channels_app.states import MOVES, PackageState

logger = logging.getLogger(__name__)
# A thousand reports come at once: both rows in one statement, and the other tables' marks do not travel.
_APPLIED = """
    WITH package AS (
        UPDATE channels_app_package
           SET state = %(state)s, settled_at = %(at)s, changed_rows = %(changed_rows)s, apply_seconds = %(seconds)s,
               sent_bytes = bytes, error = ''
         WHERE id = %(package)s
    )
    UPDATE channels_app_channeldatabase
       SET applied_version = %(version)s, applied_at = %(at)s, marks = marks || %(marks)s, skipped_version = NULL,
           last_contact_at = %(at)s, failures = 0, next_try_at = NULL, last_error = ''
     WHERE id = %(database)s
"""
_LONGEST_WAIT = 3600.0  # seconds until a database whose packages fail is tried again by itself


@prepared
class Report(msgspec.Struct, frozen=True):
    """What a scale unit says of a package: applied, failed or refused."""

    package: UUID
    state: str
    code: str = ""
    error: str = ""
    changed_rows: int = 0
    seconds: float = 0.0


def take_report(database: ChannelDatabase, report: Report) -> None:
    """Settle one of the database's packages as its scale unit says; the same report again changes nothing."""
    if not Package.objects.filter(pk=report.package, database=database).exists():
        return
    if report.state == "applied":
        settle_applied(report.package, changed_rows=report.changed_rows, seconds=report.seconds)
    else:
        settle_failed(report.package, report.code, report.error)


def settle_applied(package_id: UUID, *, changed_rows: int, seconds: float) -> None:
    """The package is in the channel database: that now stands at its version."""
    with transaction.atomic():
        database, package = _locked(package_id, "state", "version", "header")
        if PackageState.APPLIED not in MOVES[PackageState(package.state)]:
            return
        package.move_to(PackageState.APPLIED)
        with connection.cursor() as cursor:
            cursor.execute(
                _APPLIED,
                {
                    "package": package.pk,
                    "state": package.state,
                    "at": package.settled_at,
                    "changed_rows": changed_rows,
                    "seconds": seconds,
                    "database": database.pk,
                    "version": package.version,
                    "marks": Jsonb(marks_after(manifest_of(package))),
                },
            )


def settle_failed(package_id: UUID, code: str, error: str) -> None:
    """The package did not get into the channel database; what to build next follows from the reason.

    Rows that do not fit: the tables are sent in full. A broken file: its parts are not used again. An order that
    does not fit: the channel says with its next contact what it has.
    """
    with transaction.atomic():
        database, package = _locked(package_id, "state", "header", "database__marks", "database__failures")
        if PackageState.FAILED not in MOVES[PackageState(package.state)]:
            return
        package.move_to(PackageState.FAILED)
        package.error = error
        package.save(update_fields=["state", "settled_at", "error"])
        if code == "package_failed":
            for table in manifest_of(package).tables:
                database.marks.pop(table.table, None)
        if code == "package_broken":
            Part.objects.filter(packages=package).update(is_sound=False)
        now = timezone.now()
        database.failures += 1
        wait = min(_LONGEST_WAIT, 5 * 2.0 ** min(database.failures, 12)) * uniform(0.5, 1.5)  # noqa: S311
        database.next_try_at, database.last_error = now + timedelta(seconds=wait), error
        database.last_contact_at = now
        database.save(update_fields=["last_contact_at", "failures", "next_try_at", "last_error", "marks"])
    logger.warning("Package failed: %s", error, extra={"package": package_id, "code": code})
    note_failure(package)


def note_contact(database: UUID) -> None:
    """The scale unit has just answered."""
    ChannelDatabase.objects.filter(pk=database).update(last_contact_at=timezone.now())


def note_versions(database_id: UUID, version: int | None, tables: Mapping[str, int]) -> None:
    """Compare what a channel has with what headquarters thinks it has; the channel is right.

    A difference counts when it is told twice: a package may be on its way between the two.
    """
    with transaction.atomic():
        database = ChannelDatabase.objects.select_for_update(no_key=True).get(pk=database_id)
        database.last_contact_at = timezone.now()
        expected = {table: mark["version"] for table, mark in database.marks.items()}
        said = {table: version for table, version in tables.items() if table in expected}
        digest = "" if said == expected else _digest(version, tables)
        if digest and digest == database.doubt:
            logger.warning("A channel database is not where it was", extra={"database": database_id})
            database.marks = {
                t: mark for t, mark in database.marks.items() if tables.get(t) == mark["version"]
            }
            database.applied_version = version
            digest = ""
            if version is None:  # it is empty: the registers there will count from the beginning
                begin_epoch(database.placements.values_list("store", flat=True))
        database.doubt = digest
        database.save(update_fields=["last_contact_at", "doubt", "marks", "applied_version"])
    if version and version > (Mark.objects.aggregate(Max("number"))["number__max"] or 0):
        raise_marks_above(version)


def _digest(version: int | None, tables: Mapping[str, int]) -> str:
    return hashlib.sha256(repr((version, sorted(tables.items()))).encode()).hexdigest()


def _locked(package_id: UUID, *fields: str) -> tuple[ChannelDatabase, Package]:
    """Some fields of a package and its database, locked in the order in which everybody locks them."""
    packages = Package.objects.select_related("database").select_for_update(
        of=["database", "self"], no_key=True
    )
    package = packages.only(*fields, "database__id").get(pk=package_id)
    return package.database, package
