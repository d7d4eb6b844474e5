"""Keeping in touch: a scale unit tells headquarters how it stands, and learns what waits for it there."""

import logging
from datetime import timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import httpx
import msgspec
from django.conf import settings
from django.utils import timezone

from channels_app.errors import DomainError, Unavailable
from channels_app.models import DataVersion, ExchangeState, ReceivedPackage
from channels_app.package_format import CHUNK
from channels_app.prepared import prepared
from channels_app.services.apply import table_versions
from channels_app.services.receive import receive, received_so_far
from channels_app.states import ReceivedState

logger = logging.getLogger(__name__)
TIMEOUT = httpx.Timeout(30.0, connect=3.0)
_SETTLED = (ReceivedState.APPLIED, ReceivedState.FAILED, ReceivedState.REFUSED)


class HeadquartersRefused(DomainError):
    """Headquarters answered, and said no."""

    code = "headquarters_refused"
    message = "Headquarters refused: {why}"

    def __init__(self, code: str, why: str, detail: dict) -> None:
        super().__init__(why=why)
        self.code, self.answer = code, detail


class HeadquartersAway(Unavailable):
    """Headquarters could not be reached, or is not well: try again later."""

    message = "Headquarters does not answer: {why}"


class Waiting(msgspec.Struct, frozen=True):
    """A package that waits at headquarters to be fetched."""

    package: UUID
    bytes: int


@prepared
class Welcome(msgspec.Struct, frozen=True):
    """What headquarters answers: who we are, what waits, and when to come again (seconds)."""

    database: UUID
    name: str
    delivery: str
    packages: tuple[Waiting, ...]
    ask_again_in: float


@lru_cache(maxsize=1)
def _http() -> httpx.Client:
    return httpx.Client(timeout=TIMEOUT)


def ask_headquarters(method: str, path: str, **request: Any) -> httpx.Response:
    """One request to the exchange API. Raises Unavailable, or HeadquartersRefused."""
    headers = {"Authorization": f"Bearer {settings.EXCHANGE_CREDENTIAL}"} | request.pop("headers", {})
    url = f"{settings.HEADQUARTERS_URL.rstrip('/')}/exchange/{path}"
    try:
        response = _http().request(method, url, headers=headers, **request)
    except httpx.HTTPError as error:
        raise HeadquartersAway(why=str(error) or type(error).__name__) from error
    if response.is_success:
        return response
    raise _refusal(response)


def _refusal(response: httpx.Response) -> DomainError:
    try:
        answer = response.json()
    except ValueError:
        answer = {}
    said = answer.get("message", f"it answered {response.status_code}")
    if response.is_server_error:
        return HeadquartersAway(why=said)
    return HeadquartersRefused(answer.get("code", ""), said, answer)


def keep_in_touch(*, now: bool = False) -> Welcome | None:
    """Tell headquarters what we have and what became of its packages; what it said, None when it was not asked.

    Asked when something is to be told or the agreed time has come, or at once with `now`. What went wrong is
    remembered for the till's status sheet.
    """
    state, _ = ExchangeState.objects.get_or_create(singleton=True)
    told = list(ReceivedPackage.objects.filter(state__in=_SETTLED, reported_at=None))
    is_time = state.ask_again_at is None or state.ask_again_at <= timezone.now()
    if not (now or told or is_time):
        return None
    state.last_try_at = timezone.now()
    try:
        response = ask_headquarters("POST", "contact/", json=_message(told))
        welcome = msgspec.json.decode(response.content, type=Welcome)
    except (DomainError, msgspec.DecodeError) as error:
        state.last_error = str(error)
        state.save(update_fields=["last_try_at", "last_error"])
        logger.warning("No contact with headquarters: %s", error)
        return None
    ReceivedPackage.objects.filter(pk__in=[p.pk for p in told]).update(reported_at=timezone.now())
    state.database, state.name = welcome.database, welcome.name
    state.is_pulling = welcome.delivery == "pull"
    state.last_contact_at, state.last_error = timezone.now(), ""
    state.ask_again_at = state.last_contact_at + timedelta(seconds=welcome.ask_again_in)
    state.save()
    return welcome


def fetch(waiting: Waiting) -> None:
    """Fetch a package from headquarters, from where an earlier try broke off."""
    known = received_so_far(waiting.package)
    if known is not None and known.state != ReceivedState.DOWNLOADING:
        tell_again(known)
        return
    offset = known.received_bytes if known else 0
    request = _http().build_request(
        "GET",
        f"{settings.HEADQUARTERS_URL.rstrip('/')}/exchange/packages/{waiting.package}/",
        headers={"Authorization": f"Bearer {settings.EXCHANGE_CREDENTIAL}", "Range": f"bytes={offset}-"},
    )
    try:
        response = _http().send(request, stream=True)
        try:
            if not response.is_success:
                response.read()
                raise _refusal(response)
            receive(waiting.package, _Body(response), offset=offset if response.status_code == 206 else 0)
        finally:
            response.close()
    except httpx.HTTPError as error:
        raise HeadquartersAway(why=str(error) or type(error).__name__) from error


def tell_again(package: ReceivedPackage) -> None:
    """Report a settled package once more: headquarters still offers it, so it came from a backup and knows nothing."""
    if package.state in _SETTLED and package.reported_at is not None:
        ReceivedPackage.objects.filter(pk=package.pk).update(reported_at=None)


class _Body:
    """A streamed response as something to read from."""

    def __init__(self, response: httpx.Response) -> None:
        self._chunks = response.iter_bytes(CHUNK)
        self._left = b""

    def read(self, size: int = -1) -> bytes:
        while len(self._left) < size or size < 0:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self._left += chunk
        taken, self._left = (self._left, b"") if size < 0 else (self._left[:size], self._left[size:])
        return taken


def _message(told: list[ReceivedPackage]) -> dict:
    version = DataVersion.objects.first()
    return {
        "version": version.version if version else None,
        "tables": table_versions(),
        "reports": [
            {
                "package": str(p.pk),
                "state": p.state,
                "code": p.error_code,
                "error": p.error,
                "changed_rows": p.changed_rows,
                "seconds": p.seconds or 0.0,
            }
            for p in told
        ],
    }
