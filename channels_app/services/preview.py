"""What publishing would do, before it is done: which tables change, for how many stores, with examples old → new."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.db.models import DecimalField, ForeignKey, Model

from channels_app.former import former_rows, read_line
from channels_app.marks import one_moment
from channels_app.models import ChannelDatabase, StorePlacement
from channels_app.parts import Queries
from channels_app.plan import DatabasePlan, Planner, TablePlan
from channels_app.registry import Carried

EXAMPLES = 5  # of each table

Row = Mapping[str, str | None]


@dataclass(frozen=True)
class FieldChange:
    """One field before and after, in words; `before` is empty for a new row."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Example:
    """One row that would go out. `is_new` where the channel has none yet; `changes` are its differing fields."""

    label: str
    is_new: bool
    changes: tuple[FieldChange, ...]


@dataclass
class TablePreview:
    """What would happen to one table: rows that are sent and rows that go, in how many databases and stores."""

    table: Carried
    rows: int = 0
    gone: int = 0
    all_rows_for: int = 0
    databases: set[UUID] = field(default_factory=set)
    stores: int = 0
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True)
class Preview:
    """What would go out now, by table in referential order; `databases` would get something."""

    tables: tuple[TablePreview, ...]
    databases: tuple[ChannelDatabase, ...]
    looked_at: int
    stores: int


def preview(databases: Sequence[UUID], jobs: Sequence[str]) -> Preview:
    """What a run of these jobs for these databases would send now. Nothing is written.

    A table that goes to many databases of one scope is counted once. Examples are compared with the packages that a
    database has applied, so they show what its tills have, whatever happened at headquarters meanwhile.
    """
    with one_moment() as moment:
        known = list(
            ChannelDatabase.objects.filter(pk__in=databases, is_active=True, scale_unit__is_active=True)
        )
        planner = Planner(moment, known)
        queries = Queries(planner)
        stores = _stores([d.pk for d in known])
        plans = [plan for d in known if (plan := planner.plan(d, jobs)).tables]
        found: dict[str, TablePreview] = {}
        for wanted, sharing in _groups(plans):
            _add(found.setdefault(wanted.table.name, TablePreview(wanted.table)), wanted, sharing, queries)
    for one in found.values():
        one.stores = sum(stores.get(d, 0) for d in one.databases)
    tables = tuple(one for one in found.values() if one.rows or one.gone or one.all_rows_for)
    touched = set().union(*(one.databases for one in tables))
    return Preview(
        tables=tuple(sorted(tables, key=lambda one: (one.table.job, one.table.label))),
        databases=tuple(d for d in known if d.pk in touched),
        looked_at=len(known),
        stores=sum(stores.get(d, 0) for d in touched),
    )


def _stores(databases: Sequence[UUID]) -> dict[UUID, int]:
    counts: dict[UUID, int] = defaultdict(int)
    placed = StorePlacement.objects.filter(channel_database__in=databases)
    for database in placed.values_list("channel_database", flat=True):
        counts[database] += 1
    return counts


def _groups(plans: Sequence[DatabasePlan]) -> list[tuple[TablePlan, list[DatabasePlan]]]:
    """Planned tables with the databases that would get the same rows of them."""
    groups: dict[tuple, tuple[TablePlan, list[DatabasePlan]]] = {}
    for plan in plans:
        for wanted in plan.tables:
            key = (wanted.table.name, wanted.scope, wanted.schema, wanted.since)
            groups.setdefault(key, (wanted, []))[1].append(plan)
    return list(groups.values())


def _add(into: TablePreview, wanted: TablePlan, sharing: list[DatabasePlan], queries: Queries) -> None:
    scope = sharing[0].scope
    rows, parameters = queries.rows(wanted, scope)
    count = _count(rows, parameters)
    gone = 0 if wanted.is_full else _count(*queries.gone(wanted, scope))
    if not (count or gone or wanted.is_full):
        return
    into.databases |= {plan.database.pk for plan in sharing}
    into.rows, into.gone = max(into.rows, count), max(into.gone, gone)
    if wanted.is_full:
        into.all_rows_for += len(sharing)
    elif count and not into.examples:
        into.examples = _examples(wanted, sharing[0], rows, parameters)


def _count(sql: str, parameters: Sequence) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({sql}) counted", parameters)  # noqa: S608  # our own words
        return cursor.fetchone()[0]


def _examples(wanted: TablePlan, plan: DatabasePlan, sql: str, parameters: Sequence) -> tuple[Example, ...]:
    table = wanted.table
    now = {row[table.key]: row for row in _texts(table, sql, parameters)}
    before = former_rows(plan.database, table, list(now))
    instances = table.model._base_manager.in_bulk(list(now))
    labels = {str(key): str(instance) for key, instance in instances.items()}
    return tuple(
        Example(
            label=labels.get(key, key),
            is_new=before.get(key) is None,
            changes=_changes(table.model, before.get(key), row),
        )
        for key, row in now.items()
    )


def _texts(table: Carried, sql: str, parameters: Sequence) -> list[Row]:
    """A few rows of a query, each value as COPY writes it."""
    names = ", ".join(f'"{c}"' for c in table.columns)
    with connection.cursor() as cursor:
        few = cursor.mogrify(
            f'SELECT * FROM ({sql}) AS r({names}) ORDER BY r."{table.key}" LIMIT {EXAMPLES}',  # noqa: S608
            parameters,
        )
        with cursor.copy(f"COPY ({few}) TO STDOUT") as copy:
            lines = b"".join(copy).decode().splitlines()
    return [dict(zip(table.columns, read_line(line), strict=True)) for line in lines]


def _changes(model: type[Model], before: Row | None, after: Row) -> tuple[FieldChange, ...]:
    if before is None:
        return ()
    fields = [f for f in model._meta.concrete_fields if f.column in after]
    return tuple(
        FieldChange(str(f.verbose_name), _said(f, before.get(f.column)), _said(f, after[f.column]))
        for f in fields
        if before.get(f.column) != after[f.column]
    )


def _said(model_field, value: str | None) -> str:  # a field of any model
    """A value for people: the name of what a key refers to, a choice's words, else what is stored."""
    if value in (None, ""):
        return "empty"
    if isinstance(model_field, ForeignKey):
        other = model_field.related_model._base_manager.filter(pk=value).first()
        return str(other) if other is not None else value
    if isinstance(model_field, DecimalField):
        return f"{Decimal(value):,.{max(2, -Decimal(value).normalize().as_tuple().exponent)}f}"
    if model_field.choices:
        return str(dict(model_field.flatchoices).get(value, value))
    return {"t": "yes", "f": "no", "true": "yes", "false": "no"}.get(value, value)
