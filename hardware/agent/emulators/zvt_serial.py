"""The serial side of an emulated terminal: frames, confirmations, and frames that come broken."""

import asyncio
from collections import deque
from dataclasses import dataclass

from hardware.agent.drivers.zvt_serial import BROKEN, CONFIRMED, framed, take_frame
from hardware.agent.emulators.lines import LineDevice, Reply


@dataclass
class SerialZvt:
    """Stands between a terminal and its serial line.

    ``breaks`` so many frames of its own go out broken, ``mishears`` so many of the till's come in broken, ``forgets``
    so many confirmations are not sent. ``drop`` pulls the plug for a moment.
    """

    device: LineDevice
    breaks: int = 0
    mishears: int = 0
    forgets: int = 0
    unplugged_seconds: float = 0.5

    def __post_init__(self) -> None:
        self._pending, self._connected, self._unplugged = b"", False, False
        self._out: deque[bytes] = deque()  # the first is on its way and not confirmed yet

    def connected(self, reply: Reply) -> None:
        """A serial line has no callers: the terminal is told when the first frame comes."""

    def disconnected(self) -> None:
        self._connected = False
        self._out.clear()
        self.device.disconnected()

    def drop(self) -> None:
        """Pull the plug, and put it in again after a while."""
        self._unplugged, self._pending = True, b""
        self.disconnected()
        asyncio.get_running_loop().call_later(self.unplugged_seconds, self._plug_in)

    def _plug_in(self) -> None:
        self._unplugged = False

    def receive(self, data: bytes, reply: Reply) -> None:
        if self._unplugged:
            return
        if not self._connected:
            self._connected = True
            self.device.connected(self._framing(reply))
        self._pending += data
        while self._pending:
            if self._pending[0] in (BROKEN, CONFIRMED):
                if self._pending[0] == CONFIRMED and self._out:
                    self._out.popleft()
                self._pending = self._pending[1:]
                self._send(reply)
                continue
            apdu, used = take_frame(self._pending)
            self._pending = self._pending[used:]
            if apdu is None:
                return
            self._take(apdu, reply)

    def _take(self, apdu: bytes, reply: Reply) -> None:
        if not apdu or self.mishears:
            self.mishears = max(self.mishears - 1, 0)
            reply(bytes((BROKEN,)))
            return
        if self.forgets:
            self.forgets -= 1
        else:
            reply(bytes((CONFIRMED,)))
        self.device.receive(apdu, self._framing(reply))

    def _framing(self, reply: Reply) -> Reply:
        def send(apdu: bytes) -> None:
            self._out.append(apdu)
            if len(self._out) == 1:
                self._send(reply)

        return send

    def _send(self, reply: Reply) -> None:
        if self._unplugged or not self._out:
            return
        frame = framed(self._out[0])
        if self.breaks:
            self.breaks -= 1
            frame = frame[:-1] + bytes((frame[-1] ^ 0x5A,))
        reply(frame)
