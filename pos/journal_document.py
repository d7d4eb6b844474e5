"""A journal record as a document: plain values, complete enough to print the same receipt years later."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from pricing.engine.model import AppliedDiscount, PricedCharge, Reason, Value
from pricing.engine.tax import TaxPart, TaxTotal

ZERO = Decimal(0)


class StoreIdentity(Value, frozen=True):
    """The store as it was when the record was written."""

    id: int
    number: str
    name: str
    address: str
    phone: str
    tax_number: str
    legal_entity: str
    time_zone: str


class DocumentLine(Value, frozen=True):
    """A line with every figure, rule and reason. `amount` is in the tax meaning of the shelf."""

    id: UUID
    line: int
    product: int
    number: str
    name: str
    quantity: Decimal
    unit: str
    list_price: Decimal
    unit_price: Decimal
    price_source: str
    gross: Decimal
    discount: Decimal
    amount: Decimal
    net: Decimal
    tax: Decimal
    total: Decimal
    variant: int | None = None
    barcode: str = ""
    discounts: tuple[AppliedDiscount, ...] = ()
    taxes: tuple[TaxPart, ...] = ()
    explanation: tuple[Reason, ...] = ()
    comment: str = ""
    reason: str = ""
    decided_by: str = ""
    tax_override: str = ""
    delivery_mode: str = ""
    delivery: str = ""
    unit_factor: Decimal = Decimal(1)
    stock_unit: str = ""
    is_voided: bool = False
    returned_line: UUID | None = None
    returned_receipt: str = ""


class DocumentDelivery(Value, frozen=True):
    """Where goods of the sale go; each line says how."""

    mode: str = ""
    name: str = ""
    address: str = ""


class ChangedCharge(Value, frozen=True):
    """An automatic charge that somebody gave another amount."""

    charge: str
    by: str
    reason: str = ""


class DocumentTender(Value, frozen=True):
    id: UUID
    line: int
    method: str
    kind: str
    name: str
    amount: Decimal
    tendered: Decimal
    change: Decimal
    detail: dict[str, str] = {}


class JournalDocument(Value, frozen=True):
    """One record of the journal."""

    kind: str
    id: UUID
    store: StoreIdentity
    register_id: int
    register_number: str
    register_name: str
    worker_id: int
    worker_name: str
    staff_id: str
    epoch: int
    sequence: int
    business_date: date
    concluded_at: datetime
    currency: str
    currency_symbol: str
    currency_decimals: int
    prices_include_tax: bool
    shift: UUID | None = None
    receipt_number: str = ""
    approved_by: str = ""
    reason: str = ""
    customer_account: str = ""
    customer_name: str = ""
    tax_exemption: str = ""
    tax_exempted_by: str = ""
    tax_override: str = ""
    affiliations: tuple[str, ...] = ()
    delivery: DocumentDelivery | None = None
    changed_charges: tuple[ChangedCharge, ...] = ()
    comment: str = ""
    lines: tuple[DocumentLine, ...] = ()
    tenders: tuple[DocumentTender, ...] = ()
    taxes: tuple[TaxTotal, ...] = ()
    charges: tuple[PricedCharge, ...] = ()
    explanation: tuple[Reason, ...] = ()  # of the sale as a whole
    item_count: Decimal = ZERO
    gross: Decimal = ZERO
    discount: Decimal = ZERO
    net: Decimal = ZERO
    tax: Decimal = ZERO
    rounding: Decimal = ZERO
    total: Decimal = ZERO
    data_version: int = 0
    receipt_columns: int = 42
    receipt_header: str = ""
    receipt_footer: str = ""
    receipt_address: str = ""
    detail: dict = {}
    previous_hash: str = ""
    version: int = 1

    @property
    def change(self) -> Decimal:
        """What was given back."""
        return sum((tender.change for tender in self.tenders), ZERO)


def whole_charges(charges: Sequence[PricedCharge]) -> list[PricedCharge]:
    """The charges as a person reads them: one that was shared over lines is one again."""
    found: dict[str, PricedCharge] = {}
    for charge in charges:
        key = f"{charge.name} {charge.gross >= 0}" if charge.prorated else charge.id
        known = found.get(key)
        found[key] = charge if known is None else _together(known, charge)
    return list(found.values())


def _together(one: PricedCharge, other: PricedCharge) -> PricedCharge:
    """Two parts of a charge as one."""
    sums = ("gross", "discount", "amount", "net", "tax", "total")
    return msgspec.structs.replace(
        one,
        discounts=added_up((*one.discounts, *other.discounts)),
        taxes=(*one.taxes, *other.taxes),
        **{name: getattr(one, name) + getattr(other, name) for name in sums},
    )


def added_up(discounts: Iterable[Any]) -> tuple[Any, ...]:
    """The discounts of several parts (values with `name` and `amount`) as those of the whole, by name."""
    found: dict[str, Any] = {}
    for one in discounts:
        known = found.get(one.name)
        found[one.name] = msgspec.structs.replace(known, amount=known.amount + one.amount) if known else one
    return tuple(found.values())


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(JournalDocument).decode


def write_document(document: JournalDocument) -> str:
    """The document as the text that is hashed and stored."""
    return _encode(document).decode()


def read_document(text: str) -> JournalDocument:
    return _decode(text)


def chain_hash(previous_hash: str, document: str) -> str:
    """The record's link in the register's chain."""
    return hashlib.sha256(previous_hash.encode() + document.encode()).hexdigest()
