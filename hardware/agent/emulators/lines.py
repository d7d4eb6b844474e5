"""Real lines for emulated devices: a TCP listener that serves one connection at a time, and a pty.

Both hand what arrives to ``receive(data, reply)`` of the device, on the event loop.
"""

import asyncio
import contextlib
import os
import tty
import weakref
from collections.abc import Callable
from typing import Protocol

Reply = Callable[[bytes], None]


class LineDevice(Protocol):
    """What can hang on a line."""

    def receive(self, data: bytes, reply: Reply) -> None:
        """Bytes have arrived; ``reply`` sends bytes back on the same line."""

    def connected(self, reply: Reply) -> None:
        """Somebody has opened the line."""

    def disconnected(self) -> None:
        """Nobody listens any more."""


class TcpLine:
    """A device that listens on a TCP port. A second caller waits until the first has gone."""

    def __init__(self, device: LineDevice, host: str = "127.0.0.1", port: int = 0) -> None:
        self._device, self.host, self.port = device, host, port
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._turn = asyncio.Lock()

    async def open(self) -> None:
        """Start listening; the port stays the same when it is opened again."""
        self._server = await asyncio.start_server(self._serve, self.host, self.port, reuse_address=True)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and drop every connection: what a power cut looks like from outside."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.drop()
        await asyncio.sleep(0)

    def drop(self) -> None:
        """Cut the connections, at once and without a goodbye."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            async with self._turn:
                reply = self._reply_on(writer)
                self._device.connected(reply)
                try:
                    while data := await reader.read(4096):
                        self._device.receive(data, reply)
                finally:
                    self._device.disconnected()
        except (ConnectionError, asyncio.CancelledError):
            return  # the caller hung up, or the device was switched off
        finally:
            self._writers.discard(writer)
            writer.close()

    @staticmethod
    def _reply_on(writer: asyncio.StreamWriter) -> Reply:
        def reply(data: bytes) -> None:
            if not writer.is_closing():
                writer.write(data)

        return reply


class PtyLine:
    """A device on a pseudo-terminal: for the program at the other end it is a serial port.

    The port's number is given to no other terminal while this object lives, not after it was unplugged either: the
    program must not find a stranger there.
    """

    def __init__(self, device: LineDevice) -> None:
        self._device = device
        self._ours, theirs = os.openpty()
        tty.setraw(theirs)
        os.set_blocking(self._ours, False)
        self.path = os.ttyname(theirs)
        self._is_plugged = True
        weakref.finalize(self, os.close, theirs)  # it is what keeps the number
        self._device.connected(self.send)

    async def open(self) -> None:
        """Listen to what the program writes."""
        asyncio.get_running_loop().add_reader(self._ours, self._read)

    async def close(self) -> None:
        """Unplug: the program's next read or write fails, and the port is gone."""
        if not self._is_plugged:  # the descriptor may be another's by now
            return
        self._is_plugged = False
        with contextlib.suppress(ValueError, RuntimeError):
            asyncio.get_running_loop().remove_reader(self._ours)
        os.close(self._ours)

    def send(self, data: bytes) -> None:
        """Bytes to the program; what does not fit because nobody reads is lost, as on a serial line."""
        if not self._is_plugged:
            return
        with contextlib.suppress(BlockingIOError, OSError):
            os.write(self._ours, data)

    def _read(self) -> None:
        try:
            data = os.read(self._ours, 4096)
        except (BlockingIOError, OSError):
            return
        self._device.receive(data, self.send)
