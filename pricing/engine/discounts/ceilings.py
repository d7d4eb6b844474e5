"""Simple discounts that only so many units may have, or that give only so much money in all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from pricing.engine.discounts.pools import WHOLE, Pool
from pricing.engine.discounts.sets import Grant
from pricing.engine.discounts.terms import Terms
from pricing.engine.discounts.tiers import MONEY, Spent, counted, scope_of
from pricing.engine.machines import Machine, Use, capped_machine, limited_machine
from pricing.engine.minor import FINE

MOST_LIMITED = 500  # units up to which a ceiling is searched: its moves grow with its square
MOST_MOVES = 20_000  # with which a ceiling of money is searched, which can be filled in very many ways
MOST_WAYS = (
    2_000  # to fill it that are kept where nothing competes, of those that differ least one of several
)
NEARLY = FINE // 1_000  # so near to the most that is possible is the most
Trail = tuple[int, int, "Trail"] | None  # place and units, the last first
Way = tuple[int, int, Trail]  # given, gone without, by which units


class Ceiling(NamedTuple):
    """These places may have only so many units of a discount, or so much money of it.

    By place: the line of it that gives most, what a unit is given with it, and what of that is its own; the units
    that may have it where there is a ceiling of either kind.
    """

    lines: dict[int, Terms]
    gains: dict[int, int]
    owns: dict[int, int]
    limit: int
    cap: int | None = None
    room: dict[int, int] | None = None

    def is_for_nothing(self, place: int, options: Sequence[int]) -> bool:
        """Whether a unit goes without nothing by having it."""
        return self.gains[place] - self.owns[place] >= options[place]

    def most(self, place: int) -> int:
        """More units of the place than these are of no use to it."""
        if self.cap is None:
            return self.limit
        return -(-self.cap // self.owns[place]) if self.owns[place] else 0


class LimitedOffer:
    """A simple discount of which a product, or the whole basket, may have only so many units.

    Where the ceiling is too far up to be counted, there is no machine: it is given what the others leave.
    """

    __slots__ = ("exact", "gains", "limit", "lines", "machine", "places")

    def __init__(self, ceiling: Ceiling, options: Sequence[int], supply: Sequence[int]) -> None:
        self.lines, self.limit = ceiling.lines, ceiling.limit
        self.places = list(self.lines)
        self.gains = [ceiling.gains[place] - options[place] for place in self.places]
        self.exact = self.limit <= MOST_LIMITED
        self.machine: Machine | None = None
        if self.exact:
            self.machine = limited_machine(supply, self.places, self.gains, self.limit)

    def grants(self, uses: Sequence[Use]) -> list[Grant]:
        """Each unit taken is given the rate of its line."""
        return [(self.places[use[0]], use[1], self.lines[self.places[use[0]]].rate, None) for use in uses]

    def alone(self, supply: Sequence[int]) -> list[Grant]:
        """The units that gain most by it, where nothing competes for them any more."""
        found, left = [], self.limit
        for gain, place in sorted(zip(self.gains, self.places, strict=True), key=lambda row: -row[0]):
            units = min(supply[place], left)
            if gain > 0 and units > 0:
                found.append((place, units, self.lines[place].rate, None))
                left -= units
        return found

    def last(self, supply: Sequence[int], pools: Sequence[Pool]) -> list[Grant]:
        """What it gives of the units that all others leave."""
        return self.alone(supply)


class CappedOffer(LimitedOffer):
    """A simple discount that gives only so much money in all.

    What it gives is cut down to that in the end, every unit's part alike; here it is told which units are to have it.
    ``is_coarse`` once there were too many ways to look at all of them, and a better one is possible.
    """

    __slots__ = ("cap", "is_coarse", "losses", "owns", "room")

    def __init__(
        self, ceiling: Ceiling, options: Sequence[int], supply: Sequence[int], *, competes: bool
    ) -> None:
        assert ceiling.cap is not None
        self.lines, self.cap, self.room = ceiling.lines, ceiling.cap, ceiling.room
        self.places = list(self.lines)
        self.owns = [ceiling.owns[place] for place in self.places]
        self.losses = [options[p] + ceiling.owns[p] - ceiling.gains[p] for p in self.places]
        self.is_coarse = False
        self.machine = None
        if competes:
            some = [self._most(place, units) for place, units in enumerate(supply)]
            self.machine = capped_machine(some, self.places, self.owns, self.losses, self.cap, MOST_MOVES)
        self.exact = self.room is None and (self.machine is not None or not competes)

    def _most(self, place: int, units: int) -> int:
        return units if self.room is None else min(units, self.room.get(place, 0))

    def alone(self, supply: Sequence[int]) -> list[Grant]:
        """The units that gain most by it."""
        rows = [
            (loss, own, place, units)
            for loss, own, place in sorted(
                zip(self.losses, self.owns, self.places, strict=True), key=_by_loss
            )
            if own > loss and (units := self._most(place, supply[place]))
        ]
        enough = self._bound(rows) - NEARLY
        ways: list[Way] = [(0, 0, None)]
        thinned = False
        for loss, own, place, units in rows:
            if max(given - lost for given, lost, _ in ways) >= enough:
                break
            for count in (units,) if loss <= 0 else _in_twos(min(units, -(-self.cap // own))):
                ways = _undominated(
                    (min(given + number * own, self.cap), lost + number * loss, (place, number, trail))
                    for given, lost, trail in ways
                    for number in (0, count)
                )
                if len(ways) > MOST_WAYS:
                    thinned = True
                    ways = [*ways[:: len(ways) // MOST_WAYS + 1], ways[-1]]
        given, lost, trail = max(ways, key=lambda way: way[0] - way[1])
        self.is_coarse = thinned and given - lost < enough
        taken: dict[int, int] = {}
        while trail is not None:
            place, number, trail = trail
            taken[place] = taken.get(place, 0) + number
        return [(place, number, self.lines[place].rate, None) for place, number in taken.items() if number]

    def _bound(self, rows: Iterable[tuple[int, int, int, int]]) -> Fraction:
        """What no choice of units gains more than: as if they could be cut."""
        left, bound = Fraction(self.cap), Fraction(0)
        for loss, own, _, units in rows:
            some = min(left / own, units)
            bound += some * (own - loss)
            left -= some * own
        return bound


def _by_loss(row: tuple[int, int, int]) -> tuple[float, int]:
    loss, own, place = row
    return (loss / own if own else 0.0, place)


def _in_twos(units: int) -> Iterator[int]:
    """Numbers that add up to any up to so many: 1, 2, 4 and so on, and the rest."""
    size = 1
    while units > 0:
        yield min(size, units)
        units -= size
        size *= 2


def _undominated(ways: Iterable[Way]) -> list[Way]:
    """Those that give more than any that goes without as little."""
    found: list[Way] = []
    for way in sorted(ways, key=lambda way: (-way[0], way[1])):
        if not found or way[1] < found[-1][1]:
            found.append(way)
    return found


def under_one_ceiling(
    terms: Sequence[Terms], pools: Sequence[Pool]
) -> Iterator[tuple[str, dict[int, list[Terms]]]]:
    """The places that share a ceiling, those of one product or all, with the lines that each may have."""
    shared: dict[tuple[str, str], dict[int, list[Terms]]] = {}
    for place, pool in enumerate(pools):
        for one in terms:
            if one in pool.item.limited:
                scope = "" if one.cap is not None else scope_of(one, pool)
                shared.setdefault((one.id, scope), {}).setdefault(place, []).append(one)
    for (_, scope), places in shared.items():
        yield scope, places


def of_units(
    ceiling: Ceiling, one: Terms, pools: Sequence[Pool], supply: Sequence[int], spent: Spent, scope: str
) -> Ceiling | None:
    """The ceiling of units of a discount; None where there are no more of them."""
    left = counted(one.limit) - spent.get(scope, 0)
    if sum(supply[place] * pools[place].size for place in ceiling.lines) <= left:
        return None
    whole = {place: line for place, line in ceiling.lines.items() if pools[place].size == WHOLE}
    return ceiling._replace(lines=whole, limit=left // WHOLE)


def of_money(
    ceiling: Ceiling, one: Terms, pools: Sequence[Pool], supply: Sequence[int], spent: Spent
) -> Ceiling | None:
    """The ceiling of money of a discount, which may have one of units, too; None where neither is reached."""
    assert one.cap is not None
    room = {place: supply[place] for place in ceiling.lines}
    if one.limit is not None:
        served: dict[str, int] = {name: units for name, units in spent.items() if name != MONEY}
        for place in sorted(room, key=lambda place: -ceiling.owns[place]):
            name, size = scope_of(one, pools[place]), pools[place].size
            room[place] = min(room[place], max(counted(one.limit) - served.get(name, 0), 0) // size)
            served[name] = served.get(name, 0) + room[place] * size
    is_tight = any(units < supply[place] for place, units in room.items())
    cap = one.cap - spent.get(MONEY, 0)
    if not is_tight and sum(ceiling.owns[place] * units for place, units in room.items()) <= cap:
        return None
    return ceiling._replace(cap=max(cap, 0), room=room if is_tight else None)


def contested(
    ceiling: Ceiling,
    terms: Sequence[Terms],
    pools: Sequence[Pool],
    values: Sequence[int],
    supply: Sequence[int],
) -> Ceiling:
    """The ceiling as it is for units that may have something else, where the others have their part of the money."""
    if ceiling.cap is None or ceiling.room is not None:
        return ceiling
    lines, given = {}, 0
    for place, line in ceiling.lines.items():
        others = any(pools[place].item.takes_part(one) for one in terms if one.id != line.id)
        if others or not ceiling.is_for_nothing(place, values):
            lines[place] = line
        else:
            given += ceiling.owns[place] * supply[place]
    return ceiling._replace(lines=lines, cap=max(ceiling.cap - given, 0))


def offer_under(
    ceiling: Ceiling, values: Sequence[int], supply: Sequence[int], *, competes: bool
) -> LimitedOffer:
    """The discount as an offer to the search; ``competes`` where others want the same units."""
    if ceiling.cap is None:
        return LimitedOffer(ceiling, values, supply)
    return CappedOffer(ceiling, values, supply, competes=competes)
