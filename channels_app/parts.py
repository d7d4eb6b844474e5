"""Parts: compressed pieces of tables, built once and shared by all packages that need them. Memory stays flat."""

import tempfile
from collections.abc import Callable, Sequence

from django.core.files import File
from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from channels_app import package_format
from channels_app.candidates import Candidates, gone_keys, keys_of
from channels_app.copying import copied
from channels_app.files import package_storage, work_folder
from channels_app.marks import Moment
from channels_app.models import Part
from channels_app.plan import Planner, TablePlan
from channels_app.progress import note_read
from channels_app.registry import Carried, Values
from channels_app.scope import in_scope, sql_of

Query = tuple[str, Sequence]


class Queries:
    """What is in the parts of planned tables, as queries of one moment."""

    def __init__(self, planner: Planner) -> None:
        self._planner = planner
        self._candidates = Candidates()

    def rows(self, wanted: TablePlan, values: Values) -> Query:
        """All rows of a table that is sent in full, else those that are new or changed."""
        inside = in_scope(wanted.table, values)
        if wanted.since is not None:
            self._candidates.find(wanted.since, self._planner.snapshots[wanted.since])
            keys = RawSQL(keys_of(wanted.table), (wanted.since, wanted.table.name))  # noqa: S611  # our own words
            inside = inside.filter(pk__in=keys)
        return _rows(wanted.table, inside)

    def gone(self, wanted: TablePlan, values: Values) -> Query:
        """The keys that are gone since the mark at which a delta begins."""
        if wanted.since is None:
            raise ValueError("What is not among all rows is gone.")
        self._candidates.find(wanted.since, self._planner.snapshots[wanted.since])
        return _gone(wanted.table, in_scope(wanted.table, values), wanted.since)


class Parts:
    """The parts that one run needs, each built at the first database that needs it."""

    def __init__(self, moment: Moment, planner: Planner) -> None:
        self._moment, self._planner = moment, planner
        self._queries = Queries(planner)
        self._made: dict[tuple, Part] = {}

    def of(self, wanted: TablePlan, values: Values) -> tuple[Part, Part | None]:
        """The rows of a planned table, and the keys that are gone from it (None in full: what is not there is gone)."""
        kind = Part.Kind.FULL if wanted.is_full else Part.Kind.CHANGED
        rows = self._part(wanted, kind, lambda: self._queries.rows(wanted, values))
        if wanted.is_full:
            return rows, None
        return rows, self._part(wanted, Part.Kind.GONE, lambda: self._queries.gone(wanted, values))

    def _part(self, wanted: TablePlan, kind: str, query: Callable[[], Query]) -> Part:
        """From this run, from an earlier one when nothing that concerns it changed since, or a new one."""
        content = {
            "table": wanted.table.name,
            "kind": kind,
            "scope": wanted.scope,
            "schema": wanted.schema,
            "since": wanted.since or 0,
        }
        key = tuple(content.values())
        if key not in self._made:
            part = Part.objects.filter(**content, is_sound=True).order_by("-version").first()
            if part is None or not self._planner.is_unchanged(wanted.table, part.version):
                part = write_part(*query(), Part(**content, version=self._moment.number))
            self._made[key] = part
        return self._made[key]


def write_part(sql: str, parameters: Sequence, part: Part) -> Part:
    """Copy the rows of a query into a new part of the storage; a part without rows has no file."""
    with tempfile.NamedTemporaryFile(dir=work_folder(), suffix=".part") as file:
        made = _copy_out(part.table, sql, parameters, package_format.PartWriter(file.write))
        part.rows, part.checksum = made.rows, made.checksum
        part.bytes, part.raw_bytes = (made.bytes, made.raw_bytes) if made.rows else (0, 0)
        if made.rows:
            file.flush()
            file.seek(0)
            part.file = package_storage().save(f"{part.table}/{part.version}-{part.pk}.zst", File(file))
    part.save(force_insert=True)
    return part


def _copy_out(
    table: str, sql: str, parameters: Sequence, writer: package_format.PartWriter
) -> package_format.Part:
    with connection.cursor() as cursor:
        query = cursor.mogrify(sql, parameters)
    count = 0
    for piece, rows in copied(query, package_format.CHUNK):
        count += rows
        note_read(table, rows, len(piece))
        writer.add(piece)
    return writer.finish(count)


def described(part: Part | None) -> package_format.Part | None:
    """A part as a manifest names it; None for one without rows."""
    if part is None or not part.rows:
        return None
    return package_format.Part(
        rows=part.rows, bytes=part.bytes, raw_bytes=part.raw_bytes, checksum=part.checksum
    )


def _rows(table: Carried, rows: QuerySet) -> Query:
    fields = [f.attname for f in table.model._meta.concrete_fields if f.column in table.columns]
    return sql_of(rows.values_list(*fields))


def _gone(table: Carried, inside: QuerySet, since: int) -> Query:
    sql, parameters = sql_of(inside.values_list("pk"))
    return gone_keys(table, sql), (since, table.name, *parameters)
