"""Taking a channel database back to what it had: a bad price list is undone in one step.

The rows of the earlier version are put together again from the packages that brought them. They arrive as a
new version, because versions only grow, and the database is held there until somebody releases it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection, transaction

from channels_app import package_format
from channels_app.contents import manifest_of
from channels_app.errors import DomainError
from channels_app.files import package_storage
from channels_app.models import ChannelDatabase, Package, Part
from channels_app.parts import described, write_part
from channels_app.registry import Carried, carried, carried_by_name, neighbours, tables_of
from channels_app.scope import schema_digest
from channels_app.services.build import sign_package
from channels_app.states import LIVE, PackageState

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

PRICES = ("1020",)


class CannotRollBack(DomainError):
    code = "cannot_roll_back"
    message = "{database} cannot be taken back to version {version}: {why}"


def versions_of(database: ChannelDatabase) -> list[Package]:
    """The packages that a database has applied and that are still kept, the newest first."""
    return list(Package.objects.filter(database=database, state=PackageState.APPLIED).order_by("-version"))


def roll_back(
    database: ChannelDatabase,
    version: int,
    *,
    jobs: Sequence[str] = PRICES,
    by: "AbstractBaseUser | None" = None,
) -> Package:
    """Build a package that brings the tables of some jobs back to what they were at an earlier version.

    What else changed since and belongs to these rows goes back with them; people and devices never do, so that
    nobody who was locked out is let in again. Raises CannotRollBack.
    """
    with transaction.atomic():
        return _roll_back(database, version, jobs, by, _Restored(_next_version()))


def undo_version(
    databases: Sequence[UUID],
    version: int,
    *,
    jobs: Sequence[str] = PRICES,
    by: "AbstractBaseUser | None" = None,
) -> tuple[list[Package], list[CannotRollBack]]:
    """Take each of some databases back to what it had before a version: their packages, and why others stay.

    Databases that have not applied the version or a later one are left alone. What is the same in many of them
    is put together once.
    """
    packages, refusals = [], []
    restored = _Restored(_next_version())
    for database in ChannelDatabase.objects.filter(pk__in=databases, applied_version__gte=version):
        earlier = [p.version for p in versions_of(database) if p.version < version]
        try:
            if not earlier:
                raise CannotRollBack(
                    database=database.name, version=version, why="nothing from before it is kept."
                )
            with transaction.atomic():
                packages.append(_roll_back(database, earlier[0], jobs, by, restored))
        except CannotRollBack as refusal:
            refusals.append(refusal)
    return packages, refusals


@dataclass
class _Restored:
    """The number that one rollback gives its packages, and the parts put together for it, by what they came from."""

    number: int
    parts: dict[tuple, Part] = field(default_factory=dict)


def _roll_back(
    database: ChannelDatabase,
    version: int,
    jobs: Sequence[str],
    by: "AbstractBaseUser | None",
    restored: _Restored,
) -> Package:
    applied = versions_of(database)
    if version not in {package.version for package in applied[1:]}:
        raise CannotRollBack(database=database.name, version=version, why="that version is not kept.")
    tables = _tables(applied, version, jobs)
    if not tables:
        raise CannotRollBack(
            database=database.name, version=version, why="nothing of these jobs changed since."
        )
    chain = [p for p in reversed(applied) if p.version <= version]
    steps = {table.name: _steps(database, version, table, chain) for table in tables}
    locked = ChannelDatabase.objects.select_for_update(no_key=True).get(pk=database.pk)
    for live in Package.objects.select_for_update().filter(database=locked, state__in=LIVE):
        live.move_to(PackageState.CANCELLED)
        live.error = "A rollback took its place."
        live.save(update_fields=["state", "settled_at", "error"])
    locked.pinned = True
    locked.save(update_fields=["pinned"])
    package = Package(
        database=locked, jobs=list(jobs), kind=Package.Kind.FULL, version=restored.number, is_rollback=True,
        rolled_back_to=version, previous_version=locked.applied_version, requested_by=by,
    )  # fmt: skip
    entries = [_restore(package, table, steps[table.name], restored) for table in tables]
    sign_package(package, [entry for entry, _ in entries])
    package.move_to(PackageState.AVAILABLE)
    package.save(force_insert=True)
    package.parts.set([part for _, part in entries if part.rows])
    return package


def release(*databases: UUID) -> int:
    """Let schedules serve held databases again: they get what headquarters has now. How many were held."""
    return ChannelDatabase.objects.filter(pk__in=databases, pinned=True).update(pinned=False)


def _tables(applied: Sequence[Package], version: int, jobs: Sequence[str]) -> list[Carried]:
    """The tables that changed since the version: those of the jobs, and their changed neighbours."""
    changed = {
        t.table for package in applied if package.version > version for t in manifest_of(package).tables
    }
    changed -= {t.name for t in carried() if t.forward_only}
    look_at = [t.name for t in tables_of(jobs) if t.name in changed]
    found: set[str] = set()
    while look_at:
        name = look_at.pop()
        if name not in found:
            found.add(name)
            look_at += neighbours(carried_by_name()[name]) & changed
    return [t for t in carried() if t.name in found]


def _restore(
    package: Package, table: Carried, steps: "Sequence[Step]", restored: _Restored
) -> tuple[package_format.Table, Part]:
    """The rows of one table as some steps left them, as a part, and its entry in the manifest."""
    last = steps[-1][0]
    origin = (table.name, last.scope, *(part.checksum for entry, _ in steps for part in entry.parts()))
    if origin not in restored.parts:
        restored.parts[origin] = _put_together(table, steps, restored)
    part = restored.parts[origin]
    entry = package_format.Table(
        table=table.name, mode=package_format.FULL, columns=table.columns, key=table.key, schema=part.schema,
        scope=part.scope, version=package.version, rows=described(part), since=last.since or last.version,
    )  # fmt: skip
    return entry, part


def _put_together(table: Carried, steps: "Sequence[Step]", restored: _Restored) -> Part:
    columns = ", ".join(f'"{c}"' for c in table.columns)
    number = len(restored.parts) + 1
    held = f"restored_{number}"
    with connection.cursor() as cursor:
        cursor.execute(
            f'CREATE TEMPORARY TABLE {held} ON COMMIT DROP AS SELECT {columns} FROM "{table.name}" WITH NO DATA'  # noqa: S608
        )
        for step, (entry, files) in enumerate(steps):
            _replay(cursor, held, f"{held}_{step}", columns, entry, files)
    part = write_part(
        f"SELECT {columns} FROM {held}",  # noqa: S608  # our own words
        (),
        Part(
            table=table.name, kind=Part.Kind.RESTORED, scope=steps[-1][0].scope, schema=steps[-1][0].schema,
            since=number, version=restored.number,
        ),
    )  # fmt: skip
    part.save(force_insert=True)
    return part


Step = tuple[package_format.Table, dict[str, str]]


def _steps(database: ChannelDatabase, version: int, table: Carried, chain: Sequence[Package]) -> list[Step]:
    """The table's last full rows in the chain and the deltas after them. Raises CannotRollBack."""
    steps: list[Step] = []
    for earlier in chain:
        for entry in manifest_of(earlier).tables:
            if entry.table != table.name:
                continue
            if entry.mode == package_format.FULL:
                steps = []
            files = dict(earlier.parts.values_list("checksum", "file"))
            steps.append((entry, files))
    if not steps or steps[0][0].mode != package_format.FULL:
        raise CannotRollBack(
            database=database.name, version=version, why=f"{table.label} are not kept that long."
        )
    if any(entry.schema != schema_digest(table.model) for entry, _ in steps):
        raise CannotRollBack(
            database=database.name, version=version,
            why=f"{table.label} have other columns since the program was updated.",
        )  # fmt: skip
    return steps


def _replay(
    cursor, held: str, stage: str, columns: str, entry: package_format.Table, files: dict[str, str]
) -> None:
    """Do to the held rows what a package did to the channel's."""
    key = f'"{entry.key}"'
    if entry.rows:
        cursor.execute(f"CREATE TEMPORARY TABLE {stage} (LIKE {held}) ON COMMIT DROP")
        _copy_in(cursor, f"COPY {stage} ({columns}) FROM STDIN", entry.rows, files)
        cursor.execute(f"DELETE FROM {held} h USING {stage} s WHERE h.{key} = s.{key}")  # noqa: S608
        cursor.execute(f"INSERT INTO {held} SELECT * FROM {stage}")  # noqa: S608
    if entry.gone:
        cursor.execute(f"CREATE TEMPORARY TABLE {stage}_gone (key text) ON COMMIT DROP")
        _copy_in(cursor, f"COPY {stage}_gone FROM STDIN", entry.gone, files)
        cursor.execute(f"DELETE FROM {held} h USING {stage}_gone g WHERE h.{key}::text = g.key")  # noqa: S608


def _copy_in(cursor, statement: str, part: package_format.Part, files: dict[str, str]) -> None:
    with package_storage().open(files[part.checksum]) as file, cursor.copy(statement) as copy:
        for chunk in package_format.unpacked(file, part):
            copy.write(chunk)


def _next_version() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('channels_app_mark_number')")
        return cursor.fetchone()[0]
