"""The best combination of offers by brute force and an integer program, written without the engine's ideas.

Every application that an offer allows is enumerated as a set of units with its worth, straight from the definition of
the offer; HiGHS then chooses how often to use which, so that no unit is used twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations_with_replacement, product

import highspy
import numpy as np

from pricing.engine.discounts.model import Discount

Item = tuple[str, int, int]  # name, price in cents, units
Column = tuple[
    int, dict[int, int], str | None
]  # worth in hundredths of a cent, units by item, offer used at most once


def best_total(items: Sequence[Item], discounts: Sequence[Discount]) -> int:
    """The largest discount in hundredths of a cent."""
    program = program_of(items, discounts)
    return _solve(program) if program.num_col_ else 0


def program_of(items: Sequence[Item], discounts: Sequence[Discount]) -> highspy.HighsLp:
    """The integer program: how often which application is used."""
    columns = [column for discount in discounts for column in _columns(items, discount)]
    return _program(items, [column for column in columns if column[0] > 0])


def _columns(items: Sequence[Item], discount: Discount) -> Iterator[Column]:
    if discount.kind == "simple":
        for place, (name, price, _) in enumerate(items):
            for line in discount.lines:
                if name in line.products:
                    yield _off(discount.method, discount.value, price), {place: 1}, None
    elif discount.kind == "quantity":
        yield from _quantity_columns(items, discount)
    else:
        yield from _set_columns(items, discount)


def _off(method: str | None, value: Decimal | None, price: int) -> int:
    """What one unit is given, in hundredths of a cent."""
    assert value is not None
    if method == "percent_off":
        return int(price * value)
    if method == "amount_off":
        return min(int(value * 10_000), price * 100)
    return max(price * 100 - int(value * 10_000), 0)


def _quantity_columns(items: Sequence[Item], discount: Discount) -> Iterator[Column]:
    for number, line in enumerate(discount.lines):
        places = [place for place, item in enumerate(items) if item[0] in line.products]
        for counts in product(*(range(items[place][2] + 1) for place in places)):
            reached = [tier for tier in discount.tiers if tier.minimum <= sum(counts)]
            if reached and sum(counts):
                tier = max(reached, key=lambda one: one.minimum)
                worth = sum(
                    units * _off(tier.method, tier.value, items[place][1])
                    for place, units in zip(places, counts, strict=True)
                )
                yield worth, dict(zip(places, counts, strict=True)), f"{discount.id}:{number}"


def _set_columns(items: Sequence[Item], discount: Discount) -> Iterator[Column]:
    fills = []
    for group in discount.groups:
        names = {name for line in discount.lines if line.group == group.id for name in line.products}
        places = [place for place, item in enumerate(items) if item[0] in names]
        fills.append(list(combinations_with_replacement(places, group.quantity)))
    seen = set()
    for chosen in product(*fills):
        units = Counter(place for part in chosen for place in part)
        key = tuple(sorted(units.items()))
        if key not in seen and all(count <= items[place][2] for place, count in units.items()):
            seen.add(key)
            yield _set_worth(items, discount, units), dict(units), None


def _set_worth(items: Sequence[Item], discount: Discount, units: Counter) -> int:
    prices = sorted((items[place][1] for place in units.elements()), reverse=True)
    if discount.least_expensive is not None:
        least = discount.least_expensive
        return sum(_off(least.method, least.value, price) for price in prices[-least.count :])
    if discount.method == "deal_price":
        return max(sum(prices) * 100 - int(discount.value * 10_000), 0)  # type: ignore[operator]
    if discount.method == "amount_off":
        return min(int(discount.value * 10_000), sum(prices) * 100)  # type: ignore[operator]
    return sum(_off(discount.method, discount.value, price) for price in prices)


def _program(items: Sequence[Item], columns: Sequence[Column]) -> highspy.HighsLp:
    once = sorted({column[2] for column in columns if column[2]})
    program = highspy.HighsLp()
    program.num_col_ = len(columns)
    program.num_row_ = len(items) + len(once)
    program.col_cost_ = np.array([column[0] for column in columns], float)
    program.col_lower_ = np.zeros(len(columns))
    program.col_upper_ = np.full(len(columns), 1e6)
    program.row_lower_ = np.full(program.num_row_, -highspy.kHighsInf)
    program.row_upper_ = np.array([item[2] for item in items] + [1] * len(once), float)
    starts, index, value = [0], [], []
    for _, units, name in columns:
        for place, count in units.items():
            if count:
                index.append(place)
                value.append(count)
        if name:
            index.append(len(items) + once.index(name))
            value.append(1)
        starts.append(len(index))
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = np.array(starts)
    program.a_matrix_.index_ = np.array(index)
    program.a_matrix_.value_ = np.array(value, float)
    program.integrality_ = [highspy.HighsVarType.kInteger] * len(columns)
    program.sense_ = highspy.ObjSense.kMaximize
    return program


def _solve(program: highspy.HighsLp) -> int:
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", 0.0)
    solver.passModel(program)
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return round(solver.getInfo().objective_function_value)
