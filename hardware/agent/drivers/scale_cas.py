"""CAS PD-II, type 6 and types 0 and 1. 9600 8N1.

Source: CAS PD-II manual; no unit was available to try it on.
"""

import time
from decimal import Decimal

from hardware.agent.drivers.scale import Reading, ScaleLine, decimal, through, weighed

LINE_SETTINGS = "baud=9600"
ENQ, ACK, DC1, DC2 = 0x05, 0x06, 0x11, 0x12
WHO_SPEAKS_SECONDS = 0.2
SETTLED_SECONDS = 0.2
UNITS = {"kg": "kg", "lb": "lb", "g": "g", "oz": "oz"}


class Cas:
    """Type (``kind``) 6 names sign, stability and unit; types 0 and 1 give five digits in ``unit``, and do not say
    whether the weight has come to rest: it has where it is read twice.

    ``decimals`` counts where the scale writes no point and weighs in anything but grams.
    """

    def __init__(self, kind: int = 6, decimals: int = 3, unit: str = "kg") -> None:
        self._kind, self._decimals, self._unit = kind, decimals, unit

    def ask(self, line: ScaleLine) -> Reading | None:
        reading = self.look(line)
        if self._kind == 6 or reading is None or reading.state != "stable":
            return reading
        time.sleep(SETTLED_SECONDS)
        return reading if self.look(line) == reading else Reading("moving")

    def look(self, line: ScaleLine) -> Reading | None:
        """Ask once, moving or not."""
        line.say(bytes((ENQ,)))
        if self._kind == 6:
            if not line.until(through(bytes((ACK,)))):
                return None
            line.answer_with(bytes((DC1,)))
            frame = line.until(lambda data: _framed(data, b"\x01\x02", b"\x03\x04", 15))
            return read_type_6(frame, self._decimals)
        # The manual leaves open who says DC2: a scale that does is acknowledged, any other is told it.
        said = line.byte(WHO_SPEAKS_SECONDS)
        line.answer_with(bytes((ACK if said == DC2 else DC2,)))
        return self._read_type_0(line.until(lambda data: _framed(data, b"\x02", b"\x03", 9))[-9:])

    def zero(self, line: ScaleLine) -> None:
        """This family has no such command: its own key sets it to zero."""

    def _read_type_0(self, frame: bytes) -> Reading | None:
        if len(frame) != 9 or frame[7] != check(frame[1:7]):
            return None
        digits = frame[2:7]
        if set(digits) == {ord("F")}:
            return Reading("overload")
        return weighed(read_digits(digits, self._unit, self._decimals), self._unit)


def _framed(data: bytes, start: bytes, end: bytes, size: int) -> int:
    at = data.find(start)
    return (
        at + size
        if at >= 0 and len(data) >= at + size and data[at + size - len(end) : at + size] == end
        else 0
    )


def read_digits(digits: bytes, unit: str, decimals: int) -> Decimal | None:
    """A weight in this unit, with so many decimals where no point is written; None for what is no number."""
    weight = decimal(digits)
    return weight if weight is None or b"." in digits or unit == "g" else weight.scaleb(-decimals)


def read_type_6(frame: bytes, decimals: int = 3) -> Reading | None:
    """``01 02`` stable sign six digits unit check ``03 04``; ``decimals`` are there where no point is written."""
    frame = frame[frame.find(b"\x01\x02") :] if b"\x01\x02" in frame else b""
    if len(frame) != 15 or frame[12] != check(frame[2:12]):
        return None
    sign, digits = frame[3:4], frame[4:10]
    if sign == b"F" or digits == b"FFFFFF":
        return Reading("overload")
    if chr(frame[2]) != "S":
        return Reading("moving")
    unit = UNITS.get(frame[10:12].decode("latin-1").strip().lower())
    return weighed(read_digits(sign.strip() + digits, unit, decimals), unit) if unit else None


def check(data: bytes) -> int:
    """Exclusive or of all bytes."""
    value = 0
    for byte in data:
        value ^= byte
    return value
