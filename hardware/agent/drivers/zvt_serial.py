"""ZVT on a serial line: each APDU in a frame with a checksum, and each frame confirmed before anything else is sent.

A frame is 10 02, the APDU with every 10 doubled, 10 03, and a CRC over APDU and 03, low byte first. The receiver
answers 06, or 15 for a frame that came broken, which is then sent again. A frame that nobody confirms is not sent
again: the terminal may have it, and would begin a second payment. Source: as in zvt_format, chapter on RS232.
"""

import time

from hardware.agent.drivers.transport import LineLost, Transport

DLE, STX, ETX = 0x10, 0x02, 0x03
CONFIRMED, BROKEN = 0x06, 0x15
CONFIRM_SECONDS = 5.0
BETWEEN_BYTES_SECONDS = 0.5
TRIES = 3
MOST_BYTES = 140_000  # the longest APDU with every byte doubled


def checksum(data: bytes) -> int:
    """CRC with the polynomial 8408 (reflected 1021), started at 0."""
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x8408 if value & 1 else 0)
    return value


def framed(apdu: bytes) -> bytes:
    """The APDU as it goes over the line."""
    doubled = apdu.replace(b"\x10", b"\x10\x10")
    return b"\x10\x02" + doubled + b"\x10\x03" + checksum(apdu + b"\x03").to_bytes(2, "little")


def take_frame(data: bytes) -> tuple[bytes | None, int]:
    """The first frame of what has come, and how many bytes are used up: ``(APDU, used)``.

    The APDU is empty when its checksum is wrong, None while the frame is not whole. Noise before a frame is used up.
    """
    start = data.find(b"\x10\x02")
    if start < 0:
        return None, len(data) - (data[-1:] == b"\x10")
    apdu, at = bytearray(), start + 2
    while at + 1 < len(data):
        if data[at] != DLE:
            apdu.append(data[at])
            at += 1
        elif data[at + 1] == DLE:
            apdu.append(DLE)
            at += 2
        elif data[at + 1] == ETX:
            if at + 4 > len(data):
                return None, start
            right = checksum(bytes(apdu) + b"\x03") == int.from_bytes(data[at + 2 : at + 4], "little")
            return bytes(apdu) if right else b"", at + 4
        else:  # a 10 that stands alone: the rest of this frame is lost
            return b"", at
    return None, start


class FramedLine:
    """A serial line that reads and writes whole APDUs, as a TCP line does.

    A terminal that answers its first frame and has confirmed nothing is one that confirms no frames: it is not
    waited for, and its acknowledgements (80 00 00) alone count.
    """

    answers = True

    def __init__(self, line: Transport) -> None:
        self._line, self._pending, self._last = line, b"", b""
        self._confirms: bool | None = None

    def write(self, data: bytes) -> None:
        """Send one APDU until it is confirmed. Raises LineLost when nobody confirms it."""
        self._last = b""
        for _ in range(TRIES):
            self._line.write(framed(data))
            if self._confirms is False or self._is_confirmed():
                return
        raise LineLost("The terminal gets only broken frames.", len(data))

    def _is_confirmed(self) -> bool:
        until = time.monotonic() + CONFIRM_SECONDS
        while True:
            while self._pending and self._pending != b"\x10":  # which may be how a frame begins
                if self._pending.startswith(b"\x10\x02"):  # it goes on talking: its confirmation was lost
                    self._confirms = bool(self._confirms)
                    return True
                said, self._pending = self._pending[0], self._pending[1:]
                if said in (CONFIRMED, BROKEN):
                    self._confirms = True
                    return said == CONFIRMED
            left = until - time.monotonic()
            fresh = self._line.read(left) if left > 0 else b""
            if not fresh:
                raise LineLost("The terminal does not confirm what it is sent.", 1)
            self._pending += fresh

    def read(self, seconds: float) -> bytes:
        """The next APDU, confirmed; empty when none came in time. Raises LineLost when frames keep coming broken."""
        until = time.monotonic() + seconds
        for _ in range(TRIES):
            apdu = self._frame(until)
            if apdu is None:
                return b""
            self._line.write(bytes((CONFIRMED if apdu else BROKEN,)))
            if apdu and apdu != self._last:  # else it has not heard our confirmation, and sends it again
                self._last = apdu
                return apdu
        raise LineLost("Only broken frames come from the terminal.", 1)

    def _frame(self, until: float) -> bytes | None:
        """The APDU of the next frame; empty when it came broken, None when none came in time."""
        while True:
            if self._pending[:1] == bytes((CONFIRMED,)):  # only its first confirmation was lost
                self._confirms = True
            apdu, used = take_frame(self._pending)
            self._pending = self._pending[used:]
            if apdu is not None:
                return apdu
            begun, left = self._pending.startswith(b"\x10\x02"), until - time.monotonic()
            wait = BETWEEN_BYTES_SECONDS if begun else left
            fresh = self._line.read(wait) if wait > 0 else b""
            if begun and (not fresh or len(self._pending) > MOST_BYTES):
                self._pending = b""  # it stopped in the middle, or never stops
                return b""
            if not fresh:
                return None
            self._pending += fresh

    def close(self) -> None:
        self._line.close()
