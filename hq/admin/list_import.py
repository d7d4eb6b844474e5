"""Spreadsheets come in: looked at first, then written once. Long ones are for a worker; the row says how far it is.

Whoever works on one holds the lock of its row until it is through, and writes the list and its outcome in one
transaction: a process that dies leaves nothing half written and frees the lock, and the next tick begins anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.files import File
from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from import_export.results import RowResult
from simple_history.models import HistoricalRecords

from hq.admin.sheet import MOST_SHOWN, Sheet
from hq.admin.sheet_files import UnreadableFile
from hq.models import ListImport, User
from hq.models.list_import import AT_WORK

State = ListImport.State
AT_ONCE = 100_000  # bytes of a file that the one who chose it waits for
MOST_ATTEMPTS = 3
KEPT = timedelta(days=1)
_WRITING = 0x7111_0020  # advisory lock class: one file of a list is written after the other
_EVERY = 0.5  # seconds between two notes of how far it is
_MISSING = "This field cannot be null."


@dataclass(frozen=True)
class Change:
    """A row that would be added or changed: its row of the sheet and the cells, old and new."""

    row: int
    is_new: bool
    cells: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row of the sheet, and in which column."""

    row: int
    column: str
    text: str


@dataclass(frozen=True)
class Outcome:
    """What an import does, or did: how many rows it takes, and the first of them."""

    headers: Sequence[str]
    changes: Sequence[Change]
    faults: Sequence[Fault]
    added: int
    changed: int
    unchanged: int
    bad: int
    left_out: Sequence[str]
    taken: int
    warnings: Sequence[str]
    mark: str  # of what it changes, as that stood
    is_anew: bool = False  # a second look, since what it would change was changed meanwhile


class _Outdated(Exception):
    """What a file changes is no longer what was confirmed."""


class Refused(Exception):
    """A file that cannot be taken as a whole: sentences with the remedy."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(*sentences)
        self.sentences = sentences


def begin(*, page: str, sheet: type[Sheet], file_format: type, file: File[bytes], by: User) -> ListImport:
    """Take a file in, to be looked at."""
    return ListImport.objects.create(
        page=page, sheet=_path_of(sheet), format=_path_of(file_format), file_name=str(file.name)[:255],
        file=file.read(), by=by,
    )  # fmt: skip


def confirm(pk: UUID) -> bool:
    """Have a file that was looked at written; whether it was still to be. The same again changes nothing."""
    return bool(
        ListImport.objects.filter(pk=pk, state=State.LOOKED_AT).update(
            state=State.CONFIRMED, attempts=0, changed_at=timezone.now()
        )
    )


def is_short(one: ListImport) -> bool:
    """Whether people may wait for it."""
    return len(one.file) <= AT_ONCE


def work_on(pk: UUID) -> None:
    """Look at a file, or write it, as it waits for. May run twice: only one at a time works on it."""
    with transaction.atomic():
        one = _waiting(pk)
        if one is None:
            return
        if one.attempts >= MOST_ATTEMPTS:
            one.state = State.GIVEN_UP
        one.attempts += 1
        one.save(update_fields=["state", "attempts", "changed_at"])  # not the file, which may be long
    with transaction.atomic():
        one = _waiting(pk)
        if one is None:
            return
        try:
            with _as_user(one.by):
                one.state, outcome = _worked_on(one)
            one.outcome = asdict(outcome)
            one.file = b"" if one.state == State.DONE else one.file
        except Refused as refused:
            one.state, one.outcome = State.REFUSED, {"refusals": refused.sentences}
        one.attempts = 0
        one.save()


def waiting() -> list[UUID]:
    """What nobody works on, though it waits: its worker has died, or none was there to take it."""
    late = timezone.now() - timedelta(seconds=5)
    return list(
        ListImport.objects.filter(state__in=AT_WORK, changed_at__lt=late).values_list("pk", flat=True)
    )


def forget_old() -> None:
    """Keep no file for longer than a day."""
    ListImport.objects.filter(created_at__lt=timezone.now() - KEPT).exclude(state__in=AT_WORK).delete()


def how_far(one: ListImport) -> tuple[int, int] | None:
    """The row that is read and how many there are, as far as it is known."""
    return cache.get(_key(one.pk))


def _waiting(pk: UUID) -> ListImport | None:
    return (
        ListImport.objects.select_for_update(skip_locked=True, of=["self"])
        .filter(pk=pk, state__in=AT_WORK)
        .first()
    )


def _worked_on(one: ListImport) -> tuple[State, Outcome]:
    """Write what was confirmed, if it would still change just that; else look at it, once more."""
    is_confirmed = one.state == State.CONFIRMED
    if is_confirmed:
        with suppress(_Outdated), transaction.atomic():
            written = _taken(one, writes=True)
            if written.mark != one.outcome.get("mark"):
                raise _Outdated
            return State.DONE, written
    with transaction.atomic():
        return State.LOOKED_AT, replace(_taken(one, writes=False), is_anew=is_confirmed)


def _taken(one: ListImport, *, writes: bool) -> Outcome:
    sheet = import_string(one.sheet)()
    try:
        dataset = import_string(one.format)().create_dataset(bytes(one.file))
    except UnreadableFile as error:
        raise Refused(str(error)) from error
    sheet.watch = _watch(one.pk, len(dataset))
    if writes:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_WRITING, one.sheet])
    try:
        result = sheet.import_data(dataset, dry_run=not writes, raise_errors=False)
    except (IntegrityError, DataError) as error:
        raise Refused(
            f"Nothing was imported: the database refuses a row ({str(error).splitlines()[0]}). "
            "Mend it in the file, and import it again."
        ) from error
    if result.base_errors:
        raise Refused(*(said for base in result.base_errors for said in _words_of(base.error)))
    return outcome_of(result)


def _says_something(pairs: Sequence[tuple[str, str]], *, is_named: bool) -> bool:
    """Whether a column is worth its place: the file has it, or it changes, or is not the same default in every row."""
    changes = any(old and old != new for old, new in pairs)
    return any(any(pair) for pair in pairs) and (is_named or changes or len(set(pairs)) > 1)


def outcome_of(result: Any) -> Outcome:
    """An import's result as what is shown: columns that say something."""
    faults = [
        Fault(
            row.number + 1,
            "" if column == NON_FIELD_ERRORS else column,
            f"Enter the {column.replace('_', ' ')}." if text == _MISSING else text,
        )
        for row in result.invalid_rows[:MOST_SHOWN]
        for column, texts in row.error_dict.items()
        for text in texts
        if text != _MISSING or all(_MISSING in said for said in row.error_dict.values())  # else it follows
    ]
    drawn = [row for row in result.rows if hasattr(row, "cells")]
    columns = zip(*(row.cells for row in drawn), strict=True)
    used = [
        _says_something(pairs, is_named=name in result.named)
        for name, pairs in zip(result.diff_headers, columns, strict=False)
    ]
    changes = [
        Change(
            row.sheet_row,
            row.is_new(),
            [pair for pair, is_used in zip(row.cells, used, strict=True) if is_used],
        )
        for row in drawn
    ]
    headers = [name for name, is_used in zip(result.diff_headers, used, strict=bool(used)) if is_used]
    totals = result.totals
    added, changed = totals[RowResult.IMPORT_TYPE_NEW], totals[RowResult.IMPORT_TYPE_UPDATE]
    return Outcome(
        headers, changes, faults[:MOST_SHOWN], added=added, changed=changed, taken=added + changed,
        unchanged=totals[RowResult.IMPORT_TYPE_SKIP] - result.blank, bad=len(result.invalid_rows),
        left_out=list(result.left_out), warnings=result.warnings, mark=result.mark,
    )  # fmt: skip


def _words_of(error: Exception) -> list[str]:
    return error.messages if isinstance(error, ValidationError) else [str(error)]


def _watch(pk: UUID, rows: int) -> Callable[[int], None]:
    noted = 0.0

    def watch(row: int) -> None:
        nonlocal noted
        if (now := time.monotonic()) - noted >= _EVERY:
            noted = now
            cache.set(_key(pk), (row, rows), timeout=60)

    return watch


@contextmanager
def _as_user(user: User) -> Iterator[None]:
    """The histories of what is written name the one who chose the file."""
    context = HistoricalRecords.context
    before = getattr(context, "request", None)
    context.request = SimpleNamespace(user=user)
    try:
        yield
    finally:
        context.request = before


def _key(pk: UUID) -> str:
    return f"list-import:{pk}"


def _path_of(of: type) -> str:
    return f"{of.__module__}.{of.__qualname__}"
