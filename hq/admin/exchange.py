"""Lists in and out of spreadsheets: CSV and XLSX, with a look first at what would change, old and new.

A row that cannot be taken is named with its column and the remedy; it stops no other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import chain
from typing import Any

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from import_export import resources, widgets
from import_export.fields import Field
from import_export.formats.base_formats import CSV, XLSX
from import_export.resources import Diff
from import_export.results import RowResult
from import_export.tmp_storages import CacheStorage
from import_export.widgets import BooleanWidget, DateTimeWidget, DateWidget, ForeignKeyWidget
from unfold.contrib.import_export.forms import ImportForm, SelectableFieldsExportForm

from hq.admin.forms import say_limit

MOST_SHOWN = 200
_MISSING = "This field cannot be null."
_WRITTEN = {DateTimeWidget: "it as 2026-11-27 14:30", DateWidget: "it as 2026-11-27"}


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


class Exchange:
    """What pages with import and export have in common."""

    tmp_storage_class = LookedAtFile

    import_form_class = ImportForm
    export_form_class = SelectableFieldsExportForm
    formats = [CSV, XLSX]
    import_formats = [CSV, XLSX]
    show_change_form_export = False
    import_template_name = "hq/exchange/import.html"

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show what a file would change; the good rows may go on without the bad ones."""
        response: Any = super().import_action(request, **kwargs)  # type: ignore[misc]
        context = getattr(response, "context_data", None) or {}
        result = context.get("result")
        if result is not None and not result.base_errors:
            context["preview"] = preview = preview_of(result)
            if preview.changes and "confirm_form" not in context:
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

    def process_dataset(self, dataset: Any, form: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Write the rows that a dry run takes, all in one transaction; the others were named before."""
        given = dict(kwargs)
        given.pop("file_name", None)
        options = self.get_import_resource_kwargs(request, form=form, **given)
        resource = self.choose_import_resource_class(form, request)(**options)  # type: ignore[attr-defined]
        looked = resource.import_data(dataset, dry_run=True, raise_errors=False, user=request.user)
        for number in sorted(bad_rows(looked), reverse=True):
            del dataset[number - 1]
        return super().process_dataset(dataset, form, request, **kwargs)  # type: ignore[misc]

    def get_import_resource_kwargs(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        """Nothing of the request reaches the resource but what it needs."""
        return {}


@dataclass(frozen=True)
class Change:
    """A row that would be added or changed: its row of the sheet and the cells, old and new."""

    row: int
    is_new: bool
    cells: Sequence[str]


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row of the sheet, and in which column."""

    row: int
    column: str
    text: str


@dataclass(frozen=True)
class Preview:
    """What an import would do."""

    headers: Sequence[str]
    changes: Sequence[Change]
    faults: Sequence[Fault]
    unchanged: int

    @property
    def added(self) -> int:
        return sum(change.is_new for change in self.changes)

    @property
    def changed(self) -> int:
        return len(self.changes) - self.added

    @property
    def bad(self) -> int:
        """How many rows are left out."""
        return len({fault.row for fault in self.faults})

    @property
    def shown(self) -> Sequence[Change]:
        return self.changes[:MOST_SHOWN]

    @property
    def faults_shown(self) -> Sequence[Fault]:
        return self.faults[:MOST_SHOWN]


def bad_rows(result: Any) -> set[int]:
    """The numbers (from 1, without the head) of rows that cannot be taken."""
    return {row.number for row in (*result.invalid_rows, *result.error_rows)}


def preview_of(result: Any) -> Preview:
    """A dry run's result as what is shown; the head of a sheet is its row 1."""
    faults = [
        Fault(row.number + 1, "" if column == NON_FIELD_ERRORS else column, text)
        for row in result.invalid_rows
        for column, texts in row.error_dict.items()
        for text in texts
        if text != _MISSING or len(row.error_dict) == 1  # what is missing follows from what cannot be read
    ]
    faults += [Fault(row.number + 1, "", str(one.error)) for row in result.error_rows for one in row.errors]
    changes = [
        Change(row.sheet_row, row.is_new(), row.diff)
        for row in result.rows
        if row.is_new() or row.is_update()
    ]
    unchanged = result.totals[RowResult.IMPORT_TYPE_SKIP]
    faults.sort(key=lambda fault: fault.row)
    return Preview(result.diff_headers, changes, faults, unchanged)


class OldAndNew(Diff):
    """The cells of a row as they were and as they would be."""

    def as_html(self) -> list[str]:
        """What stays is plain; what changes is struck out beside what comes."""
        return [self._cell(before, after) for before, after in zip(self.left, self.right, strict=True)]

    def _cell(self, before: Any, after: Any) -> str:
        old, new = ("" if value is None else str(value) for value in (before, after))
        if self.new:
            return format_html("{}", new)
        if old == new:
            return format_html('<span class="th-faint">{}</span>', new)
        return format_html(
            '<del>{}</del> <span aria-label="becomes">→</span> <ins>{}</ins>', old or "–", new or "–"
        )


class Named(ForeignKeyWidget):
    """A reference by a name of its own; an unknown one is refused with what there is."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Model | None:
        """The row that is named, or None for an empty cell."""
        text = str(value).strip() if value is not None else ""
        if not text:
            return None
        found = self._cache().get(text.casefold())
        if found is None:
            name = self.model._meta.verbose_name
            known = sorted(str(getattr(obj, self.field)) for obj in self._cache().values())
            hint = f" There is {', '.join(known[:8])}." if len(known) <= 20 else ""
            raise ValueError(f"No {name} has the {self.field} “{text}”.{hint}")
        return found

    def _cache(self) -> dict[str, Model]:
        if not hasattr(self, "_known"):
            rows = self.model._default_manager.all()
            self._known = {str(getattr(row, self.field)).casefold(): row for row in rows}
        return self._known


class DecimalWidget(widgets.DecimalWidget):
    """A number without the zeros of its column: 12.7500 is 12.75."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else f"{Decimal(value).normalize():f}"  # a default may be 0


class Sheet(resources.ModelResource):
    """A spreadsheet of a model's rows; what is wrong with a row is a sentence about one of its columns.

    `required` names the columns without which a row means nothing; other missing columns are left as they are
    (or empty, where they help to find the row).
    """

    WIDGETS_MAP = resources.ModelResource.WIDGETS_MAP | {"DecimalField": DecimalWidget}
    required: Sequence[str] = ()

    def after_import_row(self, row: Any, row_result: Any, **kwargs: Any) -> None:
        """Note which row of the sheet it is, the head being the first."""
        row_result.sheet_row = kwargs["row_number"] + 1

    @classmethod
    def get_diff_class(cls) -> type[Diff]:
        return OldAndNew

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Refuse a file that does not name its columns, saying which there may be."""
        dataset.headers = [str(header or "").strip() for header in dataset.headers or []]
        if missing := [name for name in self.required if name not in dataset.headers]:
            known = ", ".join(field.column_name for field in self.get_import_fields())
            columns = "the column" if len(missing) == 1 else "the columns"
            raise ValidationError(
                f"The file lacks {columns} {', '.join(missing)}. Its first row names the columns; known are {known}."
            )
        for name in self.get_import_id_fields():
            column = self.fields[name].column_name
            if column not in dataset.headers:
                dataset.append_col([""] * dataset.height, header=column)

    def import_field(self, field: Any, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        """Say a number or date that cannot be read in words of the sheet."""
        try:
            super().import_field(field, instance, row, is_m2m, **kwargs)
        except (InvalidOperation, ValidationError) as error:
            raise ValueError(f"“{row.get(field.column_name)}” cannot be read here.") from error
        except ValueError as error:
            how = _WRITTEN.get(type(field.widget))
            if how is None:
                raise
            raise ValueError(f"“{row.get(field.column_name)}” cannot be read here: write {how}.") from error

    def validate_instance(self, *args: Any, **kwargs: Any) -> None:
        """Say a limit that was passed as what to enter, as the pages do."""
        try:
            super().validate_instance(*args, **kwargs)
        except ValidationError as error:
            for single in chain.from_iterable(error.error_dict.values()):
                say_limit(single)
            raise


__all__ = ["BooleanWidget", "DateTimeWidget", "DecimalWidget", "Exchange", "Field", "Named", "Sheet"]
