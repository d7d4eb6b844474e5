"""Many rows of master data written in a few statements, each with its history.

Django's own bulk update and the history's bulk writer build objects for each cell, which takes longer than all else of
a long import.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Field, Model
from django.utils import timezone
from psycopg.sql import SQL, Composable, Identifier

from hq.models.history import BASELINE


def create_in_bulk(model: type[Model], rows: Sequence[Any]) -> None:
    """Write new rows."""
    model._default_manager.bulk_create(rows)
    _keep(model, rows, "+", user=_user_of(rows[0]))


def update_in_bulk(model: type[Model], rows: Sequence[Any]) -> None:
    """Write all columns of changed rows; before its first change a row's history also keeps how it was found."""
    _keep(model, rows, "+", reason=BASELINE, only_first=True)
    fields, key = model._meta.concrete_fields, Identifier(model._meta.pk.column)
    update = SQL("UPDATE {} AS t SET {} FROM unnest({}) AS n({}) WHERE t.{} = n.{}").format(
        Identifier(model._meta.db_table),
        SQL(", ").join(
            SQL("{0} = n.{0}").format(Identifier(field.column)) for field in fields if not field.primary_key
        ),
        SQL(", ").join(SQL(f"%s::{field.db_type(connection)}[]") for field in fields),
        _columns(fields), key, key,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cells = [
            [field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows]
            for field in fields
        ]
        cursor.execute(update, cells)
    _keep(model, rows, "~", user=_user_of(rows[0]))


def _keep(
    model: type[Model], rows: Sequence[Any], kind: str, *, user: Any = None, reason: str | None = None,
    only_first: bool = False,
) -> None:  # fmt: skip
    """Keep how rows stand in the database; `only_first`: those that have no history yet."""
    if not getattr(settings, "SIMPLE_HISTORY_ENABLED", True):
        return
    history = model.history.model
    kept, table, key = (
        Identifier(name) for name in (history._meta.db_table, model._meta.db_table, model._meta.pk.column)
    )
    first = SQL(" AND NOT EXISTS (SELECT FROM {0} h WHERE h.{1} = t.{1})").format(kept, key)
    keep = SQL(
        "INSERT INTO {0} ({1}, history_date, history_type, history_user_id, history_change_reason) "
        "SELECT {1}, %s, %s, %s, %s FROM {2} t WHERE {3} = ANY(%s){4}"
    ).format(kept, _columns(history.tracked_fields), table, key, first if only_first else SQL(""))
    with connection.cursor() as cursor:
        cursor.execute(keep, [timezone.now(), kind, user and user.pk, reason, [row.pk for row in rows]])


def _user_of(row: Any) -> Any:
    return row.history.model.get_default_history_user(row)


def _columns(fields: Iterable[Field]) -> Composable:
    return SQL(", ").join(Identifier(field.column) for field in fields)
