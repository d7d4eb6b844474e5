"""Which units of which sales line a discount takes: whole lines first, and only then is a line cut in two."""

from collections.abc import Sequence
from decimal import Decimal

ZERO = Decimal(0)


def assign_to_lines(
    quantities: Sequence[Decimal], applied: Sequence[tuple[str, Decimal]]
) -> list[list[tuple[str, Decimal]]]:
    """The parts of every line, as (discount, quantity), for equal goods that stand on several lines.

    `applied` says how many units each discount takes in all. A line that is taken whole is not cut; units
    that no discount takes are left out. Raises ValueError when more is applied than there is. (retaillife
    blog, "Discountable Item Group")
    """
    left = [abs(quantity) for quantity in quantities]
    if sum((taken for _, taken in applied), ZERO) > sum(left, ZERO):
        raise ValueError("Discounts take more units than the lines have.")
    parts: list[list[tuple[str, Decimal]]] = [[] for _ in quantities]
    wanted = dict(enumerate(applied))

    def take(number: int, line: int, units: Decimal) -> None:
        name, still = wanted[number]
        parts[line].append((name, units))
        left[line] -= units
        wanted[number] = (name, still - units)

    for whole in (True, False):
        for number in sorted(wanted, key=lambda n: -wanted[n][1]):
            for line in _order(left, wanted[number][1]):
                still = wanted[number][1]
                units = min(left[line], still)
                if units and (not whole or left[line] <= still):
                    take(number, line, units)
    return parts


def _order(left: Sequence[Decimal], wanted: Decimal) -> list[int]:
    """Lines of just the quantity first, then from the largest."""
    return sorted(range(len(left)), key=lambda line: (left[line] != wanted, -left[line]))
