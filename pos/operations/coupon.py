"""Coupons: a code that unlocks a discount for this sale."""

from msgspec.structs import replace

from hq.permissions import Permission
from pos.cart.commands import refuse_when_paying, set_head
from pos.cart.model import Cart
from pos.errors import UnknownCoupon
from pos.operations import Command, Context, operation


class AddCoupon(Command, frozen=True, tag="add_coupon"):
    """The code on the coupon, in any case."""

    code: str


@operation(number=642, code="add_coupon", name="Coupon", permission=Permission.SELL, command=AddCoupon)
def add_coupon(cart: Cart, command: AddCoupon, context: Context) -> Cart:
    """Present a coupon; what it unlocks is in the price at once."""
    refuse_when_paying(cart, "add a coupon")
    code = command.code.strip().upper()
    if not context.till.book.has_coupon(code):
        raise UnknownCoupon(coupon=code or "An empty code", field="code")
    if code in cart.head.coupons:
        return cart
    return set_head(cart, replace(cart.head, coupons=(*cart.head.coupons, code)), f"Coupon {code}")
