"""Which rows a delta must look at: those that were touched, and those that may have come or gone with others."""

from django.db import connection

from channels_app.changes import SINCE, TABLE
from channels_app.registry import Carried, carried, followed_keys, key_type_of

_CANDIDATES = "exchange_candidate"


class Candidates:
    """The candidates of each mark that deltas begin at, in a temporary table of the surrounding transaction.

    `is_gone` says that a row may have been in a channel that must not have it any more; `has_moved` that rows
    which refer to it may have come or gone with it. Which database gets what is decided later, by its scope.
    """

    def __init__(self) -> None:
        self._known: set[int] = set()

    def find(self, since: int, snapshot: str) -> None:
        """Fill in the candidates of a mark, once."""
        if since in self._known:
            return
        with connection.cursor() as cursor:
            if not self._known:
                cursor.execute(
                    f"""CREATE TEMPORARY TABLE {_CANDIDATES}
                        (since bigint, name text, key text, is_gone boolean, has_moved boolean) ON COMMIT DROP"""
                )
            cursor.execute(
                f"""INSERT INTO {_CANDIDATES}
                    SELECT %(since)s, "table", key, bool_or(operation IN ('D', 'M')), bool_or(operation = 'M')
                      FROM {TABLE} WHERE {SINCE} AND operation <> 'T' GROUP BY "table", key""",  # noqa: S608
                {"since": since, "snapshot": snapshot},
            )
            for table in carried():
                self._follow(cursor, table, since, snapshot)
            cursor.execute(f"CREATE INDEX IF NOT EXISTS {_CANDIDATES}_index ON {_CANDIDATES} (since, name)")
            cursor.execute(f"ANALYZE {_CANDIDATES}")
        self._known.add(since)

    def _follow(self, cursor, table: Carried, since: int, snapshot: str) -> None:
        parameters = {"since": since, "snapshot": snapshot, "name": table.name}
        for enters in table.enters:
            if not enters.column:
                continue
            cursor.execute(
                f"""INSERT INTO {_CANDIDATES}
                    SELECT DISTINCT %(since)s, %(name)s, linked.key, true, true
                      FROM {TABLE}, jsonb_array_elements_text(links -> %(column)s) AS linked(key)
                     WHERE {SINCE} AND "table" = %(source)s AND linked.key IS NOT NULL""",  # noqa: S608
                parameters
                | {
                    "source": enters.source._meta.db_table,
                    "column": enters.source._meta.get_field(enters.column).column,
                },
            )
        for key in followed_keys(table):
            parent = key.related_model
            cursor.execute(
                f"""INSERT INTO {_CANDIDATES}
                    SELECT %(since)s, %(name)s, t."{table.key}"::text, true, true FROM "{table.name}" t
                     WHERE t."{key.column}" IN (
                        SELECT key::{key_type_of(parent)} FROM {_CANDIDATES}
                         WHERE since = %(since)s AND name = %(parent)s AND has_moved)""",  # noqa: S608
                parameters | {"parent": parent._meta.db_table},
            )


def keys_of(table: Carried) -> str:
    """A subquery of the candidates' keys; its parameters are the mark and the table's name."""
    return f"SELECT key::{table.key_type} FROM {_CANDIDATES} WHERE since = %s AND name = %s"  # noqa: S608


def gone_keys(table: Carried, still_there: str) -> str:
    """The keys that may have been in a channel and are not in its scope (`still_there`, a query) any more.

    Its parameters are the mark, the table's name, and those of `still_there`.
    """
    return f"""SELECT DISTINCT key FROM {_CANDIDATES} WHERE since = %s AND name = %s AND is_gone
        AND NOT EXISTS (SELECT FROM ({still_there}) AS t(there) WHERE t.there = key::{table.key_type})"""  # noqa: S608
