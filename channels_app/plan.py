"""What a channel database lacks: which tables must be sent to it, and whether in full or as a delta."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.db import connection

from channels_app.changes import SINCE, TABLE, Touched, changes_since
from channels_app.marks import Moment, usable_marks
from channels_app.models import ChannelDatabase
from channels_app.registry import (
    Carried,
    Values,
    carried,
    carried_by_name,
    followed_keys,
    neighbours,
    tables_of,
)
from channels_app.scope import Scope, facet_values, schema_digest, scope_digests


@dataclass(frozen=True)
class TablePlan:
    """What one table needs. `since` is the mark that a delta begins at, None for a full one.

    `previous` is the version that the channel has of the table, None if it has none.
    """

    table: Carried
    scope: str
    schema: str
    since: int | None
    previous: int | None

    @property
    def is_full(self) -> bool:
        return self.since is None


@dataclass(frozen=True)
class DatabasePlan:
    """What one database needs: the tables to send, and those that were looked at and need nothing."""

    database: ChannelDatabase
    scope: Scope
    tables: tuple[TablePlan, ...]
    unchanged: tuple[str, ...]

    @property
    def is_full(self) -> bool:
        return any(t.is_full for t in self.tables)


@dataclass
class _Since:
    """What happened since one mark, and what follows from it for the membership of rows."""

    touched: Mapping[str, Touched]
    open_links: frozenset[tuple[str, str]]

    def __post_init__(self) -> None:
        self.moving: set[str] = set()
        self.reset: set[str] = set()
        for table in carried():
            self._look_at(table)

    def _look_at(self, table: Carried) -> None:
        own = self.touched.get(table.name)
        if own and own.moved:
            self.moving.add(table.name)
        if own and own.truncated:
            self.reset.add(table.name)
        for enters in table.enters:
            source = self.touched.get(enters.source._meta.db_table)
            if not source:
                continue
            column = enters.column and enters.source._meta.get_field(enters.column).column
            if (
                source.truncated
                or (column is None and source.moved)
                or (column and (enters.source._meta.db_table, column) in self.open_links)
            ):
                self.reset.add(table.name)
            elif column:
                self.moving.add(table.name)
        for key in followed_keys(table):
            parent = key.related_model._meta.db_table
            if parent in self.moving:
                self.moving.add(table.name)
            if parent in self.reset:
                self.reset.add(table.name)

    def needs(self, table: str) -> bool:
        return table in self.touched or table in self.moving or table in self.reset


class Planner:
    """Plans for many databases at one moment; what is the same for all of them is looked up once."""

    def __init__(self, moment: Moment, databases: Sequence[ChannelDatabase]) -> None:
        self.moment = moment
        self.databases = databases
        self._since: dict[int, _Since] = {}

    @cached_property
    def values(self) -> Mapping[UUID, Values]:
        return facet_values(database.pk for database in self.databases)

    @cached_property
    def snapshots(self) -> dict[int, str]:
        numbers = {mark["since"] for database in self.databases for mark in database.marks.values()}
        return usable_marks(numbers, self.moment.cluster)

    def since(self, number: int) -> _Since | None:
        """What happened since a mark; None when that cannot be told any more."""
        if number not in self.snapshots:
            self.snapshots.update(usable_marks({number}, self.moment.cluster))
        if number not in self.snapshots:
            return None
        if number not in self._since:
            snapshot = self.snapshots[number]
            self._since[number] = _Since(changes_since(snapshot), _open_links(snapshot))
        return self._since[number]

    def is_unchanged(self, table: Carried, number: int) -> bool:
        """Whether nothing since a mark concerns a table: what was built then still holds."""
        since = self.since(number)
        return since is not None and not since.needs(table.name)

    def plan(self, database: ChannelDatabase, jobs: Sequence[str], *, full: bool = False) -> DatabasePlan:
        """What a database needs of some jobs, and of what must come along.

        A row cannot arrive without those it refers to, nor leave before those that refer to it. So a table
        outside of the jobs comes along when it waits to be sent and is a neighbour of one that is sent.
        """
        values = self.values[database.pk]
        scopes = scope_digests(values)
        waiting = {t.name: plan for t in carried() if (plan := self._plan_table(database, t, scopes[t.name]))}
        wanted = {t.name: t for t in tables_of(jobs)}
        if full:
            waiting |= {name: _full(database, table, scopes[name]) for name, table in wanted.items()}
        chosen: dict[str, TablePlan] = {}
        look_at = list(wanted)
        while look_at:
            name = look_at.pop()
            if name in waiting and name not in chosen:
                chosen[name] = waiting[name]
                look_at += neighbours(carried_by_name()[name])
        tables = tuple(chosen[t.name] for t in carried() if t.name in chosen)
        return DatabasePlan(
            database, Scope(values), tables, tuple(name for name in wanted if name not in chosen)
        )

    def _plan_table(self, database: ChannelDatabase, table: Carried, scope: str) -> TablePlan | None:
        mark, schema = database.marks.get(table.name), schema_digest(table.model)
        if mark is None or mark["scope"] != scope or mark["schema"] != schema:
            return _full(database, table, scope)
        since = self.since(mark["since"])
        if since is None or table.name in since.reset:
            return _full(database, table, scope)
        if not since.needs(table.name):
            return None
        return TablePlan(table, scope, schema, mark["since"], mark["version"])


def _full(database: ChannelDatabase, table: Carried, scope: str) -> TablePlan:
    mark = database.marks.get(table.name)
    return TablePlan(table, scope, schema_digest(table.model), None, mark["version"] if mark else None)


def _open_links(snapshot: str) -> frozenset[tuple[str, str]]:
    """Tables and columns whose changed rows name no row of another table: any of its rows may be concerned."""
    sources = {
        (enters.source._meta.db_table, enters.source._meta.get_field(enters.column).column)
        for table in carried()
        for enters in table.enters
        if enters.column
    }
    with connection.cursor() as cursor:
        found = set()
        for table, column in sources:
            cursor.execute(
                f"""SELECT EXISTS (SELECT FROM {TABLE} WHERE {SINCE} AND "table" = %(table)s
                    AND links -> %(column)s @> 'null')""",  # noqa: S608  # our own words
                {"snapshot": snapshot, "table": table, "column": column},
            )
            if cursor.fetchone()[0]:
                found.add((table, column))
    return frozenset(found)
