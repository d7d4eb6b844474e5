"""Doorbells: fire and forget, from any thread, without making a sale wait for Redis.

One loop in one background thread carries every ring of this process. A ring may be lost; the row it points
at is not, and the station asks for its jobs whenever it connects.
"""

import asyncio
import logging
import os
import threading
from collections.abc import Iterable
from typing import Any

from channels.layers import get_channel_layer

log = logging.getLogger(__name__)

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_owner = 0


def group_of(station_id: int) -> str:
    """The group in which the sockets of one station listen."""
    return f"station.{station_id}"


def ring(station_ids: Iterable[int]) -> None:
    """Tell stations that there are jobs."""
    for station_id in set(station_ids):
        send_to_station(station_id, {"type": "station.wake"})


def send_to_station(station_id: int, message: dict[str, Any]) -> None:
    """Send one message to the sockets of a station, without waiting for it to leave."""
    asyncio.run_coroutine_threadsafe(_send(station_id, message), _running_loop())


async def _send(station_id: int, message: dict[str, Any]) -> None:
    try:
        await get_channel_layer().group_send(group_of(station_id), message)
    except Exception as error:  # the layer raises whatever its socket raises
        log.warning("A ring was lost: %s", error, extra={"station": station_id})


def _running_loop() -> asyncio.AbstractEventLoop:
    global _loop, _owner
    with _lock:
        if _loop is None or _owner != os.getpid():
            _loop, _owner = asyncio.new_event_loop(), os.getpid()
            threading.Thread(target=_loop.run_forever, name="station rings", daemon=True).start()
        return _loop
