"""GS1 element strings: what a GS1-128, DataBar or DataMatrix on a product says beside its number.

The table is an excerpt of the GS1 Barcode Syntax Dictionary (GS1 AISBL, Apache License 2.0): the
application identifiers that a till, a stock room or a coupon meets. A flag `*` marks those that need no
separator (FNC1) after them.
"""

import calendar
import re
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from msgspec import Struct

from catalog.barcodes import SYMBOLOGY, BarcodeError, check_digit

SEPARATOR = "\x1d"  # how scanners send FNC1 inside a symbol

# identifiers, flag, format (N digits, X characters, .. up to), checks, what it is
_DICTIONARY = """
00        * N18 csum   SSCC
01        * N14 csum   GTIN
02        * N14 csum   CONTENT
10        - X..20 -    BATCH/LOT
11        * N6 date    PROD DATE
12        * N6 date    DUE DATE
13        * N6 date    PACK DATE
15        * N6 date    BEST BEFORE
16        * N6 date    SELL BY
17        * N6 date    USE BY
20        * N2 -       VARIANT
21        - X..20 -    SERIAL
22        - X..20 -    CPV
30        - N..8 -     VAR. COUNT
37        - N..8 -     COUNT
235       - X..28 -    TPX
240       - X..30 -    ADDITIONAL ID
241       - X..30 -    CUST. PART No.
242       - N..6 -     MTO VARIANT
250       - X..30 -    SECONDARY SERIAL
251       - X..30 -    REF. TO SOURCE
253       - N13X..17 - GDTI
254       - X..20 -    GLN EXTENSION
255       - N13N..12 - GCN
3100-3105 * N6 -       NET WEIGHT (kg)
3110-3115 * N6 -       LENGTH (m)
3120-3125 * N6 -       WIDTH (m)
3130-3135 * N6 -       HEIGHT (m)
3140-3145 * N6 -       AREA (m2)
3150-3155 * N6 -       NET VOLUME (l)
3160-3165 * N6 -       NET VOLUME (m3)
3200-3205 * N6 -       NET WEIGHT (lb)
3300-3305 * N6 -       GROSS WEIGHT (kg)
3400-3405 * N6 -       GROSS WEIGHT (lb)
3560-3565 * N6 -       NET WEIGHT (oz t)
3570-3575 * N6 -       NET VOLUME (oz)
3600-3605 * N6 -       NET VOLUME (qt)
3610-3615 * N6 -       NET VOLUME (gal)
3900-3909 - N..15 -    AMOUNT
3910-3919 - N3N..15 -  AMOUNT (currency)
3920-3929 - N..15 -    PRICE
3930-3939 - N3N..15 -  PRICE (currency)
3940-3943 - N4 -       PRCNT OFF
3950-3955 - N6 -       PRICE/UoM
400       - X..30 -    ORDER NUMBER
401       - X..30 -    GINC
410       * N13 csum   SHIP TO LOC
411       * N13 csum   BILL TO
412       * N13 csum   PURCHASE FROM
413       * N13 csum   SHIP FOR LOC
414       * N13 csum   LOC No.
415       * N13 csum   PAY TO
416       * N13 csum   PROD/SERV LOC
417       * N13 csum   PARTY
420       - X..20 -    SHIP TO POST
421       - N3X..9 -   SHIP TO POST (country)
422       - N3 -       ORIGIN
710       - X..20 -    NHRN PZN
8003      - N14X..16 - GRAI
8004      - X..30 -    GIAI
8005      - N6 -       PRICE PER UNIT
8006      - N18 -      ITIP
8008      - N8N..4 -   PROD TIME
8018      - N18 csum   GSRN - RECIPIENT
8020      - X..25 -    REF No.
8110      - X..70 -    COUPON (North America)
8112      - X..70 -    COUPON (positive offer file)
8200      - X..70 -    PRODUCT URL
90        - X..30 -    INTERNAL
91-99     - X..90 -    INTERNAL
"""
_CHARACTERS = {"N": "[0-9]", "X": r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]"}  # N digits, X the set named CSET 82


class Identifier(NamedTuple):
    """One application identifier: what may follow it, and whether a separator must end it when more comes."""

    ai: str
    title: str
    pattern: re.Pattern[str]
    longest: int
    needs_separator: bool
    check: str


class Element(Struct, frozen=True):
    """One piece of an element string, as printed: the identifier in brackets, then its value."""

    ai: str
    value: str
    title: str


class ElementString(Struct, frozen=True):
    """All that the symbol says, with what a till asks for read out of it."""

    elements: tuple[Element, ...]

    def get(self, ai: str) -> str | None:
        """The value behind an identifier (`310n` stands for all its decimals); None when it is not there."""
        return next((e.value for e in self.elements if _fits(e.ai, ai)), None)

    @property
    def gtin(self) -> str | None:
        """The product's number of 14 digits."""
        return self.get("01") or self.get("02")

    @property
    def weight(self) -> Decimal | None:
        """Net weight in kilograms; pounds are converted."""
        kilograms = self._measure("310")
        pounds = self._measure("320")
        if kilograms is None and pounds is not None:
            return (pounds * Decimal("0.45359237")).quantize(Decimal("0.001"))
        return kilograms

    @property
    def count(self) -> int | None:
        """Number of pieces in it."""
        found = self.get("30") or self.get("37")
        return None if found is None else int(found)

    @property
    def price(self) -> tuple[Decimal, str | None] | None:
        """The price on the label and the numeric code of its currency, where it names one."""
        plain = self._measure("392")
        if plain is not None:
            return plain, None
        found = next((e for e in self.elements if _fits(e.ai, "393n")), None)
        if found is None:
            return None
        return Decimal(found.value[3:]).scaleb(-int(found.ai[3])), found.value[:3]

    def best_before(self, today: date) -> date | None:
        """Use by, sell by or best before, the first that is there. The century is the one nearest to
        today.
        """
        found = self.get("17") or self.get("16") or self.get("15")
        return None if found is None else _date(found, today)

    def _measure(self, ai: str) -> Decimal | None:
        found = next((e for e in self.elements if len(e.ai) == 4 and e.ai.startswith(ai)), None)
        return None if found is None else Decimal(found.value).scaleb(-int(found.ai[3]))


def _fits(ai: str, wanted: str) -> bool:
    return ai == wanted or (wanted.endswith("n") and len(ai) == len(wanted) and ai.startswith(wanted[:-1]))


def _read_dictionary() -> dict[str, Identifier]:
    found = {}
    for row in _DICTIONARY.strip().splitlines():
        span, flag, form, check, title = row.split(None, 4)
        first, _, last = span.partition("-")
        pattern, longest = _pattern(form)
        for number in range(int(first), int(last or first) + 1):
            ai = str(number).zfill(len(first))
            found[ai] = Identifier(ai, title, pattern, longest, flag != "*", check)
    return found


def _pattern(form: str) -> tuple[re.Pattern[str], int]:
    parts: list[str] = []
    longest = 0
    for kind, up_to, length in re.findall(r"([NX])(\.\.)?(\d+)", form):
        least = "0" if parts else "1"  # only what follows a fixed part may be missing
        parts.append(
            f"{_CHARACTERS[kind]}{{{least},{length}}}" if up_to else f"{_CHARACTERS[kind]}{{{length}}}"
        )
        longest += int(length)
    return re.compile("".join(parts)), longest


IDENTIFIERS = _read_dictionary()


def is_element_string(scan: str) -> bool:
    """Whether a scan is one: by its symbology identifier, a separator inside, or identifiers in brackets."""
    return (
        bool(re.match(r"\](C1|e[0-3]|d2|Q3|J1)", scan))
        or SEPARATOR in scan
        or bool(re.match(r"\(\d{2,4}\)", scan))
    )


def marked(scan: str) -> str | None:
    """The same scan with the sign that it is an element string, where it has none but can be one; else None.

    Many scanners send neither identifier nor separators until they are told to: then a product's number with its
    check digit comes first, and all that follows must make sense.
    """
    if is_element_string(scan) or not re.match(r"01\d{14}", scan):
        return None
    try:
        parse(scan)
    except BarcodeError:
        return None
    return "]C1" + scan


def parse(scan: str) -> ElementString:
    """Take an element string apart, as a scanner sends it or with its identifiers in brackets.

    Raises BarcodeError: `identifier` unknown, `format` of a value, `check_digit`, `date`, or `conflict`
    when one identifier says two things.
    """
    data = SYMBOLOGY.sub("", scan.strip()).lstrip(SEPARATOR)
    elements = _bracketed(data) if data.startswith("(") else _joined(data)
    seen: dict[str, str] = {}
    for element in elements:
        if seen.setdefault(element.ai, element.value) != element.value:
            raise BarcodeError("conflict", f"({element.ai}) says {seen[element.ai]} and {element.value}.")
    return ElementString(tuple(elements))


def _joined(data: str) -> list[Element]:
    elements = []
    while data:
        identifier = _identifier_at(data)
        rest = data[len(identifier.ai) :]
        end = rest.find(SEPARATOR) if identifier.needs_separator else -1
        value = rest[: identifier.longest] if end < 0 else rest[:end]
        elements.append(_element(identifier, value))
        data = rest[len(value) :].removeprefix(SEPARATOR)
    return elements


def _bracketed(data: str) -> list[Element]:
    pieces = re.split(r"\((\d{2,4})\)", data)
    return [
        _element(_identifier_at(ai, whole=True), value)
        for ai, value in zip(pieces[1::2], pieces[2::2], strict=True)
    ]


def _identifier_at(data: str, *, whole: bool = False) -> Identifier:
    for length in (len(data),) if whole else (2, 3, 4):
        if data[:length] in IDENTIFIERS:
            return IDENTIFIERS[data[:length]]
    raise BarcodeError("identifier", f"No application identifier is known that starts {data[:4]!r}.")


def _element(identifier: Identifier, value: str) -> Element:
    if not identifier.pattern.fullmatch(value):
        raise BarcodeError("format", f"({identifier.ai}) {identifier.title} cannot be {value!r}.")
    if identifier.check == "csum" and check_digit(value[:-1]) != value[-1]:
        expected = check_digit(value[:-1])
        raise BarcodeError(
            "check_digit", f"({identifier.ai}) {value} should end in {expected}, not {value[-1]}.", expected
        )
    if identifier.check == "date":
        _date(value, date(2000 + int(value[:2]), 1, 1))
    return Element(identifier.ai, value, identifier.title)


def _date(value: str, today: date) -> date:
    """YYMMDD; day 00 is the last of its month, the year within 50 of today (GS1 General Specifications
    7.12).
    """
    year = today.year - today.year % 100 + int(value[:2])
    if year - today.year > 50:
        year -= 100
    elif today.year - year > 49:
        year += 100
    month, day = int(value[2:4]), int(value[4:])
    try:
        return date(year, month, day or calendar.monthrange(year, month)[1])
    except (ValueError, calendar.IllegalMonthError) as error:
        raise BarcodeError("date", f"{value} is no date of the form YYMMDD.") from error
