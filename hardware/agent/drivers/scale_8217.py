"""Mettler-Toledo 8217, "Toledo mode 3", and the many scales that speak like it. 9600 7E1.

Source: Mettler-Toledo Diva and Ariva service manuals.
"""

import re

from hardware.agent.drivers.scale import Reading, ScaleLine, Width, decimal, find, through, weighed

LINE_SETTINGS = "baud=9600&data=7&parity=E"
WEIGHT = re.compile(rb"\x02([ \d]{0,4}\d\.\d{2,3})(N?)\r")
STATUS = re.compile(rb"\x02\?([\x40-\x7f])\r")


class Toledo8217:
    """Kilograms come with three decimals, pounds with two; some scales write blanks for leading zeros."""

    def __init__(self) -> None:
        self._last: Reading | None = None  # what "nothing to report" means now
        self._width = Width(usual=len("01.234"))

    def ask(self, line: ScaleLine) -> Reading | None:
        line.say(b"W")
        frame = line.until(through(b"\r"))
        if (found := find(WEIGHT, frame)) and not self._width.holds(found[1]):
            return None
        if found:
            unit = "kg" if len(found[1].partition(b".")[2]) == 3 else "lb"
            self._last = weighed(decimal(found[1]), unit, is_net=bool(found[2]))
            return self._last
        if found := find(STATUS, frame):
            return self._read_status(found[1][0])
        return None

    look = ask

    def zero(self, line: ScaleLine) -> None:
        line.say(b"Z")
        line.until(through(b"\r"))

    def _read_status(self, status: int) -> Reading:
        """b6 is always 1, so "nothing to report" is ``@``. It means that the weight has not changed."""
        flags = status & 0x3F
        if flags & 0x02:
            self._last = None
            return Reading("overload")
        if flags & 0x01:  # it may come to rest where it was
            return Reading("moving")
        if flags & 0x0C:
            self._last = None
            return Reading("below_zero")
        if flags & 0x10:
            self._last = Reading("zero")
        return self._last or Reading("unmoved")
