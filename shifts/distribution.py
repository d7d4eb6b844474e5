"""Shifts come up as they are with every record of theirs; headquarters' copy follows the channel's."""

from collections.abc import Callable, Sequence

from django.db.models import Model, QuerySet

from channels_app.registry import EVERY_TOPIC, collect, forget
from pos.models import RetailTransaction
from shifts import models


def _of_their_shifts(model: type[Model], column: str) -> Callable[[Sequence[str]], QuerySet]:
    """Rows of the shifts that some journal records belong to."""

    def rows(subjects: Sequence[str]) -> QuerySet:
        shifts = RetailTransaction.objects.filter(pk__in=subjects, shift__isnull=False).values("shift")
        return model._base_manager.filter(**{f"{column}__in": shifts})

    return rows


collect("P-0001", EVERY_TOPIC, models.Shift, rows=_of_their_shifts(models.Shift, "pk"), replaces=True)
collect(
    "P-0001", EVERY_TOPIC, models.ShiftTotal, rows=_of_their_shifts(models.ShiftTotal, "shift"), replaces=True
)
collect(
    "P-0001",
    ["shift.opened", "cash.moved"],
    models.CashMovement,
    rows=_of_their_shifts(models.CashMovement, "shift"),
)
collect(
    "P-0001",
    "shift.closed",
    models.TenderDeclaration,
    rows=_of_their_shifts(models.TenderDeclaration, "shift"),
)

collect("P-0001", "time.recorded", models.TimeEntry)

forget(models.Shift, by="closed_at")
forget(models.TimeEntry, by="happened_at")
for _part in (models.ShiftTotal, models.CashMovement, models.TenderDeclaration):
    forget(_part, by="shift__closed_at")
