"""Uploads by the hour as bars, with a mark where they usually end: shares of the height, for a template to draw."""

from collections.abc import Sequence
from dataclasses import dataclass

from channels_app.traffic import TrafficHour
from hq import cells


@dataclass(frozen=True)
class Bar:
    """One hour; heights in percent of the tallest, `usual` None while nothing is known of such an hour."""

    hour: TrafficHour
    height: float
    usual: float | None
    is_labelled: bool


@dataclass(frozen=True)
class BarChart:
    """A day of uploads. `words` say how it goes, in one sentence."""

    bars: tuple[Bar, ...]
    total: int
    usual_total: int | None
    words: str
    is_quiet: bool


def bar_chart(hours: Sequence[TrafficHour]) -> BarChart:
    """The chart of some hours, the oldest first."""
    highest = max([1.0, *(hour.events for hour in hours), *(hour.usual or 0 for hour in hours)])
    bars = tuple(
        Bar(
            hour,
            round(hour.events / highest * 100, 2),
            None if hour.usual is None else round(hour.usual / highest * 100, 2),
            index % 3 == 0,
        )
        for index, hour in enumerate(hours)
    )
    done = [hour for hour in hours if not hour.is_running]
    known = [hour for hour in done if hour.usual is not None]
    usual = round(sum(hour.usual or 0 for hour in known)) if known else None
    quiet = [hour for hour in done if hour.is_quiet]
    if usual is None:
        words = "What is usual shows once a week of uploads is known."
    elif quiet and quiet[-1] is done[-1]:
        words = "Far less than usual came up in the last hour: look at the channel databases that are late."
    elif quiet:
        words = f"In {cells.counted(len(quiet), 'hour')} far less than usual; as usual since."
    else:
        words = "As usual."
    return BarChart(bars, sum(hour.events for hour in hours), usual, words, words.startswith("Far less"))
