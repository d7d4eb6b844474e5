"""Random baskets whose offers compete for the same units."""

from __future__ import annotations

from decimal import Decimal
from random import Random

from pricing.engine.discounts.model import Discount, DiscountLine, LeastExpensive, LineGroup, Tier

Item = tuple[str, int, int]
PERCENTS = (10, 15, 20, 25, 30, 40, 50)


def random_basket(
    rng: Random, *, most_items: int = 5, most_offers: int = 4
) -> tuple[list[Item], list[Discount]]:
    """Items (name, price in cents, units), and best-price offers of one priority over them."""
    items = [
        (f"p{number}", rng.randrange(1, 40) * 100, rng.choice((1, 1, 2, 2, 3, 4)))
        for number in range(rng.randint(2, most_items))
    ]
    offers = [random_offer(rng, f"D{number}", items) for number in range(rng.randint(1, most_offers))]
    return items, offers


def random_offer(rng: Random, name: str, items: list[Item]) -> Discount:
    """An offer over some of the items, of any kind that competes for units."""
    names = tuple(sorted(rng.sample([item[0] for item in items], rng.randint(1, len(items)))))
    kinds = (
        "simple",
        "simple",
        "quantity",
        "least",
        "least",
        "deal",
        "percent",
        "amount",
        "groups",
        "groups",
    )
    kind = rng.choice(kinds)
    if kind == "simple":
        method, value = rng.choice(
            (("percent_off", rng.choice(PERCENTS)), ("amount_off", rng.randrange(1, 6)))
        )
        return Discount(name, "simple", (DiscountLine(products=names),), method=method, value=Decimal(value))
    if kind == "quantity":
        first = rng.choice(PERCENTS[:4])
        tiers = [Tier(Decimal(2), "percent_off", Decimal(first))]
        if rng.random() < 0.6:
            tiers.append(
                Tier(Decimal(rng.randint(3, 5)), "percent_off", Decimal(first + rng.choice((5, 10, 20))))
            )
        return Discount(name, "quantity", (DiscountLine(products=names),), tiers=tuple(tiers))
    if kind == "groups":
        return _grouped(rng, name, items)
    size = rng.randint(2, 4)
    return _with_benefit(rng, name, [(names, size)], items, kind)


def _grouped(rng: Random, name: str, items: list[Item]) -> Discount:
    groups = []
    for _ in range(2):
        names = tuple(sorted(rng.sample([item[0] for item in items], rng.randint(1, len(items)))))
        groups.append((names, rng.choice((1, 1, 2))))
    return _with_benefit(rng, name, groups, items, rng.choice(("deal", "least", "percent", "amount")))


def _with_benefit(
    rng: Random, name: str, groups: list[tuple[tuple[str, ...], int]], items: list[Item], kind: str
) -> Discount:
    lines = tuple(DiscountLine(products=names, group=str(number)) for number, (names, _) in enumerate(groups))
    sizes = tuple(LineGroup(str(number), size) for number, (_, size) in enumerate(groups))
    prices = {item[0]: item[1] for item in items}
    usual = sum(size * sum(prices[one] for one in names) // len(names) for names, size in groups)
    if kind == "least":
        count = rng.randint(1, max(1, sum(size for _, size in groups) - 1))
        benefit = rng.choice(
            (("percent_off", 100), ("percent_off", 50), ("amount_off", 3), ("unit_price", 1))
        )
        least = LeastExpensive(count, benefit[0], Decimal(benefit[1]))
        return Discount(
            name, "mix_and_match", lines, method="least_expensive", groups=sizes, least_expensive=least
        )
    if kind == "deal":
        value = Decimal(max(usual * rng.choice((60, 70, 80, 90)) // 10_000, 1))
        return Discount(name, "mix_and_match", lines, method="deal_price", value=value, groups=sizes)
    if kind == "amount":
        cheapest = sum(size * min(prices[one] for one in names) for names, size in groups) // 100
        value = Decimal(rng.randint(1, max(1, cheapest)))
        return Discount(name, "mix_and_match", lines, method="amount_off", value=value, groups=sizes)
    return Discount(
        name, "mix_and_match", lines, method="percent_off", value=Decimal(rng.choice(PERCENTS)), groups=sizes
    )
