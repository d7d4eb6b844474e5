"""split_lines: which units of which line each discount takes."""

from decimal import Decimal
from typing import Any

from pricing.engine.splitting import assign_to_lines


def run(case: dict[str, Any]) -> dict[str, Any]:
    """The case's answer in the words of its `expected`."""
    given = case["input"]
    parts = assign_to_lines(
        [Decimal(quantity) for quantity in given["line_quantities"]],
        [(one["discount"], Decimal(one["qty"])) for one in given["applied"]],
    )
    told = [[f"{quantity.normalize():f}:{name}" for name, quantity in _in_order(line)] for line in parts]
    return {"line_parts_any_order": told, "line_count": sum(len(line) for line in parts)}


def _in_order(line: list[tuple[str, Decimal]]) -> list[tuple[str, Decimal]]:
    """As the schema writes them where order does not matter: the larger part first."""
    return sorted(line, key=lambda part: (-part[1], part[0]))
