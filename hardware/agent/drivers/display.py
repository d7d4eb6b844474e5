"""Line displays, two rows of twenty: the Epson family and the CD5220 family, alone or on the printer's line.

Rows are overwritten with padding and never cleared: clearing flickers. A text that is too long is cut, never
wrapped into the other row; it goes by twice, and then its beginning stands.
"""

from collections.abc import Sequence

from hardware.agent.drivers.base import DeviceError, DeviceRefused, DeviceUnavailable, Health
from hardware.agent.drivers.escpos import SUBSTITUTES, encode_line, read_table
from hardware.agent.drivers.transport import LineLost, Transport, open_transport
from hardware.agent.protocol import Device

WIDTH = 20
SELECT_DISPLAY, SELECT_PRINTER = b"\x1b=\x02", b"\x1b=\x01"
LINE_SETTINGS = "baud=9600"
STANDS_STEPS, ROUNDS, GAP = 4, 2, "   "


class LineDisplay:
    """``family`` epson or cd5220; ``table`` such as ``0=cp437`` or ``19=cp858``; ``width`` in characters.

    ``scroll`` off leaves a text that is too long as it begins. ``on_printer_line``: the line is the printer's, which
    has one; it is held for no longer than two rows take, and nothing goes by.
    """

    def __init__(self, device: Device, networks: Sequence[str] = ()) -> None:
        self._family = str(device.settings.get("family", "epson"))
        if self._family not in ("epson", "cd5220"):
            raise DeviceRefused(f"There is no display family named {self._family}. Known are epson, cd5220.")
        self._width = int(device.settings.get("width", WIDTH))
        self._tables = (read_table(str(device.settings.get("table", "0=cp437"))),)
        self._shares_line = device.settings.get("on_printer_line", False) is True
        self._may_scroll = device.settings.get("scroll", True) is not False and not self._shares_line
        address = device.address
        if address.startswith("serial:") and "?" not in address:
            address += f"?{LINE_SETTINGS}"
        self._address, self._networks = address, networks
        self._line: Transport | None = None
        self._shown: tuple[str, ...] | None = None
        self._is_set_up = False

    def scrolls(self, rows: Sequence[str], step: int) -> bool:
        """Whether a row is too long and has not gone by often enough after so many steps."""
        return self._may_scroll and any(step < self._last_step(row) for row in rows[:2])

    def _last_step(self, row: str) -> int:
        left, room, _ = self._parts(row)
        return STANDS_STEPS + ROUNDS * len(left + GAP) if len(left) > room else 0

    def show(self, rows: Sequence[str], step: int = 0) -> None:
        """Show two rows, ``step`` places into those that are too long.

        Raises DeviceUnavailable; showing the same again sends nothing.
        """
        wanted = tuple(self._cut(row, step) for row in [*rows, "", ""][:2])
        if wanted == self._shown:
            return
        try:
            if self._line is None:
                self._line = open_transport(self._address, self._networks)
            self._line.write(self._bytes(wanted, fresh=not self._is_set_up))
        except LineLost as error:
            self.close()
            raise DeviceUnavailable("The line to the display broke. Check its cable.") from error
        self._shown, self._is_set_up = wanted, True
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
        left, tab, right = row.partition("\t")
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
        data = self._set_up() if fresh else b""
        for number, row in enumerate(rows, 1):
            data += self._move_to(number) + self._encoded(row)
        return SELECT_DISPLAY + data + SELECT_PRINTER if self._shares_line else data

    def _set_up(self) -> bytes:
        if self._family == "cd5220":
            return b"\x1b@\x1b\x11\x1b_\x00"
        return b"\x1b@\x1f\x01\x1fC\x00\x1bt" + bytes((self._tables[0][0],))

    def _move_to(self, row: int) -> bytes:
        return (b"\x1f$" if self._family == "epson" else b"\x1bl") + bytes((1, row))

    def _encoded(self, row: str) -> bytes:
        plain = "".join(
            letter if _fits(letter, self._tables[0][1]) else letter.translate(SUBSTITUTES)[:1]
            for letter in row
        )
        encoded = b"".join(piece for _, piece in encode_line(plain, self._tables))
        return encoded[: self._width].ljust(self._width)


def _fits(letter: str, table: str) -> bool:
    try:
        return bool(letter.encode(table))
    except UnicodeEncodeError:
        return False
