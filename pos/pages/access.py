"""Who asks: from cookies to the till, and where to send those who cannot sell yet."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django_htmx.middleware import HtmxDetails

from channels_app.errors import DomainError
from pos.errors import NoOpenShift, NotActivated, NotSignedOn, RegisterUnknown, WaitingForData
from pos.forms import goods_in
from pos.services.run_command import Approval
from pos.services.session import Till, till_by_tokens
from pos.services.sign_on import recognise

DEVICE_COOKIE = "tillhouse_device"
WORKER_COOKIE = "tillhouse_worker"
DEVICE_SECONDS = 400 * 24 * 3600  # the longest that browsers keep a cookie

ELSEWHERE: dict[type[DomainError], str] = {
    NotActivated: "pos:activate",
    NotSignedOn: "pos:sign-on",
    NoOpenShift: "shifts:open",
    WaitingForData: "pos:waiting",
    RegisterUnknown: "pos:waiting",
}

View = Callable[..., HttpResponse]


class TillRequest(HttpRequest):
    """A request as the middleware hands it on: it knows whether htmx asks."""

    htmx: HtmxDetails


def till_of(request: HttpRequest, request_id: UUID | None = None) -> Till:
    """The register that this browser is, as it stands now.

    Raises NotActivated, WaitingForData, RegisterUnknown.
    """
    device = request.COOKIES.get(DEVICE_COOKIE, "")
    if not device:
        raise NotActivated()
    return till_by_tokens(
        device=device,
        worker=request.COOKIES.get(WORKER_COOKIE, ""),
        request_id=request_id,
        sells=lambda: goods_in(request.POST),
    )


def elsewhere(request: HttpRequest, error: DomainError) -> HttpResponse | None:
    """The way to the page where the obstacle is removed; None when the obstacle has no page."""
    name = ELSEWHERE.get(type(error))
    if name is None:
        return None
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": resolve_url(name)})
    return redirect(name)


def for_worker(view: View) -> View:
    """A page of somebody who is signed on; everybody else is led to where they can become that.

    The view gets the till with the request's id already asked for, so that a repeated request knows its answer.
    """

    @wraps(view)
    def page(request: HttpRequest, *arguments: Any, **options: Any) -> HttpResponse:
        try:
            till = till_of(request, _request_id(request))
            till.require_worker()
            return view(request, till, *arguments, **options)
        except DomainError as error:
            answer = elsewhere(request, error)
            if answer is None:
                raise
            return answer

    return page


def for_seller(view: View) -> View:
    """A page of the sale: somebody is signed on and a shift is open."""

    @wraps(view)
    def page(request: HttpRequest, till: Till, *arguments: Any, **options: Any) -> HttpResponse:
        till.require_shift()
        return view(request, till, *arguments, **options)

    return for_worker(page)


def approval_of(request: HttpRequest, till: Till) -> Approval | None:
    """The manager who put an ID and a PIN beside the request, if one did. Raises SignOnRefused, LockedOut."""
    staff_id = request.POST.get("manager", "")
    if not staff_id:
        return None
    return Approval(recognise(till.register, staff_id=staff_id, pin=request.POST.get("manager_pin", "")))


def give_cookie(
    request: HttpRequest, response: HttpResponse, name: str, token: str, seconds: int | None
) -> HttpResponse:
    """Keep a token in the browser, out of reach of scripts and of other sites' forms."""
    response.set_cookie(
        name, token, max_age=seconds, httponly=True, secure=request.is_secure(), samesite="Lax"
    )
    return response


def _request_id(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("request_id", ""))
    except ValueError:
        return None
