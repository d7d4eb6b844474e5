"""Doorbells: fire and forget, from any thread, without making a sale wait for Redis.

One loop in one background thread carries every ring of this process. A ring may be lost; the row it points
at is not, and whoever listens asks for what is new whenever it connects.
"""

import asyncio
import logging
import os
import threading
from typing import Any

from channels.layers import get_channel_layer

logger = logging.getLogger(__name__)

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_owner = 0
_waiting: set[tuple[str, str]] = set()
_turn = asyncio.Semaphore(4)  # a burst of rings must not use up the connections to Redis


def ring(group: str, message: dict[str, Any], *, merge: bool = False) -> None:
    """Send one message to the sockets of a group, without waiting for it to leave.

    With `merge` a message of the same type that has not left yet stands for this one too: for messages that
    only say that there is something to fetch.
    """
    key = (group, message["type"])
    if merge:
        if key in _waiting:
            return
        _waiting.add(key)
    asyncio.run_coroutine_threadsafe(_send(group, message, key), _running_loop())


async def _send(group: str, message: dict[str, Any], key: tuple[str, str]) -> None:
    try:
        async with _turn:
            _waiting.discard(key)
            await get_channel_layer().group_send(group, message)
    except Exception as error:  # the layer raises whatever its socket raises
        logger.warning("A ring was lost: %s", error, extra={"group": group})


def _running_loop() -> asyncio.AbstractEventLoop:
    global _loop, _owner, _turn
    with _lock:
        if _loop is None or _owner != os.getpid():
            _loop, _owner, _turn = asyncio.new_event_loop(), os.getpid(), asyncio.Semaphore(4)
            threading.Thread(target=_loop.run_forever, name="doorbells", daemon=True).start()
        return _loop
