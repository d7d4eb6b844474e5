"""The cart as the pricing engine sees it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import msgspec

from pos.cart.model import Cart, TenderPrice
from pos.cart.payment import TenderRule
from pos.config import RegisterConfig, StoreConfig, known_config
from pos.services.lookup import Found, make_known
from pos.services.session import Till
from pricing.book import StorePriceBook
from pricing.engine.basket import price_added_line, price_basket
from pricing.engine.model import ONE, Basket, BasketLine, BasketTender, PricedBasket, TaxContext
from pricing.engine.price import UnitPrice, book_price

ALL_OF_IT = Decimal(10_000_000)  # whatever is due is paid in that way


def price_cart(cart: Cart, before: Cart, till: Till, at: datetime) -> Cart:
    """The cart with the prices of this moment; a line that was merely added to `before` costs only itself.

    What is being paid for keeps the prices that the customer was told, also when others arrive meanwhile; a payment
    may earn a discount, and takes it along when it is taken back.
    """
    paid_alike = cart.payments == before.payments
    if cart.is_being_paid:
        return cart if paid_alike else _price_paid(cart, till, at)
    same_data = before.data_version == till.data_version
    as_before = same_data and cart.lines is before.lines and cart.head is before.head
    if as_before and (paid_alike or not till.book.tender_offers()):
        return cart
    basket = _basket(cart, till.register, at)
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
    cart = msgspec.structs.replace(
        cart, priced=priced, data_version=till.data_version, priced_at=at, taxed_at=None
    )
    return _with_tender_prices(cart, till.register, at, cash_alone=only_added)


def priced_anew(cart: Cart, till: Till, at: datetime) -> PricedBasket:
    """What the cart comes to now, with the newest prices, whatever was told before."""
    make_known(till.register, (), cart.priced_products)
    return price_basket(_basket(cart, till.register, at), till.book)


def before_payment(cart: Cart, till: Till, at: datetime) -> Cart:
    """The cart as somebody sees it who is about to pay: with what is due in each way of paying.

    A scan leaves that out but for cash, which has its key beside the lines: it would cost more than the scan.
    """
    config = _told_by(cart, till)
    return _with_tender_prices(_with_taxes_of(cart, config, at), config, at)


def price_for_payment(cart: Cart, rule: TenderRule, amount: Decimal | None, till: Till, at: datetime) -> Cart:
    """The cart with the prices that it has once `amount` (None: all that is due) comes next in this way of paying."""
    config = _told_by(cart, till)
    cart = _with_taxes_of(cart, config, at)
    if cart.due <= 0 or not config.book.tender_offers():
        return cart
    whole = _priced_with(cart, config, at, BasketTender("next", rule.method, ALL_OF_IT))
    due = config.currency.round_cash(whole.due) if rule.kind == "cash" else whole.due
    if amount is None or amount >= due:
        return whole
    return _priced_with(cart, config, at, BasketTender("next", rule.method, amount)) if amount > 0 else cart


def by_itself(found: Found, quantity: Decimal = ONE) -> BasketLine:
    """So much of an article as a line that is in no cart yet, to be asked for its price."""
    article = found.article
    return BasketLine(
        id="0",
        product=str(article.product),
        variant=str(article.variant) if article.variant else None,
        quantity=quantity,
        unit=article.unit,
        categories=found.categories,
    )


def price_now(config: RegisterConfig, line: BasketLine, at: datetime) -> UnitPrice:
    """What one unit of an article costs by itself at this moment, before discounts."""
    return price_in(config.store, config.book, line, at)


def price_in(store: StoreConfig, book: StorePriceBook, line: BasketLine, at: datetime) -> UnitPrice:
    """The same for a store that need not have a register here."""
    basket = Basket(
        lines=(line,), currency=store.currency, at=at, time_zone=store.time_zone,
        price_groups=book.groups_for(None, at), settings=book.rules.settings,
    )  # fmt: skip
    return book_price(basket, line, book, quantity=line.quantity)


def _price_paid(cart: Cart, till: Till, at: datetime) -> Cart:
    """The cart after its payments have changed: what each of them earns follows the prices that were told."""
    config = _told_by(cart, till)
    if cart.is_settled or not config.book.tender_offers():
        return cart
    return _with_tender_prices(_priced_with(cart, config, at), config, at)


def _told_by(cart: Cart, till: Till) -> RegisterConfig:
    """The register with the prices that the customer was told; its newest where this process has let them go."""
    return known_config(till.register.id, cart.data_version) or till.register


def _with_taxes_of(cart: Cart, config: RegisterConfig, at: datetime) -> Cart:
    """The cart as somebody begins to pay it: at the prices that were told, with the taxes of the day of the payment."""
    taxed_at, zone = cart.taxed_at or cart.priced_at, config.store.zone
    if (
        cart.is_being_paid
        or taxed_at is None
        or at.astimezone(zone).date() <= taxed_at.astimezone(zone).date()
    ):
        return cart
    return _priced_with(msgspec.structs.replace(cart, taxed_at=at), config, at)


def _priced_with(
    cart: Cart, config: RegisterConfig, at: datetime, payment: BasketTender | None = None
) -> Cart:
    """The cart priced as it was told, with its payments and one more."""
    make_known(config, (), cart.priced_products)
    payments = (*cart.payments, payment) if payment is not None else cart.payments
    basket = _basket(cart, config, cart.priced_at or at, payments, taxed_at=cart.taxed_at)
    return msgspec.structs.replace(cart, priced=price_basket(basket, config.book))


def _with_tender_prices(
    cart: Cart, config: RegisterConfig, at: datetime, *, cash_alone: bool = False
) -> Cart:
    """The cart with what is due in each way of paying that earns a discount, or in cash alone."""
    offers = config.book.tender_offers()
    found: tuple[TenderPrice, ...] = ()
    if offers and cart.due > 0 and cart.charge is None:
        named = {method for offer in offers for method in offer.tenders}
        rules = [
            rule
            for rule in config.tender_rules
            if (not named or rule.method in named) and (rule.kind == "cash" or not cash_alone)
        ]
        found = tuple(_tender_prices(cart, config, rules, at))
    return cart if found == cart.tender_prices else msgspec.structs.replace(cart, tender_prices=found)


def _tender_prices(
    cart: Cart, config: RegisterConfig, rules: list[TenderRule], at: datetime
) -> Iterator[TenderPrice]:
    for rule in rules:
        whole = _priced_with(cart, config, at, BasketTender("next", rule.method, ALL_OF_IT))
        if whole.due < cart.due:
            name = _newest_offer(cart.priced, whole.priced)
            yield TenderPrice(rule.method, name, cart.due - whole.due, whole.due)


def _newest_offer(before: PricedBasket, after: PricedBasket) -> str:
    """The tender discount that is in `after` and was not, or not as much, in `before`."""
    for old, new in zip(before.lines, after.lines, strict=True):
        given = [one for one in new.discounts if one.kind == "tender" and one not in old.discounts]
        if given:
            return given[-1].name
    return ""


def _basket(
    cart: Cart, config: RegisterConfig, at: datetime, payments: tuple[BasketTender, ...] = (),
    *, taxed_at: datetime | None = None,
) -> Basket:  # fmt: skip
    book = config.book
    customer = cart.head.customer_account or None
    affiliations = tuple(one.code for one in cart.head.affiliations)
    if cart.head.priced_as_of is not None:  # the prices that were promised, with the taxes of today
        at, taxed_at = cart.head.priced_as_of, taxed_at or at
    taxes = _taxes(cart, book.tax_for(config.store.tax, customer, taxed_at or at))
    if taxed_at is not None:
        taxes = msgspec.structs.replace(taxes, on=taxed_at.astimezone(config.store.zone).date())
    return Basket(
        lines=cart.basket_lines,
        currency=config.currency,
        at=at,
        time_zone=config.store.time_zone,
        price_groups=book.groups_for(customer, at, affiliations),
        affiliations=affiliations,
        customer=customer,
        channel=config.store.number,
        coupons=cart.head.coupons,
        coupon_usage=cart.head.coupon_usage,
        manual_total=cart.head.manual_total,
        settings=config.settings,
        prices_include_tax=config.store.prices_include_tax,
        tax=taxes,
        charges=cart.live_charges,
        tenders=payments,
        delivery_mode=cart.head.delivery.code if cart.head.delivery else None,
    )


def _taxes(cart: Cart, usual: TaxContext) -> TaxContext:
    """The sale's taxes: the usual ones, with what was chosen at the till beside what the customer is exempt from."""
    head = cart.head
    if head.tax_exemption is None and head.tax_override is None:
        return usual
    usual = msgspec.structs.replace(usual, override=head.tax_override or usual.override)
    if head.tax_exemption is None:
        return usual
    return msgspec.structs.replace(usual, exemption=head.tax_exemption, further_exemptions=usual.exemptions)
