"""What every command answers with: the whole cart as plain values. Pages render it, the API serialises it."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from pos.cart.model import (
    Affiliation,
    Cart,
    CartLine,
    Charge,
    Head,
    Notice,
    Outcome,
    Sale,
    TenderPrice,
    pieces,
)
from pricing.engine.model import PricedLine, Value
from pricing.engine.tax_values import is_freed, tax_left_off

ZERO = Decimal(0)


class DiscountView(Value, frozen=True):
    name: str
    amount: Decimal


class LineView(Value, frozen=True):
    """One line: `amount` is what it costs after discounts, in the tax meaning of the shelf."""

    id: str
    number: str
    name: str
    quantity: Decimal
    unit: str
    unit_decimals: int
    unit_price: Decimal
    list_price: Decimal
    price_source: str
    gross: Decimal
    discount: Decimal
    amount: Decimal
    tax: Decimal
    barcode: str = ""
    discounts: tuple[DiscountView, ...] = ()
    tax_override: str = ""
    comment: str = ""
    image: str = ""
    is_voided: bool = False
    is_return: bool = False
    is_weighed: bool = False
    receipt_number: str = ""
    delivery_mode: str = ""
    delivery: str = ""
    units: tuple[str, ...] = ()
    tax_off: Decimal = Decimal(0)  # what an exemption takes off the amount

    @property
    def to_pay(self) -> Decimal:
        """The amount, less a tax in it that is not paid."""
        return self.amount - self.tax_off

    @property
    def is_repriced(self) -> bool:
        """Whether somebody set the price by hand."""
        return self.price_source == "override"


class TenderView(Value, frozen=True):
    id: str
    method: str
    kind: str
    name: str
    amount: Decimal
    tendered: Decimal
    change: Decimal
    detail: dict[str, str] = {}


class ChargeView(Value, frozen=True):
    """What the card terminal is doing for this sale; its state is asked for under the intent."""

    intent: UUID
    kind: str
    method: str
    name: str
    amount: Decimal


class AddedChargeView(Value, frozen=True):
    """A charge on the sale: `amount` after discounts, in the tax meaning of the shelf.

    An automatic one `is_changed` where somebody gave it another amount than its rule; parts of one that is shared over
    lines have the same `shared`.
    """

    id: str
    name: str
    amount: Decimal
    line: str = ""
    is_manual: bool = False
    is_changed: bool = False
    shared: str = ""
    discounts: tuple[DiscountView, ...] = ()
    tax_off: Decimal = Decimal(0)  # what an exemption takes off the amount

    @property
    def to_pay(self) -> Decimal:
        """The amount, less a tax in it that is not paid."""
        return self.amount - self.tax_off


class DeliveryView(Value, frozen=True):
    """How the sale reaches the customer, and where it goes; lines may go their own way."""

    mode: str = ""
    mode_name: str = ""
    name: str = ""
    street: str = ""
    city: str = ""
    state: str = ""
    postcode: str = ""
    country: str = ""
    address: str = ""


class TaxView(Value, frozen=True):
    code: str
    percent: Decimal
    base: Decimal
    amount: Decimal
    status: str = "taxed"
    reason: str = ""


class Snapshot(Value, frozen=True):
    """The cart as the cashier sees it. `version` lets a page notice that it missed a change."""

    cart_id: str
    version: int
    currency: str
    lines: tuple[LineView, ...] = ()
    item_count: Decimal = ZERO
    line_count: int = 0
    gross: Decimal = ZERO
    discount: Decimal = ZERO
    net: Decimal = ZERO
    tax: Decimal = ZERO
    rounding: Decimal = ZERO
    total: Decimal = ZERO
    taxes: tuple[TaxView, ...] = ()
    charges: tuple[AddedChargeView, ...] = ()
    charged: Decimal = ZERO
    tax_exemption: str = ""
    tax_override: str = ""
    tenders: tuple[TenderView, ...] = ()
    tender_offers: tuple[TenderPrice, ...] = ()
    charge: ChargeView | None = None
    paid: Decimal = ZERO
    due: Decimal = ZERO
    customer_account: str = ""
    customer_name: str = ""
    order: str = ""
    affiliations: tuple[Affiliation, ...] = ()
    coupons: tuple[str, ...] = ()
    delivery: DeliveryView | None = None
    undo: str = ""
    started_at: datetime | None = None
    data_version: int = 0
    # of the answer to the last command
    previous_version: int = 0
    changed: tuple[str, ...] = ()
    notice: Notice | None = None
    sale: Sale | None = None

    @property
    def is_empty(self) -> bool:
        return not self.lines and not self.tenders and self.charge is None

    def due_by(self, method: str) -> Decimal:
        """What is due when all of it is paid in that way."""
        return next((one.due for one in self.tender_offers if one.method == method), self.due)

    def line(self, line_id: str) -> LineView | None:
        return next((line for line in self.lines if line.id == line_id), None)


NOTHING_MORE = Outcome()


def snapshot(cart: Cart, outcome: Outcome = NOTHING_MORE) -> Snapshot:
    """The cart and what the last command said, as plain values."""
    priced = {line.id: line for line in cart.priced.lines}
    lines = tuple(_line_view(cart, line, priced.get(line.id)) for line in cart.lines)
    totals, charges = cart.priced.totals, _charges(cart)
    reason = cart.head.tax_exemption.reason if cart.head.tax_exemption else ""
    return Snapshot(
        cart_id=cart.id,
        version=cart.version,
        currency=cart.currency,
        lines=lines,
        item_count=pieces(line.quantity for line in cart.live_lines),
        line_count=sum(not line.is_voided for line in lines),
        gross=totals.gross,
        discount=totals.discount,
        net=totals.net,
        tax=totals.tax,
        rounding=cart.rounding,
        total=cart.total,
        paid=cart.paid,
        due=cart.due,
        taxes=tuple(
            TaxView(tax.code, tax.rate, tax.base, tax.amount, tax.status, tax.reason)
            for tax in cart.priced.taxes
        ),
        charges=charges,
        charged=totals.charges - sum((charge.tax_off for charge in charges), ZERO),
        tax_exemption=reason if is_freed(reason, totals.tax, cart.priced.taxes) else "",
        tax_override=cart.head.tax_override.name if cart.head.tax_override else "",
        tenders=tuple(
            TenderView(
                id=tender.id,
                method=tender.method,
                kind=tender.kind,
                name=tender.name,
                amount=tender.amount,
                tendered=tender.tendered,
                change=tender.change,
                detail=tender.detail,
            )
            for tender in cart.tenders
        ),
        tender_offers=cart.tender_prices,
        charge=_charge_view(cart.charge) if cart.charge else None,
        customer_account=cart.head.customer_account,
        customer_name=cart.head.customer_name,
        order=cart.head.order,
        affiliations=cart.head.affiliations,
        coupons=cart.head.coupons,
        delivery=_delivery(cart.head),
        undo=cart.undo[-1].label if cart.undo else "",
        started_at=cart.started_at,
        data_version=cart.data_version,
        previous_version=outcome.previous_version,
        changed=outcome.changed,
        notice=outcome.notice,
        sale=outcome.sale,
    )


def _charge_view(charge: Charge) -> ChargeView:
    return ChargeView(charge.intent, charge.kind, charge.method, charge.name, charge.amount)


def _charges(cart: Cart) -> tuple[AddedChargeView, ...]:
    by_hand = {charge.id: charge.manual for charge in cart.head.charges}
    return tuple(
        AddedChargeView(
            charge.id,
            charge.name,
            charge.amount,
            charge.line or "",
            is_manual=by_hand.get(charge.id) is True,
            is_changed=by_hand.get(charge.id) is False,
            shared=charge.id.rsplit(":", 1)[0]
            if charge.prorated and not charge.id.startswith("back:")
            else "",
            discounts=tuple(DiscountView(one.name, one.amount) for one in charge.discounts),
            tax_off=tax_left_off(charge.amount, charge.total, charge.taxes),
        )
        for charge in cart.priced.charges
    )


def _delivery(head: Head) -> DeliveryView | None:
    mode, place = head.delivery, head.ship_to
    if mode is None and place is None:
        return None
    view = DeliveryView(mode.code if mode else "", mode.name if mode else "")
    if place is None:
        return view
    return msgspec.structs.replace(
        view, name=place.name, street=place.street, city=place.city, state=place.state,
        postcode=place.postcode, country=place.country, address=place.text,
    )  # fmt: skip


def _line_view(cart: Cart, line: CartLine, priced: PricedLine | None) -> LineView:
    article, mode = line.article, cart.mode_of(line)
    view = LineView(
        id=line.id,
        number=article.number,
        name=article.name,
        quantity=line.quantity,
        unit=article.unit,
        unit_decimals=article.unit_decimals,
        unit_price=ZERO,
        list_price=ZERO,
        price_source="none",
        gross=ZERO,
        discount=ZERO,
        amount=ZERO,
        tax=ZERO,
        barcode=line.barcode,
        comment=line.comment,
        image=article.image,
        is_voided=line.is_voided,
        is_return=line.quantity < 0,
        is_weighed=article.is_weighed,
        receipt_number=line.return_of.receipt_number if line.return_of else "",
        tax_override=line.basket.tax_override.name if line.basket.tax_override else "",
        delivery_mode=mode.code if mode else "",
        delivery=mode.name if mode else "",
        units=tuple(unit.code for unit in article.units) if line.return_of is None else (),
    )
    if priced is None:
        return view
    return msgspec.structs.replace(
        view,
        unit_price=priced.unit_price,
        list_price=priced.agreement_price,
        price_source=priced.price_source,
        gross=priced.gross,
        discount=priced.discount,
        amount=priced.amount,
        tax=priced.tax,
        tax_off=tax_left_off(priced.amount, priced.total, priced.taxes),
        discounts=tuple(
            DiscountView(name=discount.name, amount=discount.amount)
            for discount in priced.discounts
            if discount.amount or not view.is_return  # of a part that comes back, its share may be nothing
        ),
    )
