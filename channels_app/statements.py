"""One statement, one round trip: prepared on the server, committed by itself unless a transaction is open."""

import re
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import msgspec
import psycopg
from django.db import connection


def json_value(value: Any) -> Any:
    """A JSON column of a row as plain values: Django's connections leave some of them as text."""
    return msgspec.json.decode(value) if isinstance(value, str | bytes) else value


# The statements that a connection has prepared already.
_met: WeakKeyDictionary[psycopg.Connection[Any], set[bytes]] = WeakKeyDictionary()


@lru_cache(maxsize=256)
def _numbered(sql: str) -> tuple[bytes, tuple[str, ...]]:
    """The statement with $1, $2 … for its %(name)s, and the names in that order; worked out once per text."""
    names: list[str] = []

    def number(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%"
        if found[1] not in names:
            names.append(found[1])
        return f"${names.index(found[1]) + 1}"

    return re.sub(r"%\((\w+)\)s|%%", number, sql).encode(), tuple(names)


def run_statement(sql: str, parameters: Mapping[str, Any], *, prepare: bool = True) -> Sequence[tuple]:
    """Execute one statement and return its rows.

    The server prepares it once per connection, so that a long statement is parsed and planned once, not each time;
    what is seldom run is better not prepared. It is logged like Django's own queries, so that tests count it. Raises
    Django's database errors.
    """
    connection.ensure_connection()
    numbered, names = _numbered(sql)
    values = [parameters[name] for name in names]
    raw = connection.connection
    started = time.monotonic()
    try:
        with connection.wrap_database_errors, psycopg.RawCursor(raw) as cursor:
            if prepare and numbered not in (met := _met.setdefault(raw, set())):
                met.add(numbered)
                with raw.pipeline():  # so that it is prepared and run in one round trip
                    cursor.execute(numbered, values, prepare=True)
            else:
                cursor.execute(numbered, values, prepare=prepare)
            return cursor.fetchall()
    finally:
        if connection.queries_logged:
            connection.queries_log.append({"sql": sql, "time": f"{time.monotonic() - started:.3f}"})
