"""A till that nobody touches keeps its socket: the client's default timeout broke each one after five seconds."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.layers import channel_layers
from channels.testing import WebsocketCommunicator

IDLE = 6.5  # seconds; the layer's blocking read lasts five


class Till(AsyncJsonWebsocketConsumer):
    """Listens to a group, as tills and stations do."""

    groups = ["idle-test"]

    async def news(self, event: dict) -> None:
        await self.send_json(event)


@pytest.fixture
def layer() -> Iterator[Any]:
    """A layer of this test's own: the shared one may still hold the connections of an earlier test's event loop."""
    ours = channel_layers.make_backend("default")
    shared = channel_layers.set("default", ours)
    yield ours
    channel_layers.set("default", shared)


@pytest.mark.system
async def test_an_idle_socket_still_hears(layer: Any) -> None:
    till = WebsocketCommunicator(Till.as_asgi(), "/")
    connected, _ = await till.connect()
    assert connected
    await asyncio.sleep(IDLE)
    await layer.group_send("idle-test", {"type": "news", "words": "a scan"})
    assert (await till.receive_json_from(timeout=3))["words"] == "a scan"
    await till.disconnect()
    await layer.close_pools()
