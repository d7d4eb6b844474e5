"""A client's message: read, and refused in words that name the field and what belongs there."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from rest_framework.request import Request

from channels_app.errors import DomainError

Body = TypeVar("Body")
MAX_BODY = 1_000_000
_PLACE = re.compile(r" - at `\$\.?(?P<field>[^`]*)`$")
# How msgspec says it, and how we do.
_WORDS = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number such as 2.50",
    "bool": "true or false",
    "null": "null",
    "array": "a list",
    "object": "an object",
    "uuid": "a UUID",
    "date": "a date such as 2026-11-28",
    "datetime": "a moment such as 2026-11-28T09:30:00Z",
}
_SENTENCES = (
    (r"Object missing required field `(.+)`", "{0} is missing"),
    (r"Object contains unknown field `(.+)`", "There is no field {0} here"),
    (r"Expected `(.+)` of length >= (.+)", "Give {0} of at least {1}"),
    (r"Expected `(.+)` of length <= (.+)", "Give {0} of at most {1}"),
    (r"Expected `(.+)`, got `(.+)`", "Give {0}, not {1}"),
    (r"Expected `(.+)`", "Give {0}"),
    (r"Invalid (?:enum )?value (.+)", "There is no {0} here"),
    (r"Invalid decimal string", "Give a number such as 2.50"),
    (r"Invalid UUID", "Give a UUID"),
    (r"Invalid RFC3339 encoded (.+)", "Give {0}"),
)


class InvalidMessage(DomainError):
    """The message is not of the form that the schema describes."""

    code = "invalid"
    message = "{why}"


def read(request: Request, kind: type[Body]) -> Body:
    """The client's message as a value of `kind`. Raises InvalidMessage with the field at fault."""
    raw = request._request.body
    if len(raw) > MAX_BODY:
        raise InvalidMessage(why="The message is larger than a megabyte.")
    try:
        found = decoder_of(kind).decode(raw)
    except msgspec.ValidationError as error:
        place, words = in_plain_words(str(error))
        raise InvalidMessage(why=words, field=place) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidMessage(why=f"The message is no JSON: {error}.") from error
    if b"\\u0000" in raw:  # nothing else can bring the one character that PostgreSQL does not keep
        place = _place_of_nul(msgspec.to_builtins(found))
        raise InvalidMessage(why="Text cannot hold the character U+0000.", field=place)
    return found


def in_plain_words(error: str) -> tuple[str, str]:
    """The field at fault, as `commands[0].quantity`, and the sentence, of what msgspec has against a message."""
    found = _PLACE.search(error)
    place, text = (found["field"], error[: found.start()]) if found else ("", error)
    if named := re.search(r" field `([^`]+)`", text):
        place = f"{place}.{named[1]}".lstrip(".")
    for pattern, sentence in _SENTENCES:
        if parts := re.fullmatch(pattern, text):
            text = sentence.format(*(_in_words(part) for part in parts.groups()))
            break
    return place, text + "."


def _in_words(kinds: str) -> str:
    return " or ".join(_WORDS.get(kind, kind) for kind in kinds.split(" | "))


def _place_of_nul(value: Any, place: str = "") -> str:
    """Where in a message the character U+0000 stands, as `commands[0].code`; empty when it is a name."""
    if isinstance(value, str):
        return place if "\0" in value else ""
    parts: list[tuple[str, Any]] = []
    if isinstance(value, dict):
        parts = [(f"{place}.{name}".lstrip("."), part) for name, part in value.items()]
    elif isinstance(value, list):
        parts = [(f"{place}[{index}]", part) for index, part in enumerate(value)]
    return next((found for where, part in parts if (found := _place_of_nul(part, where))), "")


@lru_cache(maxsize=64)
def decoder_of(kind: Any) -> msgspec.json.Decoder:
    """What reads a message: made with the endpoint, while one thread imports it (see channels_app.prepared)."""
    return msgspec.json.Decoder(kind)
