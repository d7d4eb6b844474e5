"""What both ends of the exchange have in common over HTTP: JSON in, JSON out, refusals in one shape."""

import functools
import logging
from collections.abc import Callable
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from channels_app.errors import DomainError, NotAllowed, Unavailable

logger = logging.getLogger(__name__)
View = Callable[..., HttpResponse]
MESSAGE_LIMIT = 4 << 20  # bytes of a JSON message


class NotUnderstood(DomainError):
    code = "not_understood"
    message = "The request cannot be read: {why}"


class NotKnown(DomainError):
    code = "credential_not_known"
    message = (
        "This credential is not known here, or has been revoked. Have headquarters make a new one (New credential on "
        "the scale unit's page, or manage.py scale_unit rotate) and start the scale unit with it as "
        "EXCHANGE_CREDENTIAL."
    )


class NotSigned(NotKnown):
    code = "signature_not_known"
    message = (
        "This is not signed for this scale unit by its headquarters. Compare PACKAGE_VERIFY_KEY here with the key of "
        "headquarters, and the address that headquarters has for this scale unit."
    )


_STATUS = {NotAllowed: 403, NotKnown: 401, Unavailable: 503, NotUnderstood: 400}


def exchange(*methods: str) -> Callable[[View], View]:
    """A view of the exchange: for programs with a credential, so without CSRF; refusals become JSON."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @functools.wraps(view)
        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            try:
                return view(request, *args, **kwargs)
            except DomainError as error:
                return refusal(error)

        return answered

    return decorate


def refusal(error: DomainError) -> JsonResponse:
    """A refusal as JSON: code, sentence, details, and the field at fault."""
    body = {
        "code": error.code,
        "message": str(error),
        "field": error.field,
        "details": {
            name: value for name, value in error.details.items() if isinstance(value, str | int | None)
        },
    }
    status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 409)
    answer = JsonResponse(body, status=status)
    answer._has_been_logged = True  # type: ignore[attr-defined]  # an ordinary answer, not an error of ours
    return answer


def message(request: HttpRequest, shape: Any) -> Any:
    """The request's JSON as `shape`. Raises NotUnderstood."""
    said = request.read(MESSAGE_LIMIT + 1)
    if len(said) > MESSAGE_LIMIT:
        raise NotUnderstood(why="it is too long.")
    try:
        return msgspec.json.decode(said or b"{}", type=shape)
    except msgspec.DecodeError as error:
        raise NotUnderstood(why=str(error)) from error


def as_shape(said: Any, shape: Any, *, strict: bool = True) -> Any:
    """What was said, plain values, as `shape`. Raises NotUnderstood."""
    try:
        return msgspec.convert(said, shape, strict=strict)
    except msgspec.ValidationError as error:
        raise NotUnderstood(why=str(error)) from error
