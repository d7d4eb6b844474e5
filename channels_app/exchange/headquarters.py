"""The exchange API of headquarters: for scale units, each with its own credential, each seeing its own only."""

import functools
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.utils import timezone

from channels_app import tasks
from channels_app.contents import content
from channels_app.exchange.wire import NotKnown, NotUnderstood, View, exchange, message
from channels_app.models import ChannelDatabase, Package
from channels_app.prepared import prepared
from channels_app.questions import answer_to
from channels_app.services.scale_units import unit_with_credential
from channels_app.services.settle import Report, note_versions, take_report
from channels_app.services.take import take_upload
from channels_app.states import PackageState

_PULL_AGAIN, _PUSH_AGAIN = 5.0, 30.0  # seconds until a scale unit should come again
_FETCHABLE = (PackageState.AVAILABLE, PackageState.DOWNLOADING)


@prepared
class Contact(msgspec.Struct, frozen=True):
    """What a scale unit says of itself."""

    version: int | None = None
    tables: dict[str, int] = {}
    reports: list[Report] = []


def from_scale_unit(*methods: str) -> Callable[[View], View]:
    """A view for a scale unit with a good credential; it gets the unit's channel database."""

    def decorate(view: View) -> View:
        @exchange(*methods)
        @functools.wraps(view)
        def known(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            kind, _, credential = request.headers.get("Authorization", "").partition(" ")
            unit = unit_with_credential(credential) if kind == "Bearer" and credential else None
            if unit is None:
                raise NotKnown()
            return view(request, unit.channel_database, *args, **kwargs)

        return known

    return decorate


@from_scale_unit("POST")
def contact(request: HttpRequest, database: ChannelDatabase) -> HttpResponse:
    """Take what a scale unit says of its packages and versions; say who it is and what waits for it."""
    said = message(request, Contact)
    for report in said.reports:
        take_report(database, report)
    note_versions(database.pk, said.version, said.tables)
    _serve(database, said)
    pulls = database.delivery == ChannelDatabase.Delivery.PULL
    return JsonResponse(
        {
            "database": str(database.pk),
            "name": database.name,
            "delivery": database.delivery,
            "packages": _waiting(database) if pulls else [],
            "ask_again_in": _PULL_AGAIN if pulls else _PUSH_AGAIN,
        }
    )


def _serve(database: ChannelDatabase, said: Contact) -> None:
    """Who speaks to us can be reached: what waits for it need not wait longer, and a new one is served at once."""
    if database.delivery == ChannelDatabase.Delivery.PUSH:
        waiting = Package.objects.filter(database=database, state=PackageState.AVAILABLE)
        for found in waiting.filter(next_try_at__gt=timezone.now()).values_list("pk", flat=True):
            Package.objects.filter(pk=found).update(next_try_at=None)
            tasks.soon(tasks.push_package, str(found))
    if said.version is None and not database.packages.exists():
        tasks.soon(tasks.serve_database, str(database.pk))


@from_scale_unit("GET")
def packages(request: HttpRequest, database: ChannelDatabase) -> HttpResponse:
    """The packages that wait for this scale unit."""
    return JsonResponse({"packages": _waiting(database)})


@from_scale_unit("GET")
def package(request: HttpRequest, database: ChannelDatabase, package_id: UUID) -> HttpResponse:
    """The bytes of one package, or the rest of them after a break (Range: bytes=n-)."""
    found = _fetchable(database).filter(pk=package_id).first()
    if found is None:
        raise NotUnderstood(why="no such package waits for this scale unit.")
    start = _range_start(request.headers.get("Range", ""), found.bytes)
    if found.state == PackageState.AVAILABLE:
        Package.objects.filter(pk=found.pk, state=PackageState.AVAILABLE).update(
            state=PackageState.DOWNLOADING, downloading_at=timezone.now(), sent_bytes=start or 0
        )
    answer = StreamingHttpResponse(
        content(found, start or 0),
        status=200 if start is None else 206,
        content_type="application/octet-stream",
    )
    answer["Content-Length"] = str(found.bytes - (start or 0))
    answer["Accept-Ranges"] = "bytes"
    if start is not None:
        answer["Content-Range"] = f"bytes {start}-{found.bytes - 1}/{found.bytes}"
    return answer


@from_scale_unit("POST")
def report(request: HttpRequest, database: ChannelDatabase, package_id: UUID) -> HttpResponse:
    """What became of one package."""
    said = message(request, Report)
    if said.package != package_id:
        raise NotUnderstood(why="the report is about another package.")
    take_report(database, said)
    return JsonResponse({})


@from_scale_unit("POST")
def upload(request: HttpRequest, database: ChannelDatabase) -> HttpResponse:
    """Take records of a channel; the answer acknowledges how far they are safe."""
    return JsonResponse(msgspec.to_builtins(take_upload(database, request)))


@from_scale_unit("POST")
def question(request: HttpRequest, database: ChannelDatabase, name: str) -> HttpResponse:
    """Answer what a till asks in the middle of its work."""
    answer = answer_to(name)
    if answer is None:
        raise NotUnderstood(why=f"nobody here answers {name}.")
    return JsonResponse(answer(database, message(request, dict)))


def _fetchable(database: ChannelDatabase) -> QuerySet[Package]:
    found = Package.objects.filter(database=database, database__is_active=True, state__in=_FETCHABLE)
    return found.filter(hold_until=None)


def _waiting(database: ChannelDatabase) -> list[dict]:
    return [{"package": str(p.pk), "bytes": p.bytes, "version": p.version} for p in _fetchable(database)]


def _range_start(said: str, size: int) -> int | None:
    """The first byte wanted; None for all of them."""
    found = re.fullmatch(r"bytes=(\d+)-", said.strip())
    if not found:
        return None
    start = int(found[1])
    if start >= size:
        raise NotUnderstood(why=f"the package has {size} bytes.")
    return start
