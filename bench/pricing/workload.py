"""A shop's goods, offers and baskets as plain figures, the same for every engine that is measured."""

from __future__ import annotations

from random import Random
from typing import Any, NamedTuple

SHELF = 25  # goods that belong together; an offer covers some of one shelf
OVERLAP = 15  # percent of the offers that come to a shelf that has one already
KINDS = (
    ("percent", 35),  # a percentage off
    ("amount", 10),  # an amount off each
    ("cheapest_free", 15),  # buy two or three, the cheapest is free
    ("fixed_price", 15),  # any two or three for a price
    ("set_amount", 10),  # an amount off every two or three
    ("quantity", 10),  # a percentage off from so many on
    ("spend", 5),  # a percentage off from an amount on
)


class Workload(NamedTuple):
    """Prices in cents by product; offers; baskets as rows of (product, quantity)."""

    prices: list[int]
    offers: list[dict[str, Any]]
    baskets: list[list[tuple[int, int]]]


def build(*, lines: int, offers: int, baskets: int, seed: int) -> Workload:
    """A workload: half of a basket's lines come from offers, a few goods of one offer at a time, as people shop."""
    rng = Random(f"{lines}/{offers}/{seed}")
    prices = [rng.randrange(49, 9_999) for _ in range(SHELF * max(40, offers * 6 // 5))]
    shelves = list(range(len(prices) // SHELF))
    rng.shuffle(shelves)
    found: list[dict[str, Any]] = []
    for number in range(offers):
        busy = bool(found) and rng.randrange(100) < OVERLAP
        shelf = rng.choice(found)["shelf"] if busy else shelves.pop()
        found.append(offer(rng, number, shelf, prices))
    return Workload(prices, found, [basket(rng, lines, found, len(prices)) for _ in range(baskets)])


def offer(rng: Random, number: int, shelf: int, prices: list[int]) -> dict[str, Any]:
    """One offer over five to twenty-five goods of a shelf."""
    kind = rng.choices([kind for kind, _ in KINDS], [weight for _, weight in KINDS])[0]
    goods = sorted(rng.sample(range(shelf * SHELF, (shelf + 1) * SHELF), rng.randint(5, SHELF)))
    needed = rng.choice((2, 3, 3))
    usual = sum(prices[product] for product in goods) // len(goods)
    return {
        "id": number + 1,
        "shelf": shelf,
        "kind": kind,
        "goods": goods,
        "needed": needed,
        "percent": rng.choice((5, 10, 15, 20, 25, 30)),
        "cents": max(usual // rng.choice((5, 8, 10)), 1),
        "price": max(usual * needed * rng.choice((70, 80, 90)) // 100, 1),
        "spend": usual * rng.randint(2, 6),
    }


def basket(rng: Random, lines: int, offers: list[dict[str, Any]], products: int) -> list[tuple[int, int]]:
    """Rows of different goods with quantities of one to four."""
    goods: dict[int, int] = {}
    for _ in range(lines):
        if len(goods) >= lines // 2:
            break
        chosen = rng.choice(offers)["goods"]
        for product in rng.sample(chosen, min(rng.choice((1, 1, 2, 3)), len(chosen))):
            goods[product] = rng.choice((1, 1, 1, 2, 2, 3, 4))
    while len(goods) < lines:
        goods[rng.randrange(products)] = rng.choice((1, 1, 1, 2, 3))
    rows = list(goods.items())[:lines]
    rng.shuffle(rows)
    return rows
