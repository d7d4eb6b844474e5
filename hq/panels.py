"""The home page's registry: apps answer its three questions.

Each app may have a `panels.py`, discovered the way `admin.py` is:

    @panels.card(Question.SELLS, template="pos/panels/sales_today.html", permission="pos.view_salesline")
    def sales_today(request) -> dict | None: ...              # the template's context; None shows nothing

    @panels.notices(Question.NEEDS, permission="shifts.view_shift")
    def shifts_left_behind(request) -> Iterable[Notice]: ...  # one line each, the worst first

A part that fails is logged and says so in its place: the page itself always answers.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Any

from django.http import HttpRequest
from django.utils.module_loading import autodiscover_modules

log = logging.getLogger(__name__)


class Question(Enum):
    """What the home page answers at a glance."""

    SELLS = "What sells"
    NEEDS = "What needs me"
    ON_ITS_WAY = "What is on its way"


class Tone(IntEnum):
    """How much a line asks for; the greater, the sooner it is shown."""

    CALM = 0
    GOOD = 1
    ASKS = 2
    WRONG = 3

    @property
    def css(self) -> str:
        return {Tone.CALM: "calm", Tone.GOOD: "good", Tone.ASKS: "asks", Tone.WRONG: "wrong"}[self]


@dataclass(frozen=True)
class Notice:
    """One line of the home page: what is the matter, the details, and the link that leads to the remedy.

    `words` is the state in a word or two ("failed", "2 h behind"), shown beside its dot.
    """

    title: str
    tone: Tone = Tone.ASKS
    words: str = ""
    detail: str = ""
    url: str = ""
    action: str = ""


@dataclass(frozen=True)
class Card:
    """A registered part with a template of its own."""

    question: Question
    build: Callable[[HttpRequest], Mapping[str, Any] | None]
    template: str
    permission: str
    position: int


@dataclass(frozen=True)
class Source:
    """A registered giver of lines."""

    question: Question
    build: Callable[[HttpRequest], Iterable[Notice]]
    permission: str


_cards: list[Card] = []
_sources: list[Source] = []


def card(
    question: Question,
    *,
    template: str,
    permission: str = "",
    position: int = 100,
) -> Callable[[Any], Any]:
    """Register a part of the home page that draws itself: the function gives its template's context or None."""

    def register(build: Callable[[HttpRequest], Mapping[str, Any] | None]) -> Any:
        _cards.append(Card(question, build, template, permission, position))
        return build

    return register


def notices(question: Question, *, permission: str = "") -> Callable[[Any], Any]:
    """Register a function that gives lines for one of the questions."""

    def register(build: Callable[[HttpRequest], Iterable[Notice]]) -> Any:
        _sources.append(Source(question, build, permission))
        return build

    return register


def discover() -> None:
    """Load every app's `panels.py`."""
    autodiscover_modules("panels")


def cards(request: HttpRequest, question: Question) -> list[dict[str, Any]]:
    """The drawn parts of one question that this person may see: template and context of each."""
    drawn = []
    for entry in sorted(_cards, key=lambda entry: entry.position):
        if entry.question is not question or not _may_see(request, entry.permission):
            continue
        try:
            context = entry.build(request)
        except Exception:
            log.exception("A card of the home page failed", extra={"card": entry.template})
            drawn.append({"template": "hq/home/_failed.html", "context": {}})
            continue
        if context is not None:
            drawn.append({"template": entry.template, "context": context})
    return drawn


def lines(request: HttpRequest, question: Question) -> list[Notice]:
    """All lines of one question that this person may see, the worst first."""
    found: list[Notice] = []
    for source in _sources:
        if source.question is not question or not _may_see(request, source.permission):
            continue
        try:
            found += source.build(request)
        except Exception:
            log.exception("A source of the home page failed", extra={"source": source.build.__qualname__})
            found.append(
                Notice(
                    title="One of the checks could not be made.",
                    tone=Tone.WRONG,
                    detail="The log of headquarters says why; the other checks are complete.",
                )
            )
    return sorted(found, key=lambda notice: -notice.tone)


def _may_see(request: HttpRequest, permission: str) -> bool:
    return not permission or request.user.has_perm(permission)
