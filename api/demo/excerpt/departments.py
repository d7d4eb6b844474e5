"""Which shelf an article of the gift shop stands on, told from its name: the source has no categories."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple


class Shelf(NamedTuple):
    """A place in the category tree: the department and the category below it, as shown to people."""

    department: str
    category: str


def _read_rules(path: Path) -> list[tuple[Shelf, re.Pattern[str]]]:
    rules = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            shelf, words = line.split(": ", 1)
            rules.append((Shelf(*shelf.split(" / ")), re.compile(words)))
    return rules


RULES = _read_rules(Path(__file__).parent / "shelves.txt")
ELSEWHERE = Shelf("More gifts", "More gifts")


def shelf_for(name: str) -> Shelf:
    """Return the shelf for an article's name; ELSEWHERE when no rule knows a word of it."""
    upper = name.upper()
    return next((shelf for shelf, words in RULES if words.search(upper)), ELSEWHERE)
