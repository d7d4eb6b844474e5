"""How a till page answers: only what changed where that is enough, the whole cart, or the whole page."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string

from channels_app.errors import DomainError
from pos.boundary import as_notice, status_of
from pos.cart.model import Notice
from pos.cart.snapshot import LineView, Snapshot, snapshot
from pos.errors import ApprovalNeeded
from pos.forms import TillForm
from pos.pages.access import TillRequest
from pos.pages.context import chosen_line, fragment_context, page_context
from pos.pages.messages import is_of_head
from pos.services.session import Till

PAGE = "pos/sell/page.html"
SECRET = {"csrfmiddlewaretoken", "manager", "manager_pin"}
SOUNDS = {"danger": "refused", "question": "question", "positive": "added"}


def show_cart(
    request: TillRequest,
    till: Till,
    cart: Snapshot,
    *,
    message: Notice | None = None,
    strip: dict[str, str] | None = None,
    panel: str = "",
    sheet: str = "",
    status: int = 200,
    sound: str = "",
    **extra: Any,
) -> HttpResponse:
    """The answer to a command: changed lines where the page shows the cart as it was before, else the whole cart.

    `panel` and `sheet` are templates that take the place of what is open there; an answer closes an open sheet.
    """
    message = message or cart.notice
    given = {"message": message, "strip": strip, "panel": panel, "sheet": sheet, **extra}
    if not request.htmx:
        context = page_context(till, cart, line=request.GET.get("line", ""), grid=request.GET.get("grid", ""))
        return render(request, PAGE, context | given, status=status)
    context = fragment_context(till, cart) | given
    fresh = _changes(request, cart) if not panel else None
    if fresh is not None:
        html, headers = changes_html(context, *fresh), {"HX-Reswap": "none"}
    else:
        context["chosen"] = chosen_line(cart)
        html, headers = render_to_string("pos/sell/_answer.html", context, request), {}
    sound = sound or (SOUNDS.get(message.tone, "") if message else "")
    headers["HX-Trigger"] = json.dumps({"till:changed": {"version": cart.version, "sound": sound}})
    return HttpResponse(html, status=status, headers=headers)


def changes_html(context: dict[str, Any], added: list[LineView], replaced: list[LineView]) -> str:
    """The fragment for a page that misses just these lines."""
    return render_to_string(
        "pos/sell/_changes.html",
        context | {"added": added, "replaced": replaced, "keys_stand": pay_keys_stand(context["cart"])},
    )


def pay_keys_stand(cart: Snapshot) -> bool:
    """Whether the keys that take the money stay as they are, all but the exact amount.

    Where a line counts that this change has not touched, they were already there to be pressed.
    """
    changed = set(cart.changed)
    return cart.charge is None and any(not line.is_voided and line.id not in changed for line in cart.lines)


def split_changes(cart: Snapshot, last: int) -> tuple[list[LineView], list[LineView]]:
    """The changed lines of an answer: those after the `last` that the page shows, and those it shows already."""
    wanted = set(cart.changed)
    added: list[LineView] = []
    replaced: list[LineView] = []
    for line in reversed(cart.lines):
        if not wanted:
            break
        if line.id in wanted:
            wanted.discard(line.id)
            (added if int(line.id) > last else replaced).append(line)
    return added[::-1], replaced


def show_panel(
    request: TillRequest, till: Till, panel: str, *, status: int = 200, **extra: Any
) -> HttpResponse:
    """A panel beside the cart, or the page with it."""
    if not request.htmx:
        return show_cart(request, till, snapshot(till.cart), panel=panel, status=status, **extra)
    response = render(request, panel, fragment_context(till, snapshot(till.cart)) | extra, status=status)
    if status != 200:
        response["HX-Trigger"] = json.dumps({"till:changed": {"sound": "refused"}})
    return response


def show_sheet(
    request: TillRequest, till: Till, sheet: str, *, status: int = 200, **extra: Any
) -> HttpResponse:
    """A sheet over the page, or the page with it standing open."""
    if request.htmx:
        context = fragment_context(till, snapshot(till.cart)) | extra
        response = render(request, sheet, context, status=status)
        response["HX-Retarget"], response["HX-Reswap"] = "#sheet", "outerHTML"
        if status != 200:
            response["HX-Trigger"] = json.dumps({"till:changed": {"sound": "question"}})
        return response
    return show_cart(request, till, snapshot(till.cart), sheet=sheet, status=status, **extra)


def show_refusal(
    request: TillRequest, till: Till, error: DomainError, *, form: TillForm | None = None
) -> HttpResponse:
    """What was refused: a manager is asked where one may approve, an open form shows it, else the message does."""
    status = status_of(error)
    if isinstance(error, ApprovalNeeded) or "manager" in request.POST:
        return show_sheet(
            request,
            till,
            "pos/sheets/_approval.html",
            status=status,
            lead=str(error),
            action=request.path,
            failed=not isinstance(error, ApprovalNeeded),
            asked=_asked(request.POST),
            title="A manager is needed",
        )
    if form is not None and "sheet" in request.POST:
        return show_sheet(
            request,
            till,
            "pos/sheets/_form.html",
            status=status,
            form=form,
            action=request.path,
            refusal=str(error),
            refused_field=error.field or "",
        )
    return show_message(request, till, as_notice(error), status=status)


def show_message(request: TillRequest, till: Till, message: Notice, *, status: int = 200) -> HttpResponse:
    """One sentence, where messages stand; nothing else changes but the cart of a page that shows an older one."""
    if not request.htmx or _is_behind(request, till):
        response = show_cart(request, till, snapshot(till.cart), message=message, status=status)
        response["HX-Retarget"], response["HX-Reswap"] = "#cart", "outerHTML"
        return response
    response = render(request, "pos/sell/_message.html", {"message": message}, status=status)
    response["HX-Retarget"], response["HX-Reswap"] = "#message", "outerHTML"
    response["HX-Trigger"] = json.dumps({"till:changed": {"sound": SOUNDS.get(message.tone, "")}})
    return response


def _is_behind(request: TillRequest, till: Till) -> bool:
    """Whether the page shows another cart than the register's, as a second one of the same register may."""
    return request.headers.get("Till-Version", "") not in ("", str(till.cart.version))


def _changes(request: TillRequest, cart: Snapshot) -> tuple[list[LineView], list[LineView]] | None:
    """What the page misses, when it shows the cart as it was right before; None when it needs the whole cart.

    A first line needs it, too: it changes the cart's head.
    """
    seen, last = request.headers.get("Till-Version", ""), request.headers.get("Till-Last", "")
    if seen == str(cart.version):
        return [], []
    if (
        not cart.changed
        or is_of_head(cart)
        or cart.sale
        or seen != str(cart.previous_version)
        or not last.isdigit()
    ):
        return None
    added, replaced = split_changes(cart, int(last))
    return None if len(added) == len(cart.lines) else (added, replaced)


def _asked(post: QueryDict) -> list[tuple[str, str]]:
    return [(name, value) for name, values in post.lists() if name not in SECRET for value in values]
