"""The web process of the bench: real stations, a register's socket, and the bare relay that they are held against."""

import asyncio
import json
import os
from typing import Any

import django

django.setup()

from django.db import connections  # noqa: E402

from config.settings import environment  # noqa: E402

connections.databases["default"].update(
    environment.database(os.environ["DATABASE_URL"], pool_size=8)
)  # as installed

from channels.db import database_sync_to_async  # noqa: E402
from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path  # noqa: E402

from bench.hardware import parts  # noqa: E402
from hardware.consumers import StationConsumer  # noqa: E402
from hardware.services import jobs  # noqa: E402
from hq import station_events  # noqa: E402
from hq.station_events import StationEvent, register_handler  # noqa: E402

DOCUMENT = json.loads(os.environ["BENCH_DOCUMENT"])


class RegisterConsumer(AsyncWebsocketConsumer):
    """A till's socket: asks for a receipt, and hears when its job is done or something was scanned."""

    here: "RegisterConsumer | None" = None

    async def connect(self) -> None:
        RegisterConsumer.here, self.loop = self, asyncio.get_running_loop()
        await self.accept()

    async def receive(self, text_data: str = "", bytes_data: bytes = b"") -> None:
        if parts.FOLDER:
            parts.stamp(parts.FIRST)
        await database_sync_to_async(jobs.queue_job, thread_sensitive=False)(
            register_id=int(text_data), kind="print", document=DOCUMENT, title="Receipt"
        )


def tell(event: StationEvent) -> None:
    """Pass a device's event on to the till's socket."""
    if event.kind == "job" and event.data["state"] != "done":
        return
    if parts.FOLDER:
        parts.stamp(parts.LAST)
    if (register := RegisterConsumer.here) is not None:
        asyncio.run_coroutine_threadsafe(register.send(text_data=event.kind), register.loop)


station_events._handlers.clear()  # the till itself is measured by its own bench
register_handler("job", tell)
register_handler("scan", tell)


if parts.FOLDER:
    parts.follow(jobs, "queue_job", "to a thread")
    parts.follow(jobs, "hand_over", "job's row: checked, written, committed and synced")
    parts.follow(jobs, "settle_job", "websocket to the server, to a thread")
    parts.follow(jobs, "_tell", "job's row: outcome")


class GroupConsumer(AsyncWebsocketConsumer):
    """The least that hears a group: what channels_redis costs alone."""

    groups = ("bare",)

    async def bare_ring(self, event: dict[str, Any]) -> None:
        await self.send(text_data="ring")


class Relay:
    """A bare ASGI websocket that passes every message to the other side, without storage."""

    def __init__(self) -> None:
        self._sides: dict[str, Any] = {}

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        side = scope["url_route"]["kwargs"]["side"]
        await receive()
        await send({"type": "websocket.accept"})
        self._sides[side] = send
        while (message := await receive())["type"] == "websocket.receive":
            other = self._sides["station" if side == "register" else "register"]
            await other({"type": "websocket.send", "text": message["text"]})


application = ProtocolTypeRouter(
    {
        "websocket": URLRouter(
            [
                path("ws/station/", StationConsumer.as_asgi()),
                path("ws/register/", RegisterConsumer.as_asgi()),
                path("ws/bare/", GroupConsumer.as_asgi()),
                path("ws/relay/<str:side>/", Relay()),
                path("ws/printing-relay/<str:side>/", Relay()),
            ]
        )
    }
)
