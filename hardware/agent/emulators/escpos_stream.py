"""Cut a stream of ESC/POS bytes into commands, as a printer does while they arrive.

Feed it pieces of any size; a command that is not complete waits for the rest. What follows a command byte
that nobody knows is treated as a printer treats it: the two bytes are dropped and the rest is text.
"""

from collections.abc import Iterator
from typing import NamedTuple

ESC, FS, GS, DLE, NUL = 0x1B, 0x1C, 0x1D, 0x10, 0x00
# how many bytes follow the two of the command
ESC_ARGUMENTS = {
    **dict.fromkeys(b"@2<imFLS0\x0c", 0),
    **dict.fromkeys(b"!-3=EGJMRVadtrU {%?TKe/fQNOIl", 1),
    **dict.fromkeys(b"$\\c", 2),
    ord("p"): 3,
    ord("W"): 8,
}
GS_ARGUMENTS = {
    **dict.fromkeys(b":", 0),
    **dict.fromkeys(b"!BHfhwarIb/E", 1),
    **dict.fromkeys(b"LWPT$\\", 2),
    ord("^"): 3,
}
FS_ARGUMENTS = {**dict.fromkeys(b"&.", 0), **dict.fromkeys(b"!-CW", 1), **dict.fromkeys(b"Sp", 2)}
BARCODES_WITH_NUL = range(7)


class Command(NamedTuple):
    """``name`` is ``text``, a control character such as ``LF``, or the command such as ``GS V``."""

    name: str
    data: bytes
    size: int


class Incomplete(Exception):
    """More bytes are needed."""


class EscPosStream:
    """The parser; ``unknown`` counts commands that it did not know."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.unknown = 0

    def feed(self, data: bytes) -> Iterator[Command]:
        """Add bytes and give the commands that are complete now."""
        self._buffer += data
        while self._buffer:
            try:
                command = self._next()
            except Incomplete:
                return
            del self._buffer[: command.size]
            yield command

    @property
    def waiting(self) -> int:
        """Bytes that belong to a command which is not complete."""
        return len(self._buffer)

    def reset(self) -> None:
        """Forget what has not been completed: a power cut."""
        self._buffer.clear()

    def _next(self) -> Command:
        first = self._buffer[0]
        if first == ESC:
            return self._escape()
        if first == GS:
            return self._group()
        if first == FS:
            return self._fixed("FS", FS_ARGUMENTS)
        if first == DLE:
            return self._real_time()
        if first < 0x20:
            names = {0x0A: "LF", 0x0D: "CR", 0x09: "HT", 0x0C: "FF", 0x18: "CAN"}
            return Command(names.get(first, "control"), bytes((first,)), 1)
        end = 1
        while end < len(self._buffer) and self._buffer[end] >= 0x20:
            end += 1
        return Command("text", bytes(self._buffer[:end]), end)

    def _byte(self, at: int) -> int:
        if at >= len(self._buffer):
            raise Incomplete
        return self._buffer[at]

    def _take(self, name: str, start: int, size: int) -> Command:
        if len(self._buffer) < start + size:
            raise Incomplete
        return Command(name, bytes(self._buffer[start : start + size]), start + size)

    def _word(self, at: int) -> int:
        return self._byte(at) + 256 * self._byte(at + 1)

    def _fixed(self, prefix: str, arguments: dict[int, int]) -> Command:
        letter = self._byte(1)
        name = f"{prefix} {chr(letter)}"
        if letter not in arguments:
            self.unknown += 1
            return self._take("unknown", 0, 2)
        return self._take(name, 2, arguments[letter])

    def _escape(self) -> Command:
        letter = self._byte(1)
        if letter == ord("*"):
            columns = self._word(3)
            return self._take("ESC *", 2, 3 + columns * (3 if self._byte(2) in (32, 33) else 1))
        if letter in b"DB":
            end = self._buffer.find(NUL, 2)
            if end < 0:
                raise Incomplete
            return self._take(f"ESC {chr(letter)}", 2, end - 1)
        return self._fixed("ESC", ESC_ARGUMENTS)

    def _group(self) -> Command:
        letter = self._byte(1)
        if letter == ord("("):
            return self._take(f"GS ( {chr(self._byte(2))}", 5, self._word(3))
        if letter == ord("v"):
            return self._take("GS v 0", 3, 5 + self._word(4) * self._word(6))
        if letter == ord("V"):
            return self._take("GS V", 2, 2 if self._byte(2) in (0x41, 0x42) else 1)
        if letter == ord("k"):
            if self._byte(2) in BARCODES_WITH_NUL:
                end = self._buffer.find(NUL, 3)
                if end < 0:
                    raise Incomplete
                return self._take("GS k", 2, end - 1)
            return self._take("GS k", 2, 2 + self._byte(3))
        if letter == ord("*"):
            return self._take("GS *", 2, 2 + self._byte(2) * self._byte(3) * 8)
        return self._fixed("GS", GS_ARGUMENTS)

    def _real_time(self) -> Command:
        letter = self._byte(1)
        sizes = {0x04: 1, 0x05: 1, 0x14: 3}
        if letter not in sizes:
            return self._take("control", 0, 1)
        return self._take(f"DLE {letter:02x}", 2, sizes[letter])


class RealTimeWatch:
    """Finds real-time commands in what arrives, wherever they stand: printers obey them even in a picture."""

    def __init__(self) -> None:
        self._tail = b""

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Give (command byte, arguments) for each complete real-time command."""
        data = self._tail + data
        at = 0
        while (at := data.find(DLE, at)) >= 0:
            if at + 1 >= len(data):
                break
            size = {0x04: 3, 0x05: 3, 0x14: 5}.get(data[at + 1])
            if size is None:
                at += 1
                continue
            if at + size > len(data):
                break
            yield data[at + 1], data[at + 2 : at + size]
            at += size
        self._tail = data[at:] if at >= 0 else b""
