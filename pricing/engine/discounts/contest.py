"""Discounts of one priority that compete for the same units: what each of them is given.

Sets, quantity discounts and those with a ceiling are machines (`machines.py`) that are searched together; what is too
much to be searched is settled before, or takes what the others leave, and then the note says that nothing is proven.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pricing.engine.discounts.ceilings import (
    MOST_LIMITED,
    CappedOffer,
    Ceiling,
    LimitedOffer,
    contested,
    of_money,
    of_units,
    offer_under,
    under_one_ceiling,
)
from pricing.engine.discounts.large import bound_of, bulk, is_large, settle_large
from pricing.engine.discounts.pools import WHOLE, Pool
from pricing.engine.discounts.sets import Grant, SetOffer
from pricing.engine.discounts.terms import Rate, Terms
from pricing.engine.discounts.tiers import MONEY, Spent, TierOffer, worth
from pricing.engine.machines import Machine, Use
from pricing.engine.optimise import best_combination

Granted = dict[
    int, list[tuple[Terms, int, Rate | None, int | None]]
]  # by place: units, their rate or their share
Beside = Mapping[
    Terms, list[list[Rate]] | None
]  # the compound discounts that a unit keeps beside one, by place
Offer = SetOffer | TierOffer | LimitedOffer


class Note:
    """Something about the search that the basket's explanation tells: the fine gap to the bound, or None unproven."""

    __slots__ = ("gap", "offers")

    def __init__(self, gap: int | None, offers: tuple[str, ...]) -> None:
        self.gap = gap
        self.offers = offers


Answer = tuple[Granted, Note | None]  # what is given, and what is to be said of it


class Contest:
    """The units that are to be had, ``supply`` by place of their pool.

    ``spent`` is what the only discount has given already, where it has a ceiling.
    """

    def __init__(
        self,
        pools: list[Pool],
        supply: list[int],
        beside: Beside,
        spent: Spent,
        *,
        on_original: bool,
        distribute: bool,
        work_limit: int,
    ) -> None:
        self.pools = pools
        self.supply = supply
        self.beside = beside
        self.spent = spent
        self.on_original = on_original
        self.distribute = distribute
        self.work_limit = work_limit

    def settle(self, terms: Sequence[Terms], values: list[int]) -> Answer:
        """What the best combination gives, and what is to be said of it.

        ``values`` is by place what a unit is given by itself when none of these has it.
        """
        plans = self.plans(terms, values)
        if len(plans) == 1:
            return plans[0]
        return self.best_of(plans, values, self.caps(terms))[0]

    def caps(self, terms: Sequence[Terms]) -> dict[str, int]:
        """What is left of the ceilings of money, by discount."""
        return {one.id: one.cap - self.spent.get(MONEY, 0) for one in terms if one.cap is not None}

    def best_of(
        self, plans: Sequence[Answer], values: Sequence[int], caps: Mapping[str, int]
    ) -> tuple[Answer, int]:
        """The best of these under ceilings of money, and what it gives."""
        worths = [self.worth(found, values, caps) for found, _ in plans]
        best = max(worths)
        return plans[worths.index(best)], best

    def plans(self, terms: Sequence[Terms], values: list[int]) -> list[Answer]:
        """The best combination; two where a ceiling is too far up to be searched: its discount goes last, or first."""
        ceilings, everywhere, values = self._ceilings(terms, values)
        several = _are_several(terms)
        searched = [contested(one, terms, self.pools, values, self.supply) for one in ceilings]
        limits = [offer_under(one, values, self.supply, competes=several) for one in searched]
        plans = [self._combine(terms, values, searched, limits)]
        far = [one for one, offer in zip(searched, limits, strict=True) if offer.machine is None]
        if far and several:
            near = [one for one in searched if one not in far]
            plans.append(self._combine(terms, values, near, first=far))
        for found, _ in plans:
            for ceiling in ceilings:
                self._join(found, ceiling, values)
            for place, one in everywhere.items():
                self.keep(found, one, [(place, self.supply[place], one.rate, None)])
        return plans

    def _join(self, found: Granted, ceiling: Ceiling, values: Sequence[int]) -> None:
        """Units that go without nothing by it have a part of a discount with a ceiling of money, too."""
        if ceiling.cap is None or ceiling.room is not None:
            return
        for place, one in ceiling.lines.items():
            if ceiling.owns[place] > 0 and ceiling.is_for_nothing(place, values):
                self.keep(found, one, [(place, self.supply[place], one.rate, None)])

    def _combine(
        self,
        terms: Sequence[Terms],
        values: list[int],
        ceilings: Sequence[Ceiling],
        limits: list[LimitedOffer] | None = None,
        first: Sequence[Ceiling] = (),
    ) -> Answer:
        """The best combination beside the ceilings that go ``first``, and what is to be said of it.

        ``limits`` are the offers of the other ceilings on all units, where they have been made.
        """
        found: Granted = {}
        competes = _are_several(terms)
        whole = [n if pool.size == WHOLE else 0 for n, pool in zip(self.supply, self.pools, strict=True)]
        for ceiling in first:
            limited = offer_under(ceiling, values, whole, competes=False)
            for grant in limited.alone(whole):
                self._hand_out(found, limited, [grant])
                whole[grant[0]] -= grant[1]
        sets, gap = self._many(terms, values, ceilings, whole, found)
        left = self._left(found)
        tiers = self._tiers(terms, values, left)
        if limits is None or found:
            limits = [offer_under(one, values, left, competes=competes) for one in ceilings]
        ready: list[tuple[Offer, Machine | None]] = [
            *((one, one.build(whole, one.limit)) for one in sets),
            *((one, one.machine) for one in tiers),
            *((one, one.machine) for one in limits),
        ]
        offers = [offer for offer, machine in ready if machine is not None]
        machines = [machine for _, machine in ready if machine is not None]
        outcome = best_combination(left, machines, self.work_limit) if machines else None
        if outcome is not None:
            for offer, uses in zip(offers, outcome.uses, strict=True):
                self._hand_out(found, offer, self._granted(offer, uses))
            gap += outcome.gap
        waiting = [tier for tier in tiers if tier.machine is None]
        self._to_the_last(found, waiting, limits)
        exact = not first and all(offer.exact for offer, _ in ready)
        is_coarse = any(isinstance(limited, CappedOffer) and limited.is_coarse for limited in limits)
        if not gap and not is_coarse and (exact or not (competes or len(waiting) > 1)):
            return found, None
        return found, Note(gap or None, ids(terms))

    def _many(
        self,
        terms: Sequence[Terms],
        values: list[int],
        ceilings: Sequence[Ceiling],
        whole: list[int],
        found: Granted,
    ) -> tuple[list[SetOffer], int]:
        """Settle what of ``whole`` is too much for the sets to be searched; those still to be searched, and the gap."""
        sets = [
            SetOffer(one, self.pools, values, self.beside[one], on_original=self.on_original)
            for one in terms
            if one.is_set
        ]
        for one in sets:
            one.use_up(self.spent)
        near = [one for one in ceilings if one.cap or one.limit <= MOST_LIMITED]
        for offer, times, place in bulk(sets, terms, near, whole):
            alike = offer.grants_of(times, [(place, offer.sizes[0])], self.pools, distribute=self.distribute)
            self.keep(found, offer.terms, alike)
        if not is_large(sets, whole):
            return sets, 0
        bound = bound_of(sets, whole)
        gain = settle_large(
            sets, whole, bound, self._granted, lambda one, grants: self.keep(found, one.terms, grants)
        )
        return [], bound - gain

    def _tiers(self, terms: Sequence[Terms], values: list[int], left: Sequence[int]) -> list[TierOffer]:
        """The quantity discounts; lines of one discount have what is spent of its ceiling in common."""
        spent: dict[str, dict[str, int]] = {}
        return [
            TierOffer(
                one, self.pools, values, left, self.beside[one], spent.setdefault(one.id, dict(self.spent)),
                on_original=self.on_original, competes=len(terms) > 1,
            )
            for one in terms
            if one.tiers
        ]  # fmt: skip

    def _to_the_last(
        self, found: Granted, tiers: Sequence[TierOffer], limits: Sequence[LimitedOffer]
    ) -> None:
        """Units that nothing was granted to those that were not searched, the best one first."""
        left = self._left(found)
        for tier in sorted(tiers, key=lambda tier: -tier.alone(left)[0]):
            grants = tier.last(self._left(found), self.pools)
            self._hand_out(found, tier, grants)
            tier.spend(grants)
        for limited in limits:
            if limited.machine is None:
                self._hand_out(found, limited, limited.last(self._left(found), self.pools))

    def worth(self, found: Granted, values: Sequence[int], caps: Mapping[str, int]) -> int:
        """What the units are given in all, those that nothing was granted by themselves, under ceilings of money."""
        total, owns = 0, dict.fromkeys(caps, 0)
        for place, (pool, units) in enumerate(zip(self.pools, self.supply, strict=True)):
            for terms, count, rate, share in found.get(place, ()):
                units -= count
                own = 0
                if share is not None:
                    own = share
                    total += share
                elif rate is not None:
                    each = self._worth_of(place, rate, terms)
                    total += each * count * pool.size // WHOLE
                    each -= self._worth_of(place, None, terms)
                    own = each * count * pool.size // WHOLE
                if terms.id in owns:
                    owns[terms.id] += own
            total += units * values[place]
        return total - sum(max(own - caps[name], 0) for name, own in owns.items())

    def _worth_of(self, place: int, rate: Rate | None, terms: Terms) -> int:
        """What a unit of the place is given with this rate of a discount, all that it keeps beside it included."""
        return worth(self.pools, place, rate, self.beside[terms], on_original=self.on_original)

    def _ceilings(
        self, terms: Sequence[Terms], values: list[int]
    ) -> tuple[list[Ceiling], dict[int, Terms], list[int]]:
        """Discounts whose ceiling may be reached.

        One that is not is what all units of its places may have: it comes by place, and with what these gain by it.
        """
        pools, supply, spent = self.pools, self.supply, self.spent
        narrow, everywhere, values = [], {}, list(values)
        for scope, shared in under_one_ceiling(terms, pools):
            lines, gains, owns = {}, {}, {}
            for place, some in shared.items():
                given = [self._worth_of(place, one.rate, one) for one in some]
                one = lines[place] = some[given.index(max(given))]
                gains[place] = max(given) * pools[place].size // WHOLE
                owns[place] = gains[place] - self._worth_of(place, None, one) * pools[place].size // WHOLE
            ceiling = Ceiling(lines, gains, owns, 0)
            one = next(iter(lines.values()))
            if one.cap is not None:
                found = of_money(ceiling, one, pools, supply, spent)
            else:
                found = of_units(ceiling, one, pools, supply, spent, scope)
            if found is not None:
                narrow.append(found)
                continue
            for place, one in lines.items():
                if gains[place] > values[place]:
                    values[place], everywhere[place] = gains[place], one
        return narrow, everywhere, values

    def _granted(self, offer: Offer, uses: list[Use]) -> list[Grant]:
        if not uses:
            return []
        if isinstance(offer, SetOffer):
            return offer.grants(uses, self.pools, distribute=self.distribute)
        if isinstance(offer, TierOffer):
            return offer.grants([(offer.places[use[0]], use[1]) for use in uses], self.pools)
        return offer.grants(uses)

    def _hand_out(self, found: Granted, offer: Offer, grants: list[Grant]) -> None:
        if not isinstance(offer, LimitedOffer):
            self.keep(found, offer.terms, grants)
            return
        for grant in grants:
            self.keep(found, offer.lines[grant[0]], [grant])

    def keep(self, found: Granted, terms: Terms, grants: list[Grant]) -> None:
        """Add these grants of an offer to what was found, as far as there are units that nothing is granted."""
        for place, units, rate, share in grants:
            rows = found.setdefault(place, [])
            taken = sum(row[1] for row in rows)
            units = min(units, self.supply[place] - taken)
            if units > 0:
                rows.append((terms, units, rate, share))

    def _left(self, found: Granted) -> list[int]:
        """The units that nothing is granted by place."""
        return [n - sum(row[1] for row in found.get(place, ())) for place, n in enumerate(self.supply)]


def _are_several(terms: Sequence[Terms]) -> bool:
    """Whether these are of more than one discount."""
    return any(one.id != terms[0].id for one in terms)


def ids(terms: Sequence[Terms]) -> tuple[str, ...]:
    """What the offers are called, each once, for a note."""
    return tuple(sorted({one.id for one in terms}))
