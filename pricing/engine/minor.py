"""Money as whole numbers inside the engine: the smallest unit of the currency, and a fine unit for comparing.

A fine figure counts hundred-millionths of the currency's unit of account, whatever its decimals; offers are compared
in it, unrounded. What a line is given is counted in the currency's smallest units and rounded half up, line by line.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache

from pricing.engine.money import Currency

FINE = 10**8  # fine units in one of the currency
PERCENT = 10**8  # a percentage of 100, as `percent_of` counts it
_KEPT = 200_000  # Decimals kept for reuse


def fine(amount: Decimal) -> int:
    """The amount in fine units, the nearest one."""
    return int((amount * FINE).to_integral_value())


def percentage(value: Decimal) -> int:
    """A percentage as a whole number: 100 percent is `PERCENT`."""
    return int((value * (PERCENT // 100)).to_integral_value())


def half_up(numerator: int, denominator: int) -> int:
    """The quotient of a figure that is not negative, rounded half up."""
    return (2 * numerator + denominator) // (2 * denominator)


class _Kept(dict[int, Decimal]):
    """Decimals by their smallest units, made when they are first asked for."""

    def __init__(self, decimals: int) -> None:
        self._decimals = decimals

    def __missing__(self, units: int) -> Decimal:
        if len(self) > _KEPT:
            self.clear()
        made = self[units] = Decimal(units).scaleb(-self._decimals)
        return made


class Minor:
    """Conversions of one currency between Decimal, smallest units and fine units.

    ``money`` makes a Decimal with the currency's decimals of smallest units: a call that Python does not see when the
    figure is known.
    """

    __slots__ = ("decimals", "money", "per_unit", "unit")

    def __init__(self, currency: Currency) -> None:
        self.decimals = currency.decimals
        self.unit = Decimal(1).scaleb(-self.decimals)
        self.per_unit = FINE // 10**self.decimals  # fine units in one smallest unit
        self.money: Callable[[int], Decimal] = _Kept(self.decimals).__getitem__

    def units(self, amount: Decimal) -> int:
        """A Decimal amount in smallest units, half away from zero."""
        exact = amount.scaleb(self.decimals)
        whole = int(exact)
        if whole == exact:
            return whole
        rounded = half_up(int((abs(exact) * FINE).to_integral_value()), FINE)
        return -rounded if amount < 0 else rounded

    def exactly(self, amount: Decimal) -> int | None:
        """A Decimal amount in smallest units; None when it is no whole number of them."""
        exact = amount.scaleb(self.decimals)
        whole = int(exact)
        return whole if whole == exact else None

    def rounded(self, fine_amount: int) -> int:
        """Fine units, not negative, in smallest units, half up."""
        return half_up(fine_amount, self.per_unit)


@lru_cache(maxsize=64)
def minor(currency: Currency) -> Minor:
    """The conversions of the currency."""
    return Minor(currency)


def shares(total: int, weights: list[int], remainder: str = "largest_share") -> list[int]:
    """The total, not negative, shared by weight in whole units that add up to it.

    Odd units go to the parts that lost most by rounding down (``largest_share``), to the parts from the first on
    (``first``), or every part is rounded half up, as long as there is something left, and the last takes the rest
    (``last``).
    """
    whole = sum(weights)
    if not whole:
        weights = [1] * len(weights)
        whole = len(weights)
    if remainder == "last":
        last = max(place for place, weight in enumerate(weights) if weight)
        parts, left = [], total
        for weight in weights[:last]:
            parts.append(min(half_up(total * weight, whole), left))
            left -= parts[-1]
        return [*parts, left, *[0] * (len(weights) - last - 1)]
    parts, rests = [], []
    for place, weight in enumerate(weights):
        part, rest = divmod(total * weight, whole)
        parts.append(part)
        if rest:
            rests.append((-rest if remainder == "largest_share" else 0, place))
    missing = total - sum(parts)
    if missing:
        rests.sort()
        for _, place in rests[:missing]:
            parts[place] += 1
    return parts
