"""Sets of several groups on many units: settled on a small likeness of the basket first, then on what that leaves.

A machine of several groups remembers how far its groups are apart, which for hundreds of units is too much to remember.
So the combination for the basket divided by a number is taken that many times, then that for the rest divided by a
smaller number, and so on. What a better combination could gain at most is told: prices of units at which no
application pays bound every combination.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pricing.engine.discounts.ceilings import Ceiling
from pricing.engine.discounts.sets import Grant, SetOffer
from pricing.engine.discounts.terms import Terms
from pricing.engine.machines import Machine
from pricing.engine.optimise import Auction, best_combination, earn

MANY = 60  # units of a pool above which the bulk of them is not searched
FEW = 40  # units of an article up to which sets of several groups are searched as they are
LIKENESSES = (14, 12, 9)  # units of an article in one; each leaves over what sets do not fill
WORK = 3_000  # places that each search may look at

Kept = Callable[[SetOffer, list[Grant]], None]
Grants = Callable[[SetOffer, list], list[Grant]]
Plan = tuple[int, list[tuple[SetOffer, list[Grant]]], list[int]]  # the gain, what which set gives, units left


def is_large(sets: Sequence[SetOffer], supply: Sequence[int]) -> bool:
    """Whether a set of several groups may take very many units."""
    return any(
        len(one.sizes) > 1 and max((supply[place] for place in one.rates), default=0) > FEW for one in sets
    )


def settle_large(sets: Sequence[SetOffer], supply: list[int], bound: int, grants: Grants, keep: Kept) -> int:
    """Give out what is found through ``keep``; supply becomes what is left. The gain of all that was given out.

    Likenesses of several sizes are tried, since sets that fill one leave units over in another; of the whole, and
    first of as many as the scarcest article allows. The best one is taken, none is looked for beyond ``bound``.
    """
    best: Plan | None = None
    scarcest = min(filter(None, supply))
    for size in LIKENESSES:
        for first in dict.fromkeys((max(supply), scarcest)):
            found = _plan(sets, supply, size, -(-first // size), grants)
            if best is None or found[0] > best[0]:
                best = found
        if best is not None and best[0] >= bound:
            break
    assert best is not None
    gain, steps, left = best
    for one, given in steps:
        keep(one, given)
    supply[:] = left
    return gain


def _plan(sets: Sequence[SetOffer], supply: Sequence[int], size: int, times: int, grants: Grants) -> Plan:
    """What the likeness gives that stands for the units so many times, then that of what it leaves, and so on.

    No likeness has more than ``size`` units of an article.
    """
    left, most = list(supply), max(supply)
    gain, given = 0, []
    limits = [one.limit for one in sets]
    while times:
        units = [min(n // times, size) for n in left]
        allowed = [None if limit is None else limit // times for limit in limits]
        built = [(one, one.build(units, most)) for one, most in zip(sets, allowed, strict=True)]
        there = [(place, machine) for place, (_, machine) in enumerate(built) if machine is not None]
        outcome = best_combination(units, [machine for _, machine in there], WORK)
        gain += outcome.gain * times
        for (place, machine), uses in zip(there, outcome.uses, strict=True):
            if not uses:
                continue
            taken = 0
            for stage, count, _, _ in uses:
                left[machine.items[stage]] -= count * times
                taken += count * times
            one, limit = sets[place], limits[place]
            if limit is not None:
                limits[place] = limit - taken // sum(one.sizes)
            found = [
                (p, n * times, rate, None if share is None else share * times)
                for p, n, rate, share in grants(one, uses)
            ]
            given.append((one, found))
        fitting = -(-max(left) // size)
        times = most = fitting if fitting < most else times // 2
    return gain, given, left


def bound_of(sets: Sequence[SetOffer], supply: Sequence[int]) -> int:
    """A gain that no combination exceeds."""
    most = [min(n, 2 * max(sum(one.sizes) for one in sets)) for n in supply]
    machines: list[Machine] = [machine for one in sets if (machine := one.build(most, None)) is not None]
    if not machines:
        return 0
    auction = Auction(most, machines, sorted({item for machine in machines for item in machine.items}))
    auction.run(20)
    prices = list(auction.best)
    paying = True
    while paying:
        paying = False
        for machine in machines:
            gain, uses = earn(machine, prices)
            units = sum(use[1] for use in uses)
            if gain > 0:
                paying = True
                for use in uses:
                    prices[machine.items[use[0]]] += -(-gain // units)
    return sum(price * n for price, n in zip(prices, supply, strict=True))


def bulk(
    sets: Sequence[SetOffer], terms: Sequence[Terms], near: Sequence[Ceiling], supply: list[int]
) -> list[tuple[SetOffer, int, int]]:
    """Applications of one pool's units alone that some best combination has: (offer, times, place); supply is lessened.

    An offer of one group can be arranged so that all but a few of a pool's units stand in applications of their own,
    and of these all but a few in those that gain most per unit. So only a few units of each pool are left to the
    search, however many there are; with those that ceilings which compete allow.
    """
    found: list[tuple[SetOffer, int, int]] = []
    for place, units in enumerate(supply):
        if units <= MANY:
            continue
        here = [one for one in sets if place in one.rates]
        simple = all(len(one.sizes) == 1 and one.limit is None for one in here)
        if not here or not simple or any(one.tiers for one in terms):
            continue
        sizes = [one.sizes[0] for one in here]
        most = max(sizes)
        needed = sum(2 * (size - 1) + (most - 1) * size for size in sizes) + 2 * most
        needed += sum(ceiling.limit for ceiling in near if place in ceiling.lines)
        best = max(here, key=lambda one: one.pure_gain(place) / one.sizes[0])
        times = (units - needed) // best.sizes[0]
        if times > 0:
            supply[place] -= times * best.sizes[0]
            if best.pure_gain(place) > 0:
                found.append((best, times, place))
    return found
