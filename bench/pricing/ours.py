"""The workload as the engine's own values, and slices of pricing it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from math import ceil
from typing import Any

from bench.pricing.workload import Workload
from pricing.engine.basket import price_basket
from pricing.engine.book import IndexedPriceBook
from pricing.engine.discounts.model import Discount, DiscountLine, LeastExpensive, LineGroup, Tier
from pricing.engine.model import Basket, BasketLine
from pricing.engine.money import currency
from pricing.engine.price import BasePrice

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
EUR = currency("EUR")


def discount_of(one: dict[str, Any]) -> Discount:
    """An offer of the workload."""
    name, kind = str(one["id"]), one["kind"]
    goods = tuple(f"p{number}" for number in one["goods"])
    plain = (DiscountLine(products=goods),)
    percent, cents = Decimal(one["percent"]), Decimal(one["cents"]) / 100
    if kind == "percent":
        return Discount(name, "simple", plain, method="percent_off", value=percent)
    if kind == "amount":
        return Discount(name, "simple", plain, method="amount_off", value=cents)
    if kind == "quantity":
        tier = Tier(Decimal(one["needed"]), "percent_off", percent)
        return Discount(name, "quantity", plain, tiers=(tier,))
    if kind == "spend":
        tier = Tier(Decimal(one["spend"]) / 100, "percent_off", percent)
        return Discount(name, "threshold", plain, tiers=(tier,), concurrency="best_price")
    members = (DiscountLine(products=goods, group="1"),)
    sizes = (LineGroup("1", one["needed"]),)
    if kind == "cheapest_free":
        least = LeastExpensive(1, "percent_off", Decimal(100))
        return Discount(name, "mix_and_match", members, groups=sizes, least_expensive=least)
    if kind == "set_amount":
        return Discount(name, "mix_and_match", members, method="amount_off", value=cents, groups=sizes)
    return Discount(
        name, "mix_and_match", members, method="deal_price", value=Decimal(one["price"]) / 100, groups=sizes
    )


def book_of(workload: Workload, more: Sequence[Discount] = ()) -> IndexedPriceBook:
    """All prices and offers of the workload, and more offers."""
    return IndexedPriceBook(
        base_prices={
            f"p{number}": BasePrice(Decimal(cents) / 100) for number, cents in enumerate(workload.prices)
        },
        discounts=[*(discount_of(one) for one in workload.offers), *more],
    )


def baskets_of(rows_of_each: Iterable[Sequence[tuple[int, int]]]) -> list[Basket]:
    """The workload's baskets of these rows, each line with an id of its own."""
    return [
        Basket(
            tuple(
                BasketLine(str(place), f"p{product}", quantity=Decimal(quantity))
                for place, (product, quantity) in enumerate(rows)
            ),
            EUR,
            AT,
        )
        for rows in rows_of_each
    ]


WARM = 300  # baskets sold before those that are measured


class Ours:
    """The engine on a workload, in a shop that has been open for a while.

    Every article was sold by itself, and a first part of the baskets; no basket of those that are measured.
    """

    def __init__(self, workload: Workload) -> None:
        self.book = book_of(workload)
        self.before = min(WARM, len(workload.baskets) // 2)
        self.warm(workload)
        self.rows = workload.baskets[self.before :]
        self.place = 0

    def warm(self, workload: Workload) -> None:
        """Sell every article once by itself, then the first part of the baskets."""
        for number in range(len(workload.prices)):
            lines = tuple(BasketLine("1", f"p{number}", quantity=Decimal(units)) for units in (1, 2, 3, 4))
            for line in lines:
                price_basket(Basket((line,), EUR, AT), self.book)
        for basket in baskets_of(workload.baskets[: self.before]):
            price_basket(basket, self.book)

    def run(self, seconds: float, slices: int = 1) -> tuple[int, float]:
        """Baskets priced and CPU seconds used; each basket once as long as there are any, as many in each slice.

        One is made at a time, which is not timed: a till prices a basket that it has just put together.
        """
        used, done = 0.0, 0
        end = min(self.place + ceil(len(self.rows) / slices), len(self.rows))
        while used < seconds and self.place < end:
            (basket,) = baskets_of(self.rows[self.place : self.place + 1])
            begun = time.process_time()
            price_basket(basket, self.book)
            used += time.process_time() - begun
            self.place += 1
            done += 1
        return done, used
