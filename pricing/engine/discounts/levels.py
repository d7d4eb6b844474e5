"""Discounts that are no thresholds, priority by priority, under both concurrency models.

A priority is settled on the units as the higher ones left them. Exclusive discounts go first, then best price against
the compound bundle (model A), or every discount for itself with one winner per unit (model B), then those that favour
the retailer. Units that a discount of several units left over go on to the next priority.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from pricing.engine.discounts.contest import Contest, Granted, Note
from pricing.engine.discounts.cut import CutContest, is_cut
from pricing.engine.discounts.holdings import compound_of, giving, rates_of, several_unit_terms, spent_by
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
from pricing.engine.discounts.terms import Rate, Terms
from pricing.engine.discounts.tiers import NOTHING_SPENT, Spent

MODEL_A = "best_price_and_compound_within_priority"


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
        contest = (CutContest if is_cut(terms) else Contest)(
            pools, supply, beside, spent,
            on_original=self.on_original, distribute=self.distribute, work_limit=self.work_limit,
        )  # fmt: skip
        found, note = contest.settle(terms, values)
        if note is not None:
            self.notes.append(note)
        return found

    def _companions(
        self, terms: Terms, pools: list[Pool], keeps: list[list[Rate]] | None
    ) -> list[list[Rate]] | None:
        """By place: the compound discounts that a unit keeps beside this one, where it is compound itself."""
        if keeps is not None or not terms.compound or not self.model_a:
            return keeps
        at = [compound_of(pool, terms.priority) for pool in pools]
        return [[one.rate for one in compound if one.rate is not None] for compound in at]
