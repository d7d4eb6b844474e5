"""From a cart to a journal record: the document, its rows, its chain, and what is printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from channels_app.identifiers import uuid7
from hq.station_port import JobRequest
from pos.cart.model import Cart, CartLine, Sale, Tender, pieces
from pos.errors import NothingLeftToReturn
from pos.journal_document import (
    ChangedCharge,
    DocumentDelivery,
    DocumentLine,
    DocumentTender,
    JournalDocument,
    StoreIdentity,
    chain_hash,
    write_document,
)
from pos.models import RetailTransaction
from pos.receipts import receipt_document
from pos.services.writing import Journal, Write, encode_json
from pricing.engine.model import PricedCharge, PricedLine

if TYPE_CHECKING:
    from pos.config import RegisterConfig, StoreConfig, WorkerView
    from pos.services.session import RegisterStanding, Till

ZERO = Decimal(0)
Kind = RetailTransaction.Kind
_CLAIM = """
    INSERT INTO pos_returnedquantity AS known (id, line, quantity)
    SELECT r.id, r.line, r.quantity
      FROM json_to_recordset(%(returned)s::json) AS r(id uuid, line uuid, quantity numeric, sold numeric), held
     ORDER BY r.line
        ON CONFLICT (line) DO UPDATE SET quantity = known.quantity + EXCLUDED.quantity
     WHERE known.quantity + EXCLUDED.quantity <= (
        SELECT r.sold FROM json_to_recordset(%(returned)s::json) AS r(line uuid, sold numeric)
         WHERE r.line = known.line)
    RETURNING 1
"""
# Fewer claims than lines: the division by zero takes the whole statement back.
_ALL_CLAIMED = """
    SELECT 1 FROM held
     WHERE 1 / (CASE WHEN (SELECT count(*) FROM claimed) = %(returned_count)s::int THEN 1 ELSE 0 END) = 1
"""


@dataclass(frozen=True)
class VoidedSale:
    """A sale given up: its lines go to the journal, nothing is sold."""

    reason: str = ""
    approved_by: WorkerView | None = None


@dataclass(frozen=True)
class Fact:
    """What the postings of a journal record see."""

    document: JournalDocument
    print_jobs: Sequence[JobRequest] = field(default_factory=tuple)
    detail: Any = None


def receipt_number(config: RegisterConfig, epoch: int, receipt: int) -> str:
    """The number on the receipt: the register's, its epoch, and its count of receipts."""
    return f"{config.number}-{epoch}-{receipt:06d}"


def sale_journal(till: Till, cart: Cart, at: datetime) -> tuple[Journal, Sale]:
    """The record of a settled cart, and what the cashier is shown of it."""
    standing = replace(till.standing, sequence=till.standing.sequence + 1, receipt=till.standing.receipt + 1)
    number = receipt_number(till.register, standing.epoch, standing.receipt)
    document = _document(till, standing, Kind.SALE, at, cart=cart, receipt_number=number)
    prints = till.register.functions.print_receipt and till.register.station_id is not None
    jobs = _sale_jobs(till, document) if till.register.station_id is not None else ()
    journal = journal_of(till, "sale.concluded", document, standing, Fact(document, jobs))
    sale = Sale(
        retail_transaction=document.id,
        receipt_number=number,
        total=document.total,
        change=document.change,
        tendered=sum((tender.tendered for tender in document.tenders), ZERO),
        item_count=document.item_count,
        concluded_at=at,
        tenders=cart.tenders,
        is_printed=prints,
    )
    return journal, sale


def claim_returns(cart: Cart) -> tuple[Write, ...]:
    """What makes sure that no sold unit comes back twice: part of the statement that concludes the return."""
    returned = [
        {
            "id": uuid7(),
            "line": line.return_of.line,
            "quantity": -line.quantity,
            "sold": line.return_of.sold_quantity,
        }
        for line in cart.live_lines
        if line.return_of is not None
    ]
    returned += [
        {"id": uuid7(), "line": UUID(charge.id.removeprefix("back:")), "quantity": 1, "sold": 1}
        for charge in cart.live_charges
        if charge.locked is not None and charge.line is None
    ]
    if not returned:
        return ()
    parameters = {"returned": encode_json(returned), "returned_count": len(returned)}
    return (
        Write(
            name="claimed", sql=_CLAIM, parameters=parameters, must_write=True, refusal=NothingLeftToReturn
        ),
        Write(
            name="all_claimed", sql=_ALL_CLAIMED, parameters={}, must_write=True, refusal=NothingLeftToReturn
        ),
    )


def voided_journal(till: Till, cart: Cart, voided: VoidedSale, at: datetime) -> Journal:
    """The record of a sale that was given up."""
    standing = replace(till.standing, sequence=till.standing.sequence + 1)
    document = _document(
        till,
        standing,
        Kind.VOIDED,
        at,
        cart=cart,
        reason=voided.reason,
        approved_by=voided.approved_by.staff_id if voided.approved_by else "",
    )
    return journal_of(till, "sale.voided", document, standing, Fact(document))


def plain_document(
    till: Till, standing: RegisterStanding, kind: str, at: datetime, **values: Any
) -> JournalDocument:
    """A record without a cart: a shift opened or closed, cash moved, the drawer opened."""
    return _document(till, standing, kind, at, cart=None, **values)


def journal_of(
    till: Till, topic: str, document: JournalDocument, standing: RegisterStanding, fact: Fact
) -> Journal:
    """The document with its link in the chain and its rows, ready to be written."""
    text = write_document(document)
    link = chain_hash(document.previous_hash, text)
    record = {
        "id": document.id,
        "kind": document.kind,
        "store_id": document.store.id,
        "register_id": document.register_id,
        "worker_id": document.worker_id,
        "shift": document.shift,
        "epoch": document.epoch,
        "sequence": document.sequence,
        "receipt_number": document.receipt_number,
        "business_date": document.business_date,
        "concluded_at": document.concluded_at,
        "currency": document.currency,
        "customer_account": document.customer_account,
        "item_count": document.item_count,
        "net": document.net,
        "discount": document.discount,
        "tax": document.tax,
        "total": document.total,
        "document": text,
        "previous_hash": document.previous_hash,
        "hash": link,
    }
    counts = document.kind == Kind.SALE
    return Journal(
        topic=topic,
        fact=fact,
        record=record,
        standing=replace(standing, last_hash=link),
        expected_sequence=till.standing.sequence,
        lines=[_line_row(document, line) for line in document.lines] if counts else (),
        tenders=[_tender_row(document, tender) for tender in document.tenders] if counts else (),
        event={
            "store": document.store.number,
            "register": document.register_number,
            "receipt": document.receipt_number,
            "total": str(document.total),
            "currency": document.currency,
        },
    )


def _document(
    till: Till,
    standing: RegisterStanding,
    kind: str,
    at: datetime,
    *,
    cart: Cart | None,
    **values: Any,
) -> JournalDocument:
    config, worker = till.register, till.require_worker()
    store = config.store
    if cart is not None:
        values |= _of_cart(cart)
    return JournalDocument(
        kind=str(kind),
        id=UUID(cart.id) if cart is not None else uuid7(),  # a sale keeps the id that its cart had
        store=_store(store),
        register_id=config.id,
        register_number=config.number,
        register_name=config.name,
        worker_id=worker.id,
        worker_name=worker.name_on_receipt,
        staff_id=worker.staff_id,
        shift=standing.shift,
        epoch=standing.epoch,
        sequence=standing.sequence,
        business_date=standing.business_date or at.astimezone(store.zone).date(),
        concluded_at=at,
        currency=config.currency.code,
        currency_symbol=store.currency_symbol,
        currency_decimals=config.currency.decimals,
        prices_include_tax=store.prices_include_tax,
        data_version=till.data_version,
        receipt_columns=config.receipt.columns,
        receipt_header=config.receipt.header,
        receipt_footer=config.receipt.footer,
        receipt_address=config.receipt.digital_receipt_address,
        previous_hash=till.standing.last_hash,
        **values,
    )


def _of_cart(cart: Cart) -> dict[str, Any]:
    """What a record of a sale says beyond who, where and when."""
    totals = cart.priced.totals
    return {
        "lines": tuple(_document_line(index, line, cart) for index, line in enumerate(cart.lines, 1)),
        "tenders": tuple(_document_tender(index, tender) for index, tender in enumerate(cart.tenders, 1)),
        "taxes": cart.priced.taxes,
        "charges": _charges(cart),
        "explanation": cart.priced.explanation,
        "tax_exemption": cart.head.tax_exemption.reason if cart.head.tax_exemption else "",
        "tax_exempted_by": cart.head.tax_exempted_by,
        "tax_override": cart.head.tax_override.name if cart.head.tax_override else "",
        "item_count": pieces(line.quantity for line in cart.live_lines),
        "gross": totals.gross,
        "discount": totals.discount,
        "net": totals.net,
        "tax": totals.tax,
        "rounding": cart.rounding,
        "total": cart.total,
        "customer_account": cart.head.customer_account,
        "customer_name": cart.head.customer_name,
        "affiliations": tuple(one.code for one in cart.head.affiliations),
        "delivery": _delivery(cart),
        "changed_charges": tuple(
            ChangedCharge(one.id, one.by or "", one.reason or "")
            for one in cart.live_charges
            if not one.manual
        ),
        "comment": cart.head.comment,
    }


def _document_tender(index: int, tender: Tender) -> DocumentTender:
    return DocumentTender(
        id=uuid7(),
        line=index,
        method=tender.method,
        kind=tender.kind,
        name=tender.name,
        amount=tender.amount,
        tendered=tender.tendered,
        change=tender.change,
        detail=tender.detail,
    )


def _store(store: StoreConfig) -> StoreIdentity:
    return StoreIdentity(
        store.id,
        store.number,
        store.name,
        store.address,
        store.phone,
        store.tax_number,
        store.legal_entity,
        store.time_zone,
    )


def _document_line(index: int, line: CartLine, cart: Cart) -> DocumentLine:
    priced, mode = cart.priced_line(line.id), cart.mode_of(line)
    article = line.article
    figures = (
        _figures(priced)
        if priced is not None
        else {
            "list_price": ZERO,
            "unit_price": ZERO,
            "price_source": "none",
            "gross": ZERO,
            "discount": ZERO,
            "amount": ZERO,
            "net": ZERO,
            "tax": ZERO,
            "total": ZERO,
        }
    )
    return DocumentLine(
        id=uuid7(),
        line=index,
        product=article.product,
        variant=article.variant,
        number=article.number,
        name=article.name,
        quantity=line.quantity,
        unit=article.unit,
        barcode=line.barcode,
        comment=line.comment,
        reason=line.reason,
        decided_by=line.basket.override_by or "",
        tax_override=line.basket.tax_override.name if line.basket.tax_override else "",
        delivery_mode=mode.code if mode else "",
        delivery=mode.name if mode else "",
        unit_factor=article.unit_factor,
        stock_unit=article.stock_unit,
        is_voided=line.is_voided,
        returned_line=line.return_of.line if line.return_of else None,
        returned_receipt=line.return_of.receipt_number if line.return_of else "",
        **figures,
    )


def _delivery(cart: Cart) -> DocumentDelivery | None:
    """Where the goods go, if any are delivered."""
    mode, place = cart.head.delivery, cart.head.ship_to
    if mode is None and not any(cart.mode_of(line) for line in cart.live_lines):
        return None
    return DocumentDelivery(mode.code if mode else "", mode.name if mode else "", place.text if place else "")


def _charges(cart: Cart) -> tuple[PricedCharge, ...]:
    """The sale's charges; a line's charge names the line by its number in the record."""
    numbers = {line.id: str(index) for index, line in enumerate(cart.lines, 1)}
    return tuple(
        charge if charge.line is None else msgspec.structs.replace(charge, line=numbers[charge.line])
        for charge in cart.priced.charges
    )


def _figures(priced: PricedLine) -> dict[str, Any]:
    return {
        "list_price": priced.agreement_price,
        "unit_price": priced.unit_price,
        "price_source": priced.price_source,
        "gross": priced.gross,
        "discount": priced.discount,
        "amount": priced.amount,
        "net": priced.net,
        "tax": priced.tax,
        "total": priced.total,
        "discounts": priced.discounts,
        "taxes": priced.taxes,
        "explanation": priced.explanation,
    }


def _line_row(document: JournalDocument, line: DocumentLine) -> dict[str, Any]:
    """The row of a line; long texts are cut to its columns, the document has them whole."""
    sold = not line.is_voided
    return {
        "id": line.id,
        "retail_transaction_id": document.id,
        "line": line.line,
        "product_id": line.product,
        "variant_id": line.variant,
        "product_number": line.number,
        "name": line.name[:160],
        "barcode": line.barcode[:60],
        "quantity": line.quantity if sold else ZERO,
        "unit": line.unit,
        "list_price": line.list_price,
        "unit_price": line.unit_price,
        "price_source": line.price_source if sold else "voided",
        "discount": line.discount,
        "net": line.net,
        "tax": line.tax,
        "total": line.total,
        "detail": {
            "gross": line.gross,
            "amount": line.amount,
            "discounts": line.discounts,
            "taxes": line.taxes,
            "explanation": line.explanation,
            "voided": line.is_voided,
            "decided_by": line.decided_by,
            "comment": line.comment,
            "delivery_mode": line.delivery_mode,
        },
        "reason": line.reason[:20],
        "returned_line": line.returned_line,
    }


def _tender_row(document: JournalDocument, tender: DocumentTender) -> dict[str, Any]:
    return {
        "id": tender.id,
        "retail_transaction_id": document.id,
        "line": tender.line,
        "method": tender.method,
        "kind": tender.kind,
        "amount": tender.amount,
        "tendered": tender.tendered,
        "change": tender.change,
        "currency": document.currency,
        "detail": tender.detail,
    }


def _sale_jobs(till: Till, document: JournalDocument) -> tuple[JobRequest, ...]:
    config, station = till.register, till.register.station_id
    if station is None:
        return ()
    jobs = []
    opens = {rule.method for rule in config.tender_rules if rule.opens_drawer}
    if any(tender.method in opens for tender in document.tenders):
        jobs.append(drawer_job(config, config.drawer_station_id or station, document.id))
    if config.functions.print_receipt:
        jobs.append(
            print_job(config, station, receipt_document(document), document.receipt_number, document.id)
        )
    return tuple(jobs)


def drawer_job(register: RegisterConfig, station_id: int, source: UUID) -> JobRequest:
    """Open the drawer now or, if the station is away for longer than such a job lives, not at all."""
    return JobRequest(
        id=uuid7(),
        station_id=station_id,
        register_id=register.id,
        register=register.number,
        kind="drawer",
        document={"connector": 1},
        title="Open the drawer",
        source=str(source),
        priority=1,
    )


def print_job(
    register: RegisterConfig, station_id: int, document: dict, title: str, source: UUID
) -> JobRequest:
    """Print once, whenever the station is there."""
    return JobRequest(
        id=uuid7(),
        station_id=station_id,
        register_id=register.id,
        register=register.number,
        kind="print",
        document=document,
        title=title,
        source=str(source),
    )
