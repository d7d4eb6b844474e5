"""The register's socket: who may listen, and what is put on the open page.

Nothing is lost when a message is: a page sees by the cart's version that it missed one, and fetches the cart.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from channels_app.announcements import GROUP as DATA_GROUP
from channels_app.errors import DomainError
from pos.pages import push
from pos.pages.access import DEVICE_COOKIE, WORKER_COOKIE
from pos.services.announce import register_group, sign_on_group
from pos.services.session import Till, till_by_tokens

NOT_YOURS = 4401
MOST_SIGNS = 200


class RegisterConsumer(AsyncWebsocketConsumer):
    """One open page of a register. It says nothing but that it is alive; it hears what changed elsewhere."""

    group = ""

    async def connect(self) -> None:
        cookies = self.scope.get("cookies", {})
        self.device, self.worker = cookies.get(DEVICE_COOKIE, ""), cookies.get(WORKER_COOKIE, "")
        till = await self._till() if self.device else None
        if till is None:
            await self.close(NOT_YOURS)
            return
        self.group = register_group(till.register.id)
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.channel_layer.group_add(DATA_GROUP, self.channel_name)
        await self.accept()
        await self._say(push.hello)

    async def disconnect(self, code: int) -> None:
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)
            await self.channel_layer.group_discard(DATA_GROUP, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """A sign of life is answered, so that the page knows that the line is there; all else is nonsense."""
        if text_data is None or len(text_data) > MOST_SIGNS:
            await self.close(NOT_YOURS)
            return
        await self.send(text_data='{"kind":"beat"}')

    async def cart_changed(self, event: dict[str, Any]) -> None:
        await self._say(push.cart_changed, event["snapshot"])

    async def payment_changed(self, event: dict[str, Any]) -> None:
        await self._say(push.payment_changed, event["snapshot"])

    async def weight_changed(self, event: dict[str, Any]) -> None:
        """As it comes, without asking who listens: it is a number on a scale, and there are many of them."""
        await self.send(text_data=json.dumps({"kind": "weight", **event["data"]}))

    async def devices_changed(self, event: dict[str, Any]) -> None:
        await self._say(push.devices_changed)

    async def receipt_changed(self, event: dict[str, Any]) -> None:
        await self._say(push.receipt_changed, event["source"])

    async def job_changed(self, event: dict[str, Any]) -> None:
        await self._say(push.job_changed, event["title"], event["is_drawer"])

    async def data_changed(self, event: dict[str, Any]) -> None:
        await self._say(push.data_changed)

    async def _say(self, render: Callable[..., dict[str, Any]], *arguments: Any) -> None:
        """Render for this browser as it stands now; one that may no longer listen is sent away."""
        message = await _in_thread(self._rendered)(render, *arguments)
        await self.send(text_data=json.dumps(message))
        if message["kind"] == "away":
            await self.close(NOT_YOURS)

    def _rendered(self, render: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
        try:
            till = push.signed_on(self.device, self.worker)
        except DomainError:
            return {"kind": "away"}
        return render(till, *arguments)

    async def _till(self) -> Till | None:
        try:
            return await _in_thread(push.signed_on)(self.device, self.worker)
        except DomainError:
            return None


class SignOnConsumer(AsyncWebsocketConsumer):
    """A register's sign-on page: it hears of staff cards that are swiped at the station, and says nothing."""

    group = ""

    async def connect(self) -> None:
        device = self.scope.get("cookies", {}).get(DEVICE_COOKIE, "")
        register_id = await _in_thread(_register_of)(device) if device else None
        if register_id is None:
            await self.close(NOT_YOURS)
            return
        self.group = sign_on_group(register_id)
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """There is nothing to say before somebody has signed on."""
        await self.close(NOT_YOURS)

    async def card_swiped(self, event: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps({"kind": "card", **event["data"]}))


def _register_of(device: str) -> int | None:
    try:
        return till_by_tokens(device=device).register.id
    except DomainError:
        return None


def _in_thread(function: Callable[..., Any]) -> Callable[..., Any]:
    """Database work off the loop, in a thread of its own."""
    return database_sync_to_async(function, thread_sensitive=False)
