"""Lists in and out of spreadsheets: CSV and XLSX, with a look first at what would change, old and new.

A row that cannot be taken is named with its column and the remedy; it stops no other.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from import_export import resources
from import_export.fields import Field
from import_export.resources import Diff
from import_export.results import RowResult
from import_export.tmp_storages import CacheStorage
from import_export.widgets import DateTimeWidget, IntegerWidget, TimeWidget
from unfold.contrib.import_export.forms import ImportForm, SelectableFieldsExportForm

from hq.admin.forms import say_limit
from hq.admin.sheet_files import CSV, NAMELESS, XLSX, UnreadableFile, is_blank, text_of, what_lacks
from hq.admin.sheet_widgets import (
    BooleanWidget,
    DayWidget,
    DecimalWidget,
    Named,
    read_cell,
    said_how_to_write,
)

MOST_SHOWN = 200
_MISSING = "This field cannot be null."
_ERRORS_OF_FORMULAS = {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"}


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
    left_out: Sequence[str] = ()

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


def _words_of(error: Exception) -> list[str]:
    return error.messages if isinstance(error, ValidationError) else [str(error)]


def bad_rows(result: Any) -> set[int]:
    """The numbers (from 1, without the head) of rows that cannot be taken."""
    return {row.number for row in (*result.invalid_rows, *result.error_rows)}


def preview_of(result: Any) -> Preview:
    """A dry run's result as what is shown: columns that say something; the head of a sheet is its row 1."""
    faults = [
        Fault(row.number + 1, "" if column == NON_FIELD_ERRORS else column, text)
        for row in result.invalid_rows
        for column, texts in row.error_dict.items()
        for text in texts
        if text != _MISSING or all(_MISSING in said for said in row.error_dict.values())  # else it follows
    ]
    faults += [Fault(row.number + 1, "", str(one.error)) for row in result.error_rows for one in row.errors]
    changed = [row for row in result.rows if row.is_new() or row.is_update()]
    used = [any(cells) for cells in zip(*(row.diff for row in changed), strict=True)]
    changes = [
        Change(
            row.sheet_row,
            row.is_new(),
            [cell for cell, is_used in zip(row.diff, used, strict=True) if is_used],
        )
        for row in changed
    ]
    headers = [name for name, is_used in zip(result.diff_headers, used, strict=bool(used)) if is_used]
    faults.sort(key=lambda fault: fault.row)
    unchanged = result.totals[RowResult.IMPORT_TYPE_SKIP] - result.blank
    return Preview(headers, changes, faults, unchanged, result.left_out)


class OldAndNew(Diff):
    """The cells of a row as they were and as they would be."""

    def as_html(self) -> list[str]:
        """What stays is plain; what changes is struck out beside what comes."""
        return [self._cell(before, after) for before, after in zip(self.left, self.right, strict=True)]

    def _cell(self, before: Any, after: Any) -> str:
        old, new = ("" if value is None else str(value) for value in (before, after))
        if self.new or not (old or new):
            return format_html("{}", new)
        if old == new:
            return format_html('<span class="th-faint">{}</span>', new)
        return format_html(
            '<del>{}</del> <span aria-label="becomes">→</span> <ins>{}</ins>', old or "–", new or "–"
        )


class Sheet(resources.ModelResource):
    """A spreadsheet of a model's rows; what is wrong with a row is a sentence about one of its columns.

    `required` names the columns without which a row means nothing; other missing columns are left as they are
    (or empty, where they help to find the row), and so is an empty cell where there has to be something.
    `writes_to_look` is off where a row says all by itself, so that a look at the list need write none of them;
    `knows_constraints` is on where `import_instance` refuses all that the database's constraints would.
    """

    WIDGETS_MAP = resources.ModelResource.WIDGETS_MAP | {
        "DecimalField": DecimalWidget, "BooleanField": BooleanWidget, "DateField": DayWidget,
    }  # fmt: skip
    required: Sequence[str] = ()
    writes_to_look = True
    knows_constraints = False

    def import_data_inner(
        self,
        dataset: Any,
        dry_run: bool,
        raise_errors: bool,
        using_transactions: bool,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        """Without a transaction a look writes nothing, so that no row needs a savepoint."""
        using = using_transactions and (self.writes_to_look or not dry_run)
        return super().import_data_inner(dataset, dry_run, raise_errors, using, *args, **kwargs)

    def after_import_row(self, row: Any, row_result: Any, **kwargs: Any) -> None:
        """Note which row of the sheet it is, the head being the first."""
        row_result.sheet_row = kwargs["row_number"] + 1

    @classmethod
    def get_diff_class(cls) -> type[Diff]:
        return OldAndNew

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Refuse a file that does not name its columns, saying which there may be."""
        known = [field.column_name for field in self.get_import_fields()]
        dataset.headers = names = [_column_named(text_of(header), known) for header in dataset.headers or []]
        if missing := [name for name in self.required if name not in names]:
            columns = "the column" if len(missing) == 1 else "the columns"
            what, other = what_lacks(dataset.title)
            raise ValidationError(
                f"{what} lacks {columns} {', '.join(missing)}. Its first row names the columns; known are "
                f"{', '.join(known)}.{other}"
            )
        if twice := [name for name, times in Counter(names).items() if times > 1]:
            raise ValidationError(f"The column {twice[0]} is there twice. Leave one of them.")
        self._left_out = [name for name in names if name not in known and not name.startswith(NAMELESS)]
        self._blank = 0
        for name in self.get_import_id_fields():
            column = self.fields[name].column_name
            if column not in names:
                dataset.append_col([""] * dataset.height, header=column)

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        """Note what was passed over: columns that nobody knows, rows without a word."""
        result.left_out, result.blank = getattr(self, "_left_out", ()), getattr(self, "_blank", 0)

    def import_row(self, row: Any, instance_loader: Any, **kwargs: Any) -> Any:
        """Take the row whole, or leave nothing of it; a row without a word is passed over."""
        result = self.get_row_result_class()()
        if is_blank(row.values()):
            self._blank = getattr(self, "_blank", 0) + 1
            result.import_type = RowResult.IMPORT_TYPE_SKIP
            return result
        if faults := _faults_of_cells(row, self.required):
            result.import_type = RowResult.IMPORT_TYPE_INVALID
            result.validation_error = ValidationError(faults)
            return result
        for column, value in row.items():
            if value is None or isinstance(value, str):
                row[column] = text_of(value)
        result = super().import_row(row, instance_loader, **kwargs)
        if kwargs["using_transactions"] and (result.errors or result.validation_error):
            transaction.set_rollback(True)  # of the row, which is a block of its own
        return result

    def read(self, name: str, row: Any) -> Any:
        """What a row says to one of the fields. Raises ValueError."""
        field = self.fields[name]
        return read_cell(field.widget, row.get(field.column_name, ""), row)

    def get_instance(self, instance_loader: Any, row: Any) -> Any:
        """What the row speaks of, if it is there; a row that cannot be read is nobody's."""
        try:
            return super().get_instance(instance_loader, row)
        except (ValueError, ArithmeticError):
            return None

    def import_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """Name what is wrong by the columns."""
        try:
            super().import_instance(instance, row, **kwargs)
        except ValidationError as error:
            raise ValidationError(self._by_column(error.error_dict)) from error

    def _by_column(self, errors: Mapping[str, Any], already: Collection[str] = ()) -> dict[str, Any]:
        own = [field for field in self.get_import_fields() if not field.readonly]
        columns = {field.attribute: field.column_name for field in own if field.attribute not in already}
        return {columns.get(name, name): said for name, said in errors.items()}

    def import_field(self, field: Any, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        """Say a number or date that cannot be read in words of the sheet; leave what an empty cell cannot be."""
        if is_blank([row.get(field.column_name)]) and self._has_to_be_something(field):
            return
        with said_how_to_write(field.widget, row.get(field.column_name)):
            super().import_field(field, instance, row, is_m2m, **kwargs)

    def _has_to_be_something(self, field: Any) -> bool:
        if field.readonly or "__" in (field.attribute or "__"):
            return False
        of = self._meta.model._meta.get_field(field.attribute)
        return bool(of.has_default() and not of.null)

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        """Say a limit that was passed as what to enter, as the pages do; name it by its column."""
        faults = dict(import_validation_errors or {})
        for check in self._checks(instance):
            try:
                check(exclude=set(faults))
            except ValidationError as error:
                faults = error.update_error_dict(faults)
        if faults:
            refused = ValidationError(faults)
            say_what_to_enter(refused, self._meta.model)
            raise ValidationError(self._by_column(refused.error_dict, import_validation_errors or ()))

    def _checks(self, instance: Any) -> Iterator[Callable[..., None]]:
        """What `full_clean` looks at, but for rows that were just found by their names: they are there."""
        named = {field.attribute for field in self.get_import_fields() if isinstance(field.widget, Named)}
        there = {
            name for name in named if "__" not in name and getattr(instance, f"{name}_id", None) is not None
        }
        yield lambda exclude: instance.clean_fields(exclude=exclude | there)
        yield lambda exclude: instance.clean()
        yield instance.validate_unique
        if not self.knows_constraints:
            yield instance.validate_constraints


def say_what_to_enter(error: ValidationError, model: type[Model]) -> None:
    """Put what may be entered into the words of each error of a model's fields: a limit, or the choices."""
    for name, errors in error.error_dict.items():
        for single in errors:
            say_limit(single)
            if single.code == "invalid_choice":
                known = ", ".join(str(value) for value, _ in model._meta.get_field(name).choices or ())
                single.message = f"“%(value)s” is not a valid choice. Enter one of {known}."
                single.code = "said"  # once: another model's field may have the same name


def _column_named(header: str, known: Collection[str]) -> str:
    """The column that is meant: Price group is price_group."""
    written = header.casefold().replace(" ", "_")
    return written if written in known else header


def _faults_of_cells(row: Mapping[str, Any], required: Sequence[str]) -> dict[str, str]:
    """What is missing, and what no column may hold: a formula's error, and a value in a column without a name."""
    found = {name: f"Enter the {name.replace('_', ' ')}." for name in required if is_blank([row.get(name)])}
    for column, value in row.items():
        if column.startswith(NAMELESS) and not is_blank([value]):
            found[column] = (
                f"“{value}” stands in a column without a name. Name it in row 1, or clear the cell."
            )
        elif isinstance(value, str) and value in _ERRORS_OF_FORMULAS:
            found[column] = f"A formula ends in {value} here. Mend it, or enter what it should say."
    return found


__all__ = [
    "BooleanWidget", "DateTimeWidget", "DayWidget", "DecimalWidget", "Exchange", "Field", "IntegerWidget", "Named",
    "Sheet", "TimeWidget", "read_cell", "say_what_to_enter", "text_of",
]  # fmt: skip
