"""What belongs to a discount besides its lines, in one cell of a sheet each: tiers, parts of a set, days, stores."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model

from customers.models import Customer
from hq.admin.sheet import (
    DayWidget,
    DecimalWidget,
    Field,
    IntegerWidget,
    Named,
    read_cell,
    say_what_to_enter,
    text_of,
)
from hq.models import PaymentMethod, Store
from pricing.models import DeliveryMode, Discount, DiscountGroup, DiscountTier, PriceGroup
from pricing.models.discount import WEEKDAYS

SEPARATOR = ";"
_DAYS = tuple(day[:3] for day in WEEKDAYS)
_MUST = " among them"


def split(text: str) -> list[str]:
    """The parts of a cell."""
    return [part.strip() for part in text.split(SEPARATOR) if part.strip()]


def joined(parts: Iterable[str]) -> str:
    """A cell of these parts."""
    return f"{SEPARATOR} ".join(parts)


def _read(text: str, form: re.Pattern[str], otherwise: str) -> Iterator[tuple[Any, ...]]:
    """What each part of a cell says by its form. Raises ValueError with `otherwise`."""
    for part in split(text):
        said = form.fullmatch(part)
        if said is None:
            raise ValueError(f"“{part}” {otherwise}")
        yield said.groups()


class Tiers:
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
        for minimum, value, method in _read(
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


class Parts:
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
        for quantity, code, must in _read(
            text, self._FORM, "is no part of a set: write them as 2 of A; 1 of B among them."
        ):
            if code in found:
                raise ValueError(f"The set has two parts {code}. Leave one of them.")
            found[code] = DiscountGroup(
                code=code, quantity=read_cell(IntegerWidget(), quantity), is_mandatory=bool(must)
            )
        return list(found.values())


class Names:
    """Rows that are named by a code, such as stores: 001; 002."""

    def __init__(self, relation: str, to: str, model: type[Model], code: str) -> None:
        self.relation, self.to = relation, to
        self._model, self._code = model, code

    def write(self, rows: Iterable[Model]) -> str:
        """The codes in their order."""
        return joined(sorted(str(getattr(getattr(row, self.to), self._code)) for row in rows))

    def read(self, text: str, named: dict[str, Named]) -> list[Model]:
        """What a cell names, each once; `named` keeps what there is for the next row. Raises ValueError."""
        there_is = named.setdefault(self.relation, Named(self._model, self._code))
        found = {row.pk: row for part in split(text) if (row := there_is.clean(part))}
        through = Discount._meta.get_field(self.relation).related_model
        return [through(**{self.to: row}) for row in found.values()]


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


CELLS: Mapping[str, Any] = {
    "tiers": Tiers(),
    "parts": Parts(),
    "price_groups": Names("price_groups", "price_group", PriceGroup, "code"),
    "stores": Names("stores", "store", Store, "number"),
    "customers": Names("customers", "customer", Customer, "account"),
    "tenders": Names("tenders", "method", PaymentMethod, "code"),
    "delivery_modes": Names("delivery_modes", "delivery_mode", DeliveryMode, "code"),
}
PREFETCHED = [
    f"{cell.relation}__{cell.to}" if isinstance(cell, Names) else cell.relation for cell in CELLS.values()
]


class CellField(Field):
    """A cell of what belongs to the discount of a row, as the discount was when it was read."""

    def __init__(self, column: str) -> None:
        super().__init__("discount", column, readonly=True)

    def get_value(self, instance: Any) -> str:
        discount = getattr(instance, "discount", None) if instance.discount_id else None
        return said_of(discount)[self.column_name] if discount is not None else ""


def said_of(discount: Discount) -> dict[str, str]:
    """The cells of a discount as they were when they were first asked for."""
    if not hasattr(discount, "_said"):
        discount._said = {
            column: cell.write(getattr(discount, cell.relation).all()) for column, cell in CELLS.items()
        }
    return discount._said


def read_cells(
    row: Any, already: Mapping[str, str], named: dict[str, Named]
) -> tuple[dict[str, list[Model]], dict[str, str]]:
    """What the cells of a row say, by column, and what is wrong with the others.

    Empty ones say nothing, nor do those that say what the discount has already.
    """
    found: dict[str, list[Model]] = {}
    errors: dict[str, str] = {}
    for column, cell in CELLS.items():
        text = text_of(row.get(column))
        if text in ("", already.get(column)):
            continue
        try:
            found[column] = cell.read(text, named)
            for one in found[column]:
                one.clean_fields(exclude=["discount"])
        except ValidationError as error:
            say_what_to_enter(error, type(one))
            errors[column] = " ".join(error.messages)
        except ValueError as error:
            errors[column] = str(error)
    return found, errors


def write_cells(discount: Discount, said: Mapping[str, list[Model]]) -> None:
    """Give a discount what its cells say, each as a whole."""
    wanted = said_of(discount) | {column: CELLS[column].write(rows) for column, rows in said.items()}
    for column in [column for column, text in wanted.items() if said_of(discount)[column] != text]:
        rows = getattr(discount, CELLS[column].relation)
        rows.all().delete()
        rows.bulk_create([_of(discount, one) for one in said[column]])
    discount._said = wanted


def _of(discount: Discount, row: Model) -> Model:
    row.discount = discount
    return row
