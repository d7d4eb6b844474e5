"""Lists in and out of spreadsheets: CSV and XLSX, with a look first at what would change, old and new.

A row that cannot be taken is named with its column and the remedy; it stops no other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from import_export.results import RowResult
from import_export.tmp_storages import CacheStorage
from unfold.contrib.import_export.forms import ImportForm, SelectableFieldsExportForm

from hq.admin.sheet import MOST_SHOWN
from hq.admin.sheet_files import CSV, XLSX, UnreadableFile

_MISSING = "This field cannot be null."


class FileGone(Exception):
    """A file that was looked at is not kept any more."""


class LookedAtFile(CacheStorage):
    """A file between the look at it and its import: kept for a day, where every web process finds it."""

    def read(self) -> Any:
        """What was uploaded. Raises FileGone."""
        found = super().read()
        if found is None:
            raise FileGone
        return found


class _Listed:
    """A form that asks for a list, where a page has several."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["resource"].label = "List"  # type: ignore[attr-defined]


class ListIn(_Listed, ImportForm):
    """Which list comes in, and from which file."""


class ListOut(_Listed, SelectableFieldsExportForm):
    """Which columns of which list go out."""


class Exchange:
    """What pages with import and export have in common."""

    tmp_storage_class = LookedAtFile

    import_form_class = ListIn
    export_form_class = ListOut
    formats = [CSV, XLSX]
    import_formats = [CSV, XLSX]
    show_change_form_export = False
    import_template_name = "hq/exchange/import.html"
    export_template_name = "hq/exchange/export.html"

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show what a file would change; the good rows may go on without the bad ones."""
        response: Any = super().import_action(request, **kwargs)  # type: ignore[misc]
        context = getattr(response, "context_data", None) or {}
        result = context.get("result")
        if result is not None and result.base_errors:
            context["refusals"] = [said for one in result.base_errors for said in _words_of(one.error)]
        elif result is not None:
            context["preview"] = preview = preview_of(result)
            if preview.taken and "confirm_form" not in context:
                context["confirm_form"] = self.create_confirm_form(request, import_form=context["form"])  # type: ignore[attr-defined]
        return response

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Import the file that was looked at; the same once more imports nothing."""
        try:
            return super().process_import(request, **kwargs)  # type: ignore[misc]
        except FileGone:
            messages.warning(
                request,
                "Nothing was imported: this was done already, or a day has passed since the file was looked at. "
                "To import it, choose it again.",
            )
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_import")  # type: ignore[attr-defined]

    def add_data_read_fail_error_to_form(self, form: Any, error: Exception) -> None:
        """Say why the file cannot be read, and what to do."""
        if not isinstance(error, UnreadableFile):
            raise error
        form.add_error("import_file", str(error))

    def get_export_data(self, file_format: Any, request: HttpRequest, queryset: Any, **kwargs: Any) -> Any:
        """The file; in a workbook numbers are numbers, and dates are dates."""
        encoding = kwargs.pop("encoding", None)
        native = file_format.is_binary()
        found = file_format.export_data(
            self.get_data_for_export(request, queryset, force_native_type=native, **kwargs)  # type: ignore[attr-defined]
        )
        return found.encode(encoding) if encoding and not native else found

    def get_import_resource_kwargs(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        """Nothing of the request reaches the resource but what it needs."""
        return {}


def _words_of(error: Exception) -> list[str]:
    return error.messages if isinstance(error, ValidationError) else [str(error)]


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
class Preview:
    """What an import would do: how many rows it takes, and the first of them."""

    headers: Sequence[str]
    changes: Sequence[Change]
    faults: Sequence[Fault]
    added: int
    changed: int
    unchanged: int
    bad: int
    left_out: Sequence[str] = ()

    @property
    def taken(self) -> int:
        return self.added + self.changed


def preview_of(result: Any) -> Preview:
    """A dry run's result as what is shown: columns that say something."""
    faults = [
        Fault(row.number + 1, "" if column == NON_FIELD_ERRORS else column, text)
        for row in result.invalid_rows[:MOST_SHOWN]
        for column, texts in row.error_dict.items()
        for text in texts
        if text != _MISSING or all(_MISSING in said for said in row.error_dict.values())  # else it follows
    ]
    drawn = [row for row in result.rows if hasattr(row, "cells")]
    used = [any(any(pair) for pair in pairs) for pairs in zip(*(row.cells for row in drawn), strict=True)]
    changes = [
        Change(
            row.sheet_row,
            row.is_new(),
            [cell for cell, is_used in zip(row.cells, used, strict=True) if is_used],
        )
        for row in drawn
    ]
    headers = [name for name, is_used in zip(result.diff_headers, used, strict=bool(used)) if is_used]
    totals = result.totals
    return Preview(
        headers, changes, faults[:MOST_SHOWN],
        added=totals[RowResult.IMPORT_TYPE_NEW], changed=totals[RowResult.IMPORT_TYPE_UPDATE],
        unchanged=totals[RowResult.IMPORT_TYPE_SKIP] - result.blank, bad=len(result.invalid_rows),
        left_out=result.left_out,
    )  # fmt: skip
