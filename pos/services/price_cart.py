"""The cart as the pricing engine sees it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from pos.cart.model import Cart
from pos.config import RegisterConfig
from pos.services.lookup import make_known
from pos.services.session import Till
from pricing.engine.basket import price_added_line, price_basket
from pricing.engine.model import Basket, BasketLine, TaxContext
from pricing.engine.price import UnitPrice, book_price


def price_cart(cart: Cart, before: Cart, till: Till, at: datetime) -> Cart:
    """The cart with the prices of this moment; a line that was merely added to `before` costs only itself.

    What is being paid for keeps the prices that the customer was told, also when others arrive meanwhile.
    """
    if cart.is_being_paid:
        return cart
    same_data = before.data_version == till.data_version
    if same_data and cart.lines is before.lines and cart.head is before.head:
        return cart
    basket = _basket(cart, till, at)
    lines = cart.lines
    only_added = (
        same_data
        and len(lines) == len(before.lines) + 1
        and cart.head is before.head
        and len(before.priced.lines) + 1 == len(basket.lines)
        and all(new is old for new, old in zip(lines, before.lines, strict=False))
    )
    make_known(till.register, (), cart.priced_products)
    priced = (
        price_added_line(before.priced, basket, till.book) if only_added else price_basket(basket, till.book)
    )
    return msgspec.structs.replace(cart, priced=priced, data_version=till.data_version)


def price_now(config: RegisterConfig, line: BasketLine, at: datetime) -> UnitPrice:
    """What one unit of an article costs by itself at this moment, before discounts."""
    book = config.book
    basket = Basket(
        lines=(line,), currency=config.currency, at=at, time_zone=config.store.time_zone,
        price_groups=book.groups_for(None, at), settings=config.settings,
    )  # fmt: skip
    return book_price(basket, line, book, quantity=line.quantity)


def _basket(cart: Cart, till: Till, at: datetime) -> Basket:
    config = till.register
    customer = cart.head.customer_account or None
    affiliations = tuple(one.code for one in cart.head.affiliations)
    return Basket(
        lines=cart.basket_lines,
        currency=config.currency,
        at=at,
        time_zone=config.store.time_zone,
        price_groups=till.book.groups_for(customer, at, affiliations),
        affiliations=affiliations,
        customer=customer,
        channel=config.store.number,
        coupons=cart.head.coupons,
        coupon_usage=cart.head.coupon_usage,
        manual_total=cart.head.manual_total,
        settings=config.settings,
        prices_include_tax=config.store.prices_include_tax,
        tax=_taxes(cart, till.book.tax_for(config.store.tax, customer, at)),
        charges=cart.live_charges,
        delivery_mode=cart.head.delivery.code if cart.head.delivery else None,
    )


def _taxes(cart: Cart, usual: TaxContext) -> TaxContext:
    """The sale's taxes: the usual ones, with what was chosen at the till."""
    head = cart.head
    if head.tax_exemption is None and head.tax_override is None:
        return usual
    return msgspec.structs.replace(
        usual, exemption=head.tax_exemption or usual.exemption, override=head.tax_override or usual.override
    )
