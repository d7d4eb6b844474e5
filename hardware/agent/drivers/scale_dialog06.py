"""Checkout scales that compute prices: dialog 02, 04 and 06. 4800 7O1 (02: 2400).

The till says the unit price, the scale answers weight, price and amount, and gives each weighing once only:
status 21 keeps one weighing from being sold twice and is passed on as such.

Source: Dialog 06 as printed in service manuals of European checkout scales.
"""

import re
from decimal import Decimal

from hardware.agent.drivers.scale import Reading, ScaleLine, find, through, weighed

LINE_SETTINGS = "baud=4800&data=7&parity=O"
EOT, ENQ, ACK, NAK = b"\x04", b"\x05", b"\x06", b"\x15"
WEIGHING = re.compile(rb"\x0202\x1b([0-3])\x1b(\d{5})\x1b(\d{5,6})\x1b(\d{5,6})\x03")
STATUS = re.compile(rb"\x0209\x1b(\d)(\d)\x03")
CHECKSUM_ASKED = re.compile(rb"\x0211\x1b2(\d)(\d)\x03")
CHECKSUM_TOLD = re.compile(rb"\x0211\x1b([01])\x03")
UNITS = {b"1": ("lb", 100), b"2": ("lb", 1000), b"3": ("kg", 1000)}  # 2 goes in steps of 0.005
STATES = {
    "00": "moving",
    "11": "unpriced",
    "20": "moving",
    "21": "unmoved",
    "22": "moving",
    "30": "zero",
    "31": "below_zero",
    "32": "overload",
}
ASK_AGAIN = ("20", "22")


class Dialog06:
    """``price`` may change between two weighings; many of these scales take no goods at a price of zero.

    ``digits`` of a price are six, or five; ``checksums`` are the two that the scale expects, such as ``1A2B,3C4D``.
    """

    def __init__(self, digits: int = 6, checksums: str = "0000,0000") -> None:
        self.price = 0
        first, _, second = checksums.partition(",")
        self._digits, self._checksums = digits, (int(first, 16), int(second, 16))
        self._told: int | None = None  # the price of the weighing that is under way

    def ask(self, line: ScaleLine) -> Reading | None:
        if self._told != self.price:
            self._told = None
            answer = self._send_price(line)
            if answer != ACK:
                return self._why(line) if answer == NAK else None
            self._told = self.price
        line.say(EOT + ENQ)
        frame = line.until(_frame_or_refusal)
        if found := find(WEIGHING, frame):
            self._told = None
            if int(found[3]) != self.price:
                return None
            if found[1] not in UNITS:
                return Reading("fault")  # pounds and ounces, written in a way that nobody has told us
            unit, divisor = UNITS[found[1]]
            return weighed((Decimal(int(found[2])) / divisor).quantize(Decimal(1) / divisor), unit)
        if found := find(CHECKSUM_ASKED, frame):
            self._told = None
            self._answer_checksum(line, found)
            return Reading("moving")
        return self._why(line)

    def look(self, line: ScaleLine) -> Reading | None:
        """Its status alone: a weighing that is taken is not given again."""
        return self._why(line)

    def zero(self, line: ScaleLine) -> None:
        """These scales set themselves to zero."""

    def _send_price(self, line: ScaleLine) -> bytes:
        """Whether the scale has taken the price, refused it, or (nothing) said something else."""
        record = b"\x0201\x1b" + str(self.price).rjust(self._digits, "0").encode() + b"\x1b\x03"
        line.say(EOT + record)
        if answer := _plain(line.until(_taken_or_refused))[-1:]:
            return answer
        if found := find(CHECKSUM_ASKED, line.until(_frame_or_refusal, 0.2)):
            self._answer_checksum(line, found)
        return b""

    def _answer_checksum(self, line: ScaleLine, asked: re.Match[bytes]) -> None:
        """The scale checks its partner at power-on, after an error and every fifty weighings."""
        first = _rotated(self._checksums[0], int(asked[1]))
        second = _rotated(self._checksums[1], 16 - int(asked[2]))
        line.answer_with(EOT + f"\x0210\x1b{first:04X}{second:04X}\x03".encode())
        if _plain(line.until(_taken_or_refused))[-1:] == ACK:
            line.answer_with(EOT + ENQ)
            line.until(_frame_or_refusal)

    def _why(self, line: ScaleLine) -> Reading | None:
        line.say(EOT + b"\x0208\x03")
        found = find(STATUS, line.until(_frame_or_refusal))
        code = (found[1] + found[2]).decode() if found else ""
        if code not in ASK_AGAIN:
            self._told = None
        if found is None:
            return None
        return Reading(STATES.get(code, "fault"))


def _taken_or_refused(data: bytes) -> int:
    """Through the first ACK or NAK; what stands before it is noise."""
    plain = _plain(data)
    return min((plain.index(sign) + 1 for sign in (ACK, NAK) if sign in plain), default=0)


def _frame_or_refusal(data: bytes) -> int:
    if _plain(data[:1]) in (b"\x15", b"\x06"):
        return 1
    return through(b"\x03")(_plain(data))


def _plain(data: bytes) -> bytes:
    """Without the parity bit, where the line passes it on."""
    return bytes(byte & 0x7F for byte in data)


def _rotated(value: int, by: int) -> int:
    by %= 16
    return (value << by | value >> (16 - by)) & 0xFFFF
