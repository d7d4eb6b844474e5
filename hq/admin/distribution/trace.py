"""Every list of the operations pages can be taken along as a spreadsheet."""

import csv
from collections.abc import Sequence
from typing import Any

from django.db.models import Model
from django.http import HttpResponse
from import_export import resources
from import_export.admin import ExportMixin

from hq.admin.exchange import ListsOut
from hq.admin.sheet_files import guarded


class Exported(ListsOut, ExportMixin):
    """A list that can be taken along: as filtered, with the columns that one chooses."""


def sheet_of(model: type[Model], columns: Sequence[str]) -> type[resources.ModelResource]:
    """A spreadsheet with some columns of a model; related rows by a path (`database__name`)."""
    meta = type("Meta", (), {"model": model, "fields": tuple(columns), "export_order": tuple(columns)})
    return type(f"{model.__name__}Sheet", (resources.ModelResource,), {"Meta": meta})


def as_csv(rows: Sequence[Sequence[Any]], name: str) -> HttpResponse:
    """Rows as a CSV file of that name; what a spreadsheet would take for a formula is left as text."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    writer = csv.writer(answer)
    for row in rows:
        writer.writerow([guarded(cell) for cell in row])
    return answer
