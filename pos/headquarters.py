"""What the engine may ask of headquarters in the middle of its work. "Unavailable" is an ordinary answer."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

import httpx
import msgspec
from django.conf import settings

from channels_app.errors import Unavailable
from channels_app.prepared import prepared
from pos.errors import ActivationRefused

DEADLINE = httpx.Timeout(4.0, connect=1.5)


@prepared
class Activation(msgspec.Struct, frozen=True):
    """A register that headquarters has given to this browser."""

    device: UUID
    register: int
    register_name: str
    store_name: str


class Headquarters(Protocol):
    def activate(self, *, code: str, device: UUID, description: str) -> Activation:
        """Use up a one-time code. Raises ActivationRefused, or Unavailable when headquarters cannot be reached."""
        ...


class HttpHeadquarters:
    """Headquarters over its exchange API, with a short deadline."""

    def activate(self, *, code: str, device: UUID, description: str) -> Activation:
        """Use up a one-time code."""
        answer = self._post("activate/", {"code": code, "device": str(device), "description": description})
        return msgspec.convert(answer, Activation, strict=False)

    def _post(self, path: str, content: dict) -> dict:
        try:
            response = httpx.post(
                f"{settings.HEADQUARTERS_URL.rstrip('/')}/exchange/{path}",
                json=content,
                timeout=DEADLINE,
                headers={"Authorization": f"Bearer {settings.EXCHANGE_CREDENTIAL}"},
            )
            answer = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise Unavailable(what="Headquarters") from error
        if response.is_server_error:
            raise Unavailable(what="Headquarters")
        if response.is_error:
            raise ActivationRefused(why=answer.get("message", "Headquarters refused."), field="code")
        return answer


_headquarters: Headquarters = HttpHeadquarters()


def headquarters() -> Headquarters:
    """Headquarters as this process reaches it."""
    return _headquarters
