"""Quantity discounts and simple discounts with a ceiling: what a unit gains hangs on how many others there are."""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd

from pricing.engine.discounts.pools import WHOLE, Pool
from pricing.engine.discounts.sets import Grant
from pricing.engine.discounts.terms import Rate, Terms
from pricing.engine.machines import Machine, Use, limited_machine, tier_machine

MOST_STATES = 3_000  # a machine that counts further is not built; see `TierOffer.machine`


def counted(quantity: object) -> int:
    """A quantity as pools count it: whole units are `WHOLE`."""
    return int(quantity * WHOLE)  # type: ignore[operator]


class TierOffer:
    """A quantity discount line before a list of pools: all units it takes get the tier they reach together."""

    __slots__ = ("exact", "gains", "limit", "machine", "places", "terms", "tiers", "weights")

    def __init__(
        self,
        terms: Terms,
        pools: Sequence[Pool],
        options: Sequence[int],
        supply: Sequence[int],
        *,
        competes: bool,
    ) -> None:
        self.terms = terms
        self.places = [place for place, pool in enumerate(pools) if terms in pool.item.tiered]
        self.weights = [pools[place].size for place in self.places]
        self.limit = None if terms.limit is None else counted(terms.limit)
        self.tiers: list[tuple[int, Rate]] = [(counted(minimum), rate) for minimum, rate in terms.tiers]
        self.gains = [
            [
                min(rate.saving(pools[place].base), pools[place].price) * pools[place].size // WHOLE
                - options[place]
                for place in self.places
            ]
            for _, rate in self.tiers
        ]
        self.exact = self.limit is None
        self.machine: Machine | None = None
        if competes and self.exact:
            self._build(supply)

    def _build(self, supply: Sequence[int]) -> None:
        step = gcd(*self.weights, *(minimum for minimum, _ in self.tiers)) or 1
        if sum(minimum // step + 1 for minimum, _ in self.tiers) > MOST_STATES:
            self.exact = False
            return
        tiers = [(minimum // step, gains) for (minimum, _), gains in zip(self.tiers, self.gains, strict=True)]
        self.machine = tier_machine(supply, self.places, [weight // step for weight in self.weights], tiers)

    def alone(self, supply: Sequence[int]) -> tuple[int, list[tuple[int, int]]]:
        """The most it gains when nothing competes: (gain, units by place)."""
        best: tuple[int, list[tuple[int, int]]] = (0, [])
        total = sum(supply[place] * weight for place, weight in zip(self.places, self.weights, strict=True))
        for (minimum, _), gains in zip(self.tiers, self.gains, strict=True):
            if total < minimum:
                break
            found = self._fill(supply, minimum, gains)
            if found[0] > best[0]:
                best = found
        return best

    def _fill(
        self, supply: Sequence[int], minimum: int, gains: Sequence[int]
    ) -> tuple[int, list[tuple[int, int]]]:
        """The tier's best units: all that gain by it, and of the others the cheapest that the minimum needs."""
        gain, count, taken = 0, 0, []
        rows = sorted(zip(gains, self.places, self.weights, strict=True), key=lambda row: -row[0])
        for each, place, weight in rows:
            units = supply[place]
            if each < 0 or (each == 0 and count >= minimum):
                needed = minimum - count
                if needed <= 0:
                    break
                units = min(units, -(-needed // weight))
            if units:
                taken.append((place, units))
                gain += each * units
                count += units * weight
        return gain, taken

    def grants(self, taken: Sequence[tuple[int, int]], pools: Sequence[Pool]) -> list[Grant]:
        """What each unit taken is given: the tier that all of them reach; under a ceiling the dearest are served."""
        count = sum(units * pools[place].size for place, units in taken)
        reached = [rate for minimum, rate in self.tiers if minimum <= count]
        if not reached:
            return []
        rate = reached[-1]
        if self.limit is None:
            return [(place, units, rate, None) for place, units in taken]
        found: list[Grant] = []
        left = self.limit
        for place, units in sorted(taken):
            served = min(units, left // pools[place].size)
            left -= served * pools[place].size
            if served:
                found.append((place, served, rate, None))
            if units > served:
                found.append((place, units - served, None, None))
        return found


class LimitedOffer:
    """A simple discount of which a product, or the whole basket, may have only so many units."""

    __slots__ = ("gains", "limit", "machine", "places", "terms")

    def __init__(
        self,
        terms: Terms,
        pools: Sequence[Pool],
        places: Sequence[int],
        options: Sequence[int],
        supply: Sequence[int],
    ) -> None:
        self.terms = terms
        self.places = [place for place in places if pools[place].size == WHOLE]
        assert terms.rate is not None and terms.limit is not None
        self.limit = int(terms.limit)
        self.gains = [min(terms.rate.saving(pools[p].base), pools[p].price) - options[p] for p in self.places]
        self.machine: Machine | None = limited_machine(supply, self.places, self.gains, self.limit)

    def grants(self, uses: Sequence[Use]) -> list[Grant]:
        """Each unit taken is given the discount's rate."""
        return [(self.places[use[0]], use[1], self.terms.rate, None) for use in uses]
