"""A network that misbehaves when it is told to: a TCP proxy in a thread. (The kernel here has no netem.)"""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

from config.embedded.services import free_port

_TICK = 0.05  # seconds
_CHUNK = 1 << 16


class Fault(Enum):
    """What is wrong with the line."""

    CUT = "every connection is closed at once"
    SLOW = "1 Mbit/s in either direction"
    HOLE = "what is sent is swallowed, and nobody answers"
    DROPPING = "requests get through, and every answer is lost"


class Proxy:
    """A port of its own in front of another one. `fault` may change at any time; open connections end then."""

    def __init__(self, target: int) -> None:
        self.port, self._target = free_port(), target
        self.met: dict[Fault, int] = dict.fromkeys(Fault, 0)
        self._fault: Fault | None = None
        self._tasks: set[asyncio.Task] = set()
        self._loop = asyncio.new_event_loop()
        self._is_listening = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def fault(self) -> Fault | None:
        return self._fault

    @fault.setter
    def fault(self, fault: Fault | None) -> None:
        self._fault = fault
        self._loop.call_soon_threadsafe(self._end_connections)

    def start(self) -> None:
        self._thread.start()
        assert self._is_listening.wait(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._connected, "127.0.0.1", self.port))
        self._is_listening.set()
        self._loop.run_forever()
        server.close()
        self._end_connections()
        self._loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))
        self._loop.close()

    def _end_connections(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _connected(self, near: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._tasks.add(task)
        try:
            await self._carry(near, out)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            out.close()

    async def _carry(self, near: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        fault = self._fault
        if fault is not None:
            self.met[fault] += 1
        if fault is Fault.CUT:
            return
        if fault is Fault.HOLE:
            while await near.read(_CHUNK):
                continue
            return
        far, there = await asyncio.open_connection("127.0.0.1", self._target)
        try:
            forth = asyncio.create_task(self._pipe(near, there))
            back = asyncio.create_task(self._drop(far) if fault is Fault.DROPPING else self._pipe(far, out))
            try:
                await asyncio.wait({forth, back}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pipe in (forth, back):
                    pipe.cancel()
                await asyncio.gather(forth, back, return_exceptions=True)
        finally:
            there.close()
            with contextlib.suppress(OSError):
                await there.wait_closed()

    async def _pipe(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        slow = self._fault is Fault.SLOW
        while chunk := await source.read(int(125_000 * _TICK) if slow else _CHUNK):
            sink.write(chunk)
            await sink.drain()
            if slow:
                await asyncio.sleep(_TICK)

    async def _drop(self, source: asyncio.StreamReader) -> None:
        """Wait for the answer, and hang up instead of passing it on."""
        await source.read(1)


@contextmanager
def in_front_of(*ports: int) -> Iterator[list[Proxy]]:
    """A running proxy for each port."""
    proxies = [Proxy(port) for port in ports]
    for proxy in proxies:
        proxy.start()
    try:
        yield proxies
    finally:
        for proxy in proxies:
            proxy.stop()
