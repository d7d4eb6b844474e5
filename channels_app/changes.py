"""What changed since a mark, late commits included.

Triggers write a row for each row of master data that is touched, whoever touches it: the ORM, a bulk update,
raw SQL, a cascade. Each row carries its transaction's id; a mark keeps the snapshot of its moment; what that
snapshot did not see and today's does has changed since, in whatever order the transactions committed.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import connection

from channels_app.registry import Carried, carried

TABLE = "channels_app_change"
CHANNEL = "channels_app_changes"  # on which the database rings when something is committed


@dataclass(frozen=True)
class Touched:
    """What happened to a table since a mark: whether all was deleted at once, and whether rows may have moved."""

    rows: int
    truncated: bool
    moved: bool


def changes_since(snapshot: str) -> Mapping[str, Touched]:
    """By table, what changed since a snapshot was taken (and is visible now)."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT "table", count(*), bool_or(operation = 'T'), bool_or(operation = 'M')
                  FROM {TABLE} WHERE {SINCE} GROUP BY "table" """,  # noqa: S608  # our own words
            {"snapshot": snapshot},
        )
        return {table: Touched(rows, truncated, moved) for table, rows, truncated, moved in cursor.fetchall()}


SINCE = (
    "xid >= pg_snapshot_xmin(%(snapshot)s::pg_snapshot)"
    " AND NOT pg_visible_in_snapshot(xid, %(snapshot)s::pg_snapshot)"
)


def cluster_id() -> str:
    """Names the database cluster: transaction ids mean nothing in another one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT system_identifier::text FROM pg_control_system()")
        return cursor.fetchone()[0]


def linking_columns() -> Mapping[str, tuple[str, ...]]:
    """By table, the columns whose values other tables' membership hangs on."""
    found: dict[str, set[str]] = {}
    for table in carried():
        for enters in table.enters:
            if enters.column:
                column = enters.source._meta.get_field(enters.column).column
                found.setdefault(enters.source._meta.db_table, set()).add(column)
    return {table: tuple(sorted(columns)) for table, columns in found.items()}


def moving_columns(table: Carried) -> tuple[str, ...]:
    """The columns that decide where a row goes: its foreign keys and those that its scope names."""
    named = tuple(table.model._meta.get_field(name).column for name in table.moved_by)
    keys = (f.column for f in table.model._meta.concrete_fields if f.is_relation)
    return tuple(dict.fromkeys((*keys, *named)))


def install_tracking(tables: Iterable[Carried]) -> list[str]:
    """Put the triggers on tables where they are missing or old; the names of those that were touched."""
    touched = []
    links = linking_columns()
    with connection.cursor() as cursor:
        present = _installed(cursor)
        for table in tables:
            body = _function_body(table, links.get(table.name, ()))
            digest = hashlib.sha256(body.encode()).hexdigest()
            if present.get(table.name) == digest:
                continue
            cursor.execute(_installation(table.name, body, digest))
            touched.append(table.name)
    return touched


def remove_tracking(tables: Iterable[Carried]) -> None:
    """Take the triggers off: a channel's copy is not tracked."""
    with connection.cursor() as cursor:
        present = _installed(cursor)
        for table in tables:
            if table.name in present:
                cursor.execute(f'DROP FUNCTION "{_function_name(table.name)}" CASCADE')


def _installed(cursor) -> dict[str, str]:  # Django's cursor wrapper
    """By table, the digest of the tracking function whose triggers are all there."""
    cursor.execute(
        """SELECT c.relname, obj_description(t.tgfoid, 'pg_proc')
             FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
            WHERE t.tgname LIKE 'track\\_%' AND c.relnamespace = current_schema()::regnamespace AND t.tgenabled <> 'D'
            GROUP BY 1, 2 HAVING count(*) = 4"""
    )
    return dict(cursor.fetchall())


def _function_name(table: str) -> str:
    return f"channels_app_track_{table}"[:63]


def _function_body(table: Carried, links: tuple[str, ...]) -> str:
    """One function for the four triggers of a table; an update that changes nothing leaves no trace."""
    key, name = f'"{table.key}"', table.name
    insert = (
        f"INSERT INTO {TABLE} (xid, \"table\", key, operation, links) SELECT pg_current_xact_id(), '{name}'"
    )

    def linked(*sides: str) -> str:
        def values(column: str) -> str:
            return ", ".join(f'{side}."{column}"' for side in sides)

        pairs = (f"'{column}', jsonb_build_array({values(column)})" for column in links)
        return f"jsonb_build_object({', '.join(pairs)})" if links else "NULL::jsonb"

    moved = " OR ".join(f'o."{c}" IS DISTINCT FROM n."{c}"' for c in moving_columns(table)) or "false"
    return f"""
BEGIN
    IF TG_OP = 'INSERT' THEN
        {insert}, n.{key}::text, 'I', {linked("n")} FROM new_rows n;
    ELSIF TG_OP = 'DELETE' THEN
        {insert}, o.{key}::text, 'D', {linked("o")} FROM old_rows o;
    ELSIF TG_OP = 'UPDATE' THEN
        {insert}, coalesce(n.{key}, o.{key})::text,
            CASE WHEN o.{key} IS NULL THEN 'I' WHEN n.{key} IS NULL THEN 'D' WHEN {moved} THEN 'M' ELSE 'U' END,
            CASE WHEN o.{key} IS NULL OR n.{key} IS NULL OR {moved} THEN {linked("o", "n")} END
            FROM old_rows o FULL JOIN new_rows n ON n.{key} = o.{key} WHERE o IS DISTINCT FROM n;
    ELSE
        {insert}, '', 'T', NULL;
    END IF;
    IF FOUND THEN
        PERFORM pg_notify('{CHANNEL}', '');
    END IF;
    RETURN NULL;
END"""


def _installation(table: str, body: str, digest: str) -> str:
    function = f'"{_function_name(table)}"'
    seeing = {
        "insert": "REFERENCING NEW TABLE AS new_rows",
        "update": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
        "delete": "REFERENCING OLD TABLE AS old_rows",
        "truncate": "",
    }
    triggers = "".join(
        f'CREATE OR REPLACE TRIGGER track_{event} AFTER {event} ON "{table}" {rows} '
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function}();\n"
        for event, rows in seeing.items()
    )
    return (
        f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $track${body}$track$;\n"
        f"{triggers}COMMENT ON FUNCTION {function}() IS '{digest}';"
    )
