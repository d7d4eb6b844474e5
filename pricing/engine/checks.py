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
            f"The end {ends_on} is not after the start {starts_on}.",
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
        return [Problem(field, f"{what} of {value} is below {least}.", f"Enter at least {least}.", row)]
    if most is not None and value > most:
        return [Problem(field, f"{what} of {value} is above {most}.", f"Enter at most {most}.", row)]
    return []


def check_no_overlap(periods: Sequence[Period], *, field: str, what: str) -> list[Problem]:
    """Periods of one thing must not hold on the same day; the later row of two is the one to mend."""
    return [
        Problem(
            field,
            f"{what} {earlier + 1} and {row + 1} hold on the same days.",
            "End one of them on the day on which the other starts.",
            row,
        )
        for row in range(len(periods))
        for earlier in range(row)
        if _overlap(periods[earlier], periods[row])
    ]


def _overlap(one: Period, other: Period) -> bool:
    return _starts_before_end(one, other) and _starts_before_end(other, one)


def _starts_before_end(one: Period, other: Period) -> bool:
    start, end = one[0], other[1]
    return start is None or end is None or start < end
