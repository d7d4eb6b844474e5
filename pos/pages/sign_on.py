"""Before a sale can be made: activation, waiting for data, signing on and off."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from channels_app.errors import DomainError
from pos.boundary import status_of
from pos.errors import NotActivated, RegisterUnknown, WaitingForData
from pos.forms import ActivationForm, ManagerActivationForm, Refused, SignOnForm, first_error
from pos.pages.access import (
    DEVICE_COOKIE,
    DEVICE_SECONDS,
    WORKER_COOKIE,
    TillRequest,
    elsewhere,
    give_cookie,
    till_of,
)
from pos.services.session import Till
from pos.services.sign_on import activate_by_manager, activate_device, sign_off, sign_on, workers_for_tiles
from pos.services.staff_card import sign_on_by_card

ACTIVATE = "pos/stand/activate.html"
SIGN_ON = "pos/stand/sign_on.html"


def activate(request: TillRequest) -> HttpResponse:
    """Make this browser a register, with a code from headquarters."""
    if request.method != "POST":
        return render(request, ACTIVATE, {"by_manager": "manager" in request.GET})
    form = ActivationForm(request.POST)
    refused = first_error(form)
    if refused is None:
        try:
            token = activate_device(code=form.cleaned_data["code"], description=_browser(request))
        except DomainError as error:
            return _refuse(request, ACTIVATE, error)
        return give_cookie(request, redirect("pos:sell"), DEVICE_COOKIE, token, DEVICE_SECONDS)
    return render(request, ACTIVATE, {"refused": refused}, status=422)


def activate_with_manager(request: TillRequest) -> HttpResponse:
    """Make this browser a register on a manager's word, when headquarters cannot be asked."""
    if request.method != "POST":
        return redirect("pos:activate")
    form = ManagerActivationForm(request.POST)
    if not form.is_valid():
        return render(request, ACTIVATE, {"refused": first_error(form), "by_manager": True}, status=422)
    try:
        token = activate_by_manager(**form.cleaned_data, description=_browser(request))
    except DomainError as error:
        return _refuse(request, ACTIVATE, error, by_manager=True)
    return give_cookie(request, redirect("pos:sell"), DEVICE_COOKIE, token, DEVICE_SECONDS)


def waiting(request: TillRequest) -> HttpResponse:
    """What the register waits for; it looks again by itself."""
    try:
        till_of(request)
    except (WaitingForData, RegisterUnknown) as error:
        return render(request, "pos/stand/waiting.html", {"sentence": str(error), "since": timezone.now()})
    except NotActivated as error:
        return elsewhere(request, error) or redirect("pos:activate")
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": "/"})
    return redirect("pos:sell")


def enter(request: TillRequest) -> HttpResponse:
    """Sign on with a name or an ID, and a PIN."""
    try:
        till = till_of(request)
    except DomainError as error:
        answer = elsewhere(request, error)
        if answer is None:
            raise
        return answer
    if request.method != "POST":
        return render(request, SIGN_ON, _people(till))
    if swipe := request.POST.get("swipe", ""):
        return _enter_by_card(request, till, swipe)
    form = SignOnForm(request.POST)
    if not form.is_valid():
        return render(
            request,
            SIGN_ON,
            _people(till) | {"refused": first_error(form), "given": request.POST.get("staff_id", "")},
            status=422,
        )
    try:
        token = sign_on(till=till, **form.cleaned_data)
    except DomainError as error:
        return _refuse(request, SIGN_ON, error, given=form.cleaned_data["staff_id"], **_people(till))
    return give_cookie(request, redirect("pos:sell"), WORKER_COOKIE, token, None)


def _enter_by_card(request: TillRequest, till: Till, swipe: str) -> HttpResponse:
    try:
        token = sign_on_by_card(till=till, swipe=UUID(swipe))
    except ValueError:
        refused = Refused("swipe", "That was no card. Sign on with your ID and PIN.")
        return render(request, SIGN_ON, _people(till) | {"refused": refused}, status=422)
    except DomainError as error:
        return _refuse(request, SIGN_ON, error, **_people(till))
    return give_cookie(request, redirect("pos:sell"), WORKER_COOKIE, token, None)


def leave(request: TillRequest) -> HttpResponse:
    """Sign off; the open sale stays with the register."""
    if request.method == "POST":
        try:
            sign_off(till=till_of(request))
        except DomainError as error:
            return elsewhere(request, error) or redirect("pos:sign-on")
    response = redirect("pos:sign-on")
    response.delete_cookie(WORKER_COOKIE)
    return response


def _people(till: Till) -> dict[str, object]:
    return {
        "till": till,
        "register": till.register,
        "visual": till.register.visual,
        "people": workers_for_tiles(till.register),
        "now": timezone.now(),
    }


def _refuse(request: TillRequest, template: str, error: DomainError, **context: object) -> HttpResponse:
    refused = Refused(error.field or "", str(error))
    return render(request, template, {"refused": refused, **context}, status=status_of(error))


def _browser(request: TillRequest) -> str:
    return request.headers.get("User-Agent", "a browser")[:120]
