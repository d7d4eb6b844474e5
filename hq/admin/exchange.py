"""Lists in and out of spreadsheets: CSV and XLSX, with a dry run first and every error named by its row."""

from collections.abc import Sequence
from decimal import InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from import_export import resources
from import_export.fields import Field
from import_export.formats.base_formats import CSV, XLSX
from import_export.widgets import BooleanWidget, DateTimeWidget, ForeignKeyWidget
from unfold.contrib.import_export.forms import ImportForm, SelectableFieldsExportForm


class Exchange:
    """What pages with import and export have in common."""

    import_form_class = ImportForm
    export_form_class = SelectableFieldsExportForm
    formats = [CSV, XLSX]
    import_formats = [CSV, XLSX]
    show_change_form_export = False

    def get_import_resource_kwargs(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        """Nothing of the request reaches the resource but what it needs."""
        return {}


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


class Sheet(resources.ModelResource):
    """A spreadsheet of a model's rows; what is wrong with a row is a sentence about one of its columns.

    `required` names the columns without which a row means nothing; other missing columns are left as they are
    (or empty, where they help to find the row).
    """

    required: Sequence[str] = ()

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


__all__ = ["BooleanWidget", "DateTimeWidget", "Exchange", "Field", "Named", "Sheet"]
