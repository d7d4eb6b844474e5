"""A till that nobody touches keeps its socket: the client's default timeout broke each one after five seconds."""

import asyncio

import pytest
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator

IDLE = 6.5  # seconds; the layer's blocking read lasts five


class Till(AsyncJsonWebsocketConsumer):
    """Listens to a group, as tills and stations do."""

    groups = ["idle-test"]

    async def news(self, event: dict) -> None:
        await self.send_json(event)


@pytest.mark.system
async def test_an_idle_socket_still_hears() -> None:
    till = WebsocketCommunicator(Till.as_asgi(), "/")
    connected, _ = await till.connect()
    assert connected
    await asyncio.sleep(IDLE)
    layer = get_channel_layer()
    await layer.group_send("idle-test", {"type": "news", "words": "a scan"})
    assert (await till.receive_json_from(timeout=3))["words"] == "a scan"
    await till.disconnect()
    await layer.close_pools()
