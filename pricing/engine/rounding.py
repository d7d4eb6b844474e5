"""The one home of rounding: to a unit in a named way, and sharing a total so that the parts add back up."""

import decimal
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import lru_cache

ZERO = Decimal(0)
ONE = Decimal(1)
CENT = Decimal("0.01")

# Every way is symmetric about zero, except ceiling and floor: a refund is rounded as its sale was.
MODES = {
    "half_up": decimal.ROUND_HALF_UP,
    "half_down": decimal.ROUND_HALF_DOWN,
    "half_even": decimal.ROUND_HALF_EVEN,
    "up": decimal.ROUND_UP,
    "down": decimal.ROUND_DOWN,
    "ceiling": decimal.ROUND_CEILING,
    "floor": decimal.ROUND_FLOOR,
    "nearest": decimal.ROUND_HALF_UP,
}


@lru_cache(maxsize=512)
def _exponent(unit: Decimal) -> Decimal | None:
    """A power of ten equal to the unit, for `quantize`; None when the unit is not one (0.05, 0.25, 5)."""
    if not unit.is_finite() or unit <= 0:
        raise ValueError(f"A rounding unit must be above zero, not {unit}.")
    _sign, digits, exponent = unit.normalize().as_tuple()
    return Decimal((0, (1,), int(exponent))) if digits == (1,) and int(exponent) <= 0 else None


def round_to(amount: Decimal, unit: Decimal, mode: str = "half_up") -> Decimal:
    """The multiple of `unit` that the named mode chooses for the amount.

    Modes: half_up (nearest; a tie goes away from zero), half_down, half_even, up (away from zero), down
    (towards zero), ceiling, floor, and none, which gives the amount back. Raises ValueError for another
    mode or a unit that is not above zero.
    """
    rounding = MODES.get(mode)
    if rounding is None:
        if mode == "none":
            return amount
        raise ValueError(f"Unknown rounding mode {mode!r}: use one of {', '.join(MODES)} or none.")
    exponent = _exponent(unit)
    if exponent is not None:
        return amount.quantize(exponent, rounding)
    steps = (amount / unit).quantize(ONE, rounding)
    return (steps * unit).quantize(unit) if unit.as_tuple().exponent <= 0 else steps * unit  # type: ignore[operator]


def spread(
    total: Decimal,
    weights: Sequence[Decimal],
    unit: Decimal = CENT,
    *,
    remainder: str = "largest_share",
    share_rounding: str | None = None,
) -> list[Decimal]:
    """Share the total in proportion to the weights, in whole units, so that the parts add up to it exactly.

    `remainder` says where the odd units go: largest_share gives one each to the parts that lost most by
    rounding, the earlier on a tie; first gives one each from the first part on; last lets the last part take
    the difference, the others no more than there is. `share_rounding` is how a share is rounded before: down,
    but half up where the last takes the rest. Parts with weight zero get nothing; when all weights are zero
    they count as equal. What the total itself has below one unit goes where the odd units go, so nothing is
    ever lost. Raises ValueError for no weights, a negative weight or an unknown remainder.
    """
    if not weights:
        raise ValueError("There is nothing to share among.")
    if any(weight < 0 for weight in weights):
        raise ValueError("A weight must not be negative.")
    if remainder not in ("largest_share", "first", "last"):
        raise ValueError(f"Unknown remainder {remainder!r}: use largest_share, first or last.")
    whole = sum(weights, ZERO)
    if not whole:
        weights, whole = [ONE] * len(weights), Decimal(len(weights))
    exact = [total * weight / whole for weight in weights]
    mode = share_rounding or ("half_up" if remainder == "last" else "down")
    parts = [round_to(share, unit, mode) for share in exact]
    places = [i for i, weight in enumerate(weights) if weight]
    if remainder == "last":
        *earlier, last = places
        left = total
        for i in earlier:
            parts[i] = min(parts[i], left, key=abs)
            left -= parts[i]
        parts[last] = left
        return parts
    missing = total - sum(parts, ZERO)
    odd, dust = divmod(abs(missing), unit)
    step = unit.copy_sign(missing)
    if remainder == "largest_share":
        sign = ONE.copy_sign(missing)
        places.sort(key=lambda i: (-(exact[i] - parts[i]) * sign, i))
    for n in range(int(odd)):
        parts[places[n % len(places)]] += step
    if dust:
        parts[places[int(odd) % len(places)]] += dust.copy_sign(missing)
    return parts


def split_evenly(amount: Decimal, quantity: Decimal, unit: Decimal = CENT) -> list[tuple[Decimal, Decimal]]:
    """An amount over the units of one line, as pairs of (quantity, amount per unit) that add up to it
    exactly.

    Whole quantities are cut in two where the amount does not divide: 10.00 over 7 is 1 × 1.42 and 6 × 1.43.
    Others (weighed goods) stay whole, with an amount per unit that is not rounded. The amount is in whole
    units, the quantity not zero. (retaillife blog, "Rounding I" and its sample)
    """
    if quantity != quantity.to_integral_value():
        return [(quantity, amount / quantity)]
    count = abs(quantity)
    low = round_to(amount / count, unit, "down")
    odd = (amount - low * count) / unit
    high = int(abs(odd))
    step = unit.copy_sign(odd)
    parts = [(count - high, low), (Decimal(high), low + step)]
    return [(part.copy_sign(quantity), each.copy_sign(each * quantity)) for part, each in parts if part]


def rounder(unit: Decimal, mode: str = "half_up") -> Callable[[Decimal], Decimal]:
    """`round_to` with its unit and mode settled, for a loop over many amounts. Raises as `round_to` does."""
    exponent, rounding = _exponent(unit), MODES.get(mode)
    if exponent is None or rounding is None:
        return lambda amount: round_to(amount, unit, mode)
    return lambda amount: amount.quantize(exponent, rounding)
