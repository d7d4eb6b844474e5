"""A line on its way to its price: its units in parts that were treated alike, in the currency's smallest units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

import msgspec

from pricing.engine.discounts.model import AMOUNT_OFF, PERCENT_OFF
from pricing.engine.discounts.pools import OPEN, RULES, WHOLE, Take
from pricing.engine.discounts.terms import Rate, Terms
from pricing.engine.items import Item
from pricing.engine.minor import PERCENT, Minor, half_up, shares
from pricing.engine.model import ZERO, AppliedDiscount, BasketLine, Figures, LinePart, Reason
from pricing.engine.tax import TaxPart


class Step(msgspec.Struct, eq=False, gc=False):
    """Base of what exists while one basket is priced; made by the hundred, and quicker so than by an ``__init__``."""


class Given(Step):
    """One discount on one part: the amount in smallest units, and under which rule."""

    terms: object
    amount: int
    rule: str
    applied: AppliedDiscount | None = None  # ready made, for discounts that are no offers: given by hand

    @property
    def id(self) -> str:
        """The discount's id."""
        return self.terms.id if self.applied is None else self.applied.id  # type: ignore[attr-defined]


class Part(Step):
    """Units of one line with one fate. ``left`` is what is to be paid for them, ``basis`` what percentages work on."""

    units: int
    gross: int
    left: int
    basis: int
    status: int = OPEN
    levels: tuple[int, ...] = ()
    given: list[Given] = []

    def take(self, given: Given, *, on_original: bool) -> int:
        """Note a discount, at most what is left; the amount that it comes to."""
        given.amount = max(min(given.amount, self.left), 0)
        self.left -= given.amount
        if not on_original:
            self.basis = max(self.basis - given.amount, 0)
        self.given.append(given)
        return given.amount


WIDTH = 60  # bits of a figure in a sum of figures: two digits of a Python number
LARGEST = 1 << WIDTH - 20  # of a figure, so that half a million of them can be added
ODD = 1 << 5 * WIDTH  # beyond the figures of a fare: how many lines have none that can be added so


class Fare(Step):
    """What becomes of a line: its figures, and all that the totals add up as one whole number.

    ``sums`` holds gross, amount, the quantity with whole units counting `WHOLE`, tax, and what the total is more than
    the amount, each in bits of its own; money in the currency's smallest units. Most lines have none of the last two,
    so their numbers are short. `ODD` where one of them is no whole number, or too large.
    ``taxes`` are those of the figures, so that a basket without any looks at no line's for them.
    """

    figures: Figures
    sums: int
    taxes: tuple[TaxPart, ...] = ()


def packed(figures: Sequence[int]) -> int:
    """Whole numbers, also below zero, side by side in one, so that adding it adds them all; `ODD` when too large."""
    if max(figures) > LARGEST or min(figures) < -LARGEST:
        return ODD
    sums = 0
    for figure in reversed(figures):
        sums = (sums << WIDTH) + figure
    return sums


def unpacked(sums: int, count: int) -> list[int]:
    """The numbers that stand side by side."""
    found = []
    for _ in range(count):
        figure = sums & (1 << WIDTH) - 1
        if figure >> WIDTH - 1:
            figure -= 1 << WIDTH
        found.append(figure)
        sums = sums - figure >> WIDTH
    return found


def fare_of(figures: Figures, money: Minor) -> Fare:
    """The fare of figures that are settled."""
    gross, amount, total = figures.gross, figures.amount, figures.total
    if gross - figures.discount != amount or figures.net + figures.tax != total:
        return Fare(figures, ODD, figures.taxes)
    size = figures.quantity * WHOLE
    wholes = [money.exactly(one) for one in (gross, amount, figures.tax, total - amount)]
    wholes.insert(2, int(size) if size == int(size) else None)
    return Fare(figures, ODD if None in wholes else packed(wholes), figures.taxes)  # type: ignore[arg-type]


class Row(Step):
    """One line of the basket with its item, in figures without sign.

    A plain row has nothing of its own but its quantity. Its ``fate`` is what tells it from others of its item that were
    treated otherwise.
    """

    place: int
    line: BasketLine
    item: Item
    money: Minor
    plain: bool
    size: int
    parts: Sequence[Part] = ()
    unmet: Sequence = ()  # offers of several units that found too few of them
    reasons: tuple[Reason, ...] = ()  # of the thresholds and the like
    net_discount: Decimal = ZERO  # a part of the order's discount that was named without tax
    fare: Fare | None = None  # known from an earlier line
    fate: tuple | None = None
    _gross: int = -1

    @property
    def gross(self) -> int:
        """Unit price times quantity."""
        if self._gross < 0:
            self._gross = half_up(self.item.price * self.size, WHOLE * self.money.per_unit)
        return self._gross

    @property
    def left(self) -> int:
        """What is to be paid for the line so far."""
        parts = self.parts
        return parts[0].left if len(parts) == 1 else sum([part.left for part in parts])


def dearest_unit(row: Row) -> Decimal:
    """What the dearest unit of the line costs after its discounts: one that is free does not make the other cheaper."""
    if row.left == row.gross:
        return row.item.unit_price.unit_price
    return max(row.money.money(part.left) * WHOLE / part.units for part in row.parts)


_SIZES: dict[Decimal, int] = {}


def units_of(quantity: Decimal) -> int:
    """A quantity without its sign, whole units counting `WHOLE`."""
    size = _SIZES.get(quantity)
    if size is None:
        if len(_SIZES) > 10_000:
            _SIZES.clear()
        size = _SIZES[quantity] = int((abs(quantity) * WHOLE).to_integral_value())
    return size


def sign_of(line: BasketLine) -> int:
    """-1 for goods that come back, else 1."""
    return -1 if line.quantity < 0 else 1


def fresh_parts(row: Row, sizes: list[int], money: Minor) -> list[Part]:
    """The row's parts of these sizes, before any discount; their gross amounts add up to the line's."""
    grosses = [row.gross] if len(sizes) == 1 else shares(row.gross, sizes)
    item = row.item
    if item.base == item.price:
        return [Part(size, gross, gross, gross) for size, gross in zip(sizes, grosses, strict=True)]
    return [
        Part(size, gross, gross, half_up(item.base * size, WHOLE * money.per_unit))
        for size, gross in zip(sizes, grosses, strict=True)
    ]


def amount_of(rate: Rate, part: Part, money: Minor) -> int:
    """What the rate comes to on the whole part, rounded once, in smallest units."""
    if rate.method == PERCENT_OFF:
        return half_up(part.basis * rate.value, PERCENT)
    amount = half_up(rate.value * part.units, WHOLE * money.per_unit)
    return amount if rate.method == AMOUNT_OFF else part.basis - amount


def give(
    part: Part,
    takes: Iterable[tuple[Take, int | None]],
    status: int,
    levels: tuple[int, ...],
    money: Minor,
    *,
    on_original: bool,
) -> None:
    """Let the part hold these discounts, in their order; a share of one amount comes with its figure."""
    for take, share in takes:
        if share is not None:
            amount = share
        else:
            amount = amount_of(take.rate, part, money) if take.rate is not None else 0
        part.take(Given(take.terms, amount, RULES[take.status]), on_original=on_original)
    part.status = status
    part.levels = levels


def applied_discounts(row: Row, money: Minor, sign: int) -> tuple[AppliedDiscount, ...]:
    """The line's discounts in the order in which they worked, each with its whole amount on the line."""
    sums: dict[int, list] = {}
    for part in row.parts:
        for given in part.given:
            known = sums.get(id(given.terms))
            if known is None:
                sums[id(given.terms)] = [given, given.amount, part.units]
            else:
                known[1] += given.amount
                known[2] += part.units
    found = []
    for given, amount, units in sums.values():
        if not amount:
            continue
        if given.applied is not None:
            found.append(_by_hand(given.applied, money.money(sign * amount)))
            continue
        terms = given.terms
        found.append(
            AppliedDiscount(
                terms.id, terms.name, terms.kind, money.money(sign * amount), given.rule, *_what(terms),
                None if units == row.size else quantity_of(units), terms.coupon,
            )
        )  # fmt: skip
    return tuple(found)


def _what(terms: Terms) -> tuple[str, Decimal | None]:
    """The method and value that a discount gives; where they hang on the tier that was reached, neither is told."""
    line, discount = terms.line, terms.discount
    if line is not None and line.method is not None and line.value is not None:
        return line.method, line.value
    if len(discount.tiers) > (0 if discount.value is not None and terms.kind == "tender" else 1):
        return "", None
    for tier in discount.tiers:
        return tier.method, tier.value
    return discount.method or "", discount.value


def _by_hand(applied: AppliedDiscount, amount: Decimal) -> AppliedDiscount:
    return AppliedDiscount(
        applied.id, applied.name, applied.kind, amount, applied.rule, applied.method, applied.value, None,
        applied.coupon, applied.reason, applied.by,
    )  # fmt: skip


def line_parts(row: Row, money: Minor, sign: int) -> tuple[LinePart, ...]:
    """The parts of a line whose units were not all treated alike; none when they were."""
    if len(row.parts) < 2:
        return ()
    return tuple(
        LinePart(
            quantity_of(part.units) * sign,
            money.money(sign * (part.gross - part.left)),
            tuple(given.id for given in part.given if given.amount),
        )
        for part in row.parts
    )


def quantity_of(units: int) -> Decimal:
    """A count of units as a quantity."""
    whole, rest = divmod(units, WHOLE)
    return Decimal(whole) if not rest else (Decimal(units) / WHOLE).normalize()
