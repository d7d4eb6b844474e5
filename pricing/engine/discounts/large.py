"""Sets of several groups on many units: settled on a small likeness of the basket first, then on what that leaves.

A machine of several groups remembers how far its groups are apart, which for hundreds of units is too much to remember.
So the combination for the basket divided by a number is taken that many times, then that for the rest divided by half
that number, and so on. What a better combination could gain at most is told: prices of units at which no
application pays bound every combination.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pricing.engine.discounts.sets import Grant, SetOffer
from pricing.engine.machines import Machine
from pricing.engine.optimise import Auction, best_combination, earn

FEW = 40  # units of an article up to which sets of several groups are searched as they are
LIKENESS = 14  # units of an article in the likeness
WORK = 3_000  # places that each search may look at

Kept = Callable[[SetOffer, list[Grant]], None]


def is_large(sets: Sequence[SetOffer], supply: Sequence[int]) -> bool:
    """Whether a set of several groups may take very many units."""
    return any(
        len(one.sizes) > 1 and max((supply[place] for place in one.rates), default=0) > FEW for one in sets
    )


def settle_large(
    sets: Sequence[SetOffer], supply: list[int], grants: Callable[[SetOffer, list], list[Grant]], keep: Kept
) -> int:
    """Give out what is found through ``keep``; supply becomes what is left. The gain of all that was given out."""
    times = -(-max(supply) // LIKENESS)
    gain = 0
    limits = [one.limit for one in sets]
    while times:
        units = [min(n // times, LIKENESS) for n in supply]
        allowed = [None if limit is None else limit // times for limit in limits]
        built = [(one, one.build(units, most)) for one, most in zip(sets, allowed, strict=True)]
        there = [(place, machine) for place, (_, machine) in enumerate(built) if machine is not None]
        outcome = best_combination(units, [machine for _, machine in there], WORK)
        gain += outcome.gain * times
        for (place, machine), uses in zip(there, outcome.uses, strict=True):
            taken = 0
            for stage, count, _, _ in uses:
                supply[machine.items[stage]] -= count * times
                taken += count * times
            one, limit = sets[place], limits[place]
            if limit is not None:
                limits[place] = limit - taken // sum(one.sizes)
            found = grants(one, uses) if uses else []
            keep(
                one,
                [
                    (p, n * times, rate, None if share is None else share * times)
                    for p, n, rate, share in found
                ],
            )
        times //= 2
    return gain


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
