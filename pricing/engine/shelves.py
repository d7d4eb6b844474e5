"""What is known of plain lines, by goods and quantity: the next basket with such a line need not look again."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from pricing.engine.model import ONE

if TYPE_CHECKING:
    from pricing.engine.items import Item
    from pricing.engine.rows import Fare

NONE_YET: dict = {}  # what is held until there is something to keep: most never need their own


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

    ``beside`` are other goods of the same product and variant: in another unit, of other categories.
    """

    __slots__ = ("beside", "goods", "more", "one")

    def __init__(self, goods: tuple, beside: Shelf | None) -> None:
        self.goods = goods
        self.beside = beside
        self.one: Known | None = None
        self.more: dict[Decimal, Known] = NONE_YET

    def keep(self, quantity: Decimal, seen: Known) -> None:
        """Keep what is known of plain lines of these goods in this quantity."""
        if quantity == ONE:
            self.one = seen
            return
        if self.more is NONE_YET:
            self.more = {}
        self.more[quantity] = seen
