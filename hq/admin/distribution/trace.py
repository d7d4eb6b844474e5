"""What people do on the operations pages is kept for the audit, and every list can be taken along as a spreadsheet."""

import csv
from collections.abc import Sequence
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Model
from django.http import HttpResponse
from import_export import resources
from import_export.admin import ExportMixin

from hq.admin.exchange import Exchange


def note(by: AbstractBaseUser, obj: Model, what: str, *, flag: int = CHANGE) -> None:
    """Keep who did what with a row, in a sentence without its subject: "Cancelled it"."""
    LogEntry.objects.log_actions(user_id=by.pk, queryset=[obj], action_flag=flag, change_message=what)


class Exported(Exchange, ExportMixin):
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
        writer.writerow(
            [f"'{cell}" if str(cell)[:1] in "=+-@" and len(str(cell)) > 1 else cell for cell in row]
        )
    return answer
