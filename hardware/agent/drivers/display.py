"""Line displays, two rows of twenty: the Epson family and the CD5220 family, alone or on the printer's line.

Rows are overwritten with padding and never cleared: clearing flickers. A text that is too long is cut, never
wrapped into the other row; it goes by twice, and then its beginning stands. A display that has lost its power comes
back dark and cannot say so: what stands is written again now and then, each time with how it is to be read.
"""

import time
from collections.abc import Sequence

from hardware.agent.drivers.base import DeviceError, DeviceUnavailable, Health
from hardware.agent.drivers.escpos import encode_line, read_table, spelled
from hardware.agent.drivers.transport import LineLost, Transport, open_transport
from hardware.agent.protocol import Device

WIDTH = 20
SELECT_DISPLAY, SELECT_PRINTER = b"\x1b=\x02", b"\x1b=\x01"
LINE_SETTINGS = "baud=9600"
STANDS_STEPS, ROUNDS, GAP = 4, 2, "   "
STANDS_SECONDS = 4.0
INITIALISE = b"\x1b@"


class LineDisplay:
    """``family`` epson or cd5220; ``table`` such as ``0=cp437`` or ``19=cp858``; ``width`` in characters.

    ``scroll`` off leaves a text that is too long as it begins. ``on_printer_line``: the line is the printer's, which
    has one; it is held for no longer than two rows take, nothing goes by, and only news is written.
    """

    def __init__(self, device: Device, networks: Sequence[str] = ()) -> None:
        settings = device.settings
        self._is_epson = settings.get("family", "epson") == "epson"
        self._width = settings.get("width", WIDTH)
        self._tables = (read_table(settings.get("table", "0=cp437")),)
        self._shares_line = settings.get("on_printer_line", False)
        self._may_scroll = settings.get("scroll", True) and not self._shares_line
        address = device.address
        if address.startswith("serial:") and "?" not in address:
            address += f"?{LINE_SETTINGS}"
        self._address, self._networks = address, networks
        self._line: Transport | None = None
        self._shown: tuple[str, ...] | None = None
        self._written_at = 0.0
        self._is_set_up = False

    def scrolls(self, rows: Sequence[str], step: int) -> bool:
        """Whether a row is too long and has not gone by often enough after so many steps."""
        return self._may_scroll and any(step < self._last_step(row) for row in rows[:2])

    def _last_step(self, row: str) -> int:
        left, room, _ = self._parts(row)
        return STANDS_STEPS + ROUNDS * len(left + GAP) if len(left) > room else 0

    def show(self, rows: Sequence[str], step: int = 0) -> None:
        """Show two rows, ``step`` places into those that are too long.

        Raises DeviceUnavailable; showing the same again soon, or on a printer's line, sends nothing.
        """
        wanted = tuple(self._cut(row, step) for row in [*rows, "", ""][:2])
        stands = self._shares_line or time.monotonic() - self._written_at < STANDS_SECONDS
        if wanted == self._shown and stands:
            return
        try:
            if self._line is None:
                self._line = open_transport(self._address, self._networks)
            self._line.read(0.0)  # one that was closed at its other end would swallow the first rows
            self._line.write(self._bytes(wanted, fresh=not self._is_set_up))
        except LineLost as error:
            self.close()
            raise DeviceUnavailable("The line to the display broke. Check its cable.") from error
        self._shown, self._is_set_up, self._written_at = wanted, True, time.monotonic()
        if self._shares_line:
            self._let_go()

    def status(self) -> Health:
        """A display cannot be asked: it is ready while its line opens."""
        if self._line is not None or (self._shares_line and self._is_set_up):
            return Health("ready", "Ready; a display cannot say how it is.")
        try:
            open_transport(self._address, self._networks).close()
        except DeviceError as error:
            return getattr(error, "health", None) or Health("absent", str(error))
        return Health("ready", "Ready; a display cannot say how it is.")

    def close(self) -> None:
        self._shown, self._is_set_up = None, False
        self._let_go()

    def _let_go(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def _parts(self, row: str) -> tuple[str, int, str]:
        """Left text, the room for it, and what stands on the right edge; tab-apart halves stand on the two edges."""
        left, tab, right = spelled(row, self._tables).partition("\t")
        return left, max(self._width - len(right) - 1, 0) if tab else self._width, right

    def _cut(self, row: str, step: int = 0) -> str:
        """One row, padded, so many steps into a text that is too long."""
        left, room, right = self._parts(row)
        if self._may_scroll and STANDS_STEPS < step < self._last_step(row):
            text = left + GAP
            start = (step - STANDS_STEPS) % len(text)
            left = (text + text)[start : start + room]
        shown = left[:room].ljust(room) + (f" {right}" if right else "")
        return shown[: self._width].ljust(self._width)

    def _bytes(self, rows: Sequence[str], fresh: bool) -> bytes:
        data = INITIALISE * fresh + self._reading()
        for number, row in enumerate(rows, 1):
            data += self._move_to(number) + self._encoded(row)
        return SELECT_DISPLAY + data + SELECT_PRINTER if self._shares_line else data

    def _reading(self) -> bytes:
        """Overwrite, without a cursor, in this code table: as a display is to read what follows."""
        if self._is_epson:
            return b"\x1f\x01\x1fC\x00\x1bt" + bytes((self._tables[0][0],))
        return b"\x1b\x11\x1b_\x00"

    def _move_to(self, row: int) -> bytes:
        return (b"\x1f$" if self._is_epson else b"\x1bl") + bytes((1, row))

    def _encoded(self, row: str) -> bytes:
        encoded = b"".join(piece for _, piece in encode_line(row, self._tables))
        return encoded[: self._width].ljust(self._width)
