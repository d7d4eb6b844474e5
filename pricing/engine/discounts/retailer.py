"""Mix and match that favours the retailer: the dearest units pay, the cheapest of all are discounted."""

from __future__ import annotations

from collections.abc import Callable

from pricing.engine.discounts.pools import COMPOUND, OPEN, WHOLE, Holding, Take
from pricing.engine.discounts.terms import Terms

Pick = tuple[int, int, bool]  # place, units, whether they are discounted


def favour_retailer(
    held: list[Holding], terms: list[Terms], status_of: Callable[[Terms], int]
) -> list[Holding]:
    """Give these discounts, the largest first, to units that hold nothing; compound ones also beside compound ones."""
    waiting = list(terms)
    while waiting:
        tried = [(_plan(held, one), one) for one in waiting]
        (worth, picks), best = max(tried, key=lambda row: (row[0][0], tuple(map(str, row[1].order))))
        waiting.remove(best)
        if worth > 0:
            held = _take(held, picks, best, status_of(best))
    return held


def _fits(one: Holding, terms: Terms) -> bool:
    if one.pool.size != WHOLE or not one.pool.item.takes_part(terms):
        return False
    if not one.takes and (one.status == OPEN or not terms.exclusive):
        return True
    return terms.compound and one.status == COMPOUND and all(take.terms is not terms for take in one.takes)


def _plan(held: list[Holding], terms: Terms) -> tuple[int, list[Pick]]:
    """What the discount gives in all, and to which units."""
    places = [place for place, one in enumerate(held) if _fits(one, terms)]
    places.sort(key=lambda place: (-held[place].pool.price, held[place].pool.item.key))
    groups = {place: [group for group, _ in held[place].pool.item.roles_in(terms)] for place in places}
    filled = [
        sum(held[place].units for place in places if group in groups[place])
        for group in range(len(terms.sizes))
    ]
    times = min((units // size for units, size in zip(filled, terms.sizes, strict=True)), default=0)
    if terms.discount.max_applications is not None:
        times = min(times, terms.discount.max_applications)
    for tries in range(times, 0, -1):
        picks = _pick(held, terms, places, groups, tries)
        if picks is not None:
            worth = 0
            for place, units, discounted in picks:
                pool = held[place].pool
                if discounted and terms.rate is not None and not pool.item.blocked:
                    worth += units * min(terms.rate.saving(pool.base), pool.price)
            return worth, picks
    return 0, []


def _pick(
    held: list[Holding], terms: Terms, places: list[int], groups: dict[int, list[int]], times: int
) -> list[Pick] | None:
    """Cheapest units discounted, dearest to pay for them; None when the groups cannot all be filled."""
    room = [size * times for size in terms.sizes]
    left = {place: held[place].units for place in places}
    picks: list[Pick] = []

    def fill(order: list[int], wanted: int, discounted: bool) -> int:
        for place in order:
            for group in groups[place]:
                units = min(left[place], room[group], wanted)
                if units:
                    left[place] -= units
                    room[group] -= units
                    wanted -= units
                    picks.append((place, units, discounted))
        return wanted

    if fill(places[::-1], terms.least * times, True):
        return None
    return None if fill(places, sum(room), False) else picks


def _take(held: list[Holding], picks: list[Pick], terms: Terms, status: int) -> list[Holding]:
    result: list[Holding] = []
    taken: dict[int, list[tuple[int, bool]]] = {}
    for place, units, discounted in picks:
        taken.setdefault(place, []).append((units, discounted))
    for place, one in enumerate(held):
        left = one.units
        for units, discounted in taken.get(place, ()):
            left -= units
            rate = terms.rate if discounted and not one.pool.item.blocked else None
            result.append(Holding(one.pool, units, [*one.takes, Take(terms, status, rate)], status))
        if left:
            result.append(Holding(one.pool, left, one.takes, one.status))
    return result
