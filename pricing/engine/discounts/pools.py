"""Units of the basket that were treated alike so far, and what was given to them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pricing.engine.discounts.terms import RANK, WHOLE, Rate, Terms

if TYPE_CHECKING:
    from pricing.engine.items import Item

OPEN, COMPOUND, BEST, EXCLUSIVE = range(4)  # what a unit holds: nothing, may be added to, or is closed
RULES = {COMPOUND: "compound", BEST: "best_price", EXCLUSIVE: "exclusive"}


class Take:
    """A discount on the units of a pool.

    ``share`` is the fine amount for all units of the pool where the discount is one amount for several units; else
    each unit is given what ``rate`` gives. A helper takes part in a set and is given nothing.
    """

    __slots__ = ("helper", "rate", "share", "status", "terms")

    def __init__(self, terms: Terms, status: int, rate: Rate | None = None, share: int | None = None) -> None:
        self.terms = terms
        self.status = status
        self.rate = rate
        self.share = share
        self.helper = rate is None and share is None

    @property
    def rank(self) -> int:
        """Its place in the order of compounding: prices and shares, amounts, percentages."""
        return self.terms.rank


class Pool:
    """``units`` of one item with the same history; ``price`` is what is left of a unit's price, in fine units.

    ``size`` is `WHOLE`, or the part of a weighed quantity beyond whole units, which is one smaller unit.
    """

    __slots__ = ("base", "item", "levels", "price", "size", "status", "takes", "units")

    def __init__(
        self,
        item: Item,
        units: int,
        size: int,
        price: int,
        base: int,
        status: int = OPEN,
        takes: tuple[Take, ...] = (),
        levels: tuple[int, ...] = (),
    ) -> None:
        self.item = item
        self.units = units
        self.size = size
        self.price = price
        self.base = base
        self.status = status
        self.takes = takes
        self.levels = levels

    def part(self, units: int) -> Pool:
        """Some of the units, as they are."""
        return Pool(self.item, units, self.size, self.price, self.base, self.status, self.takes, self.levels)

    def given(self, units: int, takes: Iterable[Take], status: int, level: int, *, on_original: bool) -> Pool:
        """Some of the units after these discounts of the level, in their order."""
        takes = tuple(takes)
        price, base = self.price, self.base
        for take in takes:
            if take.helper:
                continue
            if take.share is not None:
                saving = min(take.share // (units or 1), price)
            else:
                saving = min(take.rate.saving(base), price)  # type: ignore[union-attr]
            price -= saving
            if not on_original:
                base = max(base - saving, 0)
        return Pool(
            self.item, units, self.size, price, base, status, self.takes + takes, (*self.levels, level)
        )


class Holding:
    """Units of a pool as the priority at hand treats them: what they hold of it so far."""

    __slots__ = ("pool", "status", "takes", "units")

    def __init__(self, pool: Pool, units: int, takes: list[Take], status: int) -> None:
        self.pool = pool
        self.units = units
        self.takes = takes
        self.status = status


def in_sequence(pool: Pool, rates: Iterable[Rate], *, on_original: bool) -> int:
    """What these rates give one unit together, prices before amounts before percentages, each on what is left."""
    price, base = pool.price, pool.base
    for rate in sorted(rates, key=lambda rate: RANK.get(rate.method, 2)):
        saving = min(rate.saving(base), price)
        price -= saving
        if not on_original:
            base = max(base - saving, 0)
    return pool.price - price


def best_single(pool: Pool, terms: Iterable[Terms]) -> tuple[int, Terms | None]:
    """The discount that gives one unit most, and how much; the first by id when two give the same."""
    best, most = None, 0
    for one in terms:
        saving = min(one.rate.saving(pool.base), pool.price)  # type: ignore[union-attr]
        if saving > most or (saving == most and best is not None and one.order < best.order):
            best, most = one, saving
    return most, best


__all__ = [
    "BEST", "COMPOUND", "EXCLUSIVE", "OPEN", "RULES", "WHOLE", "Holding", "Pool", "Take", "best_single", "in_sequence",
]  # fmt: skip
