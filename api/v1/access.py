"""How a client of the API is recognised, its message read, and a refusal answered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from api.v1.messages import ApprovalBy
from channels_app.errors import DomainError
from pos.boundary import as_json, status_of
from pos.errors import NotActivated
from pos.operations import Command, goods_of
from pos.services.run_command import Approval
from pos.services.session import Till, till_by_tokens
from pos.services.sign_on import recognise

Body = TypeVar("Body")
MAX_BODY = 1_000_000
_encode = msgspec.json.Encoder().encode
_AT = re.compile(r" - at `\$\.?(?P<field>[^`]*)`$")


class InvalidMessage(DomainError):
    """The message is not of the form that the schema describes."""

    code = "invalid"
    message = "{why}"


class Endpoint(APIView):
    """A view of the API: parse, call one service, show the answer."""

    def answer(self, value: Any, status: int = 200) -> HttpResponse:
        """A value as JSON."""
        return HttpResponse(_encode(value), status=status, content_type="application/json")

    def till(self, request: Request, request_id: Any = None, commands: Sequence[Command] = ()) -> Till:
        """The register that the client's tokens stand for; `commands` are what it is to do. Raises NotActivated."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "device" or not token:
            raise NotActivated()
        return till_by_tokens(
            device=token.strip(),
            worker=request.headers.get("Tillhouse-Worker", "").strip(),
            request_id=request_id,
            sells=lambda: goods_of(commands),
        )

    def approval(self, till: Till, by: ApprovalBy | None) -> Approval | None:
        """The manager who stands in, recognised by ID and PIN."""
        if by is None:
            return None
        return Approval(manager=recognise(till.register, staff_id=by.staff_id, pin=by.pin))

    def handle_exception(self, exc: Exception) -> HttpResponse:
        """A refusal in the one shape that all of them have; anything else is a bug and travels on."""
        if isinstance(exc, DomainError):
            return self.answer(
                as_json(exc), status=400 if isinstance(exc, InvalidMessage) else status_of(exc)
            )
        return super().handle_exception(exc)


def read(request: Request, kind: type[Body]) -> Body:
    """The client's message. Raises InvalidMessage with the field at fault."""
    raw = request._request.body
    if len(raw) > MAX_BODY:
        raise InvalidMessage(why="The message is larger than a megabyte.")
    try:
        found = _decoder(kind).decode(raw)
    except msgspec.ValidationError as error:
        text = str(error)
        found = _AT.search(text)
        field = found["field"] if found else _missing(text)
        raise InvalidMessage(why=_AT.sub("", text) + ".", field=field) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidMessage(why=f"The message is no JSON: {error}.") from error
    if b"\\u0000" in raw:  # nothing else can bring the one character that PostgreSQL does not keep
        place = _place_of_nul(msgspec.to_builtins(found))
        raise InvalidMessage(why="Text cannot hold the character U+0000.", field=place)
    return found


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


def _missing(text: str) -> str:
    found = re.search(r"field `([^`]+)`", text)
    return found[1] if found else ""


@lru_cache(maxsize=64)
def _decoder(kind: Any) -> msgspec.json.Decoder:
    return msgspec.json.Decoder(kind)
