"""The channel layer under websockets that idle, and under a crowd of them."""

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
    """The client's default timeout broke each one after five seconds."""
    till = WebsocketCommunicator(Till.as_asgi(), "/")
    connected, _ = await till.connect()
    assert connected
    await asyncio.sleep(IDLE)
    await layer.group_send("idle-test", {"type": "news", "words": "a scan"})
    assert (await till.receive_json_from(timeout=3))["words"] == "a scan"
    await till.disconnect()
    await layer.close_pools()


async def test_a_crowd_that_comes_at_once_waits_its_turn(layer: Any) -> None:
    """The client's own pool refused whatever came while a hundred commands were in flight."""
    names = [await layer.new_channel() for _ in range(300)]
    await asyncio.gather(*(layer.group_add("crowd-test", name) for name in names))
    await layer.group_send("crowd-test", {"type": "news"})
    heard = await asyncio.wait_for(asyncio.gather(*map(layer.receive, names)), 20)
    assert len(heard) == 300
    await asyncio.gather(*(layer.group_discard("crowd-test", name) for name in names))
    await layer.close_pools()
