"""Receipts by e-mail: asked for at the till, sent by a worker, once."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone

from pos.journal_document import read_document
from pos.models import ReceiptMail, RetailTransaction
from pos.services.journal import document_of, receipt
from pos.services.session import Till

logger = logging.getLogger(__name__)
MOST_TRIES = 12
KEEP = timedelta(days=30)
WIDTH = 42


def mail_receipt(*, till: Till, retail_transaction: UUID, address: str, request_id: UUID) -> ReceiptMail:
    """Note that a receipt is to go to an address; the same request again is the same mail. Raises UnknownReceipt."""
    till.require_worker()
    document_of(till.register, retail_transaction)
    mail, _ = ReceiptMail.objects.get_or_create(
        request_id=request_id,
        defaults={
            "register_id": till.register.id,
            "retail_transaction": retail_transaction,
            "address": address,
            "asked_at": timezone.now(),
        },
    )
    return mail


def send_mails() -> dict[str, int]:
    """Send what waits, each with a growing pause after a failure; forget what is a month old."""
    now = timezone.now()
    ReceiptMail.objects.filter(asked_at__lt=now - KEEP).delete()
    sent = 0
    for pk in ReceiptMail.objects.filter(sent_at=None, tries__lt=MOST_TRIES).values_list("pk", flat=True)[
        :50
    ]:
        sent += _send(pk)
    return {"sent": sent}


@transaction.atomic
def _send(pk: UUID) -> bool:
    mail = ReceiptMail.objects.select_for_update(skip_locked=True).filter(pk=pk, sent_at=None).first()
    if mail is None or mail.asked_at + timedelta(seconds=2**mail.tries - 1) > timezone.now():
        return False
    record = RetailTransaction.objects.get(pk=mail.retail_transaction)
    document = read_document(record.document)
    paper = receipt(document)
    message = EmailMultiAlternatives(
        subject=f"Your receipt {document.receipt_number} from {document.store.name}",
        body=as_text(paper),
        to=[mail.address],
    )
    message.attach_alternative(render_to_string("pos/mail/receipt.html", {"paper": paper}), "text/html")
    try:
        message.send()
    except Exception as error:  # whatever the mail server's library raises
        logger.warning("a receipt could not be mailed: %s", error, extra={"mail": str(pk)})
        ReceiptMail.objects.filter(pk=pk).update(tries=F("tries") + 1, problem=str(error)[:300])
        return False
    ReceiptMail.objects.filter(pk=pk).update(sent_at=timezone.now(), problem="")
    return True


def as_text(paper: dict) -> str:
    """A receipt document as plain text in 42 columns."""
    rows: list[str] = []
    for block in paper["blocks"]:
        match block["kind"]:
            case "text":
                lines = block["text"].split("\n")
                centre = block.get("align") == "center"
                rows += [line.center(WIDTH).rstrip() if centre else line for line in lines]
            case "pair":
                left, room = " " * block.get("indent", 0) + block["left"], WIDTH - len(block["right"])
                rows.append(f"{left[: room - 1]:<{room}}{block['right']}")
            case "columns":
                cells = [[f"{row[0]:<12}", *(f"{cell:>10}" for cell in row[1:])] for row in block["rows"]]
                rows += ["".join(row) for row in cells]
            case "rule":
                rows.append("-" * WIDTH)
            case "feed":
                rows.append("")
            case "qr":
                rows.append(block["data"])
    return "\n".join(rows) + "\n"
