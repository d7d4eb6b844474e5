"""What units hold of the priority at hand, as the steps of that priority ask for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pricing.engine.discounts.pools import COMPOUND, WHOLE, Holding, Pool, Take, best_single, in_sequence
from pricing.engine.discounts.terms import Rate, Terms
from pricing.engine.discounts.tiers import MONEY, Spent, scope_of


def compound_of(pool: Pool, level: int) -> Sequence[Terms]:
    """The compound discounts of a unit by itself: of each the line that gives most, for its lines compete."""
    at = pool.item.at(level)
    if not at.has_rivals:
        return at.compound
    lines: dict[str, list[Terms]] = {}
    for terms in at.compound:
        lines.setdefault(terms.id, []).append(terms)
    return [terms for terms in at.compound if terms is (best_single(pool, lines[terms.id])[1] or terms)]


def giving(pool: Pool, terms: Iterable[Terms], *, on_original: bool) -> list[Take]:
    """The compound discounts that do give something, in their order."""
    taken: list[Take] = []
    price, base = pool.price, pool.base
    for one in terms:
        saving = min(one.rate.saving(base), price)  # type: ignore[union-attr]
        if saving > 0:
            taken.append(Take(one, COMPOUND, one.rate))
            price -= saving
            if not on_original:
                base = max(base - saving, 0)
    return taken


def rates_of(one: Holding) -> list[Rate]:
    """What each unit of the holding is given as rates; its part of a shared amount counts as an amount."""
    return [rate for _, rate in _rates_by_take(one)]


def _rates_by_take(one: Holding) -> Iterator[tuple[Take, Rate]]:
    for take in one.takes:
        if take.rate is not None:
            yield take, take.rate
        elif take.share is not None:
            yield take, Rate("amount_off", take.share // one.units)


def spent_by(held: Sequence[Holding], terms: Terms, *, on_original: bool) -> Spent:
    """What of the discount's ceilings these hold already; of a set all units count."""
    found: dict[str, int] = {}
    for one in held:
        if any(take.terms.id == terms.id and (terms.is_set or not take.helper) for take in one.takes):
            scope = "" if terms.is_set else scope_of(terms, one.pool)
            found[scope] = found.get(scope, 0) + one.units * one.pool.size
            if terms.cap is not None:
                others = [rate for take, rate in _rates_by_take(one) if take.terms.id != terms.id]
                own = in_sequence(one.pool, rates_of(one), on_original=on_original)
                own -= in_sequence(one.pool, others, on_original=on_original)
                found[MONEY] = found.get(MONEY, 0) + own * one.units * one.pool.size // WHOLE
    return found


def several_unit_terms(held: Sequence[Holding], level: int) -> list[Terms]:
    """The level's discounts whose gift hangs on several units, in the order of their ids."""
    found = {terms for one in held for terms in one.pool.item.several if terms.priority == level}
    return sorted(found, key=lambda terms: terms.order)
