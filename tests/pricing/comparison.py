"""Whether an answer has what a case expects: only what it names is looked at, and figures are compared as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

KEYS = ("line", "id", "mode")  # what the rows of a list are recognised by


def differences(expected: Any, answer: Any, tolerance: Decimal = Decimal(0), where: str = "") -> list[str]:
    """One sentence for every point where the answer is not what is expected; empty when all is well."""
    if isinstance(expected, Mapping):
        return _mapping(expected, answer, tolerance, where)
    if isinstance(expected, Sequence) and not isinstance(expected, str):
        return _sequence(expected, answer, tolerance, where)
    return [] if _same(expected, answer, tolerance) else [f"{where}: expected {expected}, got {answer}"]


def _mapping(expected: Mapping, answer: Any, tolerance: Decimal, where: str) -> list[str]:
    found = []
    for key, value in expected.items():
        place = f"{where}.{key}" if where else key
        try:
            got = answer[key]
        except (KeyError, TypeError):
            found.append(f"{place}: expected {value}, got nothing")
            continue
        if key.endswith(("_any_order", "multiset")):
            if _unordered(value) != _unordered(got):
                found.append(f"{place}: expected in any order {value}, got {got}")
        else:
            found += differences(value, got, tolerance, place)
    return found


def _sequence(expected: Sequence, answer: Any, tolerance: Decimal, where: str) -> list[str]:
    rows = [row for row in expected if isinstance(row, Mapping)]
    key = next(
        (key for key in KEYS if rows and len(rows) == len(expected) and all(key in row for row in rows)), None
    )
    if key is not None:
        by_key = {str(row.get(key)): row for row in answer}
        found = []
        for row in rows:
            if str(row[key]) not in by_key:
                found.append(f"{where}: no {key} {row[key]}")
            else:
                found += differences(row, by_key[str(row[key])], tolerance, f"{where}[{row[key]}]")
        return found
    if not isinstance(answer, Sequence) or len(answer) != len(expected):
        return [f"{where}: expected {list(expected)}, got {answer}"]
    found = []
    for number, (left, right) in enumerate(zip(expected, answer, strict=True)):
        found += differences(left, right, tolerance, f"{where}[{number}]")
    return found


def _same(expected: Any, answer: Any, tolerance: Decimal) -> bool:
    if expected is None or isinstance(expected, bool) or answer is None or isinstance(answer, bool):
        return expected is answer
    left, right = _number(expected), _number(answer)
    if left is None or right is None:
        return str(expected) == str(answer)
    return abs(left - right) <= tolerance


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _unordered(values: Any) -> Any:
    if isinstance(values, Sequence) and not isinstance(values, str):
        return sorted((_unordered(value) for value in values), key=repr)
    number = _number(values)
    return str(values) if number is None else f"{number.normalize():f}"
