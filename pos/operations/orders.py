"""An order of the order desk: called up at a till of its store, paid and handed over like any sale."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from msgspec.structs import replace

from channels_app.errors import DomainError, Unavailable
from channels_app.identifiers import uuid7
from hq.permissions import Permission
from pos.cart.model import Cart, Notice
from pos.errors import CartNotEmpty, OrderNotHere, OrderRefused
from pos.headquarters import CalledUp, headquarters
from pos.models import RetailTransaction
from pos.operations import Command, Context, Step, operation
from pos.operations.affiliation import Affiliate, affiliate
from pos.operations.coupon import AddCoupon, add_coupon, name_customer
from pos.operations.delivery import Deliver, deliver
from pos.operations.product_sale import ProductSale, put_in_cart


class CallUpOrder(Command, frozen=True, tag="call_up_order"):
    """The number that the caller was told; `again` takes it from another register that has it."""

    number: str
    again: bool = False


@operation(
    number=515,
    code="call_up_order",
    name="Orders",
    permission=Permission.SELL,
    command=CallUpOrder,
    needs_headquarters=True,
)
def call_up_order(cart: Cart, command: CallUpOrder, context: Context) -> Step:
    """Put an order into the empty cart, at the prices that the caller was told and the taxes of today."""
    if not cart.is_empty:
        raise CartNotEmpty(what="call an order up")
    register = context.till.register
    # A call that is refused here, or whose answer is lost, leaves nothing of the order on the sale that comes next.
    cart = replace(cart, id=str(uuid7()))
    order = headquarters().call_up_order(
        number=command.number.strip(),
        store=register.store.id,
        sale=UUID(cart.id),
        register=register.id,
        again=command.again,
    )
    sold = RetailTransaction.objects.filter(pk__in=order.earlier, kind=RetailTransaction.Kind.SALE).first()
    if sold is not None:  # headquarters has not heard of it yet
        why = f"it was handed over as {sold.receipt_number}."
        raise OrderNotHere(number=order.number, why=why, field="number")
    try:
        filled, said = _filled(cart, order, context)
    except DomainError as refusal:
        with suppress(Unavailable):  # so that the order desk can change it
            headquarters().give_order_back(number=order.number, store=register.store.id, sale=UUID(cart.id))
        raise OrderRefused(number=order.number, why=str(refusal), field="number") from refusal
    words = " ".join(filter(None, (f"Order {order.number} is in the cart.", order.note, *said)))
    notice = Notice(
        "question" if said or order.note else "info",
        "order_called_up",
        words,
        detail={"total": f"{order.total:f}"},
    )
    return Step(replace(filled, undo=()), notice=notice)


def _filled(cart: Cart, order: CalledUp, context: Context) -> tuple[Cart, list[str]]:
    """The cart with all that is in the order, and what the cashier must know of it."""
    head = replace(
        cart.head, order=order.number, priced_as_of=order.priced_at, comment=f"Order {order.number}"
    )
    cart = replace(cart, head=head)
    for line in order.lines:
        sold = ProductSale(code=line.code, quantity=line.quantity, price=line.price, weighed=True)
        cart = put_in_cart(cart, sold, context, merge=False)  # its prices are rounded line by line
    said = []
    cart, notice = name_customer(cart, order.customer, order.customer_name, context)
    said += [notice.text] if notice else []
    if order.affiliation:
        cart = affiliate(cart, Affiliate(affiliation=order.affiliation), context)
    for code in order.coupons:
        try:
            cart = add_coupon(cart, AddCoupon(code=code), context).cart
        except DomainError as refusal:  # the goods are handed over without it, and the cashier says so
            said.append(str(refusal))
    if order.mode:
        cart = deliver(cart, _sent(order), context)
    return cart, said


def _sent(order: CalledUp) -> Deliver:
    return Deliver(
        mode=order.mode, name=order.recipient or order.customer_name, street=order.street, city=order.city,
        state=order.region, postcode=order.postcode, country=order.country,
    )  # fmt: skip
