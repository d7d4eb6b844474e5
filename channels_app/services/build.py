"""Building packages: who lacks something gets a package that brings it to one moment of headquarters' data."""

import hashlib
import logging
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from psycopg.types.json import Jsonb

from channels_app import package_format
from channels_app.contents import manifest_of, marks_after
from channels_app.marks import one_moment
from channels_app.models import ChannelDatabase, Package, Part, Schedule
from channels_app.parts import Parts, described
from channels_app.plan import DatabasePlan, Planner
from channels_app.progress import watched
from channels_app.services.care import note_failure
from channels_app.states import PackageState

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

logger = logging.getLogger(__name__)
_BUILDING = 0x7111_0002  # advisory lock class: held while a package is being built
_GRACE = timedelta(seconds=20)
_BUILT = [  # of a package, once it is built
    *("state", "available_at", "settled_at", "error", "version", "previous_version", "kind", "header"),
    *("checksum", "rows", "bytes", "build_seconds"),
]
_COMPLETE = """
    UPDATE channels_app_channeldatabase d SET checked_at = %s, marks = n.value
      FROM jsonb_each(%s) AS n WHERE d.id = n.key::uuid
"""
_AT_ONCE = 50  # packages that become available in one transaction


@dataclass(frozen=True)
class Order:
    """Who wants what built: jobs for databases, in full or as far as they lack something.

    What is built for those that are `held` waits for the canaries, until `hold_until` at least.
    """

    databases: Sequence[UUID]
    jobs: Sequence[str]
    full: bool = False
    schedule: Schedule | None = None
    requested_by: "AbstractBaseUser | None" = None
    held: Collection[UUID] = ()
    hold_until: datetime | None = None


@dataclass(frozen=True)
class _Built:
    """What a database's package holds: the tables of its manifest and their parts, in the manifest's order."""

    plan: DatabasePlan
    tables: tuple[package_format.Table, ...]
    parts: tuple[Part, ...]
    seconds: float


def build_packages(order: Order) -> list[Package]:
    """Build a package for each database of the order that lacks something; the others are noted as up to date.

    A package that nobody has begun to fetch makes way for a greater one; a database whose package is on its
    way waits for the next run. Each package is visible as started while it is built.
    """
    packages = _start(order)
    if not packages:
        return []
    try:
        with _seen_alive(packages), watched([package.pk for package in packages.values()]):
            version, built = _build(order, packages)
            return [p for some in _bunches(built) for p in _publish(some, packages, version)]
    except BaseException as error:
        logger.exception("Building failed", extra={"packages": [p.pk for p in packages.values()]})
        for package in packages.values():
            _give_up(package, f"Building failed: {error or type(error).__name__}")
        _tell(packages)
        raise


def fail_abandoned() -> int:
    """Fail the packages whose builder died; how many they were."""
    count = 0
    for package in Package.objects.filter(state=PackageState.STARTED, started_at__lt=timezone.now() - _GRACE):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_BUILDING, _lock_number(package.pk)])
            if cursor.fetchone()[0]:
                count += _give_up(package, "Building failed: the process that built it ended.")
    return count


def _start(order: Order) -> dict[UUID, Package]:
    """See who lacks something, and leave a started package for each of them; by database."""
    databases = list(
        ChannelDatabase.objects.filter(pk__in=order.databases, is_active=True, scale_unit__is_active=True)
    )
    with one_moment() as moment:
        planner = Planner(moment, databases)
        plans = [planner.plan(database, order.jobs, full=order.full) for database in databases]
        waited_for = {} if order.full else _waited_for(planner, order.jobs)
    checked = [plan.database.pk for plan in plans if not plan.tables]
    if checked:
        ChannelDatabase.objects.filter(pk__in=checked).update(checked_at=timezone.now())
    wanted = [
        Package(
            database=plan.database,
            schedule=order.schedule,
            requested_by=order.requested_by,
            hold_until=order.hold_until if plan.database.pk in order.held else None,
            jobs=list(order.jobs),
            kind=Package.Kind.FULL if plan.is_full else Package.Kind.DELTA,
            version=moment.number,
            previous_version=plan.database.applied_version,
        )
        for plan in plans
        if plan.tables and not waited_for.get(plan.database.pk) and not _is_skipped(plan, planner)
    ]
    with transaction.atomic():
        _supersede([package.database for package in wanted])
        # One that is on its way must arrive first. In one order, so that two builders never wait for each other.
        Package.objects.bulk_create(sorted(wanted, key=lambda p: p.database_id), ignore_conflicts=True)
        begun = set(Package.objects.filter(pk__in=[p.pk for p in wanted]).values_list("pk", flat=True))
    return {package.database_id: package for package in wanted if package.pk in begun}


def _is_skipped(plan: DatabasePlan, planner: Planner) -> bool:
    """Whether somebody skipped all that the database lacks."""
    skipped = plan.database.skipped_version
    return skipped is not None and all(planner.is_unchanged(t.table, skipped) for t in plan.tables)


def _waited_for(planner: Planner, jobs: Sequence[str]) -> dict[UUID, bool]:
    """Whether what a database lacks is all in the package that waits for it already."""
    waiting = Package.objects.filter(database__in=planner.databases, state=PackageState.AVAILABLE)
    found = {}
    for package in waiting.select_related("database"):
        package.database.marks |= marks_after(manifest_of(package))
        found[package.database_id] = not planner.plan(package.database, jobs).tables
    return found


def _supersede(databases: Sequence[ChannelDatabase]) -> None:
    """Cancel the packages that nobody has begun to fetch: those about to be built hold more."""
    waiting = Package.objects.select_for_update(skip_locked=True).filter(
        database__in=databases, state=PackageState.AVAILABLE, is_rollback=False, sent_bytes=0
    )
    for package in waiting:
        package.move_to(PackageState.CANCELLED)
        package.error = "A newer package took its place."
        package.save(update_fields=["state", "settled_at", "error"])


@contextmanager
def _seen_alive(packages: dict[UUID, Package]) -> Iterator[None]:
    """Hold locks that go when this process goes, so that others see whether the builder lives."""
    numbers = [_lock_number(package.pk) for package in packages.values()]
    with connection.cursor() as cursor:
        try:
            cursor.execute(
                "SELECT count(pg_advisory_lock(%s, n)) FROM unnest(%s::int[]) n", [_BUILDING, numbers]
            )
            yield
        finally:
            if not connection.needs_rollback and connection.is_usable():
                cursor.execute(
                    "SELECT count(pg_advisory_unlock(%s, n)) FROM unnest(%s::int[]) n", [_BUILDING, numbers]
                )


def _lock_number(package: UUID) -> int:
    return int.from_bytes(package.bytes[-4:], signed=True)


def _build(order: Order, packages: dict[UUID, Package]) -> tuple[int, list[_Built]]:
    """What each database gets, read at one moment; the moment's number is the version of them all."""
    built = []
    with one_moment() as moment:
        planner = Planner(moment, list(ChannelDatabase.objects.filter(pk__in=packages)))
        parts = Parts(moment, planner)
        for database in planner.databases:
            begun = time.perf_counter()
            plan = planner.plan(database, order.jobs, full=order.full)
            tables, pieces = _tables(plan, parts, moment.number)
            built.append(_Built(plan, tables, pieces, time.perf_counter() - begun))
        parts.keep()
        moment.keep()
    return moment.number, built


def _tables(
    plan: DatabasePlan, parts: Parts, version: int
) -> tuple[tuple[package_format.Table, ...], tuple[Part, ...]]:
    """The manifest's tables and all parts; a delta table in which nothing concerns this database is left out."""
    tables, pieces = [], []
    for wanted, rows, gone in parts.of(plan):
        found = [part for part in (rows, gone) if part and part.rows]
        if not found and not wanted.is_full:
            continue
        pieces += found
        tables.append(
            package_format.Table(
                table=wanted.table.name,
                mode=package_format.FULL if wanted.is_full else package_format.DELTA,
                columns=wanted.table.columns,
                key=wanted.table.key,
                schema=wanted.schema,
                scope=wanted.scope,
                version=version,
                previous=wanted.previous,
                rows=described(rows),
                gone=described(gone),
            )
        )
    return tuple(tables), tuple(pieces)


def _bunches(built: Sequence[_Built]) -> Iterator[Sequence[_Built]]:
    for start in range(0, len(built), _AT_ONCE):
        yield built[start : start + _AT_ONCE]


def _publish(some: Sequence[_Built], started: Mapping[UUID, Package], version: int) -> list[Package]:
    """Let built packages be fetched, unless somebody cancelled them meanwhile or there is nothing in them."""
    published, links = [], []
    with transaction.atomic():
        databases = ChannelDatabase.objects.select_for_update(no_key=True).order_by("pk")
        at = databases.in_bulk([built.plan.database.pk for built in some])
        still = (
            Package.objects.select_for_update(of=["self"]).filter(state=PackageState.STARTED).order_by("pk")
        )
        packages = still.select_related("schedule").in_bulk([started[pk].pk for pk in at])
        _note_complete(some, at, version)
        for built in some:
            package = packages.get(started[built.plan.database.pk].pk)
            if package is None:
                continue
            if not built.tables:
                package.delete()
                continue
            package.database = at[package.database_id]
            _finish(package, built, version)
            links += [Package.parts.through(package=package, part=part) for part in set(built.parts)]
            published.append(package)
        # One statement; `bulk_update` costs more than to save one after another.
        Package.objects.bulk_create(
            published, update_conflicts=True, unique_fields=["id"], update_fields=_BUILT
        )
        Package.parts.through.objects.bulk_create(links)
    for package in published:
        if package.state == PackageState.FAILED:
            note_failure(package)
    logger.info("Packages built", extra={"packages": [package.pk for package in published]})
    return [package for package in published if package.state == PackageState.AVAILABLE]


def _finish(package: Package, built: _Built, version: int) -> None:
    _sign(package, built, version)
    package.build_seconds = built.seconds
    limit = package.schedule.size_limit_mb * 1_000_000 if package.schedule else 0
    if limit and package.bytes > limit:
        package.move_to(PackageState.FAILED)
        package.error = f"It has {package.bytes} bytes; its schedule allows {limit}."
    else:
        package.move_to(PackageState.AVAILABLE)


def _sign(package: Package, built: _Built, version: int) -> None:
    package.version, package.previous_version = version, built.plan.database.applied_version
    package.kind = Package.Kind.FULL if built.plan.is_full else Package.Kind.DELTA
    sign_package(package, built.tables)


def sign_package(package: Package, tables: Sequence[package_format.Table]) -> None:
    """Give a package its header, which names its tables and is signed, and its size."""
    manifest = package_format.Manifest(
        package=package.pk,
        database=package.database_id,
        kind=package.kind,
        jobs=tuple(package.jobs),
        version=package.version,
        previous=package.previous_version,
        created_at=timezone.now(),
        tables=tuple(tables),
        is_rollback=package.is_rollback,
    )
    package.header = package_format.header(manifest, settings.PACKAGE_SIGNING_KEY)
    package.checksum = hashlib.sha256(package.header).hexdigest()
    package.rows = manifest.rows
    package.bytes = len(package.header) + manifest.body_size


def _note_complete(some: Sequence[_Built], databases: Mapping[UUID, ChannelDatabase], mark: int) -> None:
    """Note that locked databases lack nothing of some tables up to a mark, unless they stand elsewhere by now."""
    for built in some:
        marks, seen = databases[built.plan.database.pk].marks, built.plan.database.marks
        sent = {table.table for table in built.tables}
        for table in {*built.plan.unchanged, *(t.table.name for t in built.plan.tables)} - sent:
            if table in marks and marks[table] == seen.get(table):
                marks[table]["since"] = mark
    with connection.cursor() as cursor:
        cursor.execute(
            _COMPLETE,
            [timezone.now(), Jsonb({str(database.pk): database.marks for database in databases.values()})],
        )


def _tell(packages: dict[UUID, Package]) -> None:
    """Tell of packages that could not be built, as far as the database still lets us."""
    try:
        for package in Package.objects.filter(pk__in=[p.pk for p in packages.values()]):
            note_failure(package)
    except DatabaseError as error:
        logger.warning("Nobody could be told: %s", error)


def _give_up(package: Package, reason: str) -> bool:
    with transaction.atomic():
        package = Package.objects.select_for_update().get(pk=package.pk)
        if package.state != PackageState.STARTED:
            return False
        package.move_to(PackageState.FAILED)
        package.error = reason
        package.save(update_fields=["state", "settled_at", "error"])
    return True
