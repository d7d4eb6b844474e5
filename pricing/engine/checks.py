"""How a rule that cannot work is refused where it is entered: the field, what is wrong with it, and the
remedy.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from msgspec import Struct

Period = tuple[date | None, date | None]


class Problem(Struct, frozen=True):
    """One thing wrong with what was entered: `field` names the input, `row` (from 0) which one of several."""

    field: str
    message: str
    remedy: str
    row: int | None = None

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}"


def check_period(starts_on: date | None, ends_on: date | None, *, field: str = "ends_on") -> list[Problem]:
    """A period must end after it starts; its end is the first day on which it no longer holds."""
    if starts_on is None or ends_on is None or starts_on < ends_on:
        return []
    return [
        Problem(
            field,
            f"The end, {shown(ends_on)}, is not after the start, {shown(starts_on)}.",
            "Choose a later end, or leave it empty for no end.",
        )
    ]


def check_number(
    value: Decimal | None,
    *,
    field: str,
    what: str,
    least: Decimal | None = None,
    most: Decimal | None = None,
    row: int | None = None,
) -> list[Problem]:
    """A number that is there and within its limits, both allowed."""
    if value is None or not value.is_finite():
        return [Problem(field, f"{what} is missing.", "Enter a number.", row)]
    if least is not None and value < least:
        return [
            Problem(field, f"{what} of {_plain(value)} is below {least}.", f"Enter at least {least}.", row)
        ]
    if most is not None and value > most:
        return [Problem(field, f"{what} of {_plain(value)} is above {most}.", f"Enter at most {most}.", row)]
    return []


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def check_no_overlap(periods: Sequence[Period], names: Sequence[str], *, field: str) -> list[Problem]:
    """Periods of one thing must not hold on the same day; the one that starts later is the one to mend."""
    order = sorted(range(len(periods)), key=lambda row: periods[row][0] or date.min)
    return [
        Problem(
            field,
            f"{names[earlier]} holds {_span(periods[earlier])}, so two would hold at once.",
            "End that one where this starts.",
            later,
        )
        for place, later in enumerate(order)
        for earlier in order[:place]
        if _overlap(periods[earlier], periods[later])
    ]


def shown(day: date) -> str:
    """A day as people read it."""
    return f"{day.day} {day:%b %Y}"


def _span(period: Period) -> str:
    start, end = period
    since = "since ever" if start is None else f"from {shown(start)}"
    return f"{since} {'for good' if end is None else f'until {shown(end)}'}"


def _overlap(one: Period, other: Period) -> bool:
    return _starts_before_end(one, other) and _starts_before_end(other, one)


def _starts_before_end(one: Period, other: Period) -> bool:
    start, end = one[0], other[1]
    return start is None or end is None or start < end
