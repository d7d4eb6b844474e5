"""The best combination of offers by brute force and an integer program, written without the engine's ideas.

Every application that an offer allows is enumerated as a set of units with its worth, straight from the definition of
the offer; HiGHS then chooses how often to use which, so that no unit is used twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations_with_replacement, product
from typing import NamedTuple

import highspy
import numpy as np

from pricing.engine.discounts.model import Discount

Item = tuple[str, int, int]  # name, price in cents, units


class Column(NamedTuple):
    """An application: its worth in hundredths of a cent, units by item, what is used at most once, of which offer."""

    worth: int
    units: dict[int, int]
    once: str | None
    offer: str


class Row(NamedTuple):
    """What the columns add up to at most; a sum of money may be more, but what it is more is not gained."""

    factors: Sequence[int]
    most: float
    is_money: bool


def best_total(items: Sequence[Item], discounts: Sequence[Discount]) -> int:
    """The largest discount in hundredths of a cent."""
    program = program_of(items, discounts)
    return _solve(program) if program.num_col_ else 0


def program_of(items: Sequence[Item], discounts: Sequence[Discount]) -> highspy.HighsLp:
    """The integer program: how often which application is used."""
    columns = [Column(*column, discount.id) for discount in discounts for column in _columns(items, discount)]
    columns = [column for column in columns if column.worth > 0]
    return _program(columns, list(_rows(items, discounts, columns)))


def _rows(items: Sequence[Item], discounts: Sequence[Discount], columns: Sequence[Column]) -> Iterator[Row]:
    for place, item in enumerate(items):
        yield Row([column.units.get(place, 0) for column in columns], item[2], False)
    for once in sorted({column.once for column in columns if column.once}):
        yield Row([int(column.once == once) for column in columns], 1, False)
    for discount in discounts:
        own = [column.offer == discount.id for column in columns]
        if discount.max_discount is not None:
            factors = [column.worth * mine for column, mine in zip(columns, own, strict=True)]
            yield Row(factors, float(discount.max_discount * 10_000), True)
        if discount.quantity_limit is not None:
            every = range(len(items))
            for places in [every] if discount.limit_scope == "basket" else [[place] for place in every]:
                factors = [
                    mine * sum(column.units.get(place, 0) for place in places)
                    for column, mine in zip(columns, own, strict=True)
                ]
                yield Row(factors, float(discount.quantity_limit), False)


def _columns(items: Sequence[Item], discount: Discount) -> Iterator[tuple[int, dict[int, int], str | None]]:
    if discount.kind == "simple":
        for place, (name, price, _) in enumerate(items):
            for line in discount.lines:
                if name in line.products:
                    method, value = line.method or discount.method, line.value or discount.value
                    yield _off(method, value, price), {place: 1}, None
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


def _quantity_columns(
    items: Sequence[Item], discount: Discount
) -> Iterator[tuple[int, dict[int, int], str | None]]:
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


def _set_columns(
    items: Sequence[Item], discount: Discount
) -> Iterator[tuple[int, dict[int, int], str | None]]:
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


def _program(columns: Sequence[Column], rows: Sequence[Row]) -> highspy.HighsLp:
    money = [
        number for number, row in enumerate(rows) if row.is_money
    ]  # each with a column for what it is more
    program = highspy.HighsLp()
    program.num_col_ = len(columns) + len(money)
    program.num_row_ = len(rows)
    program.col_cost_ = np.array([column.worth for column in columns] + [-1] * len(money), float)
    program.col_lower_ = np.zeros(program.num_col_)
    program.col_upper_ = np.array([1e6] * len(columns) + [highspy.kHighsInf] * len(money))
    program.row_lower_ = np.full(program.num_row_, -highspy.kHighsInf)
    program.row_upper_ = np.array([row.most for row in rows], float)
    starts, index, value = [0], [], []
    for number in range(len(columns)):
        for place, row in enumerate(rows):
            if row.factors[number]:
                index.append(place)
                value.append(row.factors[number])
        starts.append(len(index))
    for place in money:
        index.append(place)
        value.append(-1)
        starts.append(len(index))
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = np.array(starts)
    program.a_matrix_.index_ = np.array(index)
    program.a_matrix_.value_ = np.array(value, float)
    kinds = highspy.HighsVarType
    program.integrality_ = [kinds.kInteger] * len(columns) + [kinds.kContinuous] * len(money)
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
