"""Mix and match: what a unit gains in an application, and which units stand together in one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pricing.engine.discounts.model import AMOUNT_OFF, DEAL_PRICE, PERCENT_OFF, UNIT_PRICE
from pricing.engine.discounts.pools import WHOLE, Pool, in_sequence
from pricing.engine.discounts.terms import Rate, Terms
from pricing.engine.machines import Machine, Role, Use, set_machine
from pricing.engine.minor import PERCENT, shares

FREE = Rate(UNIT_PRICE, 0)
Block = tuple[int, list[tuple[int, int]]]  # times it occurs alike; its members (place, units), dearest first
Grant = tuple[
    int, int, Rate | None, int | None
]  # place, units, what each is given, or their share of one amount


class SetOffer:
    """A mix and match discount before a list of pools, dearest first, as a machine for the search.

    ``options`` is what one unit of each pool is given without the set; ``companions`` are the compound discounts that
    a unit keeps inside the set. ``exact`` is False where the figure for an application is only an estimate.
    """

    __slots__ = ("constant", "exact", "limit", "machine", "one_amount", "rates", "roles", "sizes", "terms")

    def __init__(
        self,
        terms: Terms,
        pools: Sequence[Pool],
        options: Sequence[int],
        companions: Sequence[Sequence[Rate]] | None = None,
        *,
        on_original: bool = False,
    ) -> None:
        self.terms = terms
        self.exact = True
        self.rates: dict[int, Rate | None] = {}
        groups: list[list[int]] = [[] for _ in terms.sizes]
        for place, pool in enumerate(pools):
            for group, rate in pool.item.roles_in(terms):
                groups[group].append(place)
                self.rates[place] = None if pool.item.blocked else rate
        self.one_amount, self.constant = self._amount(pools, groups)
        rest = self._rest_of_percentages(companions, on_original)
        self.constant = self.constant * rest // PERCENT
        self.sizes, groups = _merged(terms.sizes, groups)
        self.roles: list[Role] = []
        for number, group in enumerate(groups):
            for place in group:
                keeps = companions[place] if companions else ()
                worth = self._worth(pools[place], place, keeps, rest, on_original)
                alone = in_sequence(pools[place], keeps, on_original=on_original) if keeps else 0
                self.roles.append(Role(place, number, worth - options[place], alone - options[place]))
        self.roles.sort(key=lambda role: (role.item, role.group))
        self.limit = terms.discount.max_applications
        self.machine: Machine | None = None

    def build(self, supply: Sequence[int], limit: int | None) -> Machine | None:
        """The machine for so many units and applications; None when not one application can be filled."""
        least = 0 if self.terms.least >= sum(self.sizes) else self.terms.least
        self.machine = set_machine(supply, self.roles, self.sizes, self.constant, least, limit)
        return self.machine

    def use_up(self, spent: Mapping[str, int]) -> None:
        """Take the applications off the limit that are made of these units, as pools count them."""
        if self.limit is not None and spent:
            self.limit = max(self.limit - spent.get("", 0) // (WHOLE * sum(self.sizes)), 0)

    def _amount(self, pools: Sequence[Pool], groups: Sequence[Sequence[int]]) -> tuple[bool, int]:
        """Whether an application is given one amount for all its units, and what it gains besides their worth."""
        terms = self.terms
        rate = terms.rate
        if rate is None or not terms.one_amount:
            return False, 0
        if rate.method == DEAL_PRICE:
            return True, -rate.value
        prices = [[pools[place].price for place in group] or [0] for group in groups]
        most = sum(size * max(group) for size, group in zip(terms.sizes, prices, strict=True))
        least = sum(size * min(group) for size, group in zip(terms.sizes, prices, strict=True))
        if rate.value >= most:  # such a set is free, however it is made up
            self.rates = {place: FREE if rate else None for place, rate in self.rates.items()}
            return False, 0
        self.exact = rate.value <= least
        return True, rate.value

    def _rest_of_percentages(self, companions: Sequence[Sequence[Rate]] | None, on_original: bool) -> int:
        """The part of a set's amount that is left after the companions' percentages; their mean where they differ."""
        if not companions or on_original or not self.one_amount:
            return PERCENT
        rests = set()
        for place in self.rates:
            rest = PERCENT
            for rate in companions[place]:
                if rate.method == PERCENT_OFF:
                    rest = rest * (PERCENT - rate.value) // PERCENT
            rests.add(rest)
        self.exact = self.exact and len(rests) <= 1
        return sum(rests) // len(rests) if rests else PERCENT

    def _worth(self, pool: Pool, place: int, keeps: Sequence[Rate], rest: int, on_original: bool) -> int:
        """What one discounted unit brings to an application, with what its companions give."""
        if not self.one_amount:
            rate = self.rates[place]
            return in_sequence(pool, [*keeps, *([rate] if rate else [])], on_original=on_original)
        beside = in_sequence(pool, keeps, on_original=on_original) if keeps else 0
        if self.terms.rate.method == AMOUNT_OFF:  # type: ignore[union-attr]
            return beside
        if on_original:
            return pool.price + beside
        amounts = sum(rate.value for rate in keeps if rate.method == AMOUNT_OFF)
        return pool.price + amounts * rest // PERCENT

    def grants(self, uses: Sequence[Use], pools: Sequence[Pool], *, distribute: bool) -> list[Grant]:
        """What the machine's uses give to whom. With ``distribute`` the discount on the cheapest is shared by all."""
        machine = self.machine
        assert machine is not None
        if not self.one_amount and not self.terms.least:
            return [(machine.items[use[0]], use[1], self.rates[machine.items[use[0]]], None) for use in uses]
        rows: list[list[list[int]]] = [[] for _ in self.sizes]
        for use in uses:
            for group, units in machine.groups_of(use):
                rows[group].append([machine.items[use[0]], units])
        found: list[Grant] = []
        for times, members in applications(rows, self.sizes):
            found += self.grants_of(times, members, pools, distribute=distribute)
        return found

    def grants_of(
        self, times: int, members: list[tuple[int, int]], pools: Sequence[Pool], *, distribute: bool
    ) -> list[Grant]:
        """What so many applications of these members give."""
        if self.one_amount:
            return self._shared(times, members, pools, self._amount_of(members, pools))
        if not self.terms.least:
            return [(place, units * times, self.rates[place], None) for place, units in members]
        if distribute:
            return self._shared(times, members, pools, self._least_amount(members, pools))
        return self._to_the_cheapest(times, members)

    def pure_gain(self, place: int) -> int:
        """What an application of units of one pool alone gains over what they are given otherwise."""
        role = next((role for role in self.roles if role.item == place), None)
        if role is None:
            return 0
        size = self.sizes[0]
        paying = size - self.terms.least if self.terms.least else 0
        return paying * role.helper + (size - paying) * role.gain + self.constant

    def _amount_of(self, members: list[tuple[int, int]], pools: Sequence[Pool]) -> int:
        rate = self.terms.rate
        assert rate is not None
        whole = sum(pools[place].price * units for place, units in members)
        return max(whole - rate.value, 0) if rate.method == DEAL_PRICE else min(rate.value, whole)

    def _to_the_cheapest(self, times: int, members: list[tuple[int, int]]) -> list[Grant]:
        found: list[Grant] = []
        wanted = self.terms.least
        for place, units in reversed(members):
            cheap = min(units, wanted)
            wanted -= cheap
            if cheap:
                found.append((place, cheap * times, self.rates[place], None))
            if units > cheap:
                found.append((place, (units - cheap) * times, None, None))
        return found

    def _least_amount(self, members: list[tuple[int, int]], pools: Sequence[Pool]) -> int:
        whole, wanted = 0, self.terms.least
        for place, units in reversed(members):
            cheap = min(units, wanted)
            wanted -= cheap
            rate = self.rates[place]
            whole += cheap * min(rate.saving(pools[place].base), pools[place].price) if rate else 0
        return whole

    def _shared(
        self, times: int, members: list[tuple[int, int]], pools: Sequence[Pool], amount: int
    ) -> list[Grant]:
        """One amount by price over the members that may be discounted."""
        weights = [pools[place].price * units if self.rates[place] else 0 for place, units in members]
        parts = shares(amount * times, weights) if any(weights) else [0] * len(members)
        return [
            (place, units * times, None, part if self.rates[place] else None)
            for (place, units), part in zip(members, parts, strict=True)
        ]


def _merged(sizes: Sequence[int], groups: list[list[int]]) -> tuple[list[int], list[list[int]]]:
    """Groups that the same pools may fill are one group of their sizes together."""
    places: dict[tuple[int, ...], int] = {}
    new_sizes: list[int] = []
    new_groups: list[list[int]] = []
    for size, group in zip(sizes, groups, strict=True):
        place = places.setdefault(tuple(group), len(new_sizes))
        if place == len(new_sizes):
            new_sizes.append(size)
            new_groups.append(group)
        else:
            new_sizes[place] += size
    return new_sizes, new_groups


def applications(rows: list[list[list[int]]], sizes: Sequence[int]) -> list[Block]:
    """Fill application after application from each group's row of [place, units]; alike ones are told once.

    The rows are used up. Members come dearest first, as the rows do.
    """
    found: list[Block] = []
    heads = [0] * len(rows)
    while heads[0] < len(rows[0]):
        times = 1 << 60
        for row, head, size in zip(rows, heads, sizes, strict=True):
            times = min(times, row[head][1] // size)
        members: dict[int, int] = {}
        for group, (row, size) in enumerate(zip(rows, sizes, strict=True)):
            needed = size * max(times, 1)
            while needed:
                entry = row[heads[group]]
                taken = min(entry[1], needed)
                members[entry[0]] = members.get(entry[0], 0) + taken
                entry[1] -= taken
                needed -= taken
                if not entry[1]:
                    heads[group] += 1
        times = max(times, 1)
        found.append((times, sorted((place, units // times) for place, units in members.items())))
    return found
