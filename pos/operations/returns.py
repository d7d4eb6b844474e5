"""Goods that come back: with their receipt, or without."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID, uuid5

import msgspec
from django.db.models import F

from hq.models import ReasonCode
from hq.permissions import Permission
from pos.cart import commands
from pos.cart.errors import BadQuantity
from pos.cart.model import Article, Cart, ReturnOf
from pos.errors import AlreadyInCart, NotReturnable, UnknownReceiptLine
from pos.journal_document import DocumentLine, JournalDocument
from pos.models import ReturnedQuantity
from pos.operations import Command, Context, operation
from pos.operations.checks import check_reason
from pos.operations.product_sale import ProductSale, put_in_cart
from pos.services.journal import find_receipt
from pos.services.lookup import wanted_of
from pos.services.reading import Wanted
from pricing.engine.model import Charge, Figures, PricedLine
from pricing.engine.returns import Units, return_charges, return_line

ZERO = Decimal(0)


class ReturnedLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of the receipt, by its number there, and how many of it come back."""

    line: int
    quantity: Decimal


class ReturnByReceipt(Command, frozen=True, tag="return_by_receipt"):
    """Take back lines of a receipt of this store; without lines, all that is left of it."""

    receipt: str
    lines: tuple[ReturnedLine, ...] = ()
    reason: str = ""


class ReturnProduct(Command, frozen=True, tag="return_product"):
    """Take an article back without its receipt, at today's price. `quantity` is positive."""

    code: str = ""
    product: int | None = None
    variant: int | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    reason: str = ""

    @property
    def wanted(self) -> Wanted | None:
        return wanted_of(self.code, self.product, self.variant)


@operation(
    number=114,
    code="return_by_receipt",
    name="Return by receipt",
    permission=Permission.RETURN,
    command=ReturnByReceipt,
)
def return_by_receipt(cart: Cart, command: ReturnByReceipt, context: Context) -> Cart:
    """Put what comes back in the cart, at what was really paid for it."""
    reason = check_reason(context, ReasonCode.Use.RETURN, command.reason)
    document = find_receipt(context.till.register, command.receipt)
    before = returned_before([line.id for line in document.lines])
    back: dict[str, tuple[str, Units]] = {}  # by line of the receipt: its line in the cart, and its units
    for line, quantity in _wanted(document, command, before):
        if any(other.return_of and other.return_of.line == line.id for other in cart.live_lines):
            raise AlreadyInCart(name=line.name, field="lines")
        earlier = before.get(line.id, ZERO)
        cart = _add(cart, document, line, quantity, earlier, reason, context)
        back[str(line.line)] = (cart.lines[-1].id, Units(line.quantity, earlier, quantity))
    return (
        commands.refund_charges(cart, _refunds(document, cart, back, context)) if document.charges else cart
    )


@operation(
    number=109,
    code="return_product",
    name="Return product",
    permission=Permission.RETURN,
    command=ReturnProduct,
)
def return_product(cart: Cart, command: ReturnProduct, context: Context) -> Cart:
    """Take one article back without its receipt."""
    reason = check_reason(context, ReasonCode.Use.RETURN, command.reason)
    if command.quantity is not None and command.quantity <= 0:
        raise BadQuantity(
            quantity=command.quantity,
            name="a return",
            why="give how many come back, above zero.",
            field="quantity",
        )
    sale = ProductSale(
        code=command.code,
        product=command.product,
        variant=command.variant,
        quantity=command.quantity,
        price=command.price,
        reason=reason,
    )
    after = put_in_cart(cart, sale, context, returning=True)
    article = after.lines[-1].article
    if not article.is_returnable:
        raise NotReturnable(name=article.name, field="code")
    return after


def charge_claim(retail_transaction: UUID, charge: str) -> UUID:
    """The name under which a sale's charge comes back: once, whoever is first."""
    return uuid5(retail_transaction, charge)


def _refunds(
    document: JournalDocument, cart: Cart, back: dict[str, tuple[str, Units]], context: Context
) -> tuple[Charge, ...]:
    """What comes back of the sale's charges with these lines; a charge on the whole sale with the first of them."""
    charged = [one for one in document.charges if not one.id.startswith("back:")]
    claims = {charge_claim(document.id, one.id): one.id for one in charged if one.line is None}
    gone = [claims[claim] for claim in returned_before(list(claims))]
    present = {charge.id for charge in cart.live_charges}
    gone += [name for claim, name in claims.items() if f"back:{claim}" in present]
    found = return_charges(
        charged,
        {line: units for line, (_, units) in back.items()},
        refunded_before=gone,
        unit=context.till.register.currency.unit,
    )
    refunds = []
    for charge in found:
        line = back[charge.line][0] if charge.line is not None else None
        name = f"back:{charge.id}:{line}" if line else f"back:{charge_claim(document.id, charge.id)}"
        locked = msgspec.structs.replace(charge, id=name, line=line)
        refunds.append(
            Charge(
                name,
                charge.amount,
                charge.name,
                line=line,
                manual=True,
                reason=str(document.id),
                locked=locked,
            )
        )
    return tuple(refunds)


def returned_before(lines: list[UUID]) -> dict[UUID, Decimal]:
    """How many of each sold line have come back."""
    return dict(ReturnedQuantity.objects.filter(line__in=lines).values_list("line", F("quantity")))


def _wanted(
    document: JournalDocument,
    command: ReturnByReceipt,
    before: dict[UUID, Decimal],
) -> list[tuple[DocumentLine, Decimal]]:
    sold = {line.line: line for line in document.lines if not line.is_voided and line.quantity > 0}
    if not command.lines:
        return [
            (line, left) for line in sold.values() if (left := line.quantity - before.get(line.id, ZERO)) > 0
        ]
    wanted = []
    for asked in command.lines:
        line = sold.get(asked.line)
        if line is None:
            raise UnknownReceiptLine(line=asked.line, receipt=document.receipt_number, field="lines")
        wanted.append((line, asked.quantity))
    return wanted


def what_comes_back(line: DocumentLine, quantity: Decimal, before: Decimal, unit: Decimal) -> PricedLine:
    """The return of so many of a sold line, after those of before, at what was really paid."""
    figures = Figures(
        product=str(line.product),
        variant=str(line.variant) if line.variant else None,
        quantity=line.quantity,
        unit=line.unit,
        list_price=line.list_price,
        agreement_price=line.list_price,
        unit_price=line.unit_price,
        price_source=line.price_source,
        gross=line.gross,
        discounts=line.discounts,
        discount=line.discount,
        amount=line.amount,
        net=line.net,
        taxes=line.taxes,
        tax=line.tax,
        total=line.total,
        explanation=line.explanation,
    )
    original = PricedLine(id=str(line.line), figures=figures)
    return return_line(original, quantity, already_returned=before, unit=unit)


def _add(
    cart: Cart,
    document: JournalDocument,
    line: DocumentLine,
    quantity: Decimal,
    before: Decimal,
    reason: str,
    context: Context,
) -> Cart:
    back = what_comes_back(line, quantity, before, context.till.register.currency.unit)
    decimals = max(0, -int(line.quantity.normalize().as_tuple().exponent))
    article = Article(
        product=line.product,
        variant=line.variant,
        number=line.number,
        name=line.name,
        unit=line.unit,
        unit_factor=line.unit_factor,
        stock_unit=line.stock_unit,
        unit_decimals=max(decimals, 0 if quantity == quantity.to_integral_value() else 3),
    )
    return commands.add_line(
        cart,
        article,
        quantity=-quantity,
        at=context.at,
        barcode=line.barcode,
        max_quantity=context.till.register.functions.max_quantity,
        locked=msgspec.structs.replace(back, id=str(cart.next_line)),
        reason=reason,
        return_of=ReturnOf(
            retail_transaction=document.id,
            line=line.id,
            receipt_number=document.receipt_number,
            sold_quantity=line.quantity,
        ),
    )
