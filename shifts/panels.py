"""What the shifts say on headquarters' home page."""

from collections.abc import Iterator

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from hq import panels
from hq.cells import spoken_age
from hq.panels import Notice, Question, Tone
from pos.sales_figures import business_days
from shifts.models import Shift
from shifts.states import ShiftStatus

MOST = 5


@panels.notices(Question.NEEDS, permission="shifts.view_shift")
def shifts_left_behind(request: HttpRequest) -> Iterator[Notice]:
    """Shifts that are still open on a later business day: nobody has counted their drawers."""
    now = timezone.now()
    days = business_days(now)
    if not days:
        return
    older = Shift.objects.filter(status=ShiftStatus.OPEN, business_date__lt=max(days.values())).order_by(
        "opened_at"
    )
    left = [
        shift
        for shift in older.select_related("store", "register", "opened_by")
        if shift.business_date < days[shift.store_id]
    ]
    for shift in left[:MOST]:
        yield Notice(
            title=f"Shift {shift.number} was left open at {shift.register.name}, {shift.store.name}",
            tone=Tone.ASKS,
            words="left open",
            url=reverse("admin:shifts_shift_change", args=[shift.pk]),
            detail=f"{shift.opened_by} opened it {spoken_age(shift.opened_at, now)}. Have the drawer counted and the "
            "shift closed at the till.",
        )
    if len(left) > MOST:
        yield Notice(
            title=f"{len(left) - MOST} more shifts were left open",
            tone=Tone.ASKS,
            words="left open",
            url=f"{reverse('admin:shifts_shift_changelist')}?status__exact=open",
        )
