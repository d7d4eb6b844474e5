"""Reading the journal, copying a receipt, and checking the chain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import msgspec

from hq.station_port import station
from pos.config import RegisterConfig
from pos.errors import JournalBroken, NoGiftReceipt, NoMerchantsCopy, PrinterNotReady, UnknownReceipt
from pos.journal_document import JournalDocument, chain_hash, read_document
from pos.models import RetailTransaction
from pos.receipts import gift_receipt_document, merchants_copies, merchants_copy_document, receipt_document
from pos.services.session import Till


class JournalEntry(msgspec.Struct, frozen=True):
    """A line of the journal's list."""

    id: UUID
    kind: str
    receipt_number: str
    total: Decimal
    concluded_at: datetime
    worker_id: int
    item_count: Decimal
    currency: str


def recent(config: RegisterConfig, *, most: int = 30, text: str = "") -> Sequence[JournalEntry]:
    """The store's last sales and voids, the newest first; `text` narrows to receipt numbers that contain it."""
    rows = RetailTransaction.objects.filter(
        store=config.store.id,
        kind__in=[RetailTransaction.Kind.SALE, RetailTransaction.Kind.VOIDED],
    )
    if text := text.replace("\0", "").strip():
        rows = rows.filter(receipt_number__icontains=text[:40])
    return [
        JournalEntry(
            id=row.pk,
            kind=row.kind,
            receipt_number=row.receipt_number,
            total=config.currency.round(row.total),
            concluded_at=row.concluded_at,
            worker_id=row.worker_id,
            item_count=row.item_count.normalize(),
            currency=row.currency,
        )
        for row in rows.order_by("-concluded_at")[:most]
    ]


def document_of(config: RegisterConfig, retail_transaction: UUID) -> JournalDocument:
    """A record of this store's journal; raises UnknownReceipt."""
    row = RetailTransaction.objects.filter(pk=retail_transaction, store=config.store.id).first()
    if row is None:
        raise UnknownReceipt(number=str(retail_transaction), field="receipt")
    return read_document(row.document)


def find_receipt(config: RegisterConfig, number: str) -> JournalDocument:
    """The sale with that receipt number in this store; raises UnknownReceipt."""
    row = RetailTransaction.objects.filter(
        receipt_number=number.replace("\0", "").strip(),
        store=config.store.id,
        kind=RetailTransaction.Kind.SALE,
    ).first()
    if row is None:
        raise UnknownReceipt(number=number or "(empty)", field="receipt")
    return read_document(row.document)


def receipt(document: JournalDocument, *, is_copy: bool = False) -> dict:
    """The receipt of a record, as the paper says it."""
    return receipt_document(document, marks=["COPY"] if is_copy else [])


class Paper(StrEnum):
    """What is printed of a record again: a copy marked as one, the gift receipt, the card terminal's for the shop."""

    COPY = "copy"
    GIFT = "gift"
    MERCHANTS = "merchants"


def print_copy(
    *, till: Till, retail_transaction: UUID, request_id: UUID, device: str = "", paper: Paper = Paper.COPY
) -> UUID | None:
    """Print a paper of a record again.

    `device` is a printer as the station's port names it; empty for the register's own. Returns the job, or None where
    the register has no station. Raises UnknownReceipt, PrinterNotReady, NoGiftReceipt, NoMerchantsCopy.
    """
    till.require_worker()
    document = document_of(till.register, retail_transaction)
    require_printer(till.register, device)
    printed, name = _again(document, paper)
    return station().send(
        register_id=till.register.id,
        kind="print",
        document=printed,
        title=f"{name} of {document.receipt_number}",
        request_id=request_id,
        device=device,
    )


def _again(document: JournalDocument, paper: Paper) -> tuple[dict, str]:
    """The paper and what it is called."""
    number = document.receipt_number or "This record"
    if paper == Paper.GIFT:
        is_sold = any(line.quantity > 0 and not line.is_voided for line in document.lines)
        if not (is_sold and document.receipt_number):
            raise NoGiftReceipt(number=number)
        return gift_receipt_document(document), "Gift receipt"
    if paper == Paper.MERCHANTS:
        if not merchants_copies(document):
            raise NoMerchantsCopy(number=number)
        return merchants_copy_document(document), "Merchant's copy"
    return receipt(document, is_copy=True), "Copy"


def require_printer(config: RegisterConfig, device: str) -> None:
    """Raises PrinterNotReady when a printer is named that is not there, or not any more."""
    if device and device not in {printer.device for printer in station().printers(config.id)}:
        raise PrinterNotReady(field="device")


def verify_chain(register_id: int) -> Iterator[RetailTransaction]:
    """Walk a register's journal in order, yielding each record that holds.

    Raises JournalBroken at the first one whose number, link or content is not what the chain says.
    """
    previous: RetailTransaction | None = None
    for row in (
        RetailTransaction.objects.filter(register=register_id).order_by("epoch", "sequence").iterator()
    ):
        why = _fault(row, previous)
        if why:
            raise JournalBroken(register=register_id, sequence=row.sequence, why=why)
        yield row
        previous = row


def _fault(row: RetailTransaction, previous: RetailTransaction | None) -> str:
    if previous is not None and row.epoch != previous.epoch:
        previous = None  # another channel database counted on, with a chain of its own
    if previous is not None and row.sequence != previous.sequence + 1:
        return f"record {previous.sequence + 1} is missing."
    if previous is not None and row.previous_hash != previous.hash:
        return "it does not follow from the record before it."
    if chain_hash(row.previous_hash, row.document) != row.hash:
        return "its content is not what was hashed."
    document = read_document(row.document)
    if (document.total, document.receipt_number, document.sequence) != (
        row.total,
        row.receipt_number,
        row.sequence,
    ):
        return "its columns differ from its document."
    return ""
