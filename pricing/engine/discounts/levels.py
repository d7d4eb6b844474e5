"""Discounts that are no thresholds, priority by priority, under both concurrency models.

A priority is settled on the units as the higher ones left them. Exclusive discounts go first, then best price against
the compound bundle (model A), or every discount for itself with one winner per unit (model B), then those that favour
the retailer. Units that a discount of several units left over go on to the next priority.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations

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
from pricing.engine.discounts.holdings import compound_of, giving, rates_of, several_unit_terms, spent_by
from pricing.engine.discounts.large import bound_of, bulk, is_large, settle_large
from pricing.engine.discounts.pools import (
    BEST,
    COMPOUND,
    EXCLUSIVE,
    OPEN,
    WHOLE,
    Holding,
    Pool,
    Take,
    best_single,
    in_sequence,
)
from pricing.engine.discounts.retailer import favour_retailer
from pricing.engine.discounts.sets import Grant, SetOffer
from pricing.engine.discounts.terms import Rate, Terms
from pricing.engine.discounts.tiers import MONEY, NOTHING_SPENT, Spent, TierOffer, worth
from pricing.engine.machines import Machine, Use
from pricing.engine.optimise import best_combination

MODEL_A = "best_price_and_compound_within_priority"
Granted = dict[int, list[tuple[Terms, int, Rate | None, int | None]]]
Beside = dict[Terms, list[list[Rate]] | None]  # the compound discounts that a unit keeps beside one, by place


class Note:
    """Something about the search that the basket's explanation tells: the fine gap to the bound, or None unproven."""

    __slots__ = ("gap", "offers")

    def __init__(self, gap: int | None, offers: tuple[str, ...]) -> None:
        self.gap = gap
        self.offers = offers


class Levels:
    """Settles pools of items that are tied together by offers over several units."""

    def __init__(self, *, model: str, on_original: bool, distribute: bool, work_limit: int) -> None:
        self.model_a = model == MODEL_A
        self.on_original = on_original
        self.distribute = distribute
        self.work_limit = work_limit
        self.notes: list[Note] = []

    def settle(self, pools: list[Pool], levels: Iterable[int]) -> list[Pool]:
        """The pools after all priorities, highest first; units with different fates are apart."""
        for level in levels:
            pools = self._settle_level(pools, level)
        return pools

    def _settle_level(self, pools: list[Pool], level: int) -> list[Pool]:
        closed = [pool for pool in pools if not self._is_open(pool)]
        held = [Holding(pool, pool.units, [], pool.status) for pool in pools if self._is_open(pool)]
        if not held:
            return pools
        held.sort(key=lambda one: (-one.pool.price, one.pool.item.key, one.pool.levels, -one.units))
        terms = several_unit_terms(held, level)
        held = self._exclusives(held, level, [one for one in terms if one.exclusive])
        terms = [one for one in terms if not one.exclusive]
        held = self._competition(held, level, [one for one in terms if not one.retailer])
        held = favour_retailer(held, [one for one in terms if one.retailer], self._status_of)
        return closed + [self._after(one, level) for one in held]

    def _after(self, one: Holding, level: int) -> Pool:
        """The units as the next priority finds them."""
        if not one.takes:
            return one.pool.part(one.units)
        takes = sorted(one.takes, key=lambda take: take.rank)
        return one.pool.given(one.units, takes, one.status, level, on_original=self.on_original)

    def _is_open(self, pool: Pool) -> bool:
        return pool.status == OPEN or (pool.status == COMPOUND and not self.model_a)

    def _status_of(self, terms: Terms) -> int:
        if terms.exclusive:
            return EXCLUSIVE
        return COMPOUND if terms.compound or not self.model_a else BEST

    # --- the steps of one priority ------------------------------------------------------------------------------

    def _exclusives(self, held: list[Holding], level: int, terms: list[Terms]) -> list[Holding]:
        """Exclusive discounts, on units that hold nothing at all."""
        free = [one for one in held if one.pool.status == OPEN]
        if not terms and not any(one.pool.item.at(level).exclusive for one in free):
            return held
        rest = [one for one in held if one.pool.status != OPEN]

        def option(one: Holding) -> tuple[int, list[Take], int]:
            saving, best = best_single(one.pool, one.pool.item.at(level).exclusive)
            return (saving, [Take(best, EXCLUSIVE, best.rate)], EXCLUSIVE) if best else (0, [], OPEN)

        settled = self._assign(free, option, [one for one in terms if not one.retailer])
        settled = favour_retailer(settled, [one for one in terms if one.retailer], self._status_of)
        return settled + rest

    def _competition(self, held: list[Holding], level: int, terms: list[Terms]) -> list[Holding]:
        """Best price and compound discounts on the units that no exclusive one took."""
        taken = [one for one in held if one.status == EXCLUSIVE]
        free = [one for one in held if one.status != EXCLUSIVE]
        if not free:
            return held
        if not self.model_a:
            return taken + self._assign(free, self._single_winner(level), terms)
        best = [one for one in terms if not one.compound]
        added = [one for one in terms if one.compound]
        compete = bool(best) or any(
            one.pool.item.at(level).best and any(one.pool.item.takes_part(t) for t in added) for one in free
        )
        settled = self._assign(free, self._best_or_bundle(level), best + added if compete and added else best)
        lines: dict[str, list[Terms]] = {}
        for one in sorted(added, key=lambda t: (t.rank, t.order)):
            lines.setdefault(one.id, []).append(one)
        for one_discount in lines.values():
            settled = self._add(settled, one_discount)
        return taken + settled

    def _best_or_bundle(self, level: int) -> Callable[[Holding], tuple[int, list[Take], int]]:
        def option(one: Holding) -> tuple[int, list[Take], int]:
            pool, at = one.pool, one.pool.item.at(level)
            saving, best = best_single(pool, at.best) if at.best else (0, None)
            compound = compound_of(pool, level)
            rates = [t.rate for t in compound if t.rate is not None]
            bundle = in_sequence(pool, rates, on_original=self.on_original) if rates else 0
            if bundle > saving:
                return bundle, giving(pool, compound, on_original=self.on_original), COMPOUND
            return (saving, [Take(best, BEST, best.rate)], BEST) if best else (0, [], OPEN)

        return option

    def _single_winner(self, level: int) -> Callable[[Holding], tuple[int, list[Take], int]]:
        def option(one: Holding) -> tuple[int, list[Take], int]:
            at = one.pool.item.at(level)
            saving, best = best_single(one.pool, [*at.best, *at.compound])
            return (saving, [Take(best, COMPOUND, best.rate)], COMPOUND) if best else (0, [], one.pool.status)

        return option

    def _add(self, held: list[Holding], lines: Sequence[Terms]) -> list[Holding]:
        """A compound discount of several units, on units that hold nothing or compound discounts of this priority."""
        fit, rest = [], []
        for one in held:
            is_free = one.status in (OPEN, COMPOUND) and all(
                take.terms.id != lines[0].id for take in one.takes
            )
            takes_part = any(one.pool.item.takes_part(terms) for terms in lines)
            (fit if is_free and takes_part else rest).append(one)

        def option(one: Holding) -> tuple[int, list[Take], int]:
            rates = rates_of(one)
            return (
                in_sequence(one.pool, rates, on_original=self.on_original) if rates else 0,
                one.takes,
                one.status,
            )

        if not fit:
            return held
        spent = spent_by(rest, lines[0], on_original=self.on_original)
        return rest + self._assign(fit, option, lines, keeps=rates_of, spent=spent)

    # --- units to offers ----------------------------------------------------------------------------------------

    def _assign(
        self,
        held: list[Holding],
        option: Callable[[Holding], tuple[int, list[Take], int]],
        terms: Sequence[Terms],
        keeps: Callable[[Holding], list[Rate]] | None = None,
        spent: Spent = NOTHING_SPENT,
    ) -> list[Holding]:
        """Each unit to one of the discounts of several units, or to its own option, so that the sum is largest."""
        options = [option(one) for one in held]
        if not terms or not held:
            return [
                Holding(one.pool, one.units, takes, status)
                for one, (_, takes, status) in zip(held, options, strict=True)
            ]
        pools = [one.pool for one in held]
        supply = [one.units for one in held]
        values = [value * pool.size // WHOLE for (value, _, _), pool in zip(options, pools, strict=True)]
        bundles = self._bundles(held, keeps)
        granted = self.grants(terms, pools, supply, values, bundles, spent)
        result: list[Holding] = []
        for place, (one, (_, takes, status)) in enumerate(zip(held, options, strict=True)):
            left = one.units
            for terms_, units, rate, share in granted.get(place, ()):
                left -= units
                beside = self._beside(one, takes, terms_, keeps)
                new = Take(terms_, self._status_of(terms_), rate, share)
                result.append(Holding(one.pool, units, [*beside, new], self._status_of(terms_)))
            if left:
                result.append(Holding(one.pool, left, takes, status))
        return result

    def _bundles(
        self, held: Sequence[Holding], keeps: Callable[[Holding], list[Rate]] | None
    ) -> list[list[Rate]] | None:
        return [keeps(one) for one in held] if keeps else None

    def _beside(
        self, one: Holding, takes: list[Take], terms: Terms, keeps: Callable[[Holding], list[Rate]] | None
    ) -> list[Take]:
        """What a unit in a set holds besides: the compound discounts, where the set is compound itself."""
        if not terms.compound or not self.model_a:
            return []
        if keeps is not None:
            return takes
        return giving(one.pool, compound_of(one.pool, terms.priority), on_original=self.on_original)

    def grants(
        self,
        terms: Sequence[Terms],
        pools: list[Pool],
        supply: list[int],
        values: list[int],
        keeps: list[list[Rate]] | None,
        spent: Spent = NOTHING_SPENT,
    ) -> Granted:
        """By place: (terms, units, rate, share) of what the best combination gives.

        ``spent`` is what the only discount has given already, where it has a ceiling.
        """
        beside = {one: self._companions(one, pools, keeps) for one in terms}
        plans = self._plans(terms, pools, supply, values, beside, spent)
        # What several units have together and a ceiling of money cuts down may be worse than without it.
        capped = [one for one in terms if one.cap is not None and (one.is_set or one.tiers)]
        for without in _some_of(capped):
            others = [one for one in terms if one not in without]
            plans += self._plans(others, pools, supply, values, beside, spent)
        found, note = plans[0]
        if len(plans) > 1:
            caps = {one.id: one.cap - spent.get(MONEY, 0) for one in terms if one.cap is not None}
            worths = [self._worth(plan, pools, supply, values, beside, caps) for plan, _ in plans]
            found, note = plans[worths.index(max(worths))]
            uncut = self._worth(plans[0][0], pools, supply, values, beside, {})
            if capped and note is None and max(worths) < uncut:
                note = Note(None, tuple(sorted({one.id for one in terms})))
        if note is not None:
            self.notes.append(note)
        return found

    def _plans(
        self,
        terms: Sequence[Terms],
        pools: list[Pool],
        supply: list[int],
        values: list[int],
        beside: Beside,
        spent: Spent,
    ) -> list[tuple[Granted, Note | None]]:
        """The best combination; two where a ceiling is too far up to be searched: its discount goes last, or first."""
        ceilings, everywhere, values = self._ceilings(terms, pools, supply, values, beside, spent)
        searched = [contested(one, terms, pools, values, supply) for one in ceilings]
        far = [one for one in searched if self._is_far(one, values, supply)]
        plans = [
            self._combine(terms, pools, supply, values, beside, searched, first, spent)
            for first in ([[], far] if far and _are_several(terms) else [[]])
        ]
        for found, _ in plans:
            for ceiling in ceilings:
                self._join(found, ceiling, values, supply)
            for place, one in everywhere.items():
                self._keep(found, one, [(place, supply[place], one.rate, None)], supply)
        return plans

    def _is_far(self, ceiling: Ceiling, values: Sequence[int], supply: Sequence[int]) -> bool:
        if ceiling.cap is None:
            return ceiling.limit > MOST_LIMITED
        return CappedOffer(ceiling, values, supply, competes=True).machine is None

    def _join(self, found: Granted, ceiling: Ceiling, values: Sequence[int], supply: list[int]) -> None:
        """Units that go without nothing by it have a part of a discount with a ceiling of money, too."""
        if ceiling.cap is None or ceiling.room is not None:
            return
        for place, one in ceiling.lines.items():
            if ceiling.owns[place] > 0 and ceiling.is_for_nothing(place, values):
                self._keep(found, one, [(place, supply[place], one.rate, None)], supply)

    def _combine(
        self,
        terms: Sequence[Terms],
        pools: list[Pool],
        supply: list[int],
        values: list[int],
        beside: Beside,
        ceilings: Sequence[Ceiling],
        first: Sequence[Ceiling],
        spent: Spent,
    ) -> tuple[Granted, Note | None]:
        """The best combination beside the ceilings that go ``first``, and what is to be said of it."""
        found: Granted = {}
        original = self.on_original
        whole = [n if pool.size == WHOLE else 0 for n, pool in zip(supply, pools, strict=True)]
        for ceiling in first:
            limited = offer_under(ceiling, values, whole, competes=False)
            for grant in limited.alone(whole):
                self._hand_out(found, limited, [grant], supply)
                whole[grant[0]] -= grant[1]
        sets = [
            SetOffer(one, pools, values, beside[one], on_original=original) for one in terms if one.is_set
        ]
        for one in sets:
            one.use_up(spent)
        near = [one for one in ceilings if one not in first and (one.cap or one.limit <= MOST_LIMITED)]
        sets, gap = self._many(sets, terms, near, pools, supply, whole, found)
        left = _left(supply, found) if found else supply
        offers: list[SetOffer | TierOffer | LimitedOffer] = []
        machines: list[Machine] = []
        for one in sets:
            _collect(one, one.build(whole, one.limit), offers, machines)
        shared = {one.id: dict(spent) for one in terms}  # of a ceiling: lines of one discount have the same
        tiers: list[TierOffer] = []
        for one in terms:
            if one.tiers:
                tier = TierOffer(
                    one, pools, values, left, beside[one], shared[one.id],
                    on_original=original, competes=len(terms) > 1,
                )  # fmt: skip
                tiers.append(tier)
        for tier in tiers:
            _collect(tier, tier.machine, offers, machines)
        competes = _are_several(terms)
        limits = [offer_under(one, values, left, competes=competes) for one in ceilings if one not in first]
        for limited in limits:
            _collect(limited, limited.machine, offers, machines)
        outcome = best_combination(left, machines, self.work_limit) if machines else None
        if outcome is not None:
            for offer, uses in zip(offers, outcome.uses, strict=True):
                self._hand_out(found, offer, self._granted(offer, uses, pools), supply)
        left = _left(supply, found)
        waiting = [tier for tier in tiers if tier.machine is None]
        for tier in sorted(waiting, key=lambda tier: -tier.alone(left)[0]):
            grants = tier.last(_left(supply, found), pools)
            self._hand_out(found, tier, grants, supply)
            tier.spend(grants, shared[tier.terms.id])
        for limited in limits:
            if limited.machine is None:
                self._hand_out(found, limited, limited.last(_left(supply, found), pools), supply)
        gap += outcome.gap if outcome is not None else 0
        exact = not first and all(offer.exact for offer in (*sets, *tiers, *limits))
        is_coarse = any(isinstance(limited, CappedOffer) and limited.is_coarse for limited in limits)
        if not gap and not is_coarse and (exact or not (competes or len(waiting) > 1)):
            return found, None
        return found, Note(gap or None, tuple(sorted({one.id for one in terms})))

    def _many(
        self,
        sets: list[SetOffer],
        terms: Sequence[Terms],
        near: Sequence[Ceiling],
        pools: list[Pool],
        supply: list[int],
        whole: list[int],
        found: Granted,
    ) -> tuple[list[SetOffer], int]:
        """Settle what of ``whole`` is too much to be searched; the sets still to be searched, and the gap."""
        for offer, times, place in bulk(sets, terms, near, whole):
            alike = offer.grants_of(times, [(place, offer.sizes[0])], pools, distribute=self.distribute)
            self._keep(found, offer.terms, alike, supply)
        if not is_large(sets, whole):
            return sets, 0
        bound = bound_of(sets, whole)
        gain = settle_large(
            sets,
            whole,
            bound,
            lambda one, uses: one.grants(uses, pools, distribute=self.distribute),
            lambda one, grants: self._keep(found, one.terms, grants, supply),
        )
        return [], bound - gain

    def _worth(
        self,
        found: Granted,
        pools: list[Pool],
        supply: list[int],
        values: list[int],
        beside: Beside,
        caps: Mapping[str, int],
    ) -> int:
        """What the units are given in all, those that nothing was granted by themselves, under ceilings of money."""
        total, owns = 0, dict.fromkeys(caps, 0)
        for place, (pool, units) in enumerate(zip(pools, supply, strict=True)):
            for terms, count, rate, share in found.get(place, ()):
                units -= count
                own = 0
                if share is not None:
                    own = share
                    total += share
                elif rate is not None:
                    each = worth(pools, place, rate, beside[terms], on_original=self.on_original)
                    total += each * count * pool.size // WHOLE
                    each -= worth(pools, place, None, beside[terms], on_original=self.on_original)
                    own = each * count * pool.size // WHOLE
                if terms.id in owns:
                    owns[terms.id] += own
            total += units * values[place]
        return total - sum(max(own - caps[name], 0) for name, own in owns.items())

    def _companions(
        self, terms: Terms, pools: list[Pool], keeps: list[list[Rate]] | None
    ) -> list[list[Rate]] | None:
        """By place: the compound discounts that a unit keeps beside this one, where it is compound itself."""
        if keeps is not None or not terms.compound or not self.model_a:
            return keeps
        at = [compound_of(pool, terms.priority) for pool in pools]
        return [[one.rate for one in compound if one.rate is not None] for compound in at]

    def _ceilings(
        self,
        terms: Sequence[Terms],
        pools: list[Pool],
        supply: Sequence[int],
        values: list[int],
        beside: Beside,
        spent: Spent,
    ) -> tuple[list[Ceiling], dict[int, Terms], list[int]]:
        """Discounts whose ceiling may be reached.

        One that is not is what all units of its places may have: it comes by place, and with what these gain by it.
        """
        narrow, everywhere, values = [], {}, list(values)
        for scope, shared in under_one_ceiling(terms, pools):
            lines, gains, owns = {}, {}, {}
            for place, some in shared.items():
                given = [
                    worth(pools, place, one.rate, beside[one], on_original=self.on_original) for one in some
                ]
                one = lines[place] = some[given.index(max(given))]
                gains[place] = max(given) * pools[place].size // WHOLE
                without = worth(pools, place, None, beside[one], on_original=self.on_original)
                owns[place] = gains[place] - without * pools[place].size // WHOLE
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

    def _granted(
        self, offer: SetOffer | TierOffer | LimitedOffer, uses: list[Use], pools: list[Pool]
    ) -> list[Grant]:
        if not uses:
            return []
        if isinstance(offer, SetOffer):
            return offer.grants(uses, pools, distribute=self.distribute)
        if isinstance(offer, TierOffer):
            return offer.grants([(offer.places[use[0]], use[1]) for use in uses], pools)
        return offer.grants(uses)

    def _hand_out(
        self, found: dict, offer: SetOffer | TierOffer | LimitedOffer, grants: list[Grant], supply: list[int]
    ) -> None:
        if not isinstance(offer, LimitedOffer):
            self._keep(found, offer.terms, grants, supply)
            return
        for grant in grants:
            self._keep(found, offer.lines[grant[0]], [grant], supply)

    def _keep(self, found: dict, terms: Terms, grants: list[Grant], supply: list[int]) -> None:
        for place, units, rate, share in grants:
            rows = found.setdefault(place, [])
            taken = sum(row[1] for row in rows)
            units = min(units, supply[place] - taken)
            if units > 0:
                rows.append((terms, units, rate, share))


def _left(supply: Sequence[int], found: Granted) -> list[int]:
    """The units that nothing is granted by place."""
    return [n - sum(row[1] for row in found.get(place, ())) for place, n in enumerate(supply)]


def _collect(offer: object, machine: Machine | None, offers: list, machines: list) -> None:
    if machine is not None:
        offers.append(offer)
        machines.append(machine)


def _some_of(capped: Sequence[Terms]) -> Iterator[tuple[Terms, ...]]:
    """Every choice of one and more of them, where they are few; else all."""
    if len(capped) > 3:
        yield tuple(capped)
        return
    for count in range(1, len(capped) + 1):
        yield from combinations(capped, count)


def _are_several(terms: Sequence[Terms]) -> bool:
    """Whether these are of more than one discount."""
    return any(one.id != terms[0].id for one in terms)
