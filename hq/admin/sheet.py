"""A list as a spreadsheet: what a row says, what it would change, and what is wrong with it, by its columns.

A row that cannot be taken is named with its column and the remedy; it stops no other.
"""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from import_export import resources
from import_export.fields import Field
from import_export.results import RowResult
from import_export.widgets import TimeWidget

from hq.admin.forms import say_limit
from hq.admin.sheet_files import NAMELESS, is_blank, text_of, what_lacks
from hq.admin.sheet_widgets import (
    UNREADABLE,
    BooleanWidget,
    DateTimeWidget,
    DayWidget,
    DecimalWidget,
    IntegerWidget,
    Named,
    PercentWidget,
    how_to_write,
    read_cell,
)

logger = logging.getLogger(__name__)
MOST_SHOWN = 200  # rows of a look that are drawn; the others are counted
MOST_WARNINGS = 20
_ERRORS_OF_FORMULAS = {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"}


class Sheet(resources.ModelResource):
    """A spreadsheet of a model's rows; what is wrong with a row is a sentence about one of its columns.

    `required` names the columns without which a row means nothing; other missing columns are left as they are
    (or empty, where they help to find the row), and so is an empty cell where there has to be something.
    `writes_to_look` is off where a row says all by itself, so that a look at the list need write none of them;
    `sets` names the references that `import_instance` fills in, to rows that are there.
    """

    WIDGETS_MAP = resources.ModelResource.WIDGETS_MAP | {
        "DecimalField": DecimalWidget, "BooleanField": BooleanWidget, "DateField": DayWidget,
        "DateTimeField": DateTimeWidget,
        **dict.fromkeys(("IntegerField", "PositiveIntegerField", "PositiveSmallIntegerField"), IntegerWidget),
    }  # fmt: skip
    required: Sequence[str] = ()
    writes_to_look = True
    sets: Collection[str] = ()
    watch: Callable[[int], None] | None = None  # hears of each row that is read

    class Meta:
        skip_diff = True  # the sheet compares by itself: copies of every row take longer than all else
        report_skipped = False
        clean_model_instances = True

    @cached_property
    def import_fields(self) -> Sequence[Field]:
        """All columns in their order, also those that belong to something else than the row itself."""
        return [self.fields[name] for name in self._meta.fields]

    def get_import_fields(self) -> list[Field]:
        return list(self.import_fields)

    @cached_property
    def finding(self) -> Collection[Field]:
        """The columns by which a row is found, so that none of them changes it."""
        return {self.fields[name] for name in self.get_import_id_fields()}

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

    def after_init_instance(self, instance: Any, new: bool, row: Any, **kwargs: Any) -> None:
        """Note how it stands, to tell what the row changes, and to leave it so if the row cannot be taken."""
        self._now, self._is_new, self._stood = instance, new, _standing(instance)
        self._values = self._values_of(instance)
        draws = kwargs["dry_run"] and self._drawn < MOST_SHOWN
        self._old = self._cells_of(instance) if draws and not new else None

    def skip_row(self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None) -> bool:
        """Whether the row changes nothing: 10 is 10.0000."""
        return not import_validation_errors and self._values_of(instance) == self._values

    def after_import_row(self, row: Any, row_result: Any, **kwargs: Any) -> None:
        """Mark what changes, and draw the first of the rows that do: their cells as they were and as they would be."""
        changes = row_result.import_type in (RowResult.IMPORT_TYPE_NEW, RowResult.IMPORT_TYPE_UPDATE)
        if changes:
            stood = None if self._is_new else [getattr(value, "pk", value) for value in self._values]
            self._mark.update(repr((kwargs["row_number"], stood)).encode())
        if changes and kwargs["dry_run"] and self._drawn < MOST_SHOWN:
            self._drawn += 1
            new = self._cells_of(self._now)
            row_result.cells = list(zip(self._old or [""] * len(new), new, strict=True))

    def _values_of(self, instance: Any) -> list[Any]:
        return [field.get_value(instance) for field in self.import_fields]

    def _cells_of(self, instance: Any) -> list[str]:
        values = (field.export(instance) for field in self.import_fields)
        return ["" if value is None else str(value) for value in values]

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Refuse a file that does not name its columns, saying which there may be."""
        self._mark = sha256()
        known = [field.column_name for field in self.import_fields]
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
        self._blank = self._drawn = 0
        for name in self.get_import_id_fields():
            column = self.fields[name].column_name
            if column not in names:
                dataset.append_col([""] * dataset.height, header=column)

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        """Note which columns there are, and what was passed over: those that nobody knows, rows without a word."""
        result.named = set(dataset.headers or ())
        result.left_out, result.blank = getattr(self, "_left_out", ()), getattr(self, "_blank", 0)
        result.warnings = list(islice(self.warnings(), MOST_WARNINGS))
        result.mark = self._mark.hexdigest()

    def warnings(self) -> Iterator[str]:
        """What is to be said of the list as it was taken; nothing is stopped by it."""
        return iter(())

    def import_row(self, row: Any, instance_loader: Any, **kwargs: Any) -> Any:
        """Take the row whole, or leave nothing of it; a row without a word is passed over."""
        if self.watch:
            self.watch(kwargs["row_number"])
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
        self._now = None
        result = super().import_row(row, instance_loader, **kwargs)
        result.sheet_row = kwargs["row_number"] + 1  # the head is the first
        if result.errors:
            logger.warning("A row of a sheet was not taken", exc_info=result.errors[0].error)
            result.import_type = RowResult.IMPORT_TYPE_INVALID
            result.validation_error = ValidationError(
                f"This row cannot be taken: {result.errors.pop().error}"
            )
        if result.validation_error:
            self.leave(row, **kwargs)
        return result

    def keeps_constraints(self, instance: Any) -> bool:
        """Whether it is known without asking that the database's constraints hold."""
        return False

    def checks_beside_others(self, instance: Any) -> Iterator[Callable[..., None]]:
        """What looks at other rows: the model's own check, and what may be there only once."""
        yield lambda exclude: instance.clean()
        yield instance.validate_unique

    def leave(self, row: Any, using_transactions: bool, **kwargs: Any) -> None:
        """Leave everything as it was before the row."""
        if using_transactions and not self._meta.use_bulk:
            transaction.set_rollback(True)  # of the row, which is a block of its own
        if self._now is not None:
            self._now.__dict__, self._now._state.fields_cache = self._stood

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
        own = [field for field in self.import_fields if not field.readonly]
        columns = {field.attribute: field.column_name for field in own if field.attribute not in already}
        return {columns.get(name, name): said for name, said in errors.items()}

    def import_field(self, field: Any, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        """Say a number or date that cannot be read in words of the sheet; leave what an empty cell cannot be."""
        is_known = not self._is_new and field in self.finding
        if is_known or (is_blank([row.get(field.column_name)]) and self._has_to_be_something(field)):
            return
        try:
            super().import_field(field, instance, row, is_m2m, **kwargs)
        except UNREADABLE as error:
            raise how_to_write(field.widget, row.get(field.column_name), error) from error

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
        named = {field.attribute for field in self.import_fields if isinstance(field.widget, Named)}
        there = {
            name for name in named if "__" not in name and getattr(instance, f"{name}_id", None) is not None
        }
        yield lambda exclude: instance.clean_fields(exclude={*exclude, *there, *self.sets})
        yield from self.checks_beside_others(instance)
        if not self.keeps_constraints(instance):
            yield instance.validate_constraints


def _standing(instance: Model) -> tuple[dict[str, Any], dict[str, Any]]:
    return dict(instance.__dict__), dict(instance._state.fields_cache)


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
    "BooleanWidget", "DateTimeWidget", "DayWidget", "DecimalWidget", "Field", "IntegerWidget", "Named",
    "PercentWidget", "Sheet", "TimeWidget", "read_cell", "say_what_to_enter", "text_of",
]  # fmt: skip
