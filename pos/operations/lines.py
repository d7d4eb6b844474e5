"""What can be done to a line of the cart."""

from decimal import Decimal

from hq.models import ReasonCode
from hq.permissions import Permission
from pos.cart import commands
from pos.cart.model import Cart
from pos.operations import Command, Context, operation
from pos.operations.checks import check_reason
from pos.operations.discounts import check_discount_limit, given_by_hand, gross_of


class SetQuantity(Command, frozen=True, tag="set_quantity"):
    line: str
    quantity: Decimal


class VoidLine(Command, frozen=True, tag="void_line"):
    line: str
    reason: str = ""


class PriceOverride(Command, frozen=True, tag="price_override"):
    """A unit price, in the tax meaning of the shelf."""

    line: str
    price: Decimal
    reason: str


class LineDiscount(Command, frozen=True, tag="line_discount"):
    """`percent` or `amount` off the line; both empty takes the discount away."""

    line: str
    percent: Decimal | None = None
    amount: Decimal | None = None
    reason: str = ""


class LineComment(Command, frozen=True, tag="line_comment"):
    line: str
    comment: str = ""


@operation(
    number=105, code="set_quantity", name="Set quantity", permission=Permission.SELL, command=SetQuantity
)
def set_quantity(cart: Cart, command: SetQuantity, context: Context) -> Cart:
    """Sell that many."""
    return commands.set_quantity(
        cart,
        command.line,
        command.quantity,
        max_quantity=context.till.register.functions.max_quantity,
    )


@operation(number=102, code="void_line", name="Void line", permission=Permission.VOID_LINE, command=VoidLine)
def void_line(cart: Cart, command: VoidLine, context: Context) -> Cart:
    """Strike the line out."""
    return commands.void_line(cart, command.line, reason=command.reason)


@operation(
    number=104,
    code="price_override",
    name="Price override",
    permission=Permission.PRICE_OVERRIDE,
    command=PriceOverride,
)
def price_override(cart: Cart, command: PriceOverride, context: Context) -> Cart:
    """Sell the line at another price, with a reason."""
    reason = check_reason(context, ReasonCode.Use.PRICE_OVERRIDE, command.reason)
    return commands.override_price(cart, command.line, command.price, reason=reason, by=context.by)


@operation(
    number=301,
    code="line_discount",
    name="Line discount",
    permission=Permission.LINE_DISCOUNT,
    command=LineDiscount,
    aliases=(300,),
    reads_prices=True,
)
def line_discount(cart: Cart, command: LineDiscount, context: Context) -> Cart:
    """Give a line a discount within the worker's limit."""
    if command.percent is None and command.amount is None:
        return commands.discount_line(cart, command.line, None)
    line = commands.live_line(cart, command.line)
    share = check_discount_limit(
        context,
        command.percent,
        command.amount,
        gross_of(cart, line.id),
        limit="max_line_discount_percent",
        what="Line discount",
    )
    reason = check_reason(context, ReasonCode.Use.DISCOUNT, command.reason)
    discount = given_by_hand(command.percent, command.amount, share, reason=reason, by=context.by)
    return commands.discount_line(cart, command.line, discount)


@operation(
    number=103, code="line_comment", name="Line comment", permission=Permission.SELL, command=LineComment
)
def line_comment(cart: Cart, command: LineComment, context: Context) -> Cart:
    """Write a comment under the line; it is printed."""
    return commands.comment_line(cart, command.line, command.comment[:120])
