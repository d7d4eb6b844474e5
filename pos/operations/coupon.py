"""Coupons: a code that unlocks a discount for this sale."""

from msgspec.structs import replace

from hq.permissions import Permission
from pos.cart.commands import refuse_when_paying, set_head
from pos.cart.model import Cart
from pos.errors import CouponUsedUp, UnknownCoupon
from pos.operations import Command, Context, operation
from pos.services.coupons import coupon_usage
from pricing.engine.model import CouponUsage


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
    usage = _usage(context, (code,), cart.head.customer_account)
    for used in usage:
        _check_limits(code, used, context)
    head = replace(
        cart.head, coupons=(*cart.head.coupons, code), coupon_usage=(*cart.head.coupon_usage, *usage)
    )
    return set_head(cart, head, f"Coupon {code}")


def count_again(cart: Cart, account: str, context: Context) -> tuple[CouponUsage, ...]:
    """How often the sale's coupons were used, now that this customer buys."""
    return _usage(context, cart.head.coupons, account)


def _usage(context: Context, codes: tuple[str, ...], account: str) -> tuple[CouponUsage, ...]:
    till = context.till
    limited = [code for code in codes if till.book.limits(code)]
    return coupon_usage(limited, store=till.register.store.id, customer=account)


def _check_limits(code: str, used: CouponUsage, context: Context) -> None:
    coupon = context.till.book.limits(code)
    if coupon is None:
        return
    for limit, uses, where in (
        (coupon.limit, used.total, ""),
        (coupon.limit_per_customer, used.customer, " by this customer"),
        (coupon.limit_per_channel, used.channel, " in this store"),
    ):
        if limit is not None and uses >= limit:
            raise CouponUsedUp(coupon=code, uses=uses, where=where, field="code")
