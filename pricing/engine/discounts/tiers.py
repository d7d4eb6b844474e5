"""Quantity discounts: what a unit gains hangs on how many others there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import gcd

from pricing.engine.discounts.pools import WHOLE, Pool, in_sequence
from pricing.engine.discounts.sets import Grant
from pricing.engine.discounts.terms import Rate, Terms
from pricing.engine.machines import Machine, tier_machine

MOST_STATES = 3_000  # a machine that counts further is not built; see `TierOffer.machine`
Spent = Mapping[str, int]  # of a ceiling so far, as pools count units, by what shares it
NOTHING_SPENT: Spent = {}
MONEY = "\0"  # what of a ceiling of money is spent stands beside the units so; no product is called that
Companions = Sequence[Sequence[Rate]] | None  # by place: the compound discounts that a unit keeps beside


def counted(quantity: object) -> int:
    """A quantity as pools count it: whole units are `WHOLE`."""
    return int(quantity * WHOLE)  # type: ignore[operator]


def scope_of(terms: Terms, pool: Pool) -> str:
    """What shares the ceiling of units with the pool: its product, or (empty) the whole basket."""
    return pool.item.product if terms.discount.limit_scope == "product" else ""


def worth(
    pools: Sequence[Pool], place: int, rate: Rate | None, companions: Companions, *, on_original: bool
) -> int:
    """What one unit is given by the rate, if it has it, together with its companions."""
    pool = pools[place]
    if companions and companions[place]:
        rates = companions[place] if rate is None else [*companions[place], rate]
        return in_sequence(pool, rates, on_original=on_original)
    return 0 if rate is None else min(rate.saving(pool.base), pool.price)


class TierOffer:
    """A quantity discount line before a list of pools: all units it takes get the tier they reach together."""

    __slots__ = (
        "exact", "gains", "helping", "limit", "machine", "places", "scopes", "spent", "terms", "tiers", "weights",
    )  # fmt: skip

    def __init__(
        self,
        terms: Terms,
        pools: Sequence[Pool],
        options: Sequence[int],
        supply: Sequence[int],
        companions: Companions,
        spent: dict[str, int],
        *,
        on_original: bool,
        competes: bool,
    ) -> None:
        self.terms = terms
        self.places = [place for place, pool in enumerate(pools) if terms in pool.item.tiered]
        self.helping = [  # what a unit above the ceiling gains, which only counts
            worth(pools, place, None, companions, on_original=on_original) * pools[place].size // WHOLE
            - options[place]
            for place in self.places
        ]
        self.scopes = {place: scope_of(terms, pools[place]) for place in self.places}
        self.spent = spent
        self.weights = [pools[place].size for place in self.places]
        self.limit = None if terms.limit is None else counted(terms.limit)
        self.tiers: list[tuple[int, Rate]] = [(counted(minimum), rate) for minimum, rate in terms.tiers]
        self.gains = [
            [
                worth(pools, place, rate, companions, on_original=on_original) * pools[place].size // WHOLE
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

    def _rows(self, supply: Sequence[int], gains: Sequence[int]) -> list[tuple[int, int, int, int]]:
        """What a unit gains, its place, its weight, and how many there are: those under the ceiling, and above it."""
        rows = list(zip(gains, self.helping, self.places, self.weights, strict=True))
        if self.limit is None:
            return [(gain, place, weight, supply[place]) for gain, _, place, weight in rows]
        found, served = [], dict(self.spent)
        for gain, helping, place, weight in sorted(rows, key=lambda row: -row[0]):
            scope = self.scopes[place]
            so_far = served.get(scope, 0)
            units = min(supply[place], max(self.limit - so_far, 0) // weight)
            served[scope] = so_far + units * weight
            found += [(gain, place, weight, units), (helping, place, weight, supply[place] - units)]
        return found

    def _fill(
        self, supply: Sequence[int], minimum: int, gains: Sequence[int]
    ) -> tuple[int, list[tuple[int, int]]]:
        """The tier's best units: all that gain by it, and of the others the cheapest that the minimum needs."""
        gain, count, taken = 0, 0, []
        rows = sorted(self._rows(supply, gains), key=lambda row: -row[0])
        for each, place, weight, units in rows:
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
        so_far = dict(self.spent)
        for place, units in sorted(taken):
            scope, size = self.scopes[place], pools[place].size
            served = min(units, max(self.limit - so_far.get(scope, 0), 0) // size)
            so_far[scope] = so_far.get(scope, 0) + served * size
            if served:
                found.append((place, served, rate, None))
            if units > served:
                found.append((place, units - served, None, None))
        return found

    def last(self, supply: Sequence[int], pools: Sequence[Pool]) -> list[Grant]:
        """What it gives of the units that all others leave."""
        return self.grants(self.alone(supply)[1], pools)

    def spend(self, grants: Sequence[Grant]) -> None:
        """Count these units towards what its discount has given."""
        for place, units, rate, _ in grants:
            if rate is not None:
                scope = self.scopes[place]
                self.spent[scope] = self.spent.get(scope, 0) + units * self.weights[self.places.index(place)]
