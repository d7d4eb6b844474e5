"""NCI and Weigh-Tronix scales, protocol SCP-01 ("ECR"). 9600 7E1.

Source: Avery Weigh-Tronix 7821 and NCI 7800 manuals.
"""

import re

from hardware.agent.drivers.scale import Reading, ScaleLine, Width, decimal, find, through, weighed

LINE_SETTINGS = "baud=9600&data=7&parity=E"
UNITS = {"lb": "lb", "kg": "kg", "oz": "oz"}
ANSWER = re.compile(rb"(?:\n(\s*([0-9.]{4,8})\s*)([A-Za-z]{2})\r)?\n?S?([\x30-\x7f]{2,}|\?)\r\x03")
UNKNOWN = b"?"


class Nci:
    """A weight, or only the status part when there is none to give."""

    def __init__(self) -> None:
        self._width = Width(usual=len("01.234"))

    def ask(self, line: ScaleLine) -> Reading | None:
        line.say(b"W\r")
        found = find(ANSWER, line.until(through(b"\x03")))
        if found is None or found[4] == UNKNOWN:
            return None
        written, weight, unit, flags = found.groups()
        if written is not None and not self._width.holds(written):
            return None
        first, second = flags[0], flags[1]
        third = flags[2] if len(flags) > 2 else 0x30
        if first & 0x0C or second & 0x0C or third & 0x08:
            return Reading("fault")
        if second & 0x02:
            return Reading("overload")
        if second & 0x01:
            return Reading("below_zero")
        if first & 0x01:
            return Reading("moving")
        if weight is None:
            return Reading("zero") if first & 0x02 else None
        unit = UNITS.get(unit.decode().lower())
        return weighed(decimal(weight), unit, is_net=bool(third & 0x04)) if unit else None

    look = ask

    def zero(self, line: ScaleLine) -> None:
        line.say(b"Z\r")
        line.until(through(b"\x03"))
