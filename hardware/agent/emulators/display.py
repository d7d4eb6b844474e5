"""An emulated line display of two rows, for both families."""

from collections.abc import Callable
from dataclasses import dataclass, field

from hardware.agent.emulators.lines import Reply

TABLES = {0: "cp437", 2: "cp850", 16: "cp1252", 18: "cp852", 19: "cp858"}


@dataclass
class EmulatedDisplay:
    """``rows`` is what a customer reads. ``clears`` counts how often it went dark."""

    width: int = 20
    tell: Callable[[], None] = lambda: None
    rows: list[str] = field(default_factory=list)
    clears: int = 0

    def __post_init__(self) -> None:
        self._pending = b""
        self._table, self._column, self._row, self._on = "cp437", 0, 0, True
        self.rows = [" " * self.width, " " * self.width]

    def connected(self, reply: Reply) -> None:
        """Somebody has opened the line."""

    def disconnected(self) -> None:
        self._pending = b""

    def receive(self, data: bytes, reply: Reply) -> None:
        self._pending += data
        while self._pending and (size := self._obey()):
            self._pending = self._pending[size:]
        self.tell()

    def _obey(self) -> int:
        """Carry out one command; 0 when the rest of it has not come."""
        data = self._pending
        sizes = {
            b"\x1b@": 2,
            b"\x1b=": 3,
            b"\x1bt": 3,
            b"\x1bR": 3,
            b"\x1bl": 4,
            b"\x1b\x11": 2,
            b"\x1b\x12": 2,
            b"\x1b\x13": 2,
            b"\x1b_": 3,
            b"\x1b*": 3,
            b"\x1f$": 4,
            b"\x1f\x01": 2,
            b"\x1f\x02": 2,
            b"\x1f\x03": 2,
            b"\x1fC": 3,
            b"\x1fX": 3,
        }
        if data[:1] in (b"\x1b", b"\x1f"):
            if data[1:2] == b"Q":
                end = data.find(b"\r")
                if end < 0:
                    return 0
                self._write_row(0 if data[2:3] == b"A" else 1, data[3:end])
                return end + 1
            size = sizes.get(data[:2], 2)
            if len(data) < size:
                return 0
            self._command(data[:2], data[2:size])
            return size
        if data[:1] in (b"\x0c", b"\x0b", b"\x18"):
            self._control(data[0])
        elif data[0] >= 0x20 and self._on:
            self._put(data[:1].decode(self._table, "replace"))
        return 1

    def _command(self, name: bytes, arguments: bytes) -> None:
        if name == b"\x1b@":
            self._control(0x0C)
        elif name == b"\x1b=":
            self._on = bool(arguments[0] & 2)
        elif name == b"\x1bt":
            self._table = TABLES.get(arguments[0], "cp437")
        elif name in (b"\x1f$", b"\x1bl"):
            self._column, self._row = max(arguments[0], 1) - 1, min(max(arguments[1], 1), 2) - 1

    def _control(self, code: int) -> None:
        if code == 0x0C:
            self.rows = [" " * self.width, " " * self.width]
            self.clears += 1
        if code == 0x18:
            self.rows[self._row] = " " * self.width
            self._column = 0
        else:
            self._column = self._row = 0

    def _put(self, letter: str) -> None:
        if (
            self._column >= self.width
        ):  # overwrite mode: the row is full, the next letter begins the other one
            self._column, self._row = 0, 1 - self._row
        row = self.rows[self._row]
        self.rows[self._row] = row[: self._column] + letter + row[self._column + 1 :]
        self._column += 1

    def _write_row(self, row: int, text: bytes) -> None:
        self.rows[row] = text.decode(self._table, "replace")[: self.width].ljust(self.width)
