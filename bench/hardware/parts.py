"""Where the time of a receipt goes: `PARTS=1 python -m bench.hardware` prints its parts in milliseconds.

The web process and the station program write a stamp whenever one of the functions below begins or ends. The
system's monotonic clock is the same in all of them, so the stamps of one receipt make one line of time.
"""

import functools
import os
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from bench.report import median

FOLDER_NAME = "BENCH_PARTS"
FOLDER = os.environ.get(FOLDER_NAME, "")
FIRST, LAST = "the register asks", "told to the register's socket"
_file = os.open(f"{FOLDER}/{os.getpid()}", os.O_WRONLY | os.O_CREAT | os.O_APPEND) if FOLDER else -1


def stamp(name: str) -> None:
    """Note the moment, in this process's file."""
    os.write(_file, f"{time.monotonic()} {name}\n".encode())


def follow(owner: Any, name: str, begins: str = "", ends: str = "") -> None:
    """Stamp whenever a function of a module or class begins or ends."""
    function = getattr(owner, name)

    @functools.wraps(function)
    def followed(*arguments: Any, **named: Any) -> Any:
        if begins:
            stamp(begins)
        try:
            return function(*arguments, **named)
        finally:
            if ends:
                stamp(ends)

    setattr(owner, name, followed)


def parts(folder: Path) -> list[tuple[str, float]]:
    """Of every round trip the time up to each stamp since the one before: the medians, in their order."""
    lines = [line.split(" ", 1) for path in folder.iterdir() for line in path.read_text().splitlines()]
    took: dict[str, list[float]] = defaultdict(list)
    place: dict[str, list[int]] = defaultdict(list)
    begun: float | None = None
    for at, name in sorted((float(at), name) for at, name in lines):
        if name == FIRST:
            begun, before, number = at, at, 0
        elif begun is not None:
            number += 1
            took[name].append((at - before) * 1000)
            place[name].append(number)
            before = at
            if name == LAST:
                begun = None
    often = max(map(len, took.values()), default=0)
    names = [name for name in took if len(took[name]) > often / 2]
    return [(name, median(took[name])) for name in sorted(names, key=lambda name: median(place[name]))]
