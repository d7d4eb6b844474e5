"""The time clock's page: whoever works here, signed on or not, comes, rests and goes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from channels_app.errors import DomainError
from pos.boundary import status_of
from pos.config import WorkerView
from pos.errors import NotActivated, RegisterUnknown, WaitingForData
from pos.forms import Refused
from pos.pages.access import elsewhere, till_of
from pos.services.session import Till
from pos.services.sign_on import recognise, workers_for_tiles
from shifts.forms import ClockForm
from shifts.services import TimeSheet, clock, time_sheet
from shifts.states import ClockKind

DONE = {
    ClockKind.IN: "{name} is clocked in.",
    ClockKind.BREAK: "{name} is on a break.",
    ClockKind.BACK: "{name} is back from the break.",
    ClockKind.OUT: "{name} is clocked out.",
}
ICONS = {
    ClockKind.IN: "log-in",
    ClockKind.BREAK: "coffee",
    ClockKind.BACK: "undo-2",
    ClockKind.OUT: "log-out",
}


def time_clock(request: HttpRequest) -> HttpResponse:
    """Clock in and out, and breaks: oneself when signed on, else by name and PIN."""
    try:
        till = till_of(request)
    except (NotActivated, WaitingForData, RegisterUnknown) as error:
        answer = elsewhere(request, error)
        if answer is None:
            raise
        return answer
    oneself = None if "other" in request.GET or "staff_id" in request.POST else till.worker
    if request.method != "POST":
        return _show(request, till, oneself, sheet=time_sheet(oneself) if oneself else None)
    form = ClockForm(request.POST, asks_pin=oneself is None)
    if form.refused is not None:
        return _show(request, till, oneself, refused=form.refused, status=422)
    try:
        worker = oneself or recognise(
            till.register, staff_id=form.cleaned_data["staff_id"], pin=form.cleaned_data["pin"]
        )
        sheet = clock(till=till, worker=worker, kind=form.cleaned_data["kind"], request_id=form.id)
    except DomainError as error:
        refused = Refused(error.field or "", str(error))
        return _show(request, till, oneself, refused=refused, status=status_of(error))
    done = DONE[ClockKind(form.cleaned_data["kind"])].format(name=worker.name)
    return _show(request, till, oneself, sheet=sheet, done=done)


def _show(
    request: HttpRequest,
    till: Till,
    oneself: WorkerView | None,
    *,
    sheet: TimeSheet | None = None,
    refused: Refused | None = None,
    done: str = "",
    status: int = 200,
) -> HttpResponse:
    if refused and oneself:
        sheet = time_sheet(oneself)
    can = sheet.can if sheet else tuple(ClockKind)
    context = {
        "till": till,
        "register": till.register,
        "visual": till.register.visual,
        "worker": till.worker,
        "oneself": oneself,
        "people": workers_for_tiles(till.register),
        "sheet": sheet,
        "keys": [(kind, kind.label, ICONS[kind]) for kind in can],
        "refused": refused,
        "done": done,
        "given": request.POST.get("staff_id", ""),
    }
    return render(request, "shifts/clock.html", context, status=status)
