"""How a client of the API is recognised, and how a refusal is answered: always in the one shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.views import APIView

from api.v1.messages import ApprovalBy
from api.v1.reading import InvalidMessage
from channels_app.errors import DomainError
from pos.boundary import as_json, status_of
from pos.errors import NotActivated
from pos.operations import Command, goods_of
from pos.services.run_command import Approval
from pos.services.session import Till, till_by_tokens
from pos.services.sign_on import recognise

_encode = msgspec.json.Encoder().encode


class NoSuchAddress(DomainError):
    code = "no_such_address"
    message = "There is nothing at {path}: {schema} lists what there is."


class WrongRequest(DomainError):
    """The request itself cannot be answered here: its method, say."""

    code = "wrong_request"
    message = "{why}"


class OurFault(DomainError):
    code = "our_fault"
    message = (
        "Something went wrong on our side and is in the log. Send the same request again: what was done is not "
        "done twice."
    )


def as_answer(value: Any, status: int = 200) -> HttpResponse:
    """A value as JSON."""
    return HttpResponse(_encode(value), status=status, content_type="application/json")


class Endpoint(APIView):
    """A view of the API: parse, call one service, show the answer."""

    answer = staticmethod(as_answer)

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
        """A refusal in the one shape that all of them have; anything else is a bug, told and logged as one."""
        if isinstance(exc, DomainError):
            status = 400 if isinstance(exc, InvalidMessage) else status_of(exc)
            return as_answer(as_json(exc), status)
        if isinstance(exc, APIException):
            answer = super().handle_exception(exc)  # with the headers that belong to it
            answer.data = as_json(WrongRequest(why=str(exc.detail)))
            return answer
        raise exc


def no_such_address(request: HttpRequest) -> HttpResponse:
    """The answer to a program that asks for what the API has not."""
    return as_answer(as_json(NoSuchAddress(path=request.path, schema="/api/schema/")), 404)


def our_fault(request: HttpRequest) -> HttpResponse:
    """The answer to a program whose request met a bug of ours."""
    return as_answer(as_json(OurFault()), 500)
