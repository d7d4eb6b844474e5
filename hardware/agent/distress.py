"""A station whose journal cannot be opened prints nothing; it is there nevertheless and says what is wrong with it."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import WebSocketException

from hardware.agent import protocol
from hardware.agent.config import Identity
from hardware.agent.link import dial, greeting
from hardware.agent.station import status_of_itself

log = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS = 5.0
Healed = TypeVar("Healed")


async def call_for_help(identity: Identity, words: str, heal: Callable[[], Healed | None]) -> Healed:
    """Connect without a journal and say what is wrong until ``heal`` gives something, which is answered."""
    log.error("%s", words)
    while True:
        try:
            async with dial(identity) as socket:
                await socket.send(protocol.write(greeting()))
                await socket.send(protocol.write(status_of_itself(words)))
                while (healed := await asyncio.to_thread(heal)) is None:
                    await _listen(socket)
                return healed
        except (OSError, WebSocketException, TimeoutError) as error:
            log.debug("The call for help was not heard: %s", error)
        if (healed := await asyncio.to_thread(heal)) is not None:
            return healed
        await asyncio.sleep(LOOK_AGAIN_SECONDS)


async def _listen(socket: ClientConnection) -> None:
    """For a while: nothing that the server says can be done. Raises when the line drops."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LOOK_AGAIN_SECONDS):
            while True:
                await socket.recv()
