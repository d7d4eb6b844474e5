"""What is known of plain lines, by goods and quantity: the next basket with such a line need not look again."""

from __future__ import annotations

from decimal import Decimal
from sys import intern
from typing import TYPE_CHECKING

from pricing.engine.model import ONE, BasketLine

if TYPE_CHECKING:
    from pricing.engine.items import Item
    from pricing.engine.rows import Fare

Manner = tuple[str, tuple[str, ...], tuple[tuple[str, str], ...], str | None]
Name = str | tuple[str, str]  # a product, or product and variant
NONE_YET: dict = {}  # what is held until there is something to keep: most never need their own


def name_of(line: BasketLine) -> Name:
    """What the goods of the line are called."""
    return line.product if line.variant is None else (line.product, line.variant)


class Known:
    """What is known of plain lines of the same goods and quantity; ``fare`` when they stand alone."""

    __slots__ = ("dated", "fare", "item", "plain", "returned", "size")

    def __init__(self, item: Item, size: int, fare: Fare | None, plain: bool, returned: bool) -> None:
        self.item = item
        self.size = size
        self.fare = fare
        self.plain = plain
        self.returned = returned
        self.dated = item.plan.starts is not None or item.plan.ends is not None


class Shelf:
    """What is known of plain lines of the same goods: of one unit, which most lines are, and of more or of a part.

    ``manner`` is what else there is to the product or variant: unit, categories, attributes, tax group; shelves share
    it, so that looking at it seldom touches memory. ``beside`` has the goods in another manner. ``fare`` is that of one
    unit where it stands alone, whatever the time.
    """

    __slots__ = ("beside", "fare", "manner", "more", "one")

    def __init__(self, manner: Manner, beside: Shelf | None) -> None:
        self.manner = manner
        self.beside = beside
        self.fare: Fare | None = None
        self.one: Known | None = None
        self.more: dict[str, Known] = NONE_YET  # by what is written: a fresh Decimal is slow to hash

    def keep(self, quantity: Decimal, seen: Known) -> None:
        """Keep what is known of plain lines of these goods in this quantity."""
        if quantity == ONE:
            self.one = seen
            self.fare = None if seen.dated else seen.fare
            return
        if self.more is NONE_YET:
            self.more = {}
        self.more[intern(str(quantity))] = seen  # goods share what their quantities are called
