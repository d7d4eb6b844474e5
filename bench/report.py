"""How every bench speaks: rows of a metric, ours, the reference, their ratio, the goal, and whether it is met."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

QUICK = bool(os.environ.get("QUICK"))


@dataclass
class Report:
    """Collects rows and prints each as it comes."""

    rows: list[tuple[str, bool | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if QUICK:
            print(
                "Rough: few and small cases, which say little of the goals. Without QUICK=1 it is measured."
            )
        print("metric | ours | reference | ratio | goal | met", flush=True)

    def row(
        self, metric: str, ours: float, reference: float, *, unit: str, goal: float, at_least: bool
    ) -> None:
        """One comparison: the ratio ours ÷ reference must be at least (or at most) the goal."""
        ratio = ours / reference if reference else float("inf")
        met = ratio >= goal if at_least else ratio <= goal
        self._print(
            metric,
            _figure(ours, unit),
            _figure(reference, unit),
            f"{ratio:.2f}",
            f"{'≥' if at_least else '≤'} {goal:g}",
            "yes" if met else "NO",
        )
        self.rows.append((metric, met))

    def limit(self, metric: str, ours: float, *, unit: str, goal: float) -> None:
        """One figure against a fixed limit, with no reference beside it."""
        met = ours <= goal
        self._print(metric, _figure(ours, unit), "–", "–", f"≤ {goal:g} {unit}", "yes" if met else "NO")
        self.rows.append((metric, met))

    def told(self, metric: str, ours: float, reference: float, *, unit: str) -> None:
        """A comparison without a goal, for the reader."""
        ratio = ours / reference if reference else float("inf")
        self._print(metric, _figure(ours, unit), _figure(reference, unit), f"{ratio:.2f}", "–", "–")

    def figure(self, metric: str, value: float, *, unit: str) -> None:
        """One figure without a goal, for the reader."""
        self._print(metric, _figure(value, unit), "–", "–", "–", "–")

    def close(self) -> int:
        """Print the last line; 0 when every goal is met, 1 otherwise."""
        met = sum(bool(met) for _, met in self.rows)
        print(f"{met} of {len(self.rows)} goals met", flush=True)
        return 0 if met == len(self.rows) else 1

    def _print(self, *cells: str) -> None:
        print(" | ".join(cells), flush=True)


def interleaved(
    ours: Callable[[], float],
    reference: Callable[[], float],
    *,
    slices: int,
) -> tuple[list[float], list[float]]:
    """Measure both in turn, so that a slow minute of the machine hits both alike; the first pair is thrown away."""
    left, right = [], []
    for index in range(slices + 1):
        pair = (ours(), reference()) if index % 2 else tuple(reversed((reference(), ours())))
        if index:
            left.append(pair[0])
            right.append(pair[1])
    return left, right


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def percentile(values: Sequence[float], percent: float) -> float:
    """The value below which `percent` of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(percent / 100 * len(ordered) + 0.5) - 1))]


def _figure(value: float, unit: str) -> str:
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{text} {unit}".strip()


def most_memory() -> float:
    """The most memory that this process has had, in MB. `getrusage` would count what it was forked from, too."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
