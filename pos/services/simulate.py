"""What a basket would cost: the till's own lookup, price book and engine, at any store, moment and customer.

Headquarters asks it before an offer goes out. Nothing is kept or written; what is read is the data as it stands
here, which the stores have with their next package.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Q

from catalog.models import Product
from channels_app.errors import DomainError
from customers.models import Customer
from hq.models import Store
from pos.cart.commands import check_quantity
from pos.cart.errors import BadQuantity
from pos.cart.model import Article
from pos.config import StoreConfig
from pos.services.coupons import coupon_usage, limit_reached, not_now
from pos.services.lookup import Found, as_weight, read_code
from pos.services.new_data import SellingStore, selling_store
from pos.services.price_cart import ALL_OF_IT, by_itself, price_in
from pricing.audience import exemption_on
from pricing.book import StorePriceBook
from pricing.engine.basket import price_basket
from pricing.engine.model import (
    Basket,
    BasketLine,
    BasketTender,
    CouponUsage,
    OwnTerms,
    PricedBasket,
    PricedLine,
)
from pricing.engine.tax_codes import Destination

MOST_MATCHES = 12
MOST_LINES = 200


@dataclass(frozen=True)
class AskedLine:
    """So many of what a code stands for; a price where the article asks for one."""

    code: str
    quantity: Decimal | None = None
    price: Decimal | None = None


@dataclass(frozen=True)
class Asked:
    """A basket to try: where, when, who, with which codes, and whether offers count that are still drafts.

    The uses of its coupons in the sale `but` do not count: that sale is of this very basket.
    """

    store: Store
    at: datetime
    lines: Sequence[AskedLine] = ()
    customer: Customer | None = None
    coupons: tuple[str, ...] = ()
    with_drafts: bool = False
    delivery_mode: str | None = None
    sent_to: Destination | None = None
    affiliations: tuple[str, ...] = ()
    paid_by: str | None = None
    but: UUID | None = None


@dataclass(frozen=True)
class SimulatedLine:
    """A line as it was asked for, with its price; or why the till would refuse it."""

    asked: AskedLine
    quantity: Decimal
    article: Article | None = None
    priced: PricedLine | None = None
    asks_price: bool = False
    refusal: str = ""


@dataclass(frozen=True)
class Simulation:
    """The answer; `without_drafts` is the same basket by the enabled offers alone, where drafts were asked for."""

    store: StoreConfig
    lines: tuple[SimulatedLine, ...]
    priced: PricedBasket
    without_drafts: PricedBasket | None = None
    unknown_coupons: tuple[str, ...] = field(default=())
    refused_coupons: tuple[str, ...] = ()  # what the till says to codes that are known

    @property
    def drafts_save(self) -> Decimal:
        """How much less the basket costs once the drafts are enabled; below zero when it costs more."""
        return (
            self.without_drafts.totals.total - self.priced.totals.total if self.without_drafts else Decimal(0)
        )


def simulate(asked: Asked) -> Simulation:
    """Price the basket as the store's tills would at that moment. Lines that a till would refuse say why."""
    here = selling_store(asked.store.pk, with_drafts=asked.with_drafts)
    store, book = here.store, here.book
    found = [_look_up(line, here, asked.at) for line in asked.lines[:MOST_LINES]]
    basket = _basket(asked, store, book, found)
    priced = price_basket(basket, book)
    return Simulation(
        store=store,
        lines=tuple(
            _line(place, line, what, priced)
            for place, (line, what) in enumerate(zip(asked.lines, found, strict=False))
        ),
        priced=priced,
        without_drafts=_as_today(asked) if asked.with_drafts else None,
        unknown_coupons=tuple(code for code in asked.coupons if not book.has_coupon(code.upper())),
        refused_coupons=tuple(_refused_coupons(asked, here, basket.coupon_usage)),
    )


def _refused_coupons(asked: Asked, here: SellingStore, usage: Sequence[CouponUsage]) -> Iterator[str]:
    used = {one.code: one for one in usage}
    for code in asked.coupons:
        coupon = here.book.coupon(code.upper())
        if coupon is None:
            continue
        if why := not_now(coupon, asked.at, here.store.zone):
            yield f"Coupon {coupon.code} {why}."
        elif reached := limit_reached(coupon, used.get(coupon.code, CouponUsage(coupon.code))):
            uses, where = reached
            yield f"Coupon {coupon.code} has been used as often as it may be{where} (uses: {uses})."


def _as_today(asked: Asked) -> PricedBasket:
    """The same basket by what is enabled: drafts change prices and charges, too, so that another book is read."""
    today = replace(asked, with_drafts=False)
    here = selling_store(today.store.pk)
    found = [_look_up(line, here, today.at) for line in today.lines[:MOST_LINES]]
    return price_basket(_basket(today, here.store, here.book, found), here.book)


def matches(text: str) -> list[Product]:
    """Articles whose number, barcode or name holds every word, for those who have no code at hand."""
    wanted = Q()
    for word in text.split()[:6]:
        wanted &= Q(name__icontains=word) | Q(number__istartswith=word) | Q(barcodes__code=word)
    found = Product.objects.filter(wanted, is_blocked=False) if wanted else Product.objects.none()
    return list(found.distinct().order_by("name")[:MOST_MATCHES])


def _look_up(line: AskedLine, here: SellingStore, at: datetime) -> Found | DomainError:
    try:
        found = read_code(line.code.strip(), book=here.book, store=here.store.id, layouts=here.layouts)
    except DomainError as refusal:
        return refusal
    if not found.is_weight_by_price:
        return found
    return as_weight(found, price_in(here.store, here.book, by_itself(found), at).unit_price)


def _basket(
    asked: Asked, store: StoreConfig, book: StorePriceBook, found: Sequence[Found | DomainError]
) -> Basket:
    account = asked.customer.account if asked.customer else None
    mode = book.delivery_mode(asked.delivery_mode) if asked.delivery_mode else None
    taxes = (
        book.destination_group(asked.sent_to)
        if asked.sent_to is not None and mode is not None and mode.needs_address
        else None
    )
    return Basket(
        lines=tuple(
            _basket_line(place, line, what, asked, taxes)
            for place, (line, what) in enumerate(zip(asked.lines, found, strict=False))
            if isinstance(what, Found)
        ),
        currency=store.currency,
        at=asked.at,
        time_zone=store.time_zone,
        price_groups=book.groups_for(account, asked.at, asked.affiliations),
        affiliations=asked.affiliations,
        customer=account,
        channel=store.number,
        coupons=asked.coupons,
        settings=book.rules.settings,
        prices_include_tax=store.prices_include_tax,
        tax=book.tax_for(store.tax, account, asked.at),
        include_drafts=asked.with_drafts,
        coupon_usage=coupon_usage(
            [code for code in asked.coupons if book.limits(code)],
            store=store.id,
            customer=account or "",
            but=asked.but,
        ),
        delivery_mode=asked.delivery_mode,
        tenders=(BasketTender("1", asked.paid_by, ALL_OF_IT),) if asked.paid_by else (),
    )


def _basket_line(place: int, line: AskedLine, found: Found, asked: Asked, taxes: str | None) -> BasketLine:
    article = found.article
    return BasketLine(
        id=str(place),
        product=str(article.product),
        variant=str(article.variant) if article.variant else None,
        quantity=_quantity(line, found),
        unit=article.unit,
        categories=found.categories,
        attributes=found.attributes,
        item_tax_group=article.item_tax_group,
        delivery_mode=asked.delivery_mode,
        own=OwnTerms(
            sales_tax_group=taxes,
            exemption=exemption_on(found.exemptions, asked.at.date()),
            price_keyed=found.price if found.price is not None else _keyed(line, found),
        ).unless_empty(),
    )


def _quantity(line: AskedLine, found: Found) -> Decimal:
    if found.is_measured or line.quantity is None:
        return found.quantity
    return line.quantity * found.quantity


def _refused_quantity(article: Article, quantity: Decimal) -> str:
    """What the till says to a quantity that its unit does not have; empty where it takes it."""
    try:
        check_quantity(article, quantity, max_quantity=abs(quantity))
    except BadQuantity as refused:
        return str(refused)
    return ""


def _keyed(line: AskedLine, found: Found) -> Decimal | None:
    return line.price if found.price_entry == Product.PriceEntry.MANDATORY else None


def _line(place: int, line: AskedLine, found: Found | DomainError, priced: PricedBasket) -> SimulatedLine:
    quantity = line.quantity if line.quantity is not None else Decimal(1)
    if isinstance(found, DomainError):
        return SimulatedLine(line, quantity, refusal=str(found))
    result = priced.line(str(place))
    asks = found.price_entry == Product.PriceEntry.MANDATORY and found.price is None
    refusal = ""
    if said := _refused_quantity(found.article, _quantity(line, found)):
        refusal = said
    elif result.price_source == "none":
        refusal = (
            "The till asks for its price: enter one here."
            if asks
            else f"{found.article.name} has no price in this store at this moment: the till refuses it."
        )
    elif not result.unit_price and not found.article.zero_price_valid:
        refusal = (
            f"{found.article.name} costs nothing here, which its page does not allow: the till refuses it."
        )
    return SimulatedLine(line, quantity, found.article, result, asks, refusal)
