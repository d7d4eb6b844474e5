"""Emptying the database between tests: only tables that have rows, and what migrations laid down stays.

Django truncates every table and lays down permissions, roles and jobs anew, which takes longer than most tests.
"""

from collections.abc import Collection, Sequence

from django.db import connection, transaction

FEW_BYTES = 1 << 20
_LOG = "channels_app_change"  # notes that others were emptied: itself last


class Emptying:
    """Brings the database back to what it was when this was made."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            self._tables = connection.introspection.table_names(cursor)
            self._laid_down = [table for table in _with_rows(cursor, self._tables) if table != _LOG]
            self._sums = _sums(cursor, self._laid_down)
            self._copies = {table: _copy_out(cursor, table) for table in self._laid_down}

    def __call__(self) -> None:
        """Empty what has rows; put back what was laid down, if anybody has changed it."""
        with transaction.atomic(), connection.cursor() as cursor:
            copies = {} if _sums(cursor, self._laid_down) == self._sums else self._copies
            empty(cursor, {*self._tables} - {_LOG, *self._laid_down} | copies.keys())
            for table, rows in copies.items():
                with cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
                    copy.write(rows)
            empty(cursor, [_LOG])


def empty(cursor, tables: Collection[str]) -> None:
    """Empty those of the tables that have rows; what refers to them must be among them, or empty.

    A few rows are deleted, without asking triggers: to truncate makes new files for a table and each of its indexes,
    and took ten times as long.
    """
    filled = _with_rows(cursor, tables)
    if not filled:
        return
    cursor.execute(
        "SELECT t FROM unnest(%s::text[]) AS t WHERE pg_relation_size(t::regclass) > %s", [filled, FEW_BYTES]
    )
    large = {table for (table,) in cursor.fetchall()}
    steps = [f'DELETE FROM "{table}"' for table in filled if table not in large]
    if large:
        steps.append("TRUNCATE {} CASCADE".format(", ".join(f'"{table}"' for table in sorted(large))))
    role = "SET LOCAL session_replication_role = "
    with transaction.atomic():
        cursor.execute("; ".join([f"{role} replica", *steps, f"{role} DEFAULT"]))


def _with_rows(cursor, tables: Collection[str]) -> list[str]:
    cursor.execute(" UNION ALL ".join(f"SELECT '{t}' WHERE EXISTS (SELECT FROM \"{t}\")" for t in tables))
    return [table for (table,) in cursor.fetchall()]


def _sums(cursor, tables: Sequence[str]) -> list[tuple]:
    cursor.execute(
        " UNION ALL ".join(
            f"SELECT '{t}', count(*), sum(hashtextextended(t::text, 0)::numeric) FROM \"{t}\" t"
            for t in tables
        )
    )
    return sorted(cursor.fetchall())


def _copy_out(cursor, table: str) -> bytes:
    with cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
        return b"".join(copy)
