"""Small words for baskets and books in tests of the engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pricing.engine.basket import price_basket
from pricing.engine.book import IndexedPriceBook
from pricing.engine.discounts.model import Discount, DiscountLine, LeastExpensive, LineGroup, Tier
from pricing.engine.model import Basket, BasketLine, PricedBasket
from pricing.engine.money import currency
from pricing.engine.price import BasePrice

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)  # a Monday
EUR = currency("EUR")
ALL = (DiscountLine(everything=True),)


def book(prices: Mapping[str, str], discounts: Iterable[Discount] = (), **more: Any) -> IndexedPriceBook:
    """A book of base prices and discounts."""
    found = {name: BasePrice(Decimal(price)) for name, price in prices.items()}
    return IndexedPriceBook(base_prices=found, discounts=discounts, **more)  # type: ignore[arg-type]


def basket(*lines: BasketLine | tuple[str, str], **more: Any) -> Basket:
    """A basket of lines, or of (product, quantity); line ids are places."""
    made = tuple(
        line
        if isinstance(line, BasketLine)
        else BasketLine(str(place), line[0], quantity=Decimal(line[1]), item_tax_group="full")
        for place, line in enumerate(lines)
    )
    return Basket(made, more.pop("currency", EUR), more.pop("at", AT), **more)


def price(prices: Mapping[str, str], discounts: Iterable[Discount], *lines: Any, **more: Any) -> PricedBasket:
    """A basket priced from such a book."""
    return price_basket(basket(*lines, **more), book(prices, discounts))


def off(name: str, value: str, method: str = "percent_off", **more: Any) -> Discount:
    """A simple discount, on all goods where none are named."""
    lines = more.pop("lines", ALL)
    return Discount(name, "simple", lines, method=method, value=Decimal(value), **more)


def threshold(name: str, minimum: str, value: str, method: str = "percent_off", **more: Any) -> Discount:
    """A threshold on all goods."""
    tier = Tier(Decimal(minimum), method, Decimal(value))
    return Discount(name, "threshold", more.pop("lines", ALL), tiers=(tier,), **more)


def cheapest_free(name: str, size: int, *, products: tuple[str, ...] = (), **more: Any) -> Discount:
    """Of every so many units the cheapest is free."""
    line = DiscountLine(everything=not products, products=products, group="1")
    least = more.pop("least_expensive", LeastExpensive(1, "percent_off", Decimal(100)))
    return Discount(
        name, "mix_and_match", (line,), groups=(LineGroup("1", size),), least_expensive=least, **more
    )


def deal(name: str, amount: str, size: int, *, method: str = "deal_price", **more: Any) -> Discount:
    """Any so many units for a price, or with an amount off."""
    line = DiscountLine(everything=True, group="1")
    groups = (LineGroup("1", size),)
    return Discount(
        name, "mix_and_match", (line,), method=method, value=Decimal(amount), groups=groups, **more
    )


def codes(priced: PricedBasket, line: int = 0) -> dict[str, str]:
    """What the line's explanation says of each offer: code by id."""
    return {reason.subject: reason.code for reason in priced.lines[line].explanation if reason.subject}


def nets(priced: PricedBasket) -> list[str]:
    """What is to be paid for each line."""
    return [str(line.amount) for line in priced.lines]
