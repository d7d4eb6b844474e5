"""The pages on which a shift is opened, counted and closed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from channels_app.errors import DomainError
from pos.boundary import status_of
from pos.cart.model import Outcome
from pos.errors import ApprovalNeeded
from pos.forms import Refused
from pos.models import SuspendedCart
from pos.pages.access import WORKER_COOKIE, approval_of, for_seller, for_worker
from pos.services.session import Till
from shifts.forms import CashForm, CountForm, OpenShiftForm, RequestForm, piece_name
from shifts.models import CashMovement, Shift
from shifts.selectors import expected_tenders, shift_figures
from shifts.services import close_shift, move_cash, open_shift, print_x_report, settle_terminal_day

ZERO = Decimal(0)


@for_worker
def start(request: HttpRequest, till: Till) -> HttpResponse:
    """Open a shift with its float."""
    if till.standing.shift is not None and till.answered is None:
        return redirect("pos:sell")
    form = OpenShiftForm(request.POST or None)
    if request.method != "POST":
        return _show(request, till, "shifts/open.html", form)

    def run(approval: Any) -> Outcome:
        return open_shift(
            till=till,
            starting_float=form.cleaned_data["starting_float"],
            request_id=form.id,
            approval=approval,
        )

    return _try(request, till, form, "shifts/open.html", run) or redirect("pos:sell")


@for_seller
def cash(request: HttpRequest, till: Till) -> HttpResponse:
    """Money into the drawer or out of it, without a sale."""
    form = CashForm(request.POST or None)
    if request.method != "POST":
        return _show(request, till, "shifts/cash.html", form)

    def run(approval: Any) -> Outcome:
        data = form.cleaned_data
        return move_cash(
            till=till,
            kind=CashMovement.Kind(data["kind"]),
            amount=data["amount"],
            reason=data["reason"],
            request_id=form.id,
            approval=approval,
        )

    return _try(request, till, form, "shifts/cash.html", run) or redirect("pos:sell")


@for_worker
def finish(request: HttpRequest, till: Till) -> HttpResponse:
    """Count the drawer and close the shift; where the store says so, without seeing what is expected."""
    if till.standing.shift is None and till.answered is None:
        return redirect("shifts:open")
    form = CountForm(request.POST or None, register=till.register)
    extra = _close_context(till, form)
    if request.method != "POST":
        return _show(request, till, "shifts/close.html", form, **extra)
    shift = till.standing.shift

    def run(approval: Any) -> Outcome:
        outcome = close_shift(till=till, counted=form.counted(), request_id=form.id, approval=approval)
        if form.cleaned_data.get("end_of_day"):
            settle_terminal_day(till=till, request_id=form.id)
        return outcome

    refused = _try(request, till, form, "shifts/close.html", run, **extra)
    return refused or _closed(request, till, shift)


@for_seller
def x_report(request: HttpRequest, till: Till) -> HttpResponse:
    """The figures of the shift so far, printed and as paper on the screen."""
    if request.method != "POST":
        return _show(request, till, "shifts/x_report.html", None)
    form = RequestForm(request.POST)
    if not form.is_valid():
        return _show(request, till, "shifts/x_report.html", form, refused=form.refused, status=422)
    try:
        report = print_x_report(till=till, request_id=form.id)
    except DomainError as error:
        return _refuse(request, till, form, "shifts/x_report.html", error)
    return _show(request, till, "shifts/x_report.html", form, report=report)


def _closed(request: HttpRequest, till: Till, shift: UUID | None) -> HttpResponse:
    closed = (
        Shift.objects.get(pk=shift)
        if shift
        else Shift.objects.filter(register=till.register.id, status="closed").latest("closed_at")
    )
    figures = shift_figures(closed.pk)
    differences = [tender.over_short for tender in figures.tenders if tender.over_short]
    response = _show(
        request,
        till,
        "shifts/closed.html",
        None,
        shift=closed,
        figures=figures,
        differences=differences,
        names={rule.method: rule.name for rule in till.register.tender_rules},
    )
    response.delete_cookie(WORKER_COOKIE)
    return response


def _close_context(till: Till, form: CountForm) -> dict[str, Any]:
    shift = till.standing.shift
    is_blind = till.register.functions.blind_close
    return {
        "cash_method": next((rule.method for rule in form.rules if rule.kind == "cash"), ""),
        "expected": {} if is_blind or shift is None else expected_tenders(shift),
        "open_lines": len(till.cart.live_lines),
        "held": SuspendedCart.objects.filter(store=till.register.store.id, register=till.register.id).count(),
    }


def _try(
    request: HttpRequest, till: Till, form: Any, template: str, run: Any, **extra: Any
) -> HttpResponse | None:
    """Check the form and do it; the page again, with what is wrong, when it cannot be done."""
    if not form.is_valid():
        return _show(request, till, template, form, refused=form.refused, status=422, **extra)
    try:
        run(approval_of(request, till))
    except DomainError as error:
        return _refuse(request, till, form, template, error, **extra)
    return None


def _refuse(
    request: HttpRequest, till: Till, form: Any, template: str, error: DomainError, **extra: Any
) -> HttpResponse:
    ask = isinstance(error, ApprovalNeeded) or "manager" in request.POST
    refused = Refused(error.field or "", str(error))
    return _show(
        request, till, template, form, refused=refused, ask_manager=ask, status=status_of(error), **extra
    )


def _show(
    request: HttpRequest, till: Till, template: str, form: Any, *, status: int = 200, **extra: Any
) -> HttpResponse:
    register = till.register
    pieces = [
        (value, piece_name(value), request.POST.get(piece_name(value), ""), kind)
        for value, kind in register.denominations
    ]
    context = {
        "till": till,
        "register": register,
        "visual": register.visual,
        "worker": till.worker,
        "form": form,
        "pieces": pieces,
        "zero": ZERO,
        "given": request.POST,
    }
    return render(request, template, context | extra, status=status)
