"""The best combination of offers for a few units, by looking at all that can be left of them.

A few units of a few articles leave only so many remainders. Every application leads from one remainder to a smaller
one; the best way to each is kept, and the best of all is the answer, which needs no bound to prove it. Baskets with
more remainders go to the search of `optimise.py`; either counts units and lists none.

A remainder is the units of each article side by side in one whole number. Where one is asked for more than it has, the
difference has the highest bit of an article set.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations_with_replacement, product
from math import ceil, comb, prod
from operator import mul

from pricing.engine.discounts.model import DEAL_PRICE
from pricing.engine.discounts.terms import Terms
from pricing.engine.items import Item

MOST_UNITS = 60  # of an article, and of an application
MOST_WAYS = 150  # of one offer to use units
MOST_STEPS = 1_500  # to remainders that a walk still has before it
MOST_REMAINDERS = 30_000  # that the last way of a walk may lead to
BITS = 8  # for the units of an article, the highest for those that are missing

Counts = tuple[int, ...]  # units by item
Way = tuple[int, int, Terms]  # units that an offer uses, and what they gain by it
Trail = tuple[Terms, int, "Trail"] | None  # what was used up to a remainder, the last first
Walk = dict[int, tuple[int, Trail]]  # by remainder the most that is gained on the way to it, and the way


def best_of_few(
    items: Sequence[Item], supply: Sequence[int], terms: Sequence[Terms], options: Sequence[int]
) -> dict[Terms, list[Counts]] | None:
    """By offer the applications that together gain most, or None where this is no way to find them.

    ``items`` come dearest first; ``supply`` is their units, ``options`` what one unit is given by itself.
    """
    if max(supply) > MOST_UNITS:
        return None
    units = _Units(items, supply, options)
    ways: list[Way] = []
    tiers: list[list[Way]] = []
    for offer in terms:
        found = units.of_tiers(offer) if offer.tiers else units.of_sets(offer)
        if found is None:
            return None
        if offer.tiers:
            tiers.append(list(found))
        else:
            ways += found
    best: Walk = {units.all: (0, None)}
    for once in tiers:
        if len(best) * len(once) > MOST_STEPS:
            return None
        for left, (gain, trail) in list(best.items()):
            for way, more, offer in once:
                rest = left - way
                if not rest & units.missing and (rest not in best or best[rest][0] < gain + more):
                    best[rest] = gain + more, (offer, way, trail)
    for number, (way, more, offer) in enumerate(ways):
        if len(best) * (len(ways) - number) > MOST_STEPS:
            return None
        if not _repeat(best, way, more, offer, units.missing, MOST_REMAINDERS):
            return None
    return units.used(max(best.values(), key=lambda one: one[0])[1])


def best_under_ceilings(
    items: Sequence[Item],
    supply: Sequence[int],
    terms: Sequence[Terms],
    options: Sequence[int],
    caps: Mapping[str, int],
    steps: Steps,
) -> dict[Terms, list[Counts]] | None:
    """The same where some of the offers give no more money in all than ``caps`` says by their ids.

    What such an offer gives hangs on all that it uses, so it goes once from each remainder to every other. The walk
    without ceilings stands by itself because it is the everyday one: as a case of this it takes a seventh longer.
    """
    if max(supply) > MOST_UNITS:
        return None
    units = _Units(items, supply, options)
    ways: list[Way] = []
    best: Walk = {units.all: (0, None)}
    for offer in terms:
        found = units.ways_of(offer)
        if found is None:
            return None
        if offer.id not in caps and not offer.tiers:
            ways += found
            continue
        once = units.all_of(offer, found, caps.get(offer.id), steps)
        if once is None or not steps.are_left(len(best) * len(once)):
            return None
        for left, (gain, trail) in list(best.items()):
            for way, more, own in once:
                rest = left - way
                if not rest & units.missing and (rest not in best or best[rest][0] < gain + more):
                    best[rest] = gain + more, _joined(own, trail)
    if not _repeat_all(best, ways, units.missing, steps):
        return None
    return units.used(max(best.values(), key=lambda one: one[0])[1])


class Steps:
    """From remainder to remainder: how many may be made, and how many were."""

    __slots__ = ("made", "most")

    def __init__(self, most: int) -> None:
        self.most = most
        self.made = 0

    def are_left(self, count: int) -> bool:
        """Make so many more; False, and none of them made, where these are too many."""
        if self.made + count > self.most:
            return False
        self.made += count
        return True


def _joined(own: Trail, trail: Trail) -> Trail:
    """The trail, and what one offer used behind it."""
    while own is not None:
        offer, way, own = own
        trail = offer, way, trail
    return trail


def _repeat_all(best: Walk, ways: Iterable[Way], missing: int, steps: Steps) -> bool:
    """Go on by each of the ways; False where that takes too many steps."""
    for way, more, offer in ways:
        if not (_repeat(best, way, more, offer, missing, steps.most) and steps.are_left(len(best))):
            return False
    return True


def _repeat(best: Walk, way: int, more: int, offer: Terms, missing: int, most: int) -> bool:
    """Go on from every remainder by this way as often as it can be gone and leads to something better.

    False where that makes more remainders than ``most``.
    """
    for left, (gain, trail) in list(best.items()):
        if len(best) > most:
            return False
        rest = left - way
        while not rest & missing:
            gain += more
            if rest in best and best[rest][0] >= gain:
                break
            trail = offer, way, trail
            best[rest] = gain, trail
            rest -= way
    return True


class _Units:
    """The units of the articles as whole numbers, and what each offer can do with them."""

    def __init__(self, items: Sequence[Item], supply: Sequence[int], options: Sequence[int]) -> None:
        self.items = items
        self.supply = supply
        self.options = options
        self.ones = [1 << BITS * place for place in range(len(supply))]
        self.all = sum(map(mul, self.ones, supply))
        self.missing = sum(self.ones) << BITS - 1

    def ways_of(self, terms: Terms) -> Iterable[Way] | None:
        """What an offer of any kind can do with them, once; None where that is too much."""
        if terms.tiers:
            return self.of_tiers(terms)
        return self.of_sets(terms) if terms.is_set else self._of_single(terms)

    def _of_single(self, terms: Terms) -> Iterator[Way]:
        """A simple discount on one unit."""
        rate = terms.rate
        assert rate is not None
        for place, item in enumerate(self.items):
            if terms in item.limited:
                gain = min(rate.saving(item.base), item.price) - self.options[place]
                if gain > 0:
                    yield self.ones[place], gain, terms

    def all_of(
        self, terms: Terms, ways: Iterable[Way], cap: int | None, steps: Steps
    ) -> list[tuple[int, int, Trail]] | None:
        """All that the offer can use in the basket, with its gain and the ways that make it up; None if too much.

        A quantity discount goes one way in all, others as many as there are units for. ``cap`` is what it may give.
        """
        if cap is None:
            return [(way, gain, (terms, way, None)) for way, gain, _ in ways]
        worths = [(way, gain + self._option_of(way), terms) for way, gain, _ in ways]
        if terms.tiers:
            walk: Walk = {self.all - way: (worth, (terms, way, None)) for way, worth, _ in worths}
        else:
            walk = {self.all: (0, None)}
            if not _repeat_all(walk, worths, self.missing, steps):
                return None
        found = []
        for left, (worth, trail) in walk.items():
            gain = min(worth, cap) - self._option_of(self.all - left)
            if gain > 0:
                found.append((self.all - left, gain, trail))
        return found

    def _option_of(self, way: int) -> int:
        """What these units are given by themselves."""
        return sum(map(mul, self.counts_of(way), self.options))

    def counts_of(self, way: int) -> Counts:
        """The units by article."""
        return tuple([way // one % (1 << BITS) for one in self.ones])

    def of_sets(self, terms: Terms) -> Iterable[Way] | None:
        """Every application of a mix and match that gains something; None where they are too many."""
        groups: list[list[int]] = [[] for _ in terms.sizes]
        for place, item in enumerate(self.items):
            for group, _ in item.roles_in(terms):
                groups[group].append(place)
        sizes = terms.sizes
        if terms.discount.max_applications is not None or sum(sizes) > MOST_UNITS:
            return None
        fills = [comb(len(group) + size - 1, size) for group, size in zip(groups, sizes, strict=True)]
        if prod(fills) > MOST_WAYS:
            return None
        one, units, missing = self.ones.__getitem__, self.all, self.missing
        ways: dict[int, Counts] = {0: ()}
        for group, size in zip(groups, sizes, strict=True):
            ways = {
                sum(map(one, some), way): members + some
                for some in combinations_with_replacement(group, size)
                for way, members in ways.items()
            }
        ways = {way: members for way, members in ways.items() if not (units - way) & missing}
        return self._gaining(terms, ways)

    def _gaining(self, terms: Terms, ways: dict[int, Counts]) -> Iterator[Way]:
        """Those of the applications that gain something; each comes with the places of its units."""
        option = self.options.__getitem__
        price = [item.price for item in self.items].__getitem__
        saving = [item.standing(terms)[1] for item in self.items].__getitem__
        rate = terms.rate
        for way, members in ways.items():
            if terms.least:
                worth = sum(map(saving, sorted(members)[-terms.least :]))
            elif terms.one_amount:
                whole = sum(map(price, members))
                worth = whole - rate.value if rate.method == DEAL_PRICE else min(whole, rate.value)
            else:
                worth = sum(map(saving, members))
            gain = worth - sum(map(option, members))
            if gain > 0:
                yield way, gain, terms

    def of_tiers(self, terms: Terms) -> Iterable[Way] | None:
        """Every choice of units that gains something by a quantity discount: all get the tier that they reach."""
        places = [place for place, item in enumerate(self.items) if terms in item.tiered]
        supply = [self.supply[place] for place in places]
        if prod([units + 1 for units in supply]) > MOST_WAYS:
            return None
        return self._tiers(terms, places, supply)

    def _tiers(self, terms: Terms, places: Sequence[int], supply: Sequence[int]) -> Iterator[Way]:
        ones = [self.ones[place] for place in places]
        reached: list[list[int] | None] = [None] * (sum(supply) + 1)
        for minimum, rate in terms.tiers:
            gains = [
                min(rate.saving(self.items[place].base), self.items[place].price) - self.options[place]
                for place in places
            ]
            first = max(ceil(minimum), 1)
            reached[first:] = [gains] * len(reached[first:])
        for units in product(*[range(count + 1) for count in supply]):
            here = reached[sum(units)]
            if here is not None:
                gain = sum(map(mul, units, here))
                if gain > 0:
                    yield sum(map(mul, units, ones)), gain, terms

    def used(self, trail: Trail) -> dict[Terms, list[Counts]]:
        """The applications on the way to a remainder."""
        found: dict[Terms, list[Counts]] = {}
        while trail is not None:
            offer, way, trail = trail
            found.setdefault(offer, []).append(self.counts_of(way))
        return found
