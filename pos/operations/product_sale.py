"""Product sale: scan, tap or key in an article."""

from contextlib import suppress
from datetime import datetime
from decimal import Decimal

from hq.permissions import Permission
from pos.cart import commands
from pos.cart.errors import BadPrice, BadQuantity
from pos.cart.model import Cart
from pos.errors import (
    ApprovalNeeded,
    NoPrice,
    NotForSale,
    PriceNeeded,
    UnknownCode,
    UnknownLoyaltyCard,
    WeightNeeded,
)
from pos.operations import Command, Context, Step, operation
from pos.operations.coupon import AddCoupon, add_coupon
from pos.operations.loyalty import LoyaltyCard, loyalty_card
from pos.services.lookup import Found, as_weight, find_code, find_product, wanted_of
from pos.services.price_cart import by_itself, price_now
from pos.services.reading import Wanted
from pricing.audience import exemption_from


class ProductSale(Command, frozen=True, tag="product_sale"):
    """Sell what `code` stands for, or the product with that id. Without a quantity: what the code stands for.

    `price` is keyed in where the article asks for it; `reason` says why, for a return without a receipt. `weighed`
    says that the quantity is what the register's scale showed; one that was typed there needs a permission.
    """

    code: str = ""
    product: int | None = None
    variant: int | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    reason: str = ""
    weighed: bool = False

    @property
    def wanted(self) -> Wanted | None:
        return wanted_of(self.code, self.product, self.variant)


@operation(
    number=100, code="product_sale", name="Product sale", permission=Permission.SELL, command=ProductSale
)
def product_sale(cart: Cart, command: ProductSale, context: Context) -> Step | Cart:
    """Put the article in the cart, at its price of this moment. Coupons and loyalty cards can be scanned like one."""
    try:
        return put_in_cart(cart, command, context)
    except UnknownCode:
        if context.till.book.has_coupon(command.code.strip().upper()):
            return add_coupon(cart, AddCoupon(code=command.code), context)
        with suppress(UnknownLoyaltyCard):
            return loyalty_card(cart, LoyaltyCard(number=command.code), context)
        raise


def put_in_cart(
    cart: Cart, command: ProductSale, context: Context, *, returning: bool = False, merge: bool = True
) -> Cart:
    """The cart with the article, at its price of the sale's moment; `returning` takes it back instead."""
    config = context.till.register
    at = cart.head.priced_as_of or context.at
    if command.product is not None:
        found = find_product(config, command.product, command.variant)
    elif command.code.strip():
        found = find_code(config, command.code)
    else:
        raise UnknownCode(scanned="an empty code", field="code")
    if found.is_weight_by_price:
        found = as_weight(found, _shelf_price(found, context, at))
    quantity = _quantity(found, command, context, at)
    if quantity < 0:
        raise BadQuantity(
            quantity=quantity, name=found.article.name, field="quantity", why="use Return to take goods back."
        )
    quantity = -quantity if returning else quantity
    price = _keyed_price(found, command, cart)
    if price is None:
        _check_price(found, quantity, context, at)
    return commands.add_line(
        cart,
        found.article,
        quantity=quantity,
        at=context.at,
        barcode=found.label_of or command.code.strip(),
        merge=merge and config.functions.merge_lines,
        max_quantity=config.functions.max_quantity,
        price_keyed=price,
        categories=found.categories,
        attributes=found.attributes,
        exemption=exemption_from(found.exemptions, context.at.astimezone(config.store.zone).date())
        if found.exemptions
        else None,
        reason=command.reason,
    )


def _quantity(found: Found, command: ProductSale, context: Context, at: datetime) -> Decimal:
    config = context.till.register
    asks_scale = found.article.is_weighed and not found.is_measured
    if command.quantity is not None:
        if asks_scale and config.has_scale and not command.weighed:
            _check_typed_weight(context)
        return command.quantity * found.quantity if not found.is_measured else found.quantity
    if asks_scale:
        raise WeightNeeded(
            name=found.article.name,
            unit=found.article.unit,
            price=_shelf_price(found, context, at),
            field="quantity",
        )
    return found.quantity


def _check_typed_weight(context: Context) -> None:
    if not any(
        who is not None and who.may(Permission.KEY_WEIGHT) for who in (context.worker, context.approved_by)
    ):
        raise ApprovalNeeded(operation="A weight that is typed by hand")


def _shelf_price(found: Found, context: Context, at: datetime) -> Decimal:
    """What one unit costs by itself, for the page that weighs; zero where that is not known before."""
    return price_now(context.till.register, by_itself(found), at).unit_price


def _keyed_price(found: Found, command: ProductSale, cart: Cart) -> Decimal | None:
    free = found.article.zero_price_valid
    if found.price is not None:
        if not found.price and not free:
            raise NotForSale(name=found.article.name, why="the price on its label is zero.", field="code")
        return found.price
    if found.price_entry == "mandatory" and command.price is None:
        raise PriceNeeded(name=found.article.name, field="price")
    if command.price is None:
        return None
    if found.price_entry != "mandatory":
        raise BadPrice(
            price=command.price,
            shown=cart.money(command.price),
            name=found.article.name,
            field="price",
            why="this article has its price. Override it on the line, with a reason.",
        )
    price = command.price
    if not price.is_finite() or not 0 <= price <= commands.MAX_AMOUNT or (price == 0 and not free):
        raise BadPrice(
            price=price,
            shown=cart.money(price),
            name=found.article.name,
            field="price",
            why="give an amount above zero.",
        )
    return price


def _check_price(found: Found, quantity: Decimal, context: Context, at: datetime) -> None:
    """Refuse at the scan what could not be sold: no price at all, or nothing where nothing is not allowed."""
    article = found.article
    price = price_now(context.till.register, by_itself(found, quantity), at)
    if price.source == "none":
        raise NoPrice(name=article.name, field="code")
    if price.unit_price == 0 and not article.zero_price_valid:
        raise NotForSale(name=article.name, why="its price is zero.", field="code")
