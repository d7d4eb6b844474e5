"""A line with a delay: forwards a TCP port and holds back what goes through it, since not every kernel has netem."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def delayed(port: int, *, round_trip: float) -> Iterator[int]:
    """A port on the loopback that leads to `port`; every byte takes half of `round_trip` seconds each way."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="delay", daemon=True)
    thread.start()
    line = _Line(port, round_trip / 2)
    server = asyncio.run_coroutine_threadsafe(
        asyncio.start_server(line.connected, "127.0.0.1", 0), loop
    ).result()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(line.hang_up(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class _Line:
    """Each connection is two pipes; a pipe delivers what it took in after the same time, in the same order."""

    def __init__(self, port: int, seconds: float) -> None:
        self.port, self.seconds = port, seconds
        self.tasks: set[asyncio.Task[None]] = set()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.port)
        with suppress(asyncio.CancelledError, ConnectionError):
            await asyncio.gather(self._pipe(reader, far_writer), self._pipe(far_reader, writer))
        for end in (writer, far_writer):
            end.close()

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        arrived: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def deliver() -> None:
            while True:
                due, data = await arrived.get()
                await asyncio.sleep(max(0.0, due - loop.time()))
                if not data:
                    break
                writer.write(data)
                await writer.drain()
            with suppress(OSError, RuntimeError):
                writer.write_eof()

        async def take_in() -> None:
            while True:
                data = await reader.read(1 << 16)
                arrived.put_nowait((loop.time() + self.seconds, data))
                if not data:
                    break

        await asyncio.gather(take_in(), deliver())

    async def hang_up(self, server: asyncio.Server) -> None:
        server.close()
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
