"""NCI and Weigh-Tronix scales, protocol SCP-01 ("ECR"). 9600 7E1.

Source: Avery Weigh-Tronix 7821 and NCI 7800 manuals.
"""

import re

from hardware.agent.drivers.scale import Reading, ScaleLine, decimal, through, weighed

LINE_SETTINGS = "baud=9600&data=7&parity=E"
UNITS = {"lb": "lb", "kg": "kg", "oz": "oz"}
WEIGHT = re.compile(rb"\n\s*([0-9.]{4,8})\s*([A-Za-z]{2})\r")
STATUS = re.compile(rb"S?([\x30-\x7f]+)\r\x03")


class Nci:
    """A weight, or only the status part when there is none to give."""

    def ask(self, line: ScaleLine) -> Reading | None:
        line.say(b"W\r")
        frame = bytes(byte & 0x7F for byte in line.until(through(b"\x03")))
        if not frame or b"\n?\r" in frame:
            return None
        weight = WEIGHT.search(frame)
        tail = frame[weight.end() :] if weight else frame
        status = STATUS.search(tail.lstrip(b"\n"))
        if status is None:
            return None
        flags = status[1]
        first, second = flags[0], flags[1] if len(flags) > 1 else 0x30
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
        unit = UNITS.get(weight[2].decode().lower())
        return weighed(decimal(weight[1]), unit, is_net=bool(third & 0x04)) if unit else None

    look = ask

    def zero(self, line: ScaleLine) -> None:
        line.say(b"Z\r")
        line.until(through(b"\x03"))
