"""Where a ceiling of money cuts down what several units have together, a set or a quantity discount.

What an application gives then hangs on all the others of its discount, which the search of `optimise.py` does not know.
A few units are looked at in all ways (`few.py`); of more the search is asked for the best without the ceilings, and
without some of the discounts, and the best of its answers is taken: each of them bounds what there can be, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from pricing.engine.discounts.contest import Answer, Contest, Granted, Note, ids
from pricing.engine.discounts.pools import WHOLE
from pricing.engine.discounts.sets import Grant, SetOffer
from pricing.engine.discounts.terms import Terms
from pricing.engine.few import Steps, best_under_ceilings

MOST_STEPS = 30_000  # to look at a few units in all ways: some 40 ms
MOST_STEPS_IN_ALL = 60_000
MANY = 60  # units


def is_cut(terms: Sequence[Terms]) -> bool:
    """Whether one of these is such a discount."""
    return any(map(_is_cut, terms))


def _is_cut(one: Terms) -> bool:
    return one.cap is not None and (one.is_set or bool(one.tiers))


class CutContest(Contest):
    """A contest in which at least one discount of several units has a ceiling of money."""

    def settle(self, terms: Sequence[Terms], values: list[int]) -> Answer:
        """The best combination, and how much better another can be, where that is not nothing."""
        caps = self.caps(terms)
        best: tuple[Answer, int] | None = None
        bounds: list[int] = []
        left = MOST_STEPS_IN_ALL
        for without in _in_turn(terms, sum(self.supply)):
            some = [one for one in terms if one not in without]
            steps = Steps(min(left, MOST_STEPS))
            few = self._of_few(some, values, steps)
            left -= steps.made
            found = self.plans(some, values) if few is None else [(few, None)]
            here = self.best_of(found, values, caps)
            if best is None or here[1] > best[1]:
                best = here
            if all(map(_is_cut, without)) and not (without and self._keeps_others):
                bound = self._bound(found[0], some, values, is_exact=few is not None)
                more = sum({one.id: caps[one.id] for one in without}.values())
                bounds += [] if bound is None else [bound + more]
            if bounds and best[1] >= min(bounds):
                return best[0][0], None
        assert best is not None  # nothing is left out first
        (answer, _), worth = best
        is_told = bounds and not self._keeps_others  # else the bound is that of no ceiling at all
        return answer, Note(min(bounds) - worth if is_told else None, ids(terms))

    def _bound(
        self, answer: Answer, terms: Sequence[Terms], values: list[int], *, is_exact: bool
    ) -> int | None:
        """The most that these can give, by the best of them without the ceilings that the search does not know.

        None where that is not proven.
        """
        found, note = answer
        if note is not None and note.gap is None:
            return None
        caps = self.caps([one for one in terms if is_exact or not _is_cut(one)])
        return self.worth(found, values, caps) + (note.gap if note is not None else 0)

    @property
    def _keeps_others(self) -> bool:
        """Whether a unit keeps compound discounts beside one of these, which it loses with it."""
        return any(kept is not None for kept in self.beside.values())

    def _of_few(self, terms: Sequence[Terms], values: list[int], steps: Steps) -> Granted | None:
        """The best combination for a few units; None where this is no way to find it."""
        as_they_are = all(
            pool.size == WHOLE
            and not pool.item.blocked
            and (pool.price, pool.base) == (pool.item.price, pool.item.base)
            for pool in self.pools
        )
        if not as_they_are or self.spent or self._keeps_others:
            return None
        if any(one.limit is not None for one in terms) or len(ids(terms)) < len(terms):
            return None
        order = sorted(range(len(self.pools)), key=lambda place: self.pools[place].item.rank)
        chosen = best_under_ceilings(
            [self.pools[place].item for place in order],
            [self.supply[place] for place in order],
            terms,
            [values[place] for place in order],
            self.caps(terms),
            steps,
        )
        if chosen is None:
            return None
        found: Granted = {}
        for one, uses in chosen.items():
            for counts in uses:
                members = [(place, units) for place, units in zip(order, counts, strict=True) if units]
                self.keep(found, one, self._grants_of(one, members, values))
        return found

    def _grants_of(self, one: Terms, members: list[tuple[int, int]], values: Sequence[int]) -> list[Grant]:
        """What one application gives to these units, dearest first, or a quantity discount to all that it takes."""
        if one.is_set:
            offer = SetOffer(one, self.pools, values, on_original=self.on_original)
            return offer.grants_of(1, members, self.pools, distribute=self.distribute)
        rate = one.rate
        if one.tiers:
            count = sum(units for _, units in members)
            rate = [rate for minimum, rate in one.tiers if minimum <= count][-1]
        return [(place, units, rate, None) for place, units in members]


def _in_turn(terms: Sequence[Terms], units: int) -> Iterator[tuple[Terms, ...]]:
    """What to leave out: nothing, then the discounts that are cut down, then others, too.

    Every choice of them where they are few; else each, all but each, and all. Of many units, which take the search
    longer, only what is cut down is left out.
    """
    yield ()
    capped = [one for one in terms if _is_cut(one)]
    for some in (capped, terms) if units <= MANY else (capped,):
        few = len(some) < 5
        for count in range(1, len(some) + 1) if few else (1, len(some) - 1, len(some)):
            for without in combinations(some, count):
                if some is capped or not all(map(_is_cut, without)):
                    yield without
