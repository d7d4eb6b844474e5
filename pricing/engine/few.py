"""The best combination of offers for a few units, by looking at all that can be left of them.

A few units of a few articles leave only so many remainders. Every application leads from one remainder to a smaller
one; the best way to each is kept, and the best of all is the answer, which needs no bound to prove it. Baskets with
more remainders go to the search of `optimise.py`; either counts units and lists none.

A remainder is the units of each article side by side in one whole number. Where one is asked for more than it has, the
difference is no remainder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations_with_replacement, product
from math import ceil
from operator import itemgetter, mul

from pricing.engine.discounts.model import DEAL_PRICE
from pricing.engine.discounts.terms import Terms
from pricing.engine.items import Item

MOST = 120  # remainders
MOST_STEPS = 2_000  # remainders times ways to go on from each
BITS = 8  # for the units of an article, and the sign of those that are missing
OUT_OF_REACH = 1 << 62

Counts = tuple[int, ...]  # units by item
Way = tuple[int, int, Terms]  # units that an offer uses, and what they gain by it
Trail = tuple[Terms, int, "Trail"] | None  # what was used up to a remainder, the last first


def best_of_few(
    items: Sequence[Item], supply: Sequence[int], terms: Sequence[Terms], options: Sequence[int]
) -> dict[Terms, list[Counts]] | None:
    """By offer the applications that together gain most, or None where this is no way to find them.

    ``items`` come dearest first; ``supply`` is their units, ``options`` what one unit is given by itself.
    """
    remainders = 1
    for units in supply:
        remainders *= units + 1
    if remainders > MOST or any(map(_is_limited, terms)):
        return None
    ones = [1 << BITS * place for place in reversed(range(len(supply)))]
    lefts = [0]
    for one, units in zip(ones, supply, strict=True):
        lefts = [left + one * more for left in lefts for more in range(units + 1)]
    counts = dict(zip(lefts, product(*[range(units + 1) for units in supply]), strict=True))
    ways: list[Way] = []
    tiers: list[list[Way]] = []
    for offer in terms:
        if offer.tiers:
            tiers.append(list(_tier_ways(offer, items, options, counts)))
        else:
            ways += _set_ways(offer, items, options, ones, counts)
    walk = _Walk(lefts)
    for once in tiers:
        reached = sorted(walk.trails)  # the smallest first, so that none is gone on from twice
        if len(reached) * len(once) > MOST_STEPS:
            return None
        walk.go(reached, once)
    if remainders * len(ways) > MOST_STEPS:
        return None
    walk.go(reversed(lefts), ways)
    return walk.best(counts)


class _Walk:
    """From the whole supply to what may be left of it: by remainder the most gained so far, and how."""

    def __init__(self, lefts: Sequence[int]) -> None:
        self.gains = dict.fromkeys(lefts, -1)
        self.gains[lefts[-1]] = 0
        self.trails: dict[int, Trail] = {lefts[-1]: None}

    def go(self, lefts: Iterable[int], ways: list[Way]) -> None:
        """On from these remainders, so far as they were reached, by any of the ways."""
        gains, trails = self.gains, self.trails
        ways.sort(key=itemgetter(0))
        for left in lefts:
            gain = gains[left]
            if gain < 0:
                continue
            trail = trails[left]
            for way, more, offer in ways:
                if way > left:
                    break
                rest = left - way
                if gain + more > gains.get(rest, OUT_OF_REACH):
                    gains[rest] = gain + more
                    trails[rest] = offer, way, trail

    def best(self, counts: Mapping[int, Counts]) -> dict[Terms, list[Counts]]:
        """The applications on the way to where most was gained."""
        trail = self.trails[max(self.trails, key=self.gains.__getitem__)]
        chosen: dict[Terms, list[Counts]] = {}
        while trail is not None:
            offer, way, trail = trail
            chosen.setdefault(offer, []).append(counts[way])
        return chosen


def _is_limited(terms: Terms) -> bool:
    return terms.limit is not None or terms.discount.max_applications is not None


def _set_ways(
    terms: Terms,
    items: Sequence[Item],
    options: Sequence[int],
    ones: Sequence[int],
    counts: Mapping[int, Counts],
) -> Iterator[Way]:
    """Every application of a mix and match that gains something."""
    groups: list[list[int]] = [[] for _ in terms.sizes]
    for one, item in zip(ones, items, strict=True):
        for group, _ in item.roles_in(terms):
            groups[group].append(one)
    ways = [0]
    for size, group in zip(terms.sizes, groups, strict=True):
        fills = [fill for fill in map(sum, combinations_with_replacement(group, size)) if fill in counts]
        ways = sorted({way + fill for way in ways for fill in fills if way + fill in counts})
    prices = [item.price for item in items]
    savings = [item.standing(terms)[1] for item in items]
    rate = terms.rate
    for way in ways:
        units = counts[way]
        if terms.least:
            worth = _of_the_cheapest(units, savings, terms.least)
        elif terms.one_amount:
            whole = sum(map(mul, units, prices))
            worth = whole - rate.value if rate.method == DEAL_PRICE else min(whole, rate.value)
        else:
            worth = sum(map(mul, units, savings))
        gain = worth - sum(map(mul, units, options))
        if gain > 0:
            yield way, gain, terms


def _of_the_cheapest(units: Counts, savings: Sequence[int], least: int) -> int:
    """What so many of the units are given, the cheapest first."""
    worth = 0
    for count, saving in zip(reversed(units), reversed(savings), strict=True):
        worth += min(count, least) * saving
        least -= min(count, least)
    return worth


def _tier_ways(
    terms: Terms, items: Sequence[Item], options: Sequence[int], counts: Mapping[int, Counts]
) -> Iterator[Way]:
    """Every choice of units that gains something by a quantity discount: all of them get the tier they reach."""
    named = [terms in item.tiered for item in items]
    most = max(map(sum, counts.values()))
    reached: list[list[int] | None] = [None] * (most + 1)
    for minimum, rate in terms.tiers:
        gains = [
            min(rate.saving(item.base), item.price) - option
            for item, option in zip(items, options, strict=True)
        ]
        first = max(ceil(minimum), 1)
        reached[first:] = [gains] * (most + 1 - first)
    for way, units in counts.items():
        gains = reached[sum(units)]
        if gains is None or any(count and not fits for count, fits in zip(units, named, strict=True)):
            continue
        gain = sum(map(mul, units, gains))
        if gain > 0:
            yield way, gain, terms
