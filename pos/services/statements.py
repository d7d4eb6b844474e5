"""One statement, one round trip: prepared on the server, committed by itself unless a transaction is open."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import psycopg
from django.db import connection


def json_value(value: Any) -> Any:
    """A JSON column of a row as plain values: Django's connections leave some of them as text."""
    return msgspec.json.decode(value) if isinstance(value, str | bytes) else value


def run_statement(sql: str, parameters: Mapping[str, Any]) -> Sequence[tuple]:
    """Execute one statement and return its rows.

    The server prepares it once per connection, so that a long statement is planned once. It is logged like
    Django's own queries, so that tests count it. Raises Django's database errors.
    """
    connection.ensure_connection()
    started = time.monotonic()
    try:
        with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
            cursor.execute(sql, parameters, prepare=True)
            return cursor.fetchall()
    finally:
        if connection.queries_logged:
            connection.queries_log.append({"sql": sql, "time": f"{time.monotonic() - started:.3f}"})
