"""A line chart as plain numbers: shares of its width and height, for a template to draw."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pos.sales_figures import Hour


@dataclass(frozen=True)
class Point:
    """One hour on the chart; x, y in percent from the left and the top, `y` None where it has not come yet."""

    hour: Hour
    x: float
    y: float | None
    y_before: float
    is_labelled: bool


@dataclass(frozen=True)
class Chart:
    """Two lines over the hours of a day, and the marks of its axis."""

    points: tuple[Point, ...]
    line: str
    area: str
    line_before: str
    ticks: tuple[tuple[float, Decimal], ...]
    last: Point | None


def nice_ceiling(value: Decimal) -> Decimal:
    """The next round number at or above a positive value: 1, 2, 2.5 or 5 times a power of ten."""
    power = Decimal(10) ** value.adjusted()
    return next(step * power for step in map(Decimal, ("1", "2", "2.5", "5", "10")) if step * power >= value)


def line_chart(hours: Sequence[Hour]) -> Chart:
    """The chart of a day's hours. Returned goods may take an hour below zero: it is drawn on the axis."""
    highest = max([hour.before for hour in hours] + [hour.today or Decimal(0) for hour in hours])
    top = nice_ceiling(highest) if highest > 0 else Decimal(1)
    width = max(len(hours) - 1, 1)
    every = 1 if len(hours) <= 8 else 2 if len(hours) <= 16 else 3
    points = tuple(
        Point(
            hour,
            round(index / width * 100, 3),
            None if hour.today is None else _height(hour.today, top),
            _height(hour.before, top),
            index % every == 0,
        )
        for index, hour in enumerate(hours)
    )
    reached = [point for point in points if point.y is not None]
    line = _path([(point.x, point.y) for point in reached if point.y is not None])
    area = f"{line} L{reached[-1].x},100 L{reached[0].x},100 Z" if len(reached) > 1 else ""
    return Chart(
        points,
        line,
        area,
        _path([(point.x, point.y_before) for point in points]),
        tuple((100 - 25 * part, top * part / 4) for part in range(5)),
        reached[-1] if reached else None,
    )


def _height(amount: Decimal, top: Decimal) -> float:
    return round(100 - float(max(amount, Decimal(0)) / top) * 100, 3)


def _path(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{'M' if index == 0 else 'L'}{x},{y}" for index, (x, y) in enumerate(points))
