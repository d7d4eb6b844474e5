"""Offers over several units as small machines, fed with units of one item after another, dearest first.

A machine's state says what its open applications still need: with three for two it is 0, 1 or 2. A move takes some
units of the stage's item in one role and tells the state after it and the gain. Only complete applications may stand
at the end. What an offer gains is always over what its units would be given without it.

Within a "least expensive" offer the units it uses, in order of price, fill one application after another: for the
units used, no other arrangement discounts more, so the position in the row alone says who pays and who is discounted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial

NEVER = -(1 << 62)
STEPS_KEPT = 1 << 15  # of the machines of sets: their states repeat from basket to basket
Move = tuple[int, int, int]  # units, state after, gain
Use = tuple[int, int, int, int]  # stage, units, state before, state after
Split = tuple[tuple[int, int], ...]  # (group, units)


class Machine:
    """``items[stage]`` is the item fed; ``moves[stage][state]`` are those that can still end well.

    ``splits`` tells, for a move by (stage, state, units, state after), how many units fill which group, where an item
    may fill several.
    """

    __slots__ = ("final", "items", "moves", "quick", "size", "splits")

    def __init__(
        self,
        items: list[int],
        moves: list[list[list[Move]]],
        final: list[int],
        splits: dict[tuple[int, int, int, int], Split] | None = None,
        quick: Callable[[Sequence[int]], tuple[int, list[Use]]] | None = None,
    ) -> None:
        self.items = items
        self.moves = moves
        self.final = final
        self.size = len(final)
        self.splits = splits
        self.quick = quick  # a shorter way to what it earns at given prices of units

    def groups_of(self, use: Use) -> Split:
        """The groups that the units of a use fill, with their numbers."""
        if self.splits is None:
            return ((0, use[1]),)
        return self.splits[use[0], use[2], use[1], use[3]]


class Role:
    """An item that may fill a group: what a unit gains when discounted, and when it only helps to fill."""

    __slots__ = ("gain", "group", "helper", "item")

    def __init__(self, item: int, group: int, gain: int, helper: int = 0) -> None:
        self.item = item
        self.group = group
        self.gain = gain
        self.helper = helper


def set_machine(
    supply: Sequence[int],
    roles: Sequence[Role],
    sizes: Sequence[int],
    constant: int = 0,
    least: int = 0,
    limit: int | None = None,
) -> Machine | None:
    """A mix and match: every application fills each group with its size; None when not even one can be filled.

    ``constant`` is gained per application. With ``least``, only that many cheapest units of an application are
    discounted and the others are helpers. ``limit`` is the number of applications allowed. Roles stand in the order
    of the items, dearest first.
    """
    fills = [0] * len(sizes)
    for role in roles:
        fills[role.group] += supply[role.item]
    most = min(filled // size for filled, size in zip(fills, sizes, strict=True))
    if not most or limit == 0:
        return None
    limited = limit is not None and limit < most
    if len(sizes) == 1:
        return _ring(supply, roles, sizes[0], constant, least, limit if limited else None)
    return _groups(supply, roles, sizes, constant, least, min(most, limit) if limited else most, limited)


def _ring(
    supply: Sequence[int], roles: Sequence[Role], size: int, constant: int, least: int, limit: int | None
) -> Machine:
    """One group: the state is the number of units in the open application, or in all when they are limited."""
    states = size if limit is None else size * limit + 1
    helpers = size - least if least else 0
    moves: list[list[list[Move]]] = []
    reached = {0}
    coming = sum([supply[role.item] for role in roles])  # units that may still fill what is open
    for role in roles:
        coming -= supply[role.item]
        gains = [role.helper if place < helpers else role.gain for place in range(size)]
        gains[0] += constant
        stage: list[list[Move]] = [[] for _ in range(states)]
        arrived = set(reached)
        for state in reached:
            gain, after = 0, state
            found = [(0, state, 0)]
            for units in range(1, supply[role.item] + 1):
                if after + 1 == states and limit is not None:
                    break
                gain += gains[after % size]
                after += 1
                if after == states and limit is None:
                    after = 0
                if -after % size <= coming:
                    found.append((units, after, gain))
                    arrived.add(after)
            stage[state] = found if -state % size <= coming else found[1:]
        moves.append(stage)
        reached = {state for state in arrived if -state % size <= coming}
    final = [0 if state % size == 0 else NEVER for state in range(states)]
    items = [role.item for role in roles]
    units = [supply[item] for item in items]
    quick = None
    if limit is None and not helpers:
        quick = partial(earn_alike, items, units, [role.gain for role in roles], size, constant)
    elif limit is None and size == 2:
        quick = partial(
            earn_pairs, items, units, [r.helper + constant for r in roles], [r.gain for r in roles]
        )
    return Machine(items, moves, final, quick=quick)


def earn_alike(
    items: list[int], supply: list[int], gains: list[int], size: int, constant: int, prices: Sequence[int]
) -> tuple[int, list[Use]]:
    """What applications earn whose units all gain by themselves: filled from the best units on, while it pays."""
    order = sorted(
        [(gain - prices[item], stage) for stage, (gain, item) in enumerate(zip(gains, items, strict=True))]
    )
    total, block, missing = 0, constant, size
    use: list[Use] = []
    held: list[Use] = []
    for value, stage in reversed(order):
        units = supply[stage]
        while units:
            if missing == size:
                each = value * size + constant
                if each <= 0:
                    return total, use
                times = units // size
                if times:
                    total += times * each
                    use.append((stage, times * size, 0, 0))
                    units -= times * size
                    continue
            some = units if units < missing else missing
            block += some * value
            missing -= some
            units -= some
            held.append((stage, some, 0, 0))
            if not missing:
                if block <= 0:
                    return total, use
                total += block
                use += held
                held, block, missing = [], constant, size
    return total, use


def earn_pairs(
    items: list[int], supply: list[int], first: list[int], second: list[int], prices: Sequence[int]
) -> tuple[int, list[Use]]:
    """What pairs earn of which the dearer unit gains one figure and the cheaper the other."""
    even, odd = 0, NEVER  # what can still be earned with no open pair, with one
    choices: list[tuple[int, int]] = []
    for stage in range(len(items) - 1, -1, -1):
        price, units = prices[items[stage]], supply[stage]
        if not units:
            choices.append((0, 0))
            continue
        opens, closes = first[stage] - price, second[stage] - price
        pair = opens + closes
        pairs, more = (units // 2, (units - 1) // 2) if pair > 0 else (0, 0)
        stay, start = pairs * pair + even, more * pair + opens + odd
        close, keep = more * pair + closes + even, pairs * pair + odd
        if stay >= start:
            even, from_even = stay, 2 * pairs
        else:
            even, from_even = start, 2 * more + 1
        if keep >= close:
            odd, from_odd = keep, 2 * pairs
        else:
            odd, from_odd = close, 2 * more + 1
        choices.append((from_even, from_odd))
    use: list[Use] = []
    state = 0
    for stage, choice in enumerate(reversed(choices)):
        units = choice[state]
        if units:
            use.append((stage, units, 0, 0))
            state ^= units & 1
    return even, use


def _groups(
    supply: Sequence[int], roles: Sequence[Role], sizes: Sequence[int], constant: int, least: int, most: int,
    limited: bool,
) -> Machine:  # fmt: skip
    """Several groups: the state is how many units each group has beyond the complete applications."""
    start = (0,) * (len(sizes) + 1)  # the last figure counts complete applications, where they are limited
    numbers = {start: 0}
    items: list[int] = []
    by_item: list[list[Role]] = []
    for role in roles:
        if not items or items[-1] != role.item:
            items.append(role.item)
            by_item.append([])
        by_item[-1].append(role)
    stages: list[dict[int, list[Move]]] = []
    splits: dict[tuple[int, int, int, int], Split] = {}
    reached = {start}
    rules = (tuple(sizes), least, most, limited)
    still = [0] * len(sizes)  # units that may still fill each group
    for role in roles:
        still[role.group] += supply[role.item]
    for stage, own in enumerate(by_item):
        for role in own:
            still[role.group] -= supply[role.item]
        coming = tuple(still)
        found: dict[int, list[Move]] = {}
        arrived: set[tuple[int, ...]] = set()
        for state in reached:
            ways = {(0, state): (0, ())}
            for role in own:
                _extend(ways, role, supply[role.item], constant, rules)
            moves = []
            for (units, after), (gain, split) in sorted(ways.items(), key=lambda way: way[0]):
                if not _can_be_filled(after, rules[0], coming):
                    continue
                number = numbers.setdefault(after, len(numbers))
                moves.append((units, number, gain))
                splits[stage, numbers[state], units, number] = split
                arrived.add(after)
            found[numbers[state]] = moves
        stages.append(found)
        reached = arrived
    moves_of = [[stage.get(number, []) for number in range(len(numbers))] for stage in stages]
    final = [0 if not any(state[:-1]) else NEVER for state in numbers]
    return Machine(items, moves_of, final, splits)


@lru_cache(maxsize=STEPS_KEPT)
def _can_be_filled(state: tuple[int, ...], sizes: tuple[int, ...], coming: tuple[int, ...]) -> bool:
    """Whether units still to come can complete what is open."""
    filled = state[:-1]
    wanted = max([-(-units // size) for units, size in zip(filled, sizes, strict=True)])
    return all(wanted * size - units <= more for units, size, more in zip(filled, sizes, coming, strict=True))


def _extend(
    ways: dict, role: Role, supply: int, constant: int, rules: tuple[tuple[int, ...], int, int, bool]
) -> None:
    """Add to every way of using the item's units those with some units in this role; the best of equal ways stays."""
    group, gain, helper = role.group, role.gain, role.helper
    for (used, state), (worth, split) in list(ways.items()):
        after, total = state, worth
        for units in range(1, supply - used + 1):
            step = _fill(after, group, *rules)
            if step is None:
                break
            after, helps, completes = step
            total += helper if helps else gain
            if completes:
                total += constant
            key = (used + units, after)
            known = ways.get(key)
            if known is None or known[0] < total:
                ways[key] = (total, (*split, (group, units)))


@lru_cache(maxsize=STEPS_KEPT)
def _fill(
    state: tuple[int, ...], group: int, sizes: tuple[int, ...], least: int, most: int, limited: bool
) -> tuple[tuple[int, ...], bool, bool] | None:
    """The state after one more unit in the group, whether it only helps, and whether it completes an application.

    None when there is no room for it.
    """
    *filled, done = state
    application = filled[group] // sizes[group]
    if done + application >= most:
        return None
    helps = False
    if least:
        placed = sum(
            min(max(units - application * size, 0), size) for units, size in zip(filled, sizes, strict=True)
        )
        helps = placed < sum(sizes) - least
    filled[group] += 1
    completes = all(units >= size for units, size in zip(filled, sizes, strict=True))
    if completes:
        filled = [units - size for units, size in zip(filled, sizes, strict=True)]
        done += limited
    return (*filled, done), helps, completes


def tier_machine(
    supply: Sequence[int],
    items: Sequence[int],
    weights: Sequence[int],
    tiers: Sequence[tuple[int, Sequence[int]]],
) -> Machine | None:
    """A quantity discount: all its units get the tier that they reach together; None when none is in reach.

    ``weights`` is what one unit of each item counts; ``tiers`` are (minimum, gain of one unit by item).
    """
    total = sum(supply[item] * weight for item, weight in zip(items, weights, strict=True))
    tiers = [tier for tier in tiers if tier[0] <= total]
    if not tiers:
        return None
    offsets, states = [], 1
    for minimum, _ in tiers:
        offsets.append(states)
        states += max(minimum, 1) + 1
    final = [NEVER] * states
    final[0] = 0
    for (minimum, _), offset in zip(tiers, offsets, strict=True):
        final[offset + max(minimum, 1)] = 0
    moves: list[list[list[Move]]] = []
    reached = {0}
    for place, item in enumerate(items):
        weight = weights[place]
        stage: list[list[Move]] = [[] for _ in range(states)]
        arrived = set(reached)
        for state in reached:
            found = [(0, state, 0)]
            for (minimum, gains), offset in zip(tiers, offsets, strict=True):
                top = max(minimum, 1)
                if state and not offset <= state <= offset + top:
                    continue
                counted = state - offset if state else 0
                for units in range(1, supply[item] + 1):
                    after = offset + min(counted + units * weight, top)
                    found.append((units, after, units * gains[place]))
                    arrived.add(after)
            stage[state] = found
        moves.append(stage)
        reached = arrived
    return Machine(list(items), moves, final)


def capped_machine(
    supply: Sequence[int],
    items: Sequence[int],
    owns: Sequence[int],
    losses: Sequence[int],
    cap: int,
    most_moves: int,
) -> Machine | None:
    """A simple discount that gives ``cap`` in all at most; None when it has too many moves to be looked at.

    ``owns`` is what it would give one unit of each item, ``losses`` what such a unit goes without.
    """
    numbers = {0: 0}  # by what was given so far
    moves: list[dict[int, list[Move]]] = []
    reached = {0}
    count = 0
    for item, own, loss in zip(items, owns, losses, strict=True):
        stage: dict[int, list[Move]] = {}
        arrived = set(reached)
        for given in reached:
            found = [(0, numbers[given], 0)]
            after = given
            for units in range(1, supply[item] + 1):
                if after == cap:
                    break
                after = min(after + own, cap)
                found.append((units, numbers.setdefault(after, len(numbers)), after - given - units * loss))
                arrived.add(after)
            stage[numbers[given]] = found
            count += len(found)
            if count > most_moves:
                return None
        moves.append(stage)
        reached = arrived
    filled = [[stage.get(number, []) for number in range(len(numbers))] for stage in moves]
    return Machine(list(items), filled, [0] * len(numbers))


def limited_machine(
    supply: Sequence[int], items: Sequence[int], gains: Sequence[int], limit: int
) -> Machine | None:
    """A simple discount that only ``limit`` units may have; None when there are none."""
    if limit <= 0:
        return None
    moves: list[list[list[Move]]] = []
    for item, gain in zip(items, gains, strict=True):
        stage = []
        for state in range(limit + 1):
            units_here = min(supply[item], limit - state)
            stage.append([(units, state + units, units * gain) for units in range(units_here + 1)])
        moves.append(stage)
    return Machine(list(items), moves, [0] * (limit + 1))
