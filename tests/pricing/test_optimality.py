"""Where offers compete for the same units the basket is given the best combination: compared with HiGHS."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from random import Random

import pytest

from pricing.engine.basket import price_basket
from pricing.engine.book import IndexedPriceBook
from pricing.engine.model import Basket, BasketLine, PricedBasket
from pricing.engine.money import currency
from pricing.engine.price import BasePrice
from tests.pricing.oracle import best_total
from tests.pricing.random_offers import random_basket

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)


def price(items: list, offers: list) -> PricedBasket:
    book = IndexedPriceBook(
        base_prices={name: BasePrice(Decimal(cents) / 100) for name, cents, _ in items}, discounts=offers
    )
    lines = tuple(BasketLine(name, name, quantity=Decimal(units)) for name, _, units in items)
    return price_basket(Basket(lines, currency("EUR"), AT), book)


@pytest.mark.parametrize("seed", range(20))
def test_no_combination_is_better(seed: int) -> None:
    rng = Random(seed)
    for number in range(100):
        items, offers = random_basket(rng)
        priced = price(items, offers)
        expected = Decimal(best_total(items, offers)) / 10_000
        assert abs(priced.totals.discount - expected) <= Decimal("0.005") * len(items), (
            f"basket {number} of seed {seed}: {priced.totals.discount} instead of {expected}\n{items}\n{offers}"
        )
        assert not priced.explanation
