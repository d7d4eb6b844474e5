"""What a cashier types to find something, as statements look for it."""

from __future__ import annotations

MOST_WORDS = 6


def searched(text: str) -> str:
    """The text with single blanks and nothing that no statement takes; empty when it is too short to look for."""
    text = " ".join(text.replace("\0", "").split())[:80]
    return text if len(text) > 1 else ""


def has_words(column: str, text: str) -> tuple[str, dict[str, str]]:
    """A condition that every word of the text occurs in the column, and its parameters.

    With them come `text` itself and `prefix`, of what begins with it.
    """
    words = text.lower().split()[:MOST_WORDS]
    condition = " AND ".join(f"lower({column}) LIKE %(word{index})s" for index in range(len(words)))
    parameters = {f"word{index}": f"%{_escaped(word)}%" for index, word in enumerate(words)}
    return condition, {"text": text, "prefix": _escaped(text) + "%", **parameters}


def _escaped(text: str) -> str:
    """The text as LIKE finds it, letter by letter."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
