"""A table in one number: what two databases compare to know whether they hold the same rows."""

from collections.abc import Mapping, Sequence

import msgspec
from django.db import connection

from channels_app.registry import Carried, carried_by_name
from channels_app.scope import Scope, sql_of


class Checksum(msgspec.Struct, frozen=True):
    """How many rows, and a sum over all of them in which their order does not matter."""

    rows: int
    sum: str


def checksums(tables: Mapping[str, Sequence[str]]) -> dict[str, Checksum]:
    """The checksums of whole tables over some of their columns; tables and columns that are not there are left out."""
    known = carried_by_name()
    return {
        name: _checksum(known[name], known[name].model._base_manager.all(), columns)
        for name, columns in tables.items()
        if name in known and set(columns) <= set(known[name].columns)
    }


def checksum_in_scope(table: Carried, scope: Scope) -> Checksum:
    """The checksum of the rows that one channel database should have of a table."""
    return _checksum(table, scope.rows(table), table.columns)


def _checksum(table: Carried, rows, columns: Sequence[str]) -> Checksum:  # a queryset of any model
    names = [f.attname for f in table.model._meta.concrete_fields if f.column in columns]
    sql, parameters = sql_of(rows.order_by().values_list(*names))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), coalesce(sum(hashtextextended(r::text, 0)::numeric), 0)::text FROM ({sql}) r",  # noqa: S608
            parameters,
        )
        count, total = cursor.fetchone()
    return Checksum(count, total)
