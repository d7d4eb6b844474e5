"""Good combinations where the best one is too far to walk: for the rare basket that is too large to be searched.

Two ways, of which the better one is taken: a walk that keeps only the most promising spots at every place, and the
offers one after another, each taking what serves it best of the units that are left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pricing.engine.machines import NEVER, Machine, Use

if TYPE_CHECKING:
    from pricing.engine.optimise import Search, Uses

WIDTH = 200


def best_found(search: Search) -> tuple[list[Uses], int]:
    """Units by machine and their gain."""
    ways = [_in_turn(search), _narrow_walk(search)]
    return max((way for way in ways if way is not None), key=lambda way: way[1])


def _narrow_walk(search: Search) -> tuple[list[Uses], int] | None:
    """The walk with at most `WIDTH` spots at each place; None when it leads nowhere."""
    places, prices, supply = search.places, search.prices, search.supply
    spots: dict[tuple[int, int], int] = {(0, supply[places[0][0]]): 0}
    trail: list[dict[tuple[int, int], tuple[tuple[int, int], int]]] = []
    for place, (item, number, _) in enumerate(places):
        weight, size = search.weights[number], search.machines[number].size
        last = place + 1 == len(places) or places[place + 1][0] != item
        renew = supply[places[place + 1][0]] if place + 1 < len(places) else 0
        found: dict[tuple[int, int], int] = {}
        came: dict[tuple[int, int], tuple[tuple[int, int], int]] = {}
        for (states, left), lost in spots.items():
            state = states // weight % size
            for loss, units, after in search.losses(place, state):
                if units > left:
                    continue
                now, remaining = lost + loss, left - units
                if last:
                    now += remaining * prices[item]
                    remaining = renew
                key = (states + (after - state) * weight, remaining)
                if now < found.get(key, 1 << 62):
                    found[key] = now
                    came[key] = ((states, left), units)
        if not found:
            return None
        spots = dict(sorted(found.items(), key=lambda entry: entry[1])[:WIDTH])
        trail.append(came)
    spot, lost = min(spots.items(), key=lambda entry: entry[1])
    return _retrace(search, trail, spot), search.bound - lost


def _retrace(search: Search, trail: list[dict], spot: tuple[int, int]) -> list[Uses]:
    uses: list[Uses] = [[] for _ in search.machines]
    for place in range(len(trail) - 1, -1, -1):
        after = spot[0]
        spot, units = trail[place][spot]
        if units:
            _, number, stage = search.places[place]
            weight, size = search.weights[number], search.machines[number].size
            uses[number].append((stage, units, spot[0] // weight % size, after // weight % size))
    for use in uses:
        use.reverse()
    return uses


def _in_turn(search: Search) -> tuple[list[Uses], int]:
    """The machines one after another, the one that earns most by itself first."""
    left = list(search.supply)
    order = sorted(
        range(len(search.machines)), key=lambda number: -earn_within(search.machines[number], left)[0]
    )
    uses: list[Uses] = [[] for _ in search.machines]
    total = 0
    for number in order:
        machine = search.machines[number]
        gain, use = earn_within(machine, left)
        if gain > 0:
            total += gain
            uses[number] = use
            for stage, units, _, _ in use:
                left[machine.items[stage]] -= units
    return uses, total


def earn_within(machine: Machine, left: list[int]) -> tuple[int, list[Use]]:
    """The most that the machine earns with the units left, and its units."""
    rows = [machine.final]
    for stage in range(len(machine.moves) - 1, -1, -1):
        most, rest = left[machine.items[stage]], rows[-1]
        rows.append(
            [
                max((gain + rest[after] for units, after, gain in moves if units <= most), default=NEVER)
                for moves in machine.moves[stage]
            ]
        )
    rows.reverse()
    state, use = 0, []
    for stage, stage_moves in enumerate(machine.moves):
        most, rest, target = left[machine.items[stage]], rows[stage + 1], rows[stage][state]
        for units, after, gain in stage_moves[state]:
            if units <= most and gain + rest[after] == target:
                if units:
                    use.append((stage, units, state, after))
                state = after
                break
    return rows[0][0], use
