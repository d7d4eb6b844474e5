"""Headquarters' line to a scale unit: what it asks there, signed, and what can go wrong with the line."""

import base64
import hashlib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from uuid import UUID

import httpx
import msgspec
from django.conf import settings

from channels_app.errors import DomainError, Unavailable
from channels_app.models import ScaleUnit
from channels_app.prepared import prepared
from channels_app.signatures import sign

TIMEOUT = httpx.Timeout(30.0, connect=3.0)
CONNECT_WHILE_SOMEBODY_WAITS = 1.5
PURPOSE = "request"
LATER = {"package_receiving_elsewhere", "unavailable"}


class ChannelRefused(DomainError):
    """The scale unit answered, and said no."""

    code = "channel_refused"
    message = "{why}"

    def __init__(self, code: str, why: str, detail: dict) -> None:
        super().__init__(why=why)
        self.code, self.answer = code, detail


class ChannelAway(Unavailable):
    """The scale unit could not be reached, or cannot take anything at the moment: try again later."""

    message = "Scale unit {name} does not answer: {why}"


@prepared
class Standing(msgspec.Struct, frozen=True):
    """How far a scale unit got with a package: bytes received, and rows read while it is applied."""

    state: str
    received: int = 0
    size: int = 0
    rows: int = 0
    table: str = ""


@lru_cache(maxsize=1)
def _http() -> httpx.Client:
    """One client for all threads: making one costs more than a small package."""
    return httpx.Client(
        timeout=TIMEOUT, limits=httpx.Limits(max_connections=100, max_keepalive_connections=20)
    )


class ChannelClient:
    """One scale unit, as headquarters reaches it. Every call raises Unavailable or ChannelRefused."""

    def __init__(self, unit: ScaleUnit) -> None:
        self._unit = unit
        self._database = unit.channel_database.pk

    def standing(self, package: UUID) -> Standing:
        """How far it got with a package."""
        return msgspec.convert(self._ask("GET", f"/exchange/push/{package}/"), Standing)

    def watch(self, package: UUID, *, seconds: float) -> Standing:
        """The same for somebody who looks on."""
        path, deadline = f"/exchange/push/{package}/", httpx.Timeout(seconds)
        return msgspec.convert(self._ask("GET", path, timeout=deadline), Standing)

    def push(self, package: UUID, body: Iterator[bytes], offset: int, size: int) -> Standing:
        """Send `size` bytes of a package from `offset` on."""
        path = f"/exchange/push/{package}/"
        headers = {
            "X-Offset": str(offset),
            "Content-Length": str(size),
            "Content-Type": "application/octet-stream",
        }
        # The body brings its own signature, in the package's manifest.
        headers |= self._signed("POST", path, str(offset).encode())
        return msgspec.convert(self._answer("POST", path, headers, body), Standing)

    def wake(self, *what: str) -> None:
        """Have it do now what it would do at its next tick: `upload`, `apply`, `contact`."""
        self._ask("POST", "/exchange/wake/", {"what": what})

    def checksums(self, tables: dict[str, list[str]]) -> dict[str, Any]:
        """Its rows of some tables, counted and summed up, with the version they are of."""
        return self._ask("POST", "/exchange/checksums/", {"tables": tables})

    def order(self, name: str, content: dict, *, seconds: float) -> dict[str, Any]:
        """Have one of its apps do something, for somebody who waits for the answer: with a short deadline."""
        deadline = httpx.Timeout(seconds, connect=CONNECT_WHILE_SOMEBODY_WAITS)
        return self._ask("POST", f"/exchange/{name}/", content, timeout=deadline)

    def _ask(self, method: str, path: str, content: dict | None = None, **more: Any) -> dict:
        body = b"" if content is None else msgspec.json.encode(content)
        headers = {"Content-Type": "application/json"} | self._signed(method, path, body)
        return self._answer(method, path, headers, body, **more)

    def _answer(
        self, method: str, path: str, headers: dict, body: bytes | Iterator[bytes], **more: Any
    ) -> dict:
        try:
            response = _http().request(
                method, self._unit.base_url.rstrip("/") + path, headers=headers, content=body, **more
            )
            answer = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise ChannelAway(name=self._unit.name, why=str(error) or type(error).__name__) from error
        if response.is_success:
            return answer
        code = answer.get("code", "")
        if response.is_server_error or code in LATER:
            raise ChannelAway(
                name=self._unit.name, why=answer.get("message") or f"HTTP {response.status_code}"
            )
        raise ChannelRefused(code, answer.get("message", f"It answered {response.status_code}."), answer)

    def _signed(self, method: str, path: str, body: bytes) -> dict[str, str]:
        signature = sign(
            settings.PACKAGE_SIGNING_KEY, PURPOSE, signed_content(method, path, self._database, body)
        )
        return {"Authorization": f"Signed {base64.b64encode(signature).decode()}"}


def signed_content(method: str, path: str, database: UUID, body: bytes) -> bytes:
    """What headquarters signs of a request; it is good for one scale unit, and for the same request only."""
    return f"{method} {path}\n{database}\n{hashlib.sha256(body).hexdigest()}".encode()
