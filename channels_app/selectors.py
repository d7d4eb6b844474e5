"""How the exchange stands: for the till's status sheet, and for headquarters' operations pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from django.db.models import Max, OuterRef, Subquery
from django.utils import timezone

from channels_app.changes import cluster_id
from channels_app.marks import Moment
from channels_app.models import ChannelDatabase, DataVersion, ExchangeState, Mark, Package, ReceivedPackage
from channels_app.plan import Planner
from channels_app.registry import EVERYTHING, JOBS, is_upload, tables_of
from channels_app.states import LIVE, PackageState, ReceivedState

SILENT_AFTER = timedelta(minutes=2)
SHOWN_JOBS = tuple(job for job in JOBS if not is_upload(job) and job != EVERYTHING)


class Freshness(msgspec.Struct, frozen=True):
    """How old the data of this channel database is, and what it waits for, in words for a cashier."""

    version: int | None
    applied_at: datetime | None
    last_contact_at: datetime | None
    last_try_at: datetime | None
    waiting_for: str
    error: str

    @property
    def words(self) -> str:
        """One line for the status sheet."""
        if self.version is None or self.applied_at is None:
            return self.waiting_for or "No data yet."
        said = f"Data as of {self.applied_at:%Y-%m-%d %H:%M} UTC, version {self.version}."
        return f"{said} {self.waiting_for}".strip()


def freshness() -> Freshness:
    """How fresh the data of this scale unit is; three small queries."""
    version = DataVersion.objects.first()
    state = ExchangeState.objects.first()
    package = ReceivedPackage.objects.exclude(state=ReceivedState.APPLIED).order_by("-received_at").first()
    return Freshness(
        version=version.version if version else None,
        applied_at=version.applied_at if version else None,
        last_contact_at=state.last_contact_at if state else None,
        last_try_at=state.last_try_at if state else None,
        waiting_for=_waiting_for(version, state, package),
        error=(state.last_error if state else "") or (package.error if package else ""),
    )


def _waiting_for(
    version: DataVersion | None, state: ExchangeState | None, package: ReceivedPackage | None
) -> str:
    newer = package if package and (version is None or package.version > version.version) else None
    if newer and newer.state == ReceivedState.DOWNLOADING:
        return f"Package {newer.version} is on its way: {newer.received_bytes * 100 // max(newer.size, 1)} %."
    if newer and newer.state == ReceivedState.RECEIVED:
        return f"Package {newer.version} is being applied."
    if newer:
        return f"Package {newer.version} could not be applied; headquarters sends another."
    if state is None or state.last_contact_at is None:
        return (
            "Headquarters has not answered yet."
            if state and state.last_error
            else "Waiting for headquarters."
        )
    if state.last_error:
        return "Headquarters cannot be reached; selling goes on."
    if version is None:
        return "Waiting for the first package from headquarters."
    return ""


@dataclass(frozen=True)
class JobCell:
    """One job in one channel database: complete, something of it changed since, or never sent.

    `version` is the one that last brought something of it, `as_of` the moment that all its tables are
    complete up to at headquarters.
    """

    number: str
    kind: str
    words: str
    version: int | None = None
    as_of: datetime | None = None

    @property
    def sign(self) -> str:
        return {"complete": "✓", "waiting": "●", "never": "–"}[self.kind]


@dataclass(frozen=True)
class DatabaseRow:
    """One channel database on the operations page. `tone` is calm, good, asks or wrong."""

    id: UUID
    name: str
    state: str
    tone: str
    version: int | None
    applied_at: datetime | None
    checked_at: datetime | None
    last_contact_at: datetime | None
    stores: Sequence[str]
    groups: Sequence[str]
    unsent: int
    unsent_since: datetime | None
    uploaded_at: datetime | None
    jobs: Sequence[JobCell]
    package: Package | None
    error: str

    @property
    def needs_somebody(self) -> bool:
        return self.tone in ("asks", "wrong")


def newest_version() -> int | None:
    """The number of the newest mark that a package was built for."""
    return Package.objects.aggregate(newest=Max("version"))["newest"]


def database_rows(chosen: Sequence[UUID] | None = None) -> list[DatabaseRow]:
    """All channel databases or the chosen ones, those with trouble first; the number of queries is bounded.

    It grows with how many different versions the databases stand at, not with how many databases there are.
    """
    last = Package.objects.filter(database=OuterRef("pk")).order_by("-started_at")
    databases = list(
        ChannelDatabase.objects.select_related("scale_unit")
        .prefetch_related("placements__store", "groups")
        .annotate(last_package=Subquery(last.values("pk")[:1]))
        .filter(**{} if chosen is None else {"pk__in": chosen})
    )
    packages = Package.objects.defer("header").in_bulk([d.last_package for d in databases if d.last_package])
    planner = Planner(Moment(0, "", cluster_id()), databases)
    numbers = {mark["since"] for d in databases for mark in d.marks.values()}
    cut = dict(Mark.objects.filter(number__in=numbers).values_list("number", "cut_at"))
    rows = [_row(d, packages.get(d.last_package), planner, cut) for d in databases]
    return sorted(rows, key=lambda row: (_ORDER.index(row.tone), row.name))


_ORDER = ("wrong", "asks", "calm", "good")


def _row(
    database: ChannelDatabase, package: Package | None, planner: Planner, cut: Mapping[int, datetime]
) -> DatabaseRow:
    state, tone = _state(database, package)
    return DatabaseRow(
        id=database.pk,
        name=database.name,
        state=state,
        tone=tone,
        version=database.applied_version,
        applied_at=database.applied_at,
        checked_at=database.checked_at,
        last_contact_at=database.last_contact_at,
        stores=sorted(p.store.number for p in database.placements.all()),
        unsent=database.unsent,
        unsent_since=database.unsent_since,
        uploaded_at=database.uploaded_at,
        groups=sorted(group.name for group in database.groups.all()),
        jobs=[_cell(database, job, planner, cut) for job in SHOWN_JOBS],
        package=package,
        error=database.last_error,
    )


def _state(database: ChannelDatabase, package: Package | None) -> tuple[str, str]:
    now = timezone.now()
    if not database.is_active or not database.scale_unit.is_active:
        return "paused", "calm"
    if package and package.state == PackageState.FAILED:
        return "failed", "wrong"
    if package and package.state in LIVE:
        if package.attempts > 1 and package.error:
            return "cannot be reached", "wrong"
        return package.progress.lower(), "calm"
    if database.last_contact_at is None:
        return "never heard of", "asks"
    if now - database.last_contact_at > SILENT_AFTER:
        return "silent", "asks"
    if database.pinned:
        return "held at its version", "asks"
    if database.applied_version is None:
        return "waits for its first package", "asks"
    return "up to date", "good"


def _cell(database: ChannelDatabase, job: str, planner: Planner, cut: Mapping[int, datetime]) -> JobCell:
    """How one job stands; what moved to other stores is seen only when a package is planned."""
    tables = tables_of([job])
    marks = [database.marks.get(table.name) for table in tables]
    if not tables:
        return JobCell(job, "complete", f"{JOBS[job]}: carries no tables yet")
    if any(mark is None for mark in marks):
        return JobCell(job, "never", f"{JOBS[job]}: never sent in full")
    version = max(mark["version"] for mark in marks)
    as_of = cut.get(min(mark["since"] for mark in marks))
    waiting = [
        t.label for t, mark in zip(tables, marks, strict=True) if _is_waiting(planner, t.name, mark["since"])
    ]
    if waiting:
        return JobCell(job, "waiting", f"{JOBS[job]}: changed since, {', '.join(waiting)}", version, as_of)
    return JobCell(job, "complete", f"{JOBS[job]}: complete, version {version}", version, as_of)


def _is_waiting(planner: Planner, table: str, number: int) -> bool:
    since = planner.since(number)
    return since is None or since.needs(table)
