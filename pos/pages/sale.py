"""The sell screen: the page, what is scanned or tapped, and every operation on the cart."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from msgspec.structs import replace

from channels_app.errors import DomainError
from pos.boundary import as_notice, scan_stopped, status_of
from pos.cart.model import Notice
from pos.cart.snapshot import Snapshot, snapshot
from pos.errors import ApprovalNeeded, LockedOut, SignOnRefused
from pos.forms import OPERATIONS, Item, ScanForm, TillForm
from pos.operations import goods_of
from pos.pages.access import TillRequest, approval_of, for_seller, till_of
from pos.pages.context import page_context
from pos.pages.keys import PANELS
from pos.pages.messages import added, is_of_head
from pos.pages.show import show_cart, show_message, show_refusal, show_sheet
from pos.pages.tender import PAYMENTS, after_payment, show_sale
from pos.services.lookup import make_known
from pos.services.run_command import run_command
from pos.services.session import Till

# Operations after which the panel beside the cart has nothing more to say.
LAST = {
    "suspend", "recall", "void_sale", "return_by_receipt", "return_product", "set_customer", "add_customer",
    "call_up_order",
}  # fmt: skip
# Operations that the head of the cart tells of, or that may take lines away: the page needs all of it.
WHOLE = {
    "undo", "set_customer", "add_customer", "loyalty_card", "deliver", "deliver_line", "affiliate", "add_coupon",
    "remove_coupon",
}  # fmt: skip


@for_seller
def sell(request: TillRequest, till: Till) -> HttpResponse:
    """The page that a cashier sells on."""
    return show_sale(request, till)


@for_seller
def cart(request: TillRequest, till: Till) -> HttpResponse:
    """The whole cart, for a page that missed a change."""
    return show_sale(request, till) if request.htmx else redirect("pos:sell")


@for_seller
def tiles(request: TillRequest, till: Till) -> HttpResponse:
    """The tiles alone, for a page that heard of new prices."""
    context = page_context(till, snapshot(till.cart), grid=request.GET.get("grid", ""))
    return render(request, "pos/sell/_tiles.html", context) if request.htmx else redirect("pos:sell")


@for_seller
def scan(request: TillRequest, till: Till) -> HttpResponse:
    """Sell what was scanned, tapped or keyed in: one item or several in order, each of them once.

    The first that cannot be sold stops the rest; `Till-Taken` says how many were dealt with.
    """
    if request.method != "POST":
        return redirect("pos:sell")
    form = ScanForm(request.POST)
    if not form.is_valid():
        refused = form.refused
        return show_message(
            request, till, Notice("danger", "invalid", refused.text, field=refused.field), status=422
        )
    items: list[Item] = form.cleaned_data["wanted"]
    answer: Snapshot | None = None
    taken, refusal = 0, None
    make_known(till.register, goods_of([item.command() for item in items]), till.cart.priced_products)
    for item in items:
        taken += 1
        try:
            if taken > 1 or item.id != form.cleaned_data["request_id"]:
                till = till_of(request, item.id)
            done = run_command(
                till=till,
                request_id=item.id,
                commands=[item.command()],
                approval=approval_of(request, till),
            )
            answer = _joined(answer, done)
        except DomainError as error:
            refusal = error
            break
    if isinstance(refusal, ApprovalNeeded | SignOnRefused | LockedOut):
        response = show_refusal(request, till, refusal)
        response["Till-Taken"] = str(taken)
        return response
    response = _scanned(request, till, answer, items[taken - 1], refusal)
    response["Till-Taken"] = str(taken)
    return response


@for_seller
def operation(request: TillRequest, till: Till, name: str) -> HttpResponse:
    """Ask what an operation needs, or do it."""
    kind = OPERATIONS.get(name)
    if kind is None:
        raise Http404
    if request.method != "POST":
        if name in PANELS or not kind.title:
            return redirect("pos:sell")
        form = kind(initial=request.GET.dict(), register=till.register, cart=till.cart)
        if "line" in kind.base_fields and till.cart.line(request.GET.get("line", "")) is None:
            return show_message(
                request, till, Notice("question", "choose_line", "Choose a line of the cart first.")
            )
        return show_sheet(request, till, "pos/sheets/_form.html", form=form, action=request.path)
    form = kind(request.POST, register=till.register, cart=till.cart)
    if not form.is_valid():
        return _invalid(request, till, form)
    try:
        approval = approval_of(request, till)
        answer = run_command(
            till=till,
            request_id=form.cleaned_data["request_id"],
            commands=[form.command()],
            approval=approval,
        )
    except DomainError as error:
        return show_refusal(request, till, error, form=form)
    if name in PAYMENTS:
        return after_payment(request, till, answer)
    if name in WHOLE:
        answer = replace(answer, changed=())
    return show_cart(request, till, answer, **_settles_panel(name))


def _scanned(
    request: TillRequest,
    till: Till,
    answer: Snapshot | None,
    item: Item,
    refusal: DomainError | None,
) -> HttpResponse:
    """The cart after a scan, with what stopped it, if anything did."""
    cart = answer or snapshot(till.cart)
    if refusal is None:
        sound = "" if cart.notice else "added"
        return show_cart(request, till, cart, message=cart.notice or added(cart), sound=sound)
    notice = as_notice(refusal)
    stopped = scan_stopped(
        notice,
        {"code": item.code, "product": item.product, "quantity": item.quantity},
        has_scale=till.register.has_scale,
    )
    asks = "sheet" in stopped
    status = 200 if asks else status_of(refusal)
    if asks:
        notice = replace(notice, tone="question")
    return show_cart(
        request, till, cart, message=notice, status=status, sound="question" if asks else "refused", **stopped
    )


def _invalid(request: TillRequest, till: Till, form: TillForm) -> HttpResponse:
    refused = form.refused
    text = refused.text if refused else "That is not complete."
    if "sheet" in request.POST:
        return show_sheet(
            request,
            till,
            "pos/sheets/_form.html",
            status=422,
            form=form,
            action=request.path,
            refusal=text,
            refused_field=refused.field if refused else "",
        )
    notice = Notice("danger", "invalid", text, field=refused.field if refused else "")
    return show_message(request, till, notice, status=422)


def _joined(before: Snapshot | None, after: Snapshot) -> Snapshot:
    """Two answers in a row as one: the page shows what was before the first."""
    if before is None:
        return after
    changed = () if is_of_head(before) else tuple(dict.fromkeys((*before.changed, *after.changed)))
    return replace(after, changed=changed, previous_version=before.previous_version)


def _settles_panel(name: str) -> dict[str, Any]:
    """What closes the panel after the last operation that it is for."""
    return {"panel": "pos/panels/_none.html"} if name in LAST else {}
