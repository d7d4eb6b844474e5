"""Barcodes: check digits, worldwide numbers in one form, UPC-E, and in-store codes that carry a weight or a
price.

Pure functions over strings. A worldwide number (GTIN) is kept as 14 digits, so that a UPC-A, the same code
as EAN-13 and the same with a leading zero lost in a spreadsheet are one product. Sources: GS1 General
Specifications 7.9 (check digits), 5.2.2 (UPC-E); the layouts of national GS1 organisations as the tests of
jodal/biip record them.
"""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from msgspec import Struct

GTIN_LENGTHS = (8, 12, 13, 14)
LENGTH_OF = {
    "GTIN-8": 8,
    "EAN-8": 8,
    "UPC-A": 12,
    "GTIN-12": 12,
    "GTIN-13": 13,
    "EAN-13": 13,
    "GTIN-14": 14,
    "SSCC": 18,
}
SYMBOLOGY = re.compile(r"^\][A-Za-z][0-9A-Za-z]")  # the AIM identifier that a scanner may send first


class BarcodeError(ValueError):
    """A code that is not what it should be: `error` names what is wrong, `expected` the right check digit."""

    def __init__(self, error: str, message: str, expected: str | None = None):
        super().__init__(message)
        self.error, self.expected = error, expected


# --- check digits ----------


def check_digit(data: str) -> str:
    """The digit that follows these digits in a GTIN, SSCC or GLN: weights 3, 1, 3 … from the right.

    Raises BarcodeError when anything but digits is given.
    """
    if not data.isascii() or not data.isdigit():
        raise BarcodeError("digits", f"{data!r} holds more than digits.")
    total = sum(int(digit) * (1 if i % 2 else 3) for i, digit in enumerate(reversed(data)))
    return str(-total % 10)


def has_valid_check_digit(code: str) -> bool:
    """Whether the last digit is the check digit of those before it."""
    return len(code) > 1 and code.isascii() and code.isdigit() and check_digit(code[:-1]) == code[-1]


_TWO_MINUS = "0246891357"  # units of 2d - tens(2d)
_THREE = "0369258147"
_FIVE_PLUS = "0516273849"
_FIVE_MINUS = "0594837261"


def price_check_digit(value: str) -> str:
    """The check digit that stands before a price or weight of four or five digits in an in-store code.

    GS1 General Specifications 7.9.2 to 7.9.4. Raises BarcodeError for another length.
    """
    if len(value) not in (4, 5) or not value.isascii() or not value.isdigit():
        raise BarcodeError("length", f"A price check digit belongs to 4 or 5 digits, not to {value!r}.")
    if len(value) == 4:
        total = _weighed(value, (_TWO_MINUS, _TWO_MINUS, _THREE, _FIVE_MINUS))
        return str(total * 3 % 10)
    total = _weighed(value, (_FIVE_PLUS, _TWO_MINUS, _FIVE_MINUS, _FIVE_PLUS, _TWO_MINUS))
    return str(_FIVE_MINUS.index(str(-total % 10)))


def _weighed(value: str, tables: Sequence[str]) -> int:
    return sum(int(table[int(digit)]) for table, digit in zip(tables, value, strict=True))


def validate(code: str, kind: str) -> None:
    """Raise BarcodeError unless the code is a whole one of this kind.

    Kinds: GTIN-8, GTIN-12 (UPC-A), GTIN-13, GTIN-14, SSCC, GTIN (any length), UPC (A or E), UPC-E, and
    UPC-E without check digit.
    """
    if not code.isascii() or not code.isdigit():
        raise BarcodeError("digits", f"{code!r} holds more than digits.")
    if kind.startswith("UPC") and kind != "UPC-A":
        _validate_upc(code, kind)
        return
    wanted = (LENGTH_OF[kind],) if kind in LENGTH_OF else GTIN_LENGTHS
    if len(code) not in wanted:
        raise BarcodeError("length", f"A {kind} has {' or '.join(map(str, wanted))} digits, not {len(code)}.")
    _validate_last_digit(code, check_digit(code[:-1]))


def _validate_upc(code: str, kind: str) -> None:
    lengths = {"UPC-E": (8,), "UPC-E without check digit": (6, 7)}.get(kind, (6, 7, 8, 12))
    if len(code) not in lengths:
        raise BarcodeError(
            "length", f"A {kind} has {' or '.join(map(str, lengths))} digits, not {len(code)}."
        )
    if len(code) == 12:
        _validate_last_digit(code, check_digit(code[:-1]))
    else:
        upc_a = upc_e_to_a(code[:-1] if len(code) == 8 else code)
        if len(code) == 8:
            _validate_last_digit(code, upc_a[-1])


def _validate_last_digit(code: str, expected: str) -> None:
    if code[-1] != expected:
        raise BarcodeError(
            "check_digit", f"The check digit of {code} is {expected}, not {code[-1]}.", expected
        )


# --- one form for worldwide numbers ----------


def gtin_14(code: str) -> str | None:
    """The worldwide number as 14 digits, also when its leading zeros were lost; None when it is not one."""
    if 8 <= len(code) <= 14 and has_valid_check_digit(code):
        return code.zfill(14)
    return None


def lookup_key(code: str) -> str:
    """What a code is stored and looked up by: worldwide numbers as 14 digits, others in capitals without
    blanks.
    """
    plain = "".join(code.split())
    return gtin_14(plain) or plain.upper()


def lookup_keys(scan: str) -> tuple[str, ...]:
    """The keys under which a scanned or typed code may be stored, the likeliest first.

    Eight digits may be a GTIN-8 or a UPC-E; short ones may be a GTIN-8 that lost its zeros. The scanner's
    symbology identifier is left away.
    """
    code = "".join(SYMBOLOGY.sub("", scan.strip()).split())
    keys = [lookup_key(code)]
    if code.isascii() and code.isdigit():
        if len(code) == 8 and code[0] in "01":
            upc_a = upc_e_to_a(code[:7])
            if upc_a[-1] == code[-1]:
                keys.append(upc_a.zfill(14))
        elif len(code) < 8 and has_valid_check_digit(code):
            keys.append(code.zfill(14))
    return tuple(dict.fromkeys(keys))


# --- UPC-E ----------


def upc_e_to_a(code: str) -> str:
    """The UPC-A of a UPC-E of 6 digits (number system 0), 7 (with its number system) or 8 (with the check
    digit too).

    Raises BarcodeError for another length or a number system other than 0 and 1; the check digit is not
    looked at.
    """
    if len(code) not in (6, 7, 8) or not code.isascii() or not code.isdigit():
        raise BarcodeError("length", f"A UPC-E has 6, 7 or 8 digits, not {code!r}.")
    system, body = ("0", code) if len(code) == 6 else (code[0], code[1:7])
    if system not in "01":
        raise BarcodeError("number_system", f"UPC-E has the number systems 0 and 1, not {system}.")
    last = body[5]
    if last in "012":
        payload = system + body[:2] + last + "0000" + body[2:5]
    elif last == "3":
        payload = system + body[:3] + "00000" + body[3:5]
    elif last == "4":
        payload = system + body[:4] + "00000" + body[4]
    else:
        payload = system + body[:5] + "0000" + last
    return payload + check_digit(payload)


def upc_a_to_e(code: str) -> str | None:
    """The UPC-E of 8 digits of a UPC-A of 12, or None when its zeros do not allow one. Raises
    BarcodeError.
    """
    validate(code, "UPC-A")
    maker, item = code[1:6], code[6:11]
    if code[0] not in "01":
        return None
    if maker[2:] in ("000", "100", "200") and item[:2] == "00":
        body = maker[:2] + item[2:] + maker[2]
    elif maker[3:] == "00" and item[:3] == "000":
        body = maker[:3] + item[3:] + "3"
    elif maker[4] == "0" and item[:4] == "0000":
        body = maker[:4] + item[4] + "4"
    elif item[:4] == "0000" and item[4] in "56789":
        body = maker + item[4]
    else:
        return None
    return code[0] + body + code[11]


def upc_e(code: str) -> str:
    """A UPC-E of 6, 7 or 8 digits as 8 digits, with number system and check digit. Raises BarcodeError."""
    upc_a = upc_e_to_a(code)
    if len(code) == 8:
        _validate_last_digit(code, upc_a[-1])
    return upc_a[0] + (code if len(code) == 6 else code[1:7]) + upc_a[-1]


# --- in-store codes that carry a value ----------


class Layout(Struct, frozen=True):
    """How an in-store code is made up: prefix, article digits, perhaps a check digit, value digits, check
    digit.
    """

    prefixes: tuple[str, ...]
    item_digits: int
    value_digits: int
    value: str  # price, weight (kg) or count
    decimals: int = 0
    value_check_digit: bool = False

    def length(self, prefix: str) -> int:
        """Digits of a whole code with this prefix."""
        return len(prefix) + self.item_digits + self.value_check_digit + self.value_digits + 1


class Measured(Struct, frozen=True):
    """What an in-store code says: the article's digits and its base code, and the value in the layout's
    sense. A label that has a price may tell the weight in kilograms beside it.
    """

    code: str
    item: str
    base_code: str
    kind: str
    value: Decimal
    weight: Decimal | None = None


def layout_from_pattern(pattern: str, value: str) -> Layout:
    """The layout that a pattern such as `21.....{NNDDD}` draws: digits as printed, a dot per article digit,
    N and D for whole and decimal digits of the value; the check digit at the end is understood. Raises
    ValueError.
    """
    found = re.fullmatch(r"(\d+)(\.+)\{(N*)(D*)\}", pattern)
    if not found or not found[3] + found[4]:
        raise ValueError(f"{pattern!r} is not a pattern such as 21.....{{NNDDD}}.")
    return Layout((found[1],), len(found[2]), len(found[3] + found[4]), value, len(found[4]))


def decode(code: str, layouts: Iterable[Layout], *, verify: bool = True) -> Measured | None:
    """The article and value in an in-store code, by the first layout whose prefix and length fit; None when
    none does.

    A UPC-A may be given with or without its leading zero, a GTIN-13 also as 14 digits. Raises BarcodeError
    when a check digit is wrong: error `check_digit`, or `value_check_digit` for the one before the value
    unless `verify` is off.
    """
    for layout in layouts:
        for prefix in layout.prefixes:
            whole = _as_long_as(code, layout.length(prefix))
            if whole is not None and whole.startswith(prefix):
                return _take_apart(whole, prefix, layout, verify)
    return None


def _as_long_as(code: str, length: int) -> str | None:
    if not code.isascii() or not code.isdigit():
        return None
    if len(code) > length and not code[: len(code) - length].strip("0"):
        return code[len(code) - length :]
    return code.zfill(length) if length - 1 <= len(code) <= length else None


def _take_apart(code: str, prefix: str, layout: Layout, verify: bool) -> Measured:
    _validate_last_digit(code, check_digit(code[:-1]))
    at = len(prefix) + layout.item_digits
    item, start = code[len(prefix) : at], at + layout.value_check_digit
    value = code[start : start + layout.value_digits]
    if layout.value_check_digit and verify and code[at] != _inner_check_digit(value):
        expected = _inner_check_digit(value)
        raise BarcodeError(
            "value_check_digit",
            f"The check digit of {value} in {code} is {expected}, not {code[at]}.",
            expected,
        )
    zeros = "0" * layout.value_digits
    inner = _inner_check_digit(zeros) if layout.value_check_digit else ""
    base = code[:at] + inner + zeros
    amount = Decimal(value).scaleb(-layout.decimals)
    return Measured(code, item, base + check_digit(base), layout.value, amount)


def _inner_check_digit(value: str) -> str:
    """GS1 knows one for four and for five digits; a shop that prints others uses the common one."""
    return price_check_digit(value) if len(value) in (4, 5) else check_digit(value)


def quantity_from_price(price: Decimal, unit_price: Decimal) -> Decimal:
    """The weight that a price on a label stands for, to three decimals. Raises ValueError for a unit price
    of zero.

    (OCA pos_price_to_weight)
    """
    if not unit_price:
        raise ValueError("A product without a unit price has no quantity for a price.")
    return (price / unit_price).quantize(Decimal("0.001"))


def _weights_and_prices(price_prefixes: Sequence[str], weight_prefixes: Sequence[str]) -> tuple[Layout, ...]:
    """Six article digits and four of value, whose decimals go down from prefix to prefix."""
    prices = [Layout((p,), 6, 4, "price", 2 - i) for i, p in enumerate(price_prefixes)]
    return (*prices, *(Layout((p,), 6, 4, "weight", 3 - i) for i, p in enumerate(weight_prefixes)))


_WEIGHTS = _weights_and_prices((), ("23", "24", "25"))
# A shop may have its own; these are what its national GS1 organisation recommends.
REGIONS: dict[str, tuple[Layout, ...]] = {
    "Denmark": (
        Layout(("21", "22", "23", "24"), 5, 5, "price", 2),
        Layout(("26", "27", "28"), 5, 5, "weight", 3),
    ),
    "Estonia": _WEIGHTS,
    "Finland": _WEIGHTS,
    "Germany": (
        Layout(("22", "23"), 4, 5, "price", 2, value_check_digit=True),
        Layout(("25", "26"), 4, 5, "count", 0, value_check_digit=True),
        Layout(("28", "29"), 4, 5, "weight", 3, value_check_digit=True),
    ),
    "Great Britain": (Layout(("20",), 5, 4, "price", 2, value_check_digit=True),),
    "Latvia": _WEIGHTS,
    "Lithuania": _WEIGHTS,
    "Norway": _weights_and_prices(("20", "21", "22"), ("23", "24", "25")),
    "Sweden": _weights_and_prices(("20", "21", "22"), ("23", "24", "25")),
}
