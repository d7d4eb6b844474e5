"""Which rows go to which channel database."""

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from uuid import UUID

import msgspec
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, Q, QuerySet

from channels_app.models import StorePlacement
from channels_app.registry import (
    Carried,
    Values,
    carried,
    carried_of,
    effective_facets,
    facets,
    followed_keys,
)

_json = msgspec.json.Encoder(order="deterministic")


def facet_values(databases: Iterable[UUID]) -> dict[UUID, Values]:
    """The facet values of each channel database, sorted, in one query per facet however many databases there are."""
    wanted = set(databases)
    home: dict[int, UUID] = {
        store: database
        for store, database in StorePlacement.objects.values_list("store_id", "channel_database_id")
        if database in wanted
    }
    found: dict[UUID, dict[str, set]] = {d: {name: set() for name in ("store", *facets())} for d in wanted}
    for store, database in home.items():
        found[database]["store"].add(store)
    for name, pairs in facets().items():
        for store, value in pairs():
            if store in home:
                found[home[store]][name].add(value)
    return {d: {name: sorted(values) for name, values in by_name.items()} for d, by_name in found.items()}


def scope_digests(values: Values) -> dict[str, str]:
    """By table, a digest of what it is cut by in one database; equal digests mean equal rows."""
    cuts = {table.name: effective_facets(table) for table in carried()}
    digests = {names: _digest({name: values[name] for name in names}) for names in set(cuts.values())}
    return {table: digests[names] for table, names in cuts.items()}


class Scope:
    """What a database with some facet values gets, at one moment: what its queries must look up is looked up once."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._rows: dict[str, QuerySet] = {}

    def rows(self, table: Carried) -> QuerySet:
        """The rows of a table that the database gets."""
        if table.name not in self._rows:
            self._rows[table.name] = self._cut(table)
        return self._rows[table.name]

    def _cut(self, table: Carried) -> QuerySet:
        where = table.within(self._values) if table.within else Q()
        for key in followed_keys(table):
            inside = Q(**{f"{key.name}__in": self.rows(carried_of(key.related_model)).values("pk")})
            where &= inside | Q(**{f"{key.name}__isnull": True}) if key.null else inside
        return table.model._base_manager.filter(where).order_by()


def sql_of(rows: QuerySet) -> tuple[str, Sequence]:
    """The text of a query and its parameters, also when Django sees that it finds nothing."""
    return rows.query.get_compiler(DEFAULT_DB_ALIAS, elide_empty=False).as_sql()


@lru_cache(maxsize=256)
def schema_digest(model: type[Model]) -> str:
    """A digest of a table's columns and types: two sides exchange rows only when theirs are equal."""
    columns = [
        [f.column, f.rel_db_type(connection) if f.primary_key else f.db_type(connection), f.null]
        for f in model._meta.concrete_fields
        if not getattr(f, "generated", False)
    ]
    return _digest(columns)


def _digest(value: object) -> str:
    return hashlib.sha256(_json.encode(value)).hexdigest()[:32]
