"""Parts: compressed pieces of tables, built once and shared by all packages that need them. Memory stays flat."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter

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
from channels_app.plan import DatabasePlan, Planner, TablePlan
from channels_app.progress import note_read
from channels_app.registry import Carried, carried_by_name
from channels_app.scope import Scope, sql_of

Query = tuple[str, Sequence]


class Queries:
    """What is in the parts of planned tables, as queries of one moment."""

    def __init__(self, planner: Planner) -> None:
        self._planner = planner
        self._candidates = Candidates()

    def rows(self, wanted: TablePlan, scope: Scope) -> Query:
        """All rows of a table that is sent in full, else those that are new or changed."""
        inside = scope.rows(wanted.table)
        if wanted.since is not None:
            self._candidates.find(wanted.since, self._planner.snapshots[wanted.since])
            keys = RawSQL(keys_of(wanted.table), (wanted.since, wanted.table.name))  # noqa: S611  # our own words
            inside = inside.filter(pk__in=keys)
        return _rows(wanted.table, inside)

    def gone(self, wanted: TablePlan, scope: Scope) -> Query:
        """The keys that are gone since the mark at which a delta begins."""
        if wanted.since is None:
            raise ValueError("What is not among all rows is gone.")
        self._candidates.find(wanted.since, self._planner.snapshots[wanted.since])
        return _gone(wanted.table, scope.rows(wanted.table), wanted.since)


_CONTENT = ("table", "kind", "scope", "schema", "since")  # what tells one part's rows from another's
_content_of = attrgetter(*_CONTENT)
Content = tuple[str, str, str, str, int]


class Parts:
    """The parts that one run needs, each built at the first database that needs it."""

    def __init__(self, moment: Moment, planner: Planner) -> None:
        self._moment, self._planner = moment, planner
        self._queries = Queries(planner)
        self._at_hand: dict[Content, Part] = {}
        self._new: list[Part] = []

    def of(self, plan: DatabasePlan) -> Iterator[tuple[TablePlan, Part, Part | None]]:
        """Each planned table with its rows and the keys that are gone (None in full: what is not there is gone)."""
        self._find_earlier(plan)
        for wanted in plan.tables:
            if wanted.is_full:
                yield wanted, self._part(wanted, Part.Kind.FULL, plan.scope, self._queries.rows), None
            else:
                changed = self._part(wanted, Part.Kind.CHANGED, plan.scope, self._queries.rows)
                yield wanted, changed, self._part(wanted, Part.Kind.GONE, plan.scope, self._queries.gone)

    def keep(self) -> None:
        """Write down what was built. Nobody else finds it before the run's transaction is committed, anyway."""
        Part.objects.bulk_create(self._new, batch_size=1000)
        self._new = []

    def _find_earlier(self, plan: DatabasePlan) -> None:
        """Take into use what an earlier run built and nothing concerns that changed since."""
        wanted = {content for table in plan.tables for content in _contents(table)} - self._at_hand.keys()
        if not wanted:
            return
        any_of = {
            f"{name}__in": set(values)
            for name, values in zip(_CONTENT, zip(*wanted, strict=True), strict=True)
        }
        tables = carried_by_name()
        newest = (
            Part.objects.filter(is_sound=True, **any_of).order_by(*_CONTENT, "-version").distinct(*_CONTENT)
        )
        for part in newest:
            content = _content_of(part)
            if content in wanted and self._planner.is_unchanged(tables[part.table], part.version):
                self._at_hand[content] = part

    def _part(
        self, wanted: TablePlan, kind: str, scope: Scope, query: Callable[[TablePlan, Scope], Query]
    ) -> Part:
        content = _content(wanted, kind)
        if content not in self._at_hand:
            part = Part(**dict(zip(_CONTENT, content, strict=True)), version=self._moment.number)
            self._at_hand[content] = write_part(*query(wanted, scope), part)
            self._new.append(part)
        return self._at_hand[content]


def _contents(wanted: TablePlan) -> list[Content]:
    kinds = [Part.Kind.FULL] if wanted.is_full else [Part.Kind.CHANGED, Part.Kind.GONE]
    return [_content(wanted, kind) for kind in kinds]


def _content(wanted: TablePlan, kind: str) -> Content:
    return wanted.table.name, str(kind), wanted.scope, wanted.schema, wanted.since or 0


def write_part(sql: str, parameters: Sequence, part: Part) -> Part:
    """Copy the rows of a query into the storage and note in the part what came of it; one without rows has no file.

    The part itself is not saved.
    """
    with tempfile.NamedTemporaryFile(dir=work_folder(), suffix=".part") as file:
        made = _copy_out(part.table, sql, parameters, package_format.PartWriter(file.write))
        part.rows, part.checksum = made.rows, made.checksum
        part.bytes, part.raw_bytes = (made.bytes, made.raw_bytes) if made.rows else (0, 0)
        if made.rows:
            file.flush()
            file.seek(0)
            part.file = package_storage().save(f"{part.table}/{part.version}-{part.pk}.zst", File(file))
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
