"""The best combination of offers that compete for the same units, with its proof.

Items come in order of price, dearest first, each with a number of units. Every offer is a small machine
(`machines.py`) that is fed units of the items one item after another and tells what they gain over what each
unit would have been given anyway. A unit goes to one offer at most, and the sum of the gains is to be largest.

The proof is a price on the units. When every offer may buy units at those prices on its own account, what the offers
then earn together, plus the worth of all units, bounds every combination from above. Prices are moved until the bound
is close. The search then walks item by item and offer by offer, always on from the place that has lost least against
the bound, so the first combination that comes to the end is the best there is. Units are counted, never listed: an
item of a thousand units is one item.

All figures are integers, so the bound is exact. `Outcome.gap` says how far from the bound a search ended that was
given up at its work limit; it is 0 when the combination is proven best.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush

from pricing.engine.beam import best_found
from pricing.engine.machines import NEVER, Machine, Use

Uses = list[Use]  # by stage, only where units are taken


class Outcome:
    """Units that each machine takes by stage; the gain, its upper bound, and the nodes looked at."""

    __slots__ = ("bound", "gain", "uses", "work")

    def __init__(self, uses: list[Uses], gain: int, bound: int, work: int = 0) -> None:
        self.uses = uses
        self.gain = gain
        self.bound = bound
        self.work = work

    @property
    def gap(self) -> int:
        """What a better combination could gain at most beyond this one."""
        return self.bound - self.gain


def best_combination(
    supply: Sequence[int], machines: Sequence[Machine], work_limit: int = 200_000
) -> Outcome:
    """The combination with the largest gain. ``supply`` is units by item; machines name items by index."""
    uses: list[Uses] = [[] for _ in machines]
    alone: list[tuple[int, Uses]] = []
    free = [0] * len(supply)
    worth: list[int] = []
    for number, machine in enumerate(machines):
        gain, use = earn(machine, free)
        alone.append((gain, use))
        if gain > 0:
            worth.append(number)
    gain = bound = work = 0
    for group in _competing(machines, worth):
        if len(group) == 1:
            number = group[0]
            uses[number] = alone[number][1]
            gain += alone[number][0]
            bound += alone[number][0]
            continue
        found = _best_of(
            supply, [machines[number] for number in group], [alone[n] for n in group], work_limit
        )
        for number, use in zip(group, found.uses, strict=True):
            uses[number] = use
        gain += found.gain
        bound += found.bound
        work += found.work
    return Outcome(uses, gain, bound, work)


def earn(machine: Machine, prices: Sequence[int]) -> tuple[int, Uses]:
    """The most that the machine earns by itself at these prices of units, and the units that it then takes."""
    if machine.quick is not None:
        return machine.quick(prices)
    later = _later(machine, prices)
    state, use = 0, []
    for stage, moves in enumerate(machine.moves):
        price = prices[machine.items[stage]]
        rest = later[stage + 1]
        target = later[stage][state]
        for units, after, gain in moves[state]:
            if gain - units * price + rest[after] == target:
                if units:
                    use.append((stage, units, state, after))
                state = after
                break
    return later[0][0], use


def _later(machine: Machine, prices: Sequence[int]) -> list[list[int]]:
    """By stage and state: the most that the machine can still earn from there on."""
    rest = machine.final
    rows = [rest]
    for item, stage in zip(reversed(machine.items), reversed(machine.moves), strict=True):
        price = prices[item]
        here = [NEVER] * machine.size
        for state, moves in enumerate(stage):
            if moves:
                most = NEVER
                for units, after, gain in moves:
                    worth = gain - units * price + rest[after]
                    if worth > most:
                        most = worth
                here[state] = most
        rest = here
        rows.append(rest)
    rows.reverse()
    return rows


def _competing(machines: Sequence[Machine], worth: Sequence[int]) -> list[list[int]]:
    """The machines in groups that share items, directly or through others."""
    group_of: dict[int, list[int]] = {}
    for number in worth:
        merged = [number]
        met = [group_of[item] for item in machines[number].items if item in group_of]
        for group in {id(group): group for group in met}.values():
            merged += group
        for member in merged:
            for item in machines[member].items:
                group_of[item] = merged
    unique = {id(group): group for group in group_of.values()}
    return [sorted(group) for group in unique.values()]


def _best_of(
    supply: Sequence[int], machines: list[Machine], alone: list[tuple[int, Uses]], work_limit: int
) -> Outcome:
    """The best combination of machines that do share items."""
    touched = sorted({item for machine in machines for item in machine.items})
    if not _over(supply, machines, [use for _, use in alone], touched):
        gain = sum(gain for gain, _ in alone)
        return Outcome([use for _, use in alone], gain, gain)
    auction = Auction(supply, machines, touched)
    for rounds, limit in _EFFORTS:
        fitting = auction.run(rounds(len(machines), len(touched)))
        if fitting is not None:
            return fitting
        search = Search(supply, machines, auction.best, touched)
        found = search.run(min(limit, work_limit))
        if found is not None:
            return found
        if limit >= work_limit:
            break
    return search.give_up()


def _over(
    supply: Sequence[int], machines: list[Machine], uses: list[Uses], touched: Sequence[int]
) -> dict[int, int]:
    """Items of which more units are taken than there are, with the number too many."""
    taken = dict.fromkeys(touched, 0)
    for machine, use in zip(machines, uses, strict=True):
        for stage, units, _, _ in use:
            taken[machine.items[stage]] += units
    return {item: units - supply[item] for item, units in taken.items() if units > supply[item]}


class Auction:
    """Moves the prices of units until what the machines would buy is what there is, or nearly so.

    A price goes up where more units are wanted than there are, and down where units are left over, in steps that
    shrink whenever the bound does not fall (the subgradient method).
    """

    def __init__(self, supply: Sequence[int], machines: list[Machine], touched: Sequence[int]) -> None:
        self.supply = supply
        self.machines = machines
        self.touched = touched
        self.prices = self._first()
        self.best = self.prices
        self.bound: int | None = None
        self.stride = 0.25

    def _first(self) -> list[int]:
        """A part of what a unit is worth where most is made of it, for items that several machines want."""
        prices, wanted = [0] * len(self.supply), [0] * len(self.supply)
        for machine in self.machines:
            for item, moves in zip(machine.items, machine.moves, strict=True):
                wanted[item] += 1
                for options in moves:
                    for units, _, gain in options:
                        if units and gain > prices[item] * units:
                            prices[item] = gain // units
        return [price // 3 if number > 1 else 0 for price, number in zip(prices, wanted, strict=True)]

    def run(self, rounds: int) -> Outcome | None:
        """So many rounds; the best combination itself when supply meets demand at some prices."""
        supply, machines = self.supply, self.machines
        for _ in range(rounds):
            prices = self.prices
            answers = [earn(machine, prices) for machine in machines]
            total = sum([gain for gain, _ in answers])
            excess = {item: -supply[item] for item in self.touched}
            for machine, (_, use) in zip(machines, answers, strict=True):
                for stage, units, _, _ in use:
                    excess[machine.items[stage]] += units
            length = 0
            for item, units in excess.items():
                price = prices[item]
                total += price * supply[item]
                if units and (units > 0 or price):
                    length += units * units
            if not length:
                return Outcome([use for _, use in answers], total, total)
            if self.bound is None or total < self.bound:
                self.bound, self.best = total, prices
            else:
                self.stride *= 0.7
            step = self.stride * self.bound / length
            self.prices = prices.copy()
            for item, units in excess.items():
                if units and (units > 0 or prices[item]):
                    self.prices[item] = max(0, prices[item] + int(step * units))
        return None


class Search:
    """The walk through items and machines, always on from the place that has lost least against the bound."""

    def __init__(
        self, supply: Sequence[int], machines: list[Machine], prices: list[int], touched: Sequence[int]
    ) -> None:
        self.supply = supply
        self.machines = machines
        self.prices = prices
        self.later = [_later(machine, prices) for machine in machines]
        self.bound = sum(later[0][0] for later in self.later) + sum(prices[i] * supply[i] for i in touched)
        self.weights: list[int] = []
        weight = 1
        for machine in machines:
            self.weights.append(weight)
            weight *= machine.size
        self.places = self._places(touched)
        self.steps: list[dict[int, list[tuple[int, int, int]]]] = [{} for _ in self.places]
        self.width = max(supply[item] for item in touched).bit_length()
        self.came: list[dict[int, tuple[int, int]]] = []
        self.reached = self.bound

    def _places(self, touched: Sequence[int]) -> list[tuple[int, int, int]]:
        """Where a decision is made, in order: (item, machine, the machine's stage)."""
        stages: dict[int, list[tuple[int, int, int]]] = {item: [] for item in touched}
        for number, machine in enumerate(self.machines):
            for stage, item in enumerate(machine.items):
                stages[item].append((item, number, stage))
        return [place for item in touched for place in stages[item]]

    def losses(self, place: int, state: int) -> list[tuple[int, int, int]]:
        """What each number of units loses against the bound here: (loss, units, state after), least first."""
        item, number, stage = self.places[place]
        price = self.prices[item]
        later = self.later[number]
        here, rest = later[stage][state], later[stage + 1]
        found = []
        for units, after, gain in self.machines[number].moves[stage][state]:
            if rest[after] > NEVER:
                found.append((here - gain + units * price - rest[after], units, after))
        found.sort()
        self.steps[place][state] = found
        return found

    def run(self, work_limit: int) -> Outcome | None:
        """The best combination, or None when the walk has looked at ``work_limit`` places.

        A spot is the states of all machines and the units left of the item, in one number.
        """
        places, prices, supply = self.places, self.prices, self.supply
        end = len(places)
        changes = [place + 1 == end or places[place + 1][0] != places[place][0] for place in range(end)]
        fresh = [supply[places[place + 1][0]] if place + 1 < end else 0 for place in range(end)]
        width, mask = self.width, (1 << self.width) - 1
        least: list[dict[int, int]] = [{} for _ in range(end + 1)]
        came = self.came = [{} for _ in range(end + 1)]
        start = supply[places[0][0]]
        least[0][start] = 0
        heap: list[tuple[int, int, int]] = [(0, 0, start)]
        ceiling = self._dive(changes, fresh)
        work = 0
        while heap:
            lost, minus, spot = heappop(heap)
            place = -minus
            if place == end:
                return self._outcome(spot, self.bound - lost, work)
            if least[place][spot] < lost:
                continue
            work += 1
            if work > work_limit:
                self.reached = self.bound - lost
                return None
            states, left = spot >> width, spot & mask
            item, number, _ = places[place]
            weight = self.weights[number]
            state = states // weight % self.machines[number].size
            options = self.steps[place].get(state)
            if options is None:
                options = self.losses(place, state)
            base = states - state * weight
            reached, origin = least[place + 1], came[place + 1]
            change, renew, price = changes[place], fresh[place], prices[item]
            for loss, units, after in options:
                now = lost + loss
                if now > ceiling:
                    break
                remaining = left - units
                if remaining < 0:
                    continue
                if change:
                    now += remaining * price
                    if now > ceiling:
                        continue
                    remaining = renew
                key = base + after * weight << width | remaining
                known = reached.get(key)
                if known is None or now < known:
                    reached[key] = now
                    origin[key] = (spot, units)
                    heappush(heap, (now, minus - 1, key))
        raise AssertionError("taking nothing is always a combination")

    def _dive(self, changes: list[bool], fresh: list[int]) -> int:
        """What a walk loses that takes the nearest way everywhere: no better one loses more; or what all lose."""
        states, left, lost = 0, self.supply[self.places[0][0]], 0
        for place, (item, number, _) in enumerate(self.places):
            weight = self.weights[number]
            state = states // weight % self.machines[number].size
            options = self.steps[place].get(state)
            if options is None:
                options = self.losses(place, state)
            nearest = next((option for option in options if option[1] <= left), None)
            if nearest is None:
                return self.bound
            loss, units, after = nearest
            lost += loss
            left -= units
            states += (after - state) * weight
            if changes[place]:
                lost += left * self.prices[item]
                left = fresh[place]
        return min(lost, self.bound)

    def _outcome(self, spot: int, gain: int, work: int) -> Outcome:
        uses: list[Uses] = [[] for _ in self.machines]
        for place in range(len(self.places), 0, -1):
            after = spot >> self.width
            spot, units = self.came[place][spot]
            if units:
                _, number, stage = self.places[place - 1]
                weight, size = self.weights[number], self.machines[number].size
                uses[number].append(
                    (stage, units, (spot >> self.width) // weight % size, after // weight % size)
                )
        for use in uses:
            use.reverse()
        return Outcome(uses, gain, gain, work)

    def give_up(self) -> Outcome:
        """The best that can be found quickly, with the bound that the walk had reached."""
        uses, gain = best_found(self)
        return Outcome(uses, gain, self.reached)


def _few(machines: int, items: int) -> int:
    return 3 + machines // 2 + items // 4


# Rounds of the auction, then places of the walk: most baskets are done in the first line, the hard ones go on.
_EFFORTS = (
    (_few, 60),
    (lambda machines, items: 4 + machines, 400),
    (lambda machines, items: 8 + machines, 3_000),
    (lambda machines, items: 12 + 2 * machines, 1 << 60),
)
