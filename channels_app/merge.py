"""Bringing tables to what a package says: rows are staged by COPY, then only what differs is written."""

# Names of tables and columns are those of our own models: the caller has compared them.
# ruff: noqa: S608

from collections.abc import Sequence
from typing import BinaryIO

from django.db import IntegrityError, connection, transaction
from django.db.models import CheckConstraint

from channels_app import package_format
from channels_app.package_format import BrokenPackage, Part, Table
from channels_app.progress import note_read
from channels_app.registry import carried_by_name


class Merge:
    """The tables of one package on their way into the database, in the surrounding transaction.

    Foreign keys are checked at the end of the transaction, unique columns at once: therefore what is gone is
    deleted first, those that refer before those referred to, and the rest is written the other way round.
    """

    def __init__(self, tables: Sequence[Table]) -> None:
        self._tables = tables
        self._direct: set[str] = set()
        self.changed: dict[str, int] = dict.fromkeys((t.table for t in tables), 0)

    def load(self, body: BinaryIO) -> None:
        """Read all parts, in the order of the manifest. Raises BrokenPackage."""
        for number, table in enumerate(self._tables):
            self._load_rows(number, table, body)
            if table.gone:
                key_type = carried_by_name()[table.table].key_type
                self._run(f"CREATE TEMPORARY TABLE gone_{number} (key {key_type}) ON COMMIT DROP")
                _copy_in(table, f"COPY gone_{number} FROM STDIN", body, table.gone)

    def write(self) -> None:
        """Delete, update and insert what differs. Raises IntegrityError; references are still to be checked."""
        for number, table in reversed(list(enumerate(self._tables))):
            self._delete(number, table)
        for number, table in enumerate(self._tables):
            if table.rows and table.table not in self._direct:
                self._upsert(number, table)

    def _load_rows(self, number: int, table: Table, body: BinaryIO) -> None:
        if table.rows is None:
            return
        columns = _columns(table.columns)
        if table.mode == package_format.FULL and not self._run(f'SELECT FROM "{table.table}" LIMIT 1'):
            _copy_in(table, f'COPY "{table.table}" ({columns}) FROM STDIN', body, table.rows)
            self._direct.add(table.table)
            self.changed[table.table] += table.rows.rows
            return
        like = f'SELECT {columns} FROM "{table.table}" WITH NO DATA'
        self._run(f"CREATE TEMPORARY TABLE stage_{number} ON COMMIT DROP AS {like}")
        _copy_in(table, f"COPY stage_{number} ({columns}) FROM STDIN", body, table.rows)
        if table.mode == package_format.FULL:
            self._run(f"ANALYZE stage_{number}")

    def _delete(self, number: int, table: Table) -> None:
        target, key = f'"{table.table}"', f'"{table.key}"'
        if table.mode == package_format.FULL and table.table not in self._direct:
            there = (
                f"NOT EXISTS (SELECT FROM stage_{number} s WHERE s.{key} = t.{key})" if table.rows else "true"
            )
            self.changed[table.table] += self._run(f"DELETE FROM {target} t WHERE {there}")
        elif table.gone:
            self.changed[table.table] += self._run(
                f"DELETE FROM {target} t USING gone_{number} g WHERE t.{key} = g.key"
            )

    def _upsert(self, number: int, table: Table) -> None:
        """Update and insert; where values of a unique column change places, the rows are replaced instead."""
        same, differs = _same_key(table), _differs(table, "t", "s")
        stage, target, columns = f"stage_{number} s", f'"{table.table}"', _columns(table.columns)
        insert = (
            f"INSERT INTO {target} ({columns}) SELECT {columns} FROM {stage} "
            f"WHERE NOT EXISTS (SELECT FROM {target} t WHERE {same})"
        )
        upserts = _upserts(table, stage, insert)
        if not _has_unique_columns(table):  # nothing can change places: no savepoint to come back to
            self.changed[table.table] += sum(self._run(sql) for sql in upserts)
            return
        try:
            with transaction.atomic():
                changed = sum(self._run(sql) for sql in upserts)
        except IntegrityError:
            self._run(f"DELETE FROM {target} t USING {stage} WHERE {same} AND {differs}")
            changed = self._run(insert)
        self.changed[table.table] += changed

    def _run(self, sql: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.rowcount


def _copy_in(table: Table, statement: str, body: BinaryIO, part: Part) -> None:
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for chunk in package_format.unpacked(body, part):
                copy.write(chunk)
                note_read(table.table, chunk.count(b"\n"), len(chunk))
        if cursor.rowcount != part.rows:
            raise BrokenPackage(why=f"a part holds {cursor.rowcount} rows and declares {part.rows}.")


def _columns(columns: Sequence[str]) -> str:
    return ", ".join(f'"{c}"' for c in columns)


def _same_key(table: Table) -> str:
    return f't."{table.key}" = s."{table.key}"'


def _has_unique_columns(table: Table) -> bool:
    """Whether rows could be in each other's way by more than their key."""
    options = carried_by_name()[table.table].model._meta
    return (
        any(field.unique and not field.primary_key for field in options.local_concrete_fields)
        or bool(options.unique_together)
        or any(not isinstance(constraint, CheckConstraint) for constraint in options.constraints)
    )


def _upserts(table: Table, stage: str, insert: str) -> Sequence[str]:
    """What writes the staged rows: few of them one by one through the key, many by a join."""
    target, columns = f'"{table.table}"', _columns(table.columns)
    others = [c for c in table.columns if c != table.key]
    if not others:
        return [insert]
    if table.mode == package_format.DELTA:
        assigned = ", ".join(f'"{c}" = EXCLUDED."{c}"' for c in others)
        return [
            f"INSERT INTO {target} AS t ({columns}) SELECT {columns} FROM {stage} "
            f'ON CONFLICT ("{table.key}") DO UPDATE SET {assigned} WHERE {_differs(table, "t", "EXCLUDED")}'
        ]
    assigned = ", ".join(f'"{c}" = s."{c}"' for c in others)
    differs = _differs(table, "t", "s")
    return [f"UPDATE {target} t SET {assigned} FROM {stage} WHERE {_same_key(table)} AND {differs}", insert]


def _differs(table: Table, here: str, there: str) -> str:
    columns = [c for c in table.columns if c != table.key]
    ours, theirs = (", ".join(f'{side}."{c}"' for c in columns) for side in (here, there))
    return f"({ours}) IS DISTINCT FROM ({theirs})" if columns else "false"
