"""The exchange API of a scale unit: for headquarters, which signs what it asks."""

import base64
import binascii
import functools
from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse

from channels_app import tasks
from channels_app.channel_client import PURPOSE, Standing, signed_content
from channels_app.checksums import checksums
from channels_app.exchange.wire import NotSigned, NotUnderstood, View, exchange, message
from channels_app.models import DataVersion, ExchangeState, ReceivedPackage
from channels_app.orders import order_named
from channels_app.prepared import prepared
from channels_app.progress import progress_of
from channels_app.services.contact import tell_again
from channels_app.services.receive import NotIntroduced, receive, received_so_far, trusted_keys
from channels_app.signatures import is_signed
from channels_app.states import ReceivedState


def from_headquarters(*methods: str, signs_body: bool = True) -> Callable[[View], View]:
    """A view for headquarters: the request is signed for this channel database.

    A body that brings a signature of its own is not signed again; its offset is.
    """

    def decorate(view: View) -> View:
        @exchange(*methods)
        @functools.wraps(view)
        def known(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            state = ExchangeState.objects.first()
            if state is None or state.database is None:
                raise NotIntroduced()
            body = request.body if signs_body else request.headers.get("X-Offset", "").encode()
            said = signed_content(request.method or "", request.path, state.database, body)
            if not is_signed(trusted_keys(), PURPOSE, said, _signature(request)):
                raise NotSigned()
            return view(request, *args, **kwargs)

        return known

    return decorate


def push(request: HttpRequest, package_id: UUID) -> HttpResponse:
    """GET: how far a package is here. POST: take its bytes from X-Offset on."""
    return (_standing if request.method == "GET" else _receive)(request, package_id)


push.csrf_exempt = True  # type: ignore[attr-defined]  # both of its views are, and check signatures


@from_headquarters("GET")
def _standing(request: HttpRequest, package_id: UUID) -> HttpResponse:
    return _answer(received_so_far(package_id))


@from_headquarters("POST", signs_body=False)
def _receive(request: HttpRequest, package_id: UUID) -> HttpResponse:
    try:
        offset = int(request.headers.get("X-Offset", ""))
    except ValueError as error:
        raise NotUnderstood(why="X-Offset must say from which byte on the package is sent.") from error
    received = receive(package_id, request, offset=offset)
    if received.state == ReceivedState.RECEIVED:
        tasks.soon(tasks.apply_waiting_packages)
    return _answer(received)


@from_headquarters("POST")
def wake(request: HttpRequest) -> HttpResponse:
    """Do now what the next tick would do."""
    wakeable = {"upload": tasks.upload, "apply": tasks.apply_waiting_packages, "contact": tasks.contact}
    what = message(request, dict).get("what", [])
    if not isinstance(what, list) or not set(what) <= wakeable.keys():
        raise NotUnderstood(why=f"wake wants a list of {', '.join(wakeable)}.")
    for name in what:
        tasks.soon(wakeable[name])
    return JsonResponse({})


@prepared
class TablesAsked(msgspec.Struct, frozen=True):
    """The tables to sum up, each with its columns."""

    tables: dict[str, list[str]]


@from_headquarters("POST")
def sums(request: HttpRequest) -> HttpResponse:
    """The rows of some tables, counted and summed up, with the version they are of."""
    asked = message(request, TablesAsked)
    version = DataVersion.objects.first()
    return JsonResponse(
        {
            "version": version.version if version else None,
            "tables": msgspec.to_builtins(checksums(asked.tables)),
        }
    )


@from_headquarters("POST")
def order(request: HttpRequest, name: str) -> HttpResponse:
    """Carry out what headquarters asks of one of the apps here."""
    carry_out = order_named(name)
    if carry_out is None:
        raise NotUnderstood(why=f"nobody here carries out {name}.")
    return JsonResponse(carry_out(message(request, dict)))


def _signature(request: HttpRequest) -> bytes:
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    try:
        return base64.b64decode(value, validate=True) if kind == "Signed" else b""
    except binascii.Error:
        return b""


def _answer(package: ReceivedPackage | None) -> JsonResponse:
    found = Standing("")
    if package is not None:
        tell_again(package)
        read = progress_of(package.pk) if package.state == ReceivedState.RECEIVED else None
        found = Standing(package.state, package.received_bytes, package.size)
        if read is not None:
            found = msgspec.structs.replace(found, rows=read.rows, table=read.table)
    return JsonResponse(msgspec.to_builtins(found))
