"""What stands beside the cart for a while: search, sales on hold, the journal, returns, and everything else."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from channels_app.errors import DomainError, Unavailable
from pos.boundary import as_notice, status_of
from pos.cart.model import Notice
from pos.cart.snapshot import snapshot
from pos.forms import ReturnForm, SuspendForm
from pos.headquarters import headquarters
from pos.models import SuspendedCart
from pos.operations.returns import returned_before, what_comes_back
from pos.pages.access import TillRequest, approval_of, for_seller
from pos.pages.context import chosen_line
from pos.pages.show import show_cart, show_message, show_panel, show_refusal
from pos.receipts import merchants_copies
from pos.services.catalogue import search as search_catalogue
from pos.services.customers import search_customers
from pos.services.drawer import open_drawer
from pos.services.journal import document_of, find_receipt, print_copy, receipt, recent
from pos.services.session import Till

# What is done rarely to the whole sale, and to its chosen line: operation, icon, words.
RARE = (
    ("add_coupon", "ticket-percent", "Coupon"),
    ("deliver", "truck", "Delivery"),
    ("charge", "circle-plus", "Charge"),
    ("tax_exempt", "badge-percent", "Tax exempt"),
    ("sale_taxes", "landmark", "Sale taxes"),
    ("loyalty_card", "id-card", "Loyalty card"),
    ("affiliate", "users", "Affiliation"),
)
OF_LINE = (
    ("line_taxes", "landmark", "Line taxes"),
    ("line_charge", "circle-plus", "Line charge"),
    ("deliver_line", "truck", "Line delivery"),
    ("set_unit", "package", "Unit"),
)


@for_seller
def search(request: TillRequest, till: Till) -> HttpResponse:
    """Articles by name or code."""
    text = request.GET.get("q", "").strip()
    if not text and request.htmx:
        return show_panel(request, till, "pos/panels/_none.html")
    found = search_catalogue(till.register, text, at=timezone.now())
    return show_panel(request, till, "pos/panels/_search.html", query=text, found=found)


@for_seller
def customers(request: TillRequest, till: Till) -> HttpResponse:
    """Who buys: the customer of the sale, and others to choose from."""
    text = request.GET.get("q", "").strip()
    return show_panel(
        request, till, "pos/panels/_customers.html", asked=text, customers=search_customers(text)
    )


@for_seller
def suspended(request: TillRequest, till: Till) -> HttpResponse:
    """Hold the sale, or take one up again."""
    rows = SuspendedCart.objects.filter(store=till.register.store.id)[:50]
    workers = till.register.workers
    held = [(row, workers[row.worker_id].name if row.worker_id in workers else "") for row in rows]
    form = SuspendForm(register=till.register)
    return show_panel(request, till, "pos/panels/_suspended.html", held=held, form=form)


@for_seller
def orders(request: TillRequest, till: Till) -> HttpResponse:
    """The orders that wait in this store, as headquarters has them now; a till takes one into its empty cart."""
    text = request.GET.get("q", "").strip()
    try:
        waiting = headquarters().waiting_orders(store=till.register.store.id, text=text[:80])
        problem = ""
    except Unavailable as refusal:
        waiting, problem = (), str(refusal)
    return show_panel(request, till, "pos/panels/_orders.html", asked=text, waiting=waiting, problem=problem)


@for_seller
def journal(request: TillRequest, till: Till) -> HttpResponse:
    """The store's last sales."""
    text = request.GET.get("number", "").strip()
    entries = [(entry, Decimal(entry.total)) for entry in recent(till.register, text=text)]
    return show_panel(
        request, till, "pos/panels/_journal.html", entries=entries, number=text, workers=till.register.workers
    )


@for_seller
def journal_entry(request: TillRequest, till: Till, retail_transaction: UUID) -> HttpResponse:
    """A receipt as paper; posting prints a copy."""
    try:
        document = document_of(till.register, retail_transaction)
        message = _print(request, till, retail_transaction) if request.method == "POST" else None
    except DomainError as error:
        return show_message(request, till, as_notice(error), status=status_of(error))
    if message is not None and request.htmx:
        return show_message(request, till, message)
    return show_panel(
        request,
        till,
        "pos/panels/_receipt.html",
        document=document,
        receipt=receipt(document),
        has_merchants_copy=bool(merchants_copies(document)),
        message=message,
        has_station=till.register.station_id is not None,
    )


@for_seller
def take_back(request: TillRequest, till: Till) -> HttpResponse:
    """The lines of a receipt, to choose what comes back."""
    number = request.GET.get("receipt", "").strip()
    if not number:
        return show_panel(request, till, "pos/panels/_return.html")
    try:
        document = find_receipt(till.register, number)
    except DomainError as error:
        return show_panel(
            request,
            till,
            "pos/panels/_return.html",
            number=number,
            refusal=str(error),
            status=status_of(error),
        )
    before = returned_before([line.id for line in document.lines])
    lines = []
    for line in document.lines:
        if not line.is_voided and line.quantity > 0:
            earlier = before.get(line.id, Decimal(0))
            left, unit = line.quantity - earlier, till.register.currency.unit
            lines.append(
                (line, left, -what_comes_back(line, left, earlier, unit).total if left > 0 else None)
            )
    form = ReturnForm(register=till.register)
    return show_panel(
        request, till, "pos/panels/_return.html", number=number, document=document, lines=lines, form=form
    )


@for_seller
def more(request: TillRequest, till: Till) -> HttpResponse:
    """Everything that is done rarely."""
    return show_panel(
        request,
        till,
        "pos/panels/_more.html",
        rare=RARE,
        of_line=OF_LINE,
        chosen=chosen_line(snapshot(till.cart)),
    )


@for_seller
def drawer(request: TillRequest, till: Till) -> HttpResponse:
    """Open the drawer without a sale."""
    if request.method != "POST":
        return redirect("pos:more")
    try:
        outcome = open_drawer(
            till=till,
            request_id=_request_id(request),
            reason=request.POST.get("reason", ""),
            approval=approval_of(request, till),
        )
    except DomainError as error:
        return show_refusal(request, till, error)
    return show_cart(request, till, snapshot(till.cart), message=outcome.notice)


def _print(request: TillRequest, till: Till, retail_transaction: UUID) -> Notice:
    job = print_copy(till=till, retail_transaction=retail_transaction, request_id=_request_id(request))
    if job is None:
        return Notice(
            "question",
            "no_station",
            "This register has no station: it prints nothing. Show the receipt on the screen.",
        )
    return Notice("info", "copy_printed", "A copy goes to the printer.")


def _request_id(request: TillRequest) -> UUID:
    try:
        return UUID(request.POST.get("request_id", ""))
    except ValueError:
        return uuid4()
