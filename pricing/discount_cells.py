"""What belongs to a discount besides its lines, in one cell of a sheet each: tiers, parts of a set, days, stores."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from hq.admin.sheet import DayWidget, DecimalWidget, IntegerWidget, Named, read_cell
from pricing.models.discount import (
    WEEKDAYS,
    DiscountCustomer,
    DiscountDeliveryMode,
    DiscountGroup,
    DiscountPriceGroup,
    DiscountStore,
    DiscountTender,
    DiscountTier,
)
from pricing.sheet_cells import Cells, Names, Rows, joined, read_parts, split

_DAYS = tuple(day[:3] for day in WEEKDAYS)
_MUST = " among them"


class Tiers(Rows):
    """From where on something is given, and what: from 50: 10; from 100: 15 percent_off."""

    relation = "tiers"
    _FORM = re.compile(r"from\s+(\S+?)\s*:\s*(\S+)(?:\s+(\S+))?", re.IGNORECASE)

    def write(self, tiers: Iterable[DiscountTier]) -> str:
        """The tiers from the lowest up."""
        number = DecimalWidget().render
        return joined(
            f"from {number(tier.minimum)}: {number(tier.value)} {tier.method}".strip()
            for tier in sorted(tiers, key=lambda tier: tier.minimum)
        )

    def read(self, text: str, named: dict[str, Named]) -> list[DiscountTier]:
        """The tiers that a cell says. Raises ValueError."""
        found: dict[Any, DiscountTier] = {}
        for minimum, value, method in read_parts(
            text, self._FORM, "is no tier: write them as from 50: 10; from 100: 15 percent_off."
        ):
            tier = DiscountTier(
                minimum=read_cell(DecimalWidget(), minimum), value=read_cell(DecimalWidget(), value),
                method=method or "",
            )  # fmt: skip
            if tier.minimum in found:
                raise ValueError(f"Two tiers start at {minimum}. Leave one of them.")
            found[tier.minimum] = tier
        return list(found.values())


class Parts(Rows):
    """What a set is made of: 2 of A; 1 of B; 1 of C among them."""

    relation = "groups"
    _FORM = re.compile(rf"(\d+)\s+of\s+(.+?)({_MUST})?", re.IGNORECASE)

    def write(self, parts: Iterable[DiscountGroup]) -> str:
        """The parts by their codes."""
        return joined(
            f"{part.quantity} of {part.code}{_MUST if part.is_mandatory else ''}"
            for part in sorted(parts, key=lambda part: part.code)
        )

    def read(self, text: str, named: dict[str, Named]) -> list[DiscountGroup]:
        """The parts that a cell says. Raises ValueError."""
        found: dict[str, DiscountGroup] = {}
        for quantity, code, must in read_parts(
            text, self._FORM, "is no part of a set: write them as 2 of A; 1 of B among them."
        ):
            if code in found:
                raise ValueError(f"The set has two parts {code}. Leave one of them.")
            found[code] = DiscountGroup(
                code=code, quantity=read_cell(IntegerWidget(), quantity), is_mandatory=bool(must)
            )
        return list(found.values())


@dataclass(frozen=True)
class WeekdaysWidget:
    """Days of the week: Mon; Tue."""

    def render(self, value: Sequence[int] | None, **kwargs: Any) -> str:
        return joined(_DAYS[day] for day in sorted(value or ()))

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[int]:
        """Raises ValueError."""
        found = set()
        for part in split(str(value)):
            if part.title() not in _DAYS:
                raise ValueError(f"“{part}” is no day of the week: write them as {joined(_DAYS)}.")
            found.add(_DAYS.index(part.title()))
        return sorted(found)


@dataclass(frozen=True)
class DaysWidget:
    """Days of the calendar: 2026-11-27; 2026-12-24."""

    def render(self, value: Sequence[date] | None, **kwargs: Any) -> str:
        return joined(f"{day:%Y-%m-%d}" for day in sorted(value or ()))

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[date]:
        """Raises ValueError."""
        parts = [value] if isinstance(value, date) else split(str(value))
        return sorted({read_cell(DayWidget(), part) for part in parts})


CELLS = Cells("discount", {
    "tiers": Tiers(),
    "parts": Parts(),
    "price_groups": Names(DiscountPriceGroup, "price_groups", "price_group", "code"),
    "stores": Names(DiscountStore, "stores", "store", "number"),
    "customers": Names(DiscountCustomer, "customers", "customer", "account"),
    "tenders": Names(DiscountTender, "tenders", "method", "code"),
    "delivery_modes": Names(DiscountDeliveryMode, "delivery_modes", "delivery_mode", "code"),
})  # fmt: skip
