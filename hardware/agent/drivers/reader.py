"""Magnetic stripe readers on a serial line: gift, loyalty and staff cards.

Payment cards are not ours to read. A swipe that looks like one (a number that passes the Luhn check, with expiry and
service code) is told with its first six and last four digits and what its service code says, and nothing else of it
leaves this module; neither raw tracks nor names are kept, sent or logged. A third track has neither expiry nor service
code where a second one has them: the number suffices. Source: ISO/IEC 7813, 7811 and 4909.
"""

import re
import time
from typing import Any

from hardware.agent.drivers.base import Report
from hardware.agent.drivers.scanner import SerialScanner

TRACK_1 = re.compile(r"%[A-Za-z](\d{1,19})\^[^^?]{2,26}\^(\d{4}|\^)(\d{3}|\^)[^?]*\?")
TRACK_2 = re.compile(r";(\d{1,19})=(\d{4}|=)(\d{3}|=)[^?]*\?")
TRACK_3 = re.compile(r"[;+]\d\d(\d{12,19})=[^?]{24,}\?")  # longer than any second track
OWN_TRACK_1 = re.compile(r"%(?!B\d|[A-Za-z]\d+\^)([^?\x00-\x1f]{1,76})\?")
OWN_TRACK_2 = re.compile(r";(\d{1,37})(?:=[\d=]*)?\?")
UNREADABLE = re.compile(r"[%;+]E\?")
SENTINELS = set("%;+?")  # of whatever bears one a card was swiped, backwards perhaps
SAME_SWIPE_SECONDS = 1.0
AGAIN = "The card could not be read. Swipe it again, evenly."
NOT_OURS = "This is a payment card. Use the card terminal."
INTERCHANGE = {
    "1": "international",
    "2": "international, with a chip",
    "5": "national",
    "6": "national, with a chip",
    "7": "private",
    "9": "for tests",
}
AUTHORISATION = {"0": "authorised as usual", "2": "authorised by its issuer", "4": "authorised by its issuer"}
ALLOWED = {
    "0": "no restriction, with PIN",
    "1": "no restriction",
    "2": "goods and services only",
    "3": "cash machines only, with PIN",
    "4": "cash only",
    "5": "goods and services only, with PIN",
    "6": "no restriction, PIN where there is a keypad",
    "7": "goods and services only, PIN where there is a keypad",
}


class MagneticReader(SerialScanner):
    """Settings as a scanner's: ``prefix``, ``suffix``. One swipe is one event, in however many lines it comes."""

    _last: tuple[str, float] = ("", 0.0)

    def _tell(self, report: Report, raw: bytes) -> None:
        text = raw.decode("latin-1").removeprefix(self._prefix).strip()
        found = read_swipe(text)
        if not found:
            return
        mark, now = str(found.get("code") or found.get("number") or found), time.monotonic()
        again, self._last = mark == self._last[0] and now - self._last[1] < SAME_SWIPE_SECONDS, (mark, now)
        if not again:
            report("card", found)


def read_swipe(text: str) -> dict[str, Any]:
    """What a swipe says: ``code`` and ``track`` of a card of the shop's own; ``refused`` for any other.

    Of a payment card also ``number`` (first six and last four digits) and, but of a third track, ``service`` in words.
    Empty for no swipe.
    """
    read = [(track, found) for track, form in ((2, TRACK_2), (1, TRACK_1)) if (found := form.search(text))]
    for _, found in read:
        if is_payment_card(*found.groups()):
            return {"refused": NOT_OURS, "number": masked(found[1]), "service": service_words(found[3])}
    if (found := TRACK_3.search(text)) and luhn(found[1]):
        return {"refused": NOT_OURS, "number": masked(found[1])}
    for track, found in read:
        return {"code": found[1], "track": track}
    for track, pattern in ((2, OWN_TRACK_2), (1, OWN_TRACK_1)):
        if (found := pattern.search(text)) and not UNREADABLE.fullmatch(found.group()):
            return {"code": found.group(1).strip(), "track": track}
    return {"refused": AGAIN} if set(text) & SENTINELS else {}


def is_payment_card(number: str, expiry: str, service: str) -> bool:
    """A number that passes the Luhn check, with expiry and service code."""
    return len(number) >= 12 and expiry.isdigit() and service.isdigit() and luhn(number)


def luhn(number: str) -> bool:
    """Whether the last digit checks the others."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number)))
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def masked(number: str) -> str:
    """The first six and the last four digits, and stars."""
    return number[:6] + "*" * (len(number) - 10) + number[-4:]


def service_words(service: str) -> str:
    """What the three digits of a service code say, such as ``international, with a chip; …``."""
    tables = (INTERCHANGE, AUTHORISATION, ALLOWED)
    return "; ".join(
        table.get(digit, f"unknown ({digit})") for table, digit in zip(tables, service, strict=True)
    )
