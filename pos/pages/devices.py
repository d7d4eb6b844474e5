"""What is done about prints from the till: copied, called back, sent to another printer or by e-mail."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.http import HttpResponse
from django.shortcuts import redirect

from channels_app.errors import DomainError
from hq.station_port import station
from pos.boundary import as_notice, status_of
from pos.cart.model import Notice, Sale
from pos.cart.snapshot import snapshot
from pos.pages.access import TillRequest, approval_of, for_seller, till_of
from pos.pages.show import show_cart, show_message, show_refusal, show_sheet
from pos.receipts import merchants_copies
from pos.services.choose_station import NoSuchStation, choose_station
from pos.services.journal import Paper, document_of, print_copy, require_printer
from pos.services.mail import mail_receipt
from pos.services.session import Till

MAIL = "pos/sheets/_mail.html"
PRINTS = "pos/sheets/_prints.html"
PAPERS = {
    Paper.GIFT: "The gift receipt",
    Paper.MERCHANTS: "The merchant's copy",
    Paper.COPY: "A copy",
}
STATIONS = "pos/sheets/_stations.html"


def receipt_context(till: Till, sale: UUID) -> dict[str, Any]:
    """How the paper of a sale stands, and where else it could come out."""
    job = station().receipt_job(sale)
    needs_help = job is not None and (
        job.state in ("failed", "unknown") or (job.state == "sent" and _waits(job.words))
    )
    printers = [one for one in station().printers(till.register.id) if not one.is_first] if needs_help else ()
    return {
        "receipt_job": job,
        "needs_help": needs_help,
        "other_printers": printers,
        "sale_id": sale,
        "has_station": till.register.station_id is not None,
    }


def fresh_receipt(till: Till, sale: Sale) -> dict[str, Any]:
    """The same for a sale that was concluded this moment, without asking: what becomes of its paper is pushed."""
    return {
        "receipt_is_new": sale.is_printed,
        "sale_id": sale.retail_transaction,
        "has_station": till.register.station_id is not None,
    }


@for_seller
def stations(request: TillRequest, till: Till) -> HttpResponse:
    """The stations of the store, to use another one while this register's own is down, and to go back."""
    if request.method != "POST":
        view = station().view(till.register.id)
        options = station().stations(till.register.id)
        return show_sheet(
            request,
            till,
            STATIONS,
            station=view,
            stations=options,
            others=len(options) > 1,
            untaken=view.untaken,
            taken=view.waiting - view.untaken,
            own_is_back=view.own_is_back,
        )
    try:
        outcome = choose_station(
            till=till,
            request_id=_request_id(request),
            station_id=int(request.POST.get("station", "")),
            brings="brings" in request.POST,
            approval=approval_of(request, till),
        )
    except ValueError:
        return show_refusal(request, till, NoSuchStation(field="station"))
    except DomainError as error:
        return show_refusal(request, till, error)
    return show_cart(request, till, snapshot(till_of(request).cart), message=outcome.notice)


@for_seller
def job(request: TillRequest, till: Till, job: UUID) -> HttpResponse:
    """Print a job again as a copy, here or at another printer, call it back, or say that its paper is there.

    Of a card payment the terminal's slip for the shop is printed.
    """
    if request.method != "POST":
        return redirect("pos:status")
    register, device = till.register.id, request.POST.get("device", "")
    if "cancel" in request.POST:
        certain = station().cancel(register_id=register, job_id=job)
        text = "The print is called back." if certain else "The station is asked to leave it."
        return show_message(request, till, Notice("info", "called_back", text))
    if "seen" in request.POST:
        is_news = station().confirm(register_id=register, job_id=job)
        text = "Noted: it came out." if is_news else "Its outcome is known by now."
        return show_message(request, till, Notice("info", "print_seen", text))
    try:
        if "merchants" in request.POST:
            station().print_shops_copy(register_id=register, job_id=job, request_id=_request_id(request))
            text = f"{PAPERS[Paper.MERCHANTS]} goes to the printer."
            return show_message(request, till, Notice("info", "copy_printed", text))
        require_printer(till.register, device)
        station().reprint(register_id=register, job_id=job, request_id=_request_id(request), device=device)
    except DomainError as error:
        return show_message(request, till, as_notice(error), status=status_of(error))
    where = "the other printer" if device else "the printer"
    return show_message(request, till, Notice("info", "copy_printed", f"A copy goes to {where}."))


@for_seller
def prints(request: TillRequest, till: Till, retail_transaction: UUID) -> HttpResponse:
    """A copy, a gift receipt or the merchant's copy of a card payment, and out of which printer."""
    if request.method != "POST":
        try:
            document = document_of(till.register, retail_transaction)
        except DomainError as error:
            return show_message(request, till, as_notice(error), status=status_of(error))
        return show_sheet(
            request,
            till,
            PRINTS,
            sale_id=retail_transaction,
            printers=station().printers(till.register.id),
            has_merchants_copy=bool(merchants_copies(document)),
        )
    asked = next((paper for paper in PAPERS if paper in request.POST), Paper.COPY)
    device = request.POST.get(asked, "")
    try:
        job = print_copy(
            till=till,
            retail_transaction=retail_transaction,
            request_id=_request_id(request),
            device=device,
            paper=asked,
        )
    except DomainError as error:
        return show_message(request, till, as_notice(error), status=status_of(error))
    if job is None:
        return show_message(request, till, Notice("question", "no_station", "This register prints nothing."))
    what = PAPERS[asked]
    where = next((one.name for one in station().printers(till.register.id) if one.device == device), "")
    words = f"{what} goes to {where}." if where else f"{what} goes to the printer."
    return show_cart(request, till, snapshot(till.cart), message=Notice("info", "copy_printed", words))


@for_seller
def mail(request: TillRequest, till: Till, retail_transaction: UUID) -> HttpResponse:
    """Ask for an address, and send the receipt there."""
    if request.method != "POST":
        return show_sheet(request, till, MAIL, sale_id=retail_transaction)
    address = request.POST.get("address", "").strip()
    try:
        validate_email(address)
        MaxLengthValidator(254)(address)
    except ValidationError:
        refusal = "Address: that is no e-mail address. Ask the customer to spell it."
        return show_sheet(
            request, till, MAIL, status=422, sale_id=retail_transaction, address=address, refusal=refusal
        )
    try:
        mail_receipt(
            till=till, retail_transaction=retail_transaction, address=address, request_id=_request_id(request)
        )
    except DomainError as error:
        return show_message(request, till, as_notice(error), status=status_of(error))
    return show_message(request, till, Notice("positive", "mailed", f"The receipt goes to {address}."))


def _waits(words: str) -> bool:
    """A job that is with the station says in words what it waits for; one that merely prints says nothing."""
    return bool(words) and words != "With the station" and words != "Sent to the station"


def _request_id(request: TillRequest) -> UUID:
    try:
        return UUID(request.POST.get("request_id", ""))
    except ValueError:
        return uuid4()
