"""ZVT on the wire: APDUs, packed decimals, and the table of fields.

A field that is not known has no known length, so the table must be complete; what comes after a stranger is
left unread and the fields before it count. Source: "ECR-Interface ZVT-Protocol" 13.06 and 13.11.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from hardware.agent.drivers.reader import luhn

ACK = b"\x80\x00\x00"
MOST_FEEDS = 10
ACKNOWLEDGED = (0x8000, 0x8400)  # some terminals say the latter, a refusal for no reason, and go on
CURRENCIES = {
    "EUR": "0978",
    "GBP": "0826",
    "USD": "0840",
    "CHF": "0756",
    "SEK": "0752",
    "NOK": "0578",
    "DKK": "0208",
    "PLN": "0985",
    "CZK": "0203",
    "HUF": "0348",
    "RON": "0946",
    "BGN": "0975",
    "ISK": "0352",
    "TRY": "0949",
    "JPY": "0392",
    "CAD": "0124",
    "AUD": "0036",
    "NZD": "0554",
    "SGD": "0702",
    "HKD": "0344",
    "AED": "0784",
    "KWD": "0414",
    "BHD": "0048",
    "JOD": "0400",
    "TND": "0788",
}

FIELDS_BY_SIZE = {
    1: "01 02 03 05 19 27 72 73 74 75 8a 8c a0 d0 d2 d3 e0 e9 ea f0 f9 fa fb fc fd",
    2: "0d 0e 17 3a 49 87",
    3: "0b 0c 37 3d 88 aa",
    4: "29 70 71",
    5: "ba",
    6: "04",
    8: "3b eb",
    15: "2a",
}
FIXED = {tag: size for size, tags in FIELDS_BY_SIZE.items() for tag in bytes.fromhex(tags)}
TWO_DIGITS = bytes.fromhex("22 23 2d 8b a7 d1 e1 e2 e3 e4 e5 e6 e7 e8 f1 f2 f3 f4 f5 f6 f7 f8")
THREE_DIGITS = bytes.fromhex("24 2e 3c 60 92 9a af")

RESULTS = {
    0x64: "The card could not be read.",
    0x65: "The card has no data for this.",
    0x66: "The payment could not be processed.",
    0x6A: "The terminal's store is full: run its end of day.",
    0x6B: "The terminal was not registered.",
    0x6C: "Cancelled at the terminal, or nobody used it in time.",
    0x6F: "The terminal does not take this currency.",
    0x71: "Declined: no credit.",
    0x72: "The card's chip could not be read.",
    0x77: "The end of day is not possible.",
    0x78: "The card has expired.",
    0x7D: "The terminal could not reach its bank.",
    0x83: "The terminal cannot do this.",
    0x9A: "The terminal did not understand.",
    0x9C: "The terminal is busy. Wait a moment.",
    0xA0: "The terminal is not ready. Look at its display.",
    0xA3: "The terminal has no connection to its bank. Check its network.",
    0xB4: "It was reversed before.",
    0xB5: "It cannot be reversed.",
    0xC2: "The terminal needs a diagnosis. Start it in the terminal's menu.",
    0xC3: "The amount is too high for this card.",
    0xC5: "This way to pay is not possible.",
    0xC8: "The amount is too small.",
    0xCC: "The terminal's printer is not ready. Look at its paper.",
    0xDC: "Take the card out of the terminal.",
    0xFF: "The terminal reports a system error.",
}
PROGRESS = {
    0x00: "Confirm the amount on the terminal.",
    0x01: "Look at the terminal.",
    0x02: "Look at the terminal.",
    0x03: "This is not possible.",
    0x04: "The terminal reaches its bank.",
    0x05: "Look at the terminal.",
    0x06: "The terminal reaches its bank.",
    0x07: "The terminal reaches its bank.",
    0x08: "The terminal reaches its bank.",
    0x09: "The terminal reaches its bank.",
    0x0A: "Insert or tap the card.",
    0x0B: "Take the card out.",
    0x0C: "The card was not read.",
    0x0D: "The payment was cancelled.",
    0x0E: "Please wait.",
    0x0F: "The terminal closes its day by itself. Please wait.",
    0x10: "The card is not valid.",
    0x11: "The balance is shown on the terminal.",
    0x12: "The terminal reports a system error.",
    0x13: "This payment is not possible.",
    0x14: "There is no credit on the card.",
    0x15: "Wrong PIN.",
    0x16: "The card has expired.",
    0x17: "Insert the card.",
    0x18: "Tap the card again.",
    0x19: "The card is not known. Use another one.",
    0x1A: "Use one card only.",
    0x1B: "Confirm on the customer's phone.",
    0x41: "Wrong PIN; try again.",
    0xC7: "Insert or tap the card.",
    0xD2: "The terminal connects to its bank.",
    0xD3: "The terminal connects to its bank.",
}
STATES = {
    0x51: "The terminal's day must be closed. Do it at the terminal, or here with the shift.",
    0x77: "The terminal's day must be closed. Do it at the terminal, or here with the shift.",
    0x9C: RESULTS[0x9C],
    0xA0: RESULTS[0xA0],
    0xA3: RESULTS[0xA3],
    0xC2: RESULTS[0xC2],
    0xCC: RESULTS[0xCC],
    0xDC: RESULTS[0xDC],
}


class Apdu(NamedTuple):
    """Class and instruction as one number such as 0x0601, and the data."""

    code: int
    data: bytes

    def encoded(self) -> bytes:
        """The bytes on the wire."""
        size = len(self.data)
        length = bytes((size,)) if size < 0xFF else b"\xff" + size.to_bytes(2, "little")
        return self.code.to_bytes(2, "big") + length + self.data


def whole(data: bytes) -> int:
    """How many bytes the first APDU takes, 0 while it is not complete."""
    if len(data) < 3:
        return 0
    if data[2] != 0xFF:
        size = 3 + data[2]
    elif len(data) < 5:
        return 0
    else:
        size = 5 + int.from_bytes(data[3:5], "little")
    return size if len(data) >= size else 0


def read_apdu(frame: bytes) -> Apdu:
    """One complete frame as an APDU."""
    start = 5 if frame[2] == 0xFF else 3
    return Apdu(int.from_bytes(frame[:2], "big"), frame[start:])


def bcd(digits: str, size: int) -> bytes:
    """Digits packed two to a byte, filled with zeros on the left; raises ValueError for anything else."""
    if not digits.isascii() or not digits.isdigit() or len(digits) > size * 2:
        raise ValueError(f"{digits} does not fit into {size} bytes of packed digits.")
    return bytes.fromhex(digits.rjust(size * 2, "0"))


def read_fields(data: bytes) -> dict[int, bytes]:
    """The fields of a result; reading ends at the first that is not known."""
    fields: dict[int, bytes] = {}
    at = 0
    while at < len(data):
        tag = data[at]
        at += 1
        if tag in FIXED:
            size = FIXED[tag]
        elif tag in TWO_DIGITS or tag in THREE_DIGITS:
            digits = 2 if tag in TWO_DIGITS else 3
            lead = data[at : at + digits]
            if len(lead) < digits or any(byte & 0xF0 != 0xF0 or byte & 0x0F > 9 for byte in lead):
                break
            size = int("".join(str(byte & 0x0F) for byte in lead))
            at += digits
        elif tag == 0x06:
            size, used = _ber_length(data[at:])
            at += used
        else:
            break
        if at + size > len(data):
            break
        fields[tag] = data[at : at + size]
        at += size
    return fields


def _ber_length(data: bytes | memoryview) -> tuple[int, int]:
    if not data:
        return 0, 0
    if data[0] < 0x80:
        return data[0], 1
    count = data[0] & 0x7F
    return int.from_bytes(data[1 : 1 + count], "big"), 1 + count


def read_status(data: bytes) -> int:
    """The status byte of a completion: in field 27, behind the version where the terminal tells that, else first."""
    fields = read_fields(data)
    if 0x27 in fields:
        return fields[0x27][0]
    if (lead := data[:3]) and len(lead) == 3 and all(0xF0 <= byte <= 0xF9 for byte in lead):
        data = data[3 + int("".join(str(byte & 0x0F) for byte in lead)) :]
    return data[0] if data else 0


def number(field: bytes | None) -> int | None:
    """A packed number, or None."""
    if field is None:
        return None
    digits = field.hex()
    return int(digits) if digits.isdigit() else None


def masked_card(field: bytes) -> str:
    """A card number with nothing kept but its first six and last four digits."""
    digits = field.hex().upper().rstrip("F").replace("E", "*")
    if len(digits) < 12:
        return "*" * len(digits)
    return digits[:6] + "*" * (len(digits) - 10) + digits[-4:]


def currency_name(field: bytes | None) -> str:
    """The currency of a result as the profile writes it, the number of one that is not known, or nothing."""
    if field is None or not any(field):
        return ""
    digits = field.hex()
    return next((name for name, code in CURRENCIES.items() if code == digits), digits)


_CARD_NUMBERS = re.compile(r"(?<![\d*])\d(?:[ -]?\d){11,18}(?![\d*])")


def printed(text: bytes, letters: str) -> str:
    """A text of the terminal in its own code table, without what would only control a printer, and card numbers."""
    decoded = text.decode(letters, "replace")
    plain = "".join(letter for letter in decoded if letter >= " " and letter != "\x7f").rstrip()
    return _CARD_NUMBERS.sub(_hidden, plain)


def _hidden(found: re.Match[str]) -> str:
    """What may be a card number, of which its first six and last four digits stay."""
    digits = [place for place, letter in enumerate(found[0]) if letter.isdigit()]
    secret = set(digits[6:-4]) if luhn("".join(found[0][place] for place in digits)) else set()
    return "".join("*" if place in secret else letter for place, letter in enumerate(found[0]))


def is_merchants(block: bytes) -> bool:
    """Whether a text block (06 D3) is the shop's own copy of a payment's receipt: 1F 07 with 01."""
    return any(tag == 0x1F07 and value == b"\x01" for tag, value in _within(block, (0x06,)))


def text_line(data: bytes, letters: str = "cp437") -> list[str]:
    """One line of a receipt (06 D1) behind its attribute; behind FF stands how many lines are fed."""
    if data[:1] == b"\xff":
        return [""] * min(data[1] if len(data) > 1 else 1, MOST_FEEDS)
    return [printed(data[1:], letters)]


def text_block(data: bytes, letters: str = "cp437") -> list[str]:
    """The lines of a text block (06 D3): a TLV container 06 with 25, lines in 07; broken ones end early."""
    return [printed(value, letters) for tag, value in _within(data, (0x06, 0x25)) if tag == 0x07]


def _within(block: bytes, containers: tuple[int, ...]) -> Iterator[tuple[int, bytes]]:
    """What stands in the block and its containers of these tags, in its order, however deeply they are nested."""
    inside = [_containers(memoryview(block))]
    while inside:
        for tag, value in inside[-1]:
            if tag in containers:
                inside.append(_containers(value))
                break
            yield tag, bytes(value)
        else:
            inside.pop()


def _containers(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Tags of one byte or two (1F 07) with what they hold, one behind the other."""
    while len(data) >= 2:
        wide = 2 if data[0] & 0x1F == 0x1F else 1
        size, used = _ber_length(data[wide:])
        yield int.from_bytes(data[:wide], "big"), data[wide + used : wide + used + size]
        data = data[wide + used + size :]
