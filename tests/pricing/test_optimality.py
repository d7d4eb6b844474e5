"""Where offers compete for the same units the basket is given the best combination: compared with HiGHS."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from pricing.engine import quick
from pricing.engine.basket import price_basket
from pricing.engine.book import IndexedPriceBook
from pricing.engine.discounts import contest, large
from pricing.engine.discounts.model import Discount, DiscountLine, LeastExpensive, LineGroup, Tier
from pricing.engine.few import best_of_few
from pricing.engine.machines import Machine
from pricing.engine.model import Basket, BasketLine, PricedBasket
from pricing.engine.money import currency
from pricing.engine.price import BasePrice
from tests.pricing.oracle import best_total
from tests.pricing.random_offers import random_basket

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)

MORE = {"most_items": 7, "most_offers": 8}
BENEFITS = (
    {"method": "deal_price", "value": Decimal(30)},
    {"method": "amount_off", "value": Decimal(2)},
    {"method": "percent_off", "value": Decimal(20)},
    {"least_expensive": LeastExpensive(1, "percent_off", Decimal(100))},
)


def price(items: list, offers: list) -> PricedBasket:
    book = IndexedPriceBook(
        base_prices={name: BasePrice(Decimal(cents) / 100) for name, cents, _ in items}, discounts=offers
    )
    lines = tuple(BasketLine(name, name, quantity=Decimal(units)) for name, _, units in items)
    return price_basket(Basket(lines, currency("EUR"), AT), book)


@pytest.mark.parametrize(
    ("seed", "count", "size"),
    [*((seed, 100, {}) for seed in range(20)), *((seed, 20, MORE) for seed in range(20, 28))],
)
def test_no_combination_is_better(seed: int, count: int, size: dict[str, int]) -> None:
    rng = Random(seed)
    for number in range(count):
        items, offers = random_basket(rng, **size)
        priced = price(items, offers)
        expected = Decimal(best_total(items, offers)) / 10_000
        assert abs(priced.totals.discount - expected) <= Decimal("0.005") * len(items), (
            f"basket {number} of seed {seed}: {priced.totals.discount} instead of {expected}\n{items}\n{offers}"
        )
        assert not priced.explanation


@pytest.mark.parametrize("seed", range(100, 106))
def test_few_units_are_given_what_the_search_gives(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = Random(seed)
    answers: list[object] = []

    def noted(*asked: Any) -> object:
        answers.append(best_of_few(*asked))
        return answers[-1]

    for _ in range(100):
        items, offers = random_basket(rng, **MORE)
        items = [(name, cents + rng.randrange(100), units) for name, cents, units in items]
        monkeypatch.setattr(quick, "best_of_few", noted)
        few = price(items, offers)
        monkeypatch.setattr(quick, "best_of_few", lambda *asked: None)
        searched = price(items, offers)
        assert abs(few.totals.discount - searched.totals.discount) <= Decimal("0.005") * len(items)
    assert None in answers
    assert sum(bool(answer) for answer in answers) > 20


def test_hundreds_of_units_are_given_nearly_the_best_and_the_gap_that_is_told_is_no_smaller() -> None:
    rng, parts = Random(7), []
    while len(parts) < 60:
        items, offers = random_basket(rng, most_offers=5)
        items = [(name, cents, rng.randint(41, 900)) for name, cents, _ in items]
        offers = [offer for offer in offers if offer.kind != "quantity"]
        best = Decimal(best_total(items, offers)) / 10_000 if offers else Decimal(0)
        if not best:
            continue
        priced = price(items, offers)
        given = priced.totals.discount
        told = sum(
            (reason.amount for reason in priced.explanation if reason.code == "search_stopped"), Decimal(0)
        )
        rounding = Decimal("0.005") * len(items)
        assert given - rounding <= best <= given + told + rounding, (items, offers)
        parts.append(given / best)
    assert min(parts) > Decimal("0.95") and sum(parts) / len(parts) > Decimal("0.995")


def under_ceilings(rng: Random, **size: int) -> tuple[list, list[Discount]]:
    """A random basket in which most offers give no more than so much money."""
    items, offers = random_basket(rng, **size)
    return items, [
        replace(offer, max_discount=Decimal(rng.randint(1, 25))) if rng.random() < 0.6 else offer
        for offer in offers
    ]


@pytest.mark.parametrize("seed", range(4))
def test_ceilings_of_money_are_part_of_the_search_and_what_is_not_proven_tells_its_gap(seed: int) -> None:
    rng, proven = Random(seed), 0
    for _ in range(100):
        items, offers = under_ceilings(rng)
        priced = price(items, offers)
        given, best = priced.totals.discount, Decimal(best_total(items, offers)) / 10_000
        assert all(reason.code == "search_stopped" for reason in priced.explanation), (items, offers)
        told = sum((reason.amount for reason in priced.explanation), Decimal(0))
        rounding = Decimal("0.005") * (len(items) + len(offers))
        assert given - rounding <= best <= given + told + rounding, (items, offers)
        proven += not priced.explanation
    assert proven >= 97


def test_an_offer_more_takes_nothing_away_under_ceilings_of_money() -> None:
    rng, rounding = Random(5), Decimal("0.04")
    for _ in range(150):
        items, offers = under_ceilings(rng)
        discount = price(items, offers).totals.discount
        for offer in offers:
            others = [other for other in offers if other is not offer]
            assert price(items, others).totals.discount <= discount + rounding, (items, offers, offer.id)


@pytest.mark.parametrize("seed", range(3))
def test_of_many_units_beside_a_ceiling_only_a_few_are_searched(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng, searched, differing = Random(seed), [], 0
    find = contest.best_combination

    def noted(supply: list[int], machines: list[Machine], limit: int) -> object:
        searched.extend(len(moves) for machine in machines for stage in machine.moves for moves in stage)
        return find(supply, machines, limit)

    monkeypatch.setattr(contest, "best_combination", noted)
    for _ in range(10):
        items = [(f"p{place}", rng.randrange(100, 4_000), rng.randint(150, 250)) for place in range(2)]
        offers = [
            a_set(f"S{number}", rng.choice((("p0",), ("p1",), ("p0", "p1"))), rng.randint(2, 3), **benefit)
            for number, benefit in enumerate(rng.sample(BENEFITS, rng.randint(1, 2)))
        ]
        ceiling = Decimal(rng.randint(1, 20))
        offers.append(
            Discount(
                "L",
                "simple",
                (DiscountLine(products=("p0", "p1")),),
                method="percent_off",
                value=Decimal(rng.choice((10, 30, 60))),
                quantity_limit=ceiling,
                limit_scope=rng.choice(("product", "basket")),
            )
        )
        monkeypatch.setattr(large, "MANY", 60)
        few = price(items, offers)
        assert max(searched) < 100
        monkeypatch.setattr(large, "MANY", 1_000)
        assert few.totals.discount == price(items, offers).totals.discount, (items, offers)
        assert not few.explanation
        differing += max(searched) > 100
        searched.clear()
    assert differing


@pytest.mark.parametrize("seed", range(200, 206))
def test_under_ceilings_of_money_and_of_units_no_combination_is_better(seed: int) -> None:
    """Of simple discounts exactly; of sets and quantities under a ceiling of money what is not proven is said."""
    rng, capped, told = Random(seed), 0, 0
    for number in range(60):
        items, offers = random_basket(rng)
        offers = [under_a_ceiling(rng, offer, items) for offer in offers]
        capped += any(offer.max_discount is not None for offer in offers)
        priced = price(items, offers)
        given, expected = priced.totals.discount, Decimal(best_total(items, offers)) / 10_000
        rounding = Decimal("0.005") * len(items)
        told += bool(priced.explanation)
        assert given <= expected + rounding
        assert priced.explanation or given >= expected - rounding, (
            f"basket {number} of seed {seed}: {given} instead of {expected}\n{items}\n{offers}"
        )
    assert capped > 20 and told < 20


def under_a_ceiling(rng: Random, offer: Discount, items: list) -> Discount:
    """The offer, with a ceiling of money or of units now and then, or with a line for each of its goods."""
    whole = sum(cents * units for _, cents, units in items) / 100
    if rng.random() < (0.7 if offer.kind == "simple" else 0.2):
        offer = replace(offer, max_discount=Decimal(rng.randint(1, max(int(whole * 0.3), 1))))
    elif offer.kind == "simple" and rng.random() < 0.5:
        scope = rng.choice(("product", "basket"))
        offer = replace(offer, quantity_limit=Decimal(rng.randint(1, 4)), limit_scope=scope)
    if offer.kind == "simple" and rng.random() < 0.4:
        lines = tuple(DiscountLine(products=(name,)) for line in offer.lines for name in line.products)
        offer = replace(offer, lines=lines)
    return offer


def test_a_quantity_discount_is_taken_once_beside_another() -> None:
    """Its tier is that of all its units: two lots of them would each be given more."""
    items = [("p0", 1000, 6), ("p1", 800, 2)]
    steep = (Tier(Decimal(2), "percent_off", Decimal(50)), Tier(Decimal(4), "percent_off", Decimal(10)))
    other = (Tier(Decimal(2), "percent_off", Decimal(5)),)
    both = (DiscountLine(products=("p0", "p1")),)
    offers = [Discount("D0", "quantity", both, tiers=other), Discount("D1", "quantity", both, tiers=steep)]
    assert price(items, offers).totals.discount == Decimal(best_total(items, offers)) / 10_000


def test_an_offer_that_ties_two_groups_of_offers_forgets_neither() -> None:
    items = [("p0", 287, 11), ("p1", 548, 9)]
    offers = [
        a_set("D0", ("p1",), 2, method="deal_price", value=Decimal(9)),
        a_set("D1", ("p1",), 3, least_expensive=LeastExpensive(2, "percent_off", Decimal(100))),
        a_set("D2", ("p0",), 2, method="amount_off", value=Decimal(5)),
        a_set("D3", ("p0",), 3, method="percent_off", value=Decimal(25)),
        a_set("D4", ("p0", "p1"), 4, least_expensive=LeastExpensive(3, "percent_off", Decimal(100))),
    ]
    assert price(items, offers).totals.discount == Decimal(best_total(items, offers)) / 10_000


def a_set(name: str, products: tuple[str, ...], size: int, **more: Any) -> Discount:
    """A mix and match of one group."""
    lines = (DiscountLine(products=products, group="1"),)
    return Discount(name, "mix_and_match", lines, groups=(LineGroup("1", size),), **more)
