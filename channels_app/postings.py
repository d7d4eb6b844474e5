"""Rows that other apps write with a business fact, in the fact's own statement.

Concluding a sale is one SQL statement: the journal, and whatever upper apps post with it (shift totals, stock
movements, device jobs). Each app registers its posting here when it is ready; the app that owns the fact
builds the statement once and hands each posting the fact to turn into rows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Posting:
    """One table's share of a fact.

    `name` names the common table expression; `facts` are the kinds of fact it takes part in
    (`sale.concluded`, `shift.closed` …); `statement` is an INSERT … SELECT (or UPDATE … FROM) that reads its
    rows from `{rows}` (a record set with the columns of `columns`) and must join `{guard}`, which has
    one row when the fact is written and none when it lost a race; `rows` turns the fact into JSON-ready rows.
    """

    name: str
    facts: frozenset[str]
    columns: str
    statement: str
    rows: Callable[[Any], Sequence[Row]]


_postings: dict[str, Posting] = {}


def register_posting(posting: Posting) -> None:
    """Add a posting; the same name twice is a programming error."""
    known = _postings.get(posting.name)
    if known is not None and known is not posting:
        raise ValueError(f"A posting named {posting.name} is registered already.")
    _postings[posting.name] = posting


def postings_for(fact: str) -> tuple[Posting, ...]:
    """The postings of one kind of fact, in a fixed order."""
    return tuple(p for _, p in sorted(_postings.items()) if fact in p.facts)
