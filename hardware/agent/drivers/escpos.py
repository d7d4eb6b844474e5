"""A receipt as ESC/POS bytes.

The layout is ours and python-escpos writes the commands, as the last step. Two things it would do less well
are done here: choosing the code table (it takes ISO 8859-7 for a euro sign) and keeping barcodes inside the
paper (a symbol that is too wide prints nothing at all).
"""

import functools
import os
import re
import tempfile
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from hardware.agent import document as doc
from hardware.agent.drivers.base import DeviceRefused, StationUnable
from hardware.agent.drivers.letters import as_seen, can_draw, draw_line, typeface
from hardware.agent.layout import MOST_QR_BYTES, PLAIN, Style, TextLine, lay_out
from hardware.agent.prepared import prepared

EPSON_TABLES = (
    (19, "cp858"),
    (16, "cp1252"),
    (0, "cp437"),
    (18, "cp852"),
    (17, "cp866"),
    (15, "iso8859_7"),
    (13, "cp857"),
    (2, "cp850"),
)
NOT_EVERYWHERE = {"iso8859_7": "€₯ͺ"}  # added to the table in 2003: many printers print something else
SUBSTITUTES = str.maketrans(
    {
        "─": "-",
        "═": "=",
        "·": ".",
        "…": "~",
        "–": "-",
        "—": "-",
        "−": "-",
        "‐": "-",
        "‑": "-",
        "‘": "'",
        "’": "'",
        "‚": ",",
        "“": '"',
        "”": '"',
        "„": '"',
        "•": "*",
        "×": "x",
        "€": "E",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
    }
)
UNKNOWN_LETTER = "?"
VARIANTS = "".join(map(chr, range(0xFE00, 0xFE10)))  # they choose how the letter before them looks
BARCODES = {
    "ean13": "EAN13",
    "ean8": "EAN8",
    "upca": "UPC-A",
    "code39": "CODE39",
    "itf": "ITF",
    "code128": "CODE128",
}
QUIET_ZONE_MODULES = 20
SYMBOL_GAP = b"\x1bJ\x10"  # sixteen dots, so that a symbol does not touch the line above it
REAL_TIME = (0x04, 0x05, 0x14)  # after 10, a printer obeys these even inside a picture or a barcode


@prepared
class PrinterSettings(msgspec.Struct, frozen=True):
    """What the hardware profile says about one printer. Pulse times count 2 ms each."""

    columns: int = 42
    dots: int = 512
    tables: tuple[tuple[int, str], ...] = EPSON_TABLES
    cut: bool = True
    pulse_on: int = 25
    pulse_off: int = 250
    pictures: bool = True
    qr_codes: bool = True
    font: str = ""


def read_settings(settings: Mapping[str, Any]) -> PrinterSettings:
    """What a device's settings say of paper and letters; ``tables`` is written ``19=cp858,16=cp1252``.

    Raises DeviceRefused for a code table that is not known.
    """
    if "tables" in settings:
        tables = [read_table(entry) for entry in settings["tables"].split(",")]
        settings = {**settings, "tables": tables}
    return msgspec.convert(settings, PrinterSettings)


def read_table(entry: str) -> tuple[int, str]:
    """A code table as it is written, ``19=cp858``: the number that the device knows it by, and its name."""
    number, _, name = entry.strip().partition("=")
    try:
        "".encode(name)
        return bytes((int(number),))[0], name
    except (LookupError, ValueError) as error:
        words = f"{entry} is no code table of the form 19=cp858, with a number up to 255."
        raise DeviceRefused(words) from error


def compile_receipt(receipt: doc.ReceiptDocument, settings: PrinterSettings) -> bytes:
    """The whole receipt as the bytes to send; starts from an initialised printer."""
    compiler = _Compiler(settings)
    blocks = [_in_letters_of_one_place(block, settings.tables) for block in receipt.blocks]
    for item in lay_out(msgspec.structs.replace(receipt, blocks=blocks), settings.columns):
        compiler.add(item)
    return compiler.output


def drawer_pulse(connector: int, settings: PrinterSettings) -> bytes:
    """One pulse, in the print stream."""
    return b"\x1bp" + bytes((connector - 1, settings.pulse_on, max(settings.pulse_off, settings.pulse_on)))


@functools.cache
def load_library():
    """Import python-escpos, without the folder and the log settings that it would leave behind.

    Raises StationUnable where the disk has no room for what it writes meanwhile.
    """
    before = tempfile.tempdir
    try:
        keep = Path(os.environ.get("TILLHOUSE_STATION_STATE", tempfile.gettempdir()))
        with tempfile.TemporaryDirectory(dir=keep if keep.is_dir() else None) as scratch:
            tempfile.tempdir = scratch
            from escpos.printer import Dummy
    except OSError as error:
        raise StationUnable(
            f"The station cannot write ({error.strerror}): receipts wait. Make room."
        ) from error
    finally:
        tempfile.tempdir = before
    return Dummy


class _Compiler:
    """Keeps what the printer is set to, so that only differences are sent."""

    def __init__(self, settings: PrinterSettings) -> None:
        self._settings = settings
        self._printer = load_library()(profile="default")
        profile = self._printer.profile  # without a width it writes a line to our standard output
        profile.profile_data = profile.profile_data | {"media": {"width": {"pixels": settings.dots}}}
        self._printer.hw("INIT")
        self._style, self._align, self._table = PLAIN, "left", -1

    @property
    def output(self) -> bytes:
        return self._printer.output

    def add(self, item) -> None:
        match item:
            case TextLine():
                self._line(item)
            case doc.Barcode():
                self._barcode(item)
            case doc.QR():
                self._qr(item)
            case doc.Image():
                self._image(item)
            case doc.Feed():
                self._printer.print_and_feed(item.lines)
            case doc.Cut():
                self._cut(item)
            case doc.Drawer():
                self._printer._raw(drawer_pulse(item.connector, self._settings))

    def _line(self, line: TextLine) -> None:
        text = line.text.rstrip() if not (line.style.inverted or line.style.underline) else line.text
        if self._must_be_drawn(text):
            self._draw(line)
            return
        self._set(line.style, line.align)
        for table, piece in _encoded(text, self._settings.tables, self._table):
            if table != self._table:
                self._printer._raw(b"\x1bt" + bytes((table,)))
                self._table = table
            self._printer._raw(piece)
        self._printer._raw(b"\n")

    def _must_be_drawn(self, text: str) -> bool:
        """True for a line with letters that would come out as question marks and that can be drawn."""
        if text.isascii() or not self._settings.pictures:
            return False
        lost = [letter for letter in text if letter > "~" and is_lost(letter, self._settings.tables)]
        if not lost:
            return False
        path = typeface(self._settings.font)
        return any(can_draw(letter, path) for letter in lost)

    def _draw(self, line: TextLine) -> None:
        cell = self._settings.dots // self._settings.columns
        columns = self._settings.columns // (1 + line.style.wide)
        picture = draw_line(line, cell, typeface(self._settings.font), columns)
        self._set(PLAIN, line.align)
        self._picture(picture)

    def _picture(self, picture) -> None:
        at = len(self.output)
        self._printer.image(picture)
        self._defuse_from(at)

    def _set(self, style: Style, align: str) -> None:
        now, self._style = self._style, style
        if (style.wide, style.tall) != (now.wide, now.tall):
            self._printer.set(custom_size=True, width=1 + style.wide, height=1 + style.tall)
        self._printer.set(
            bold=style.bold if style.bold != now.bold else None,
            underline=int(style.underline) if style.underline != now.underline else None,
            invert=style.inverted if style.inverted != now.inverted else None,
            align=align if align != self._align else None,
        )
        self._align = align

    def _barcode(self, block: doc.Barcode) -> None:
        data = barcode_data(block)
        room = self._settings.dots // (barcode_modules(block, data) + QUIET_ZONE_MODULES) if data else 0
        if room < 2:  # not a valid number, or wider than the paper: the figures alone can still be typed
            self._line(TextLine(block.data, align="center"))
            return
        self._set(PLAIN, "center")
        self._printer._raw(SYMBOL_GAP)
        # not barcode(): that one also prints a line to our own standard output
        self._printer._hw_barcode(
            data,
            BARCODES[block.symbology],
            height=block.height,
            width=min(block.module, room),
            pos="BELOW" if block.text else "OFF",
            align_ct=False,
            function_type="B",
            check=False,
        )

    def _qr(self, block: doc.QR) -> None:
        data = _printable(block.data)
        module = block.module
        if module * (most_qr_modules(len(data.encode()), block.correction) + 8) > self._settings.dots:
            module = min(module, self._settings.dots // (qr_modules(data, block.correction) + 8))
        self._set(PLAIN, "center")
        self._printer._raw(SYMBOL_GAP)
        if not self._settings.qr_codes:
            # A printer that does not know the command prints its bytes as letters.
            self._picture(qr_code(data, block.correction, max(module, 1)).make_image().get_image())
            return
        self._printer.qr(data, ec="LMQH".index(block.correction), size=max(module, 1), native=True)
        self._printer._raw(b"\n")

    def _image(self, block: doc.Image) -> None:
        from PIL import Image, ImageChops

        picture = Image.frombytes("1", (block.width, len(block.rows) // block.row_bytes), block.rows)
        if block.width > self._settings.dots:
            height = max(picture.height * self._settings.dots // block.width, 1)
            picture = picture.resize((self._settings.dots, height))
        self._set(PLAIN, block.align)
        self._picture(ImageChops.invert(picture))

    def _defuse_from(self, start: int) -> None:
        """Change one dot wherever a picture would spell a real-time command."""
        output = bytearray(self.output)
        for at in range(start + 8, len(output) - 1):
            if output[at] == 0x10 and output[at + 1] in REAL_TIME:
                output[at] = 0x11
        self._printer._output_list = [bytes(output)]

    def _cut(self, block: doc.Cut) -> None:
        if not self._settings.cut:
            self._printer.print_and_feed(6)
            return
        self._printer._raw(b"\x1dV" + (b"\x42" if block.partial else b"\x41") + b"\x00")


def _in_letters_of_one_place(block: doc.AnyBlock, tables: tuple[tuple[int, str], ...]) -> doc.AnyBlock:
    """The block as the paper will spell it, before its lines are measured: else a figure would leave its edge."""
    spell = functools.partial(spelled, tables=tables)
    match block:
        case doc.Text():
            return msgspec.structs.replace(block, text=spell(block.text))
        case doc.Pair():
            return msgspec.structs.replace(block, left=spell(block.left), right=spell(block.right))
        case doc.Columns():
            return msgspec.structs.replace(block, rows=[[spell(text) for text in row] for row in block.rows])
    return block


def spelled(text: str, tables: tuple[tuple[int, str], ...]) -> str:
    """The text in letters of which each takes one place in print, with these code tables."""
    if text.isascii():
        return text
    return "".join(_spelled(letter, tables) for letter in unicodedata.normalize("NFC", text))


@functools.lru_cache(2048)
def _spelled(letter: str, tables: tuple[tuple[int, str], ...]) -> str:
    """The letter, or the several plain ones that stand for it where no table has it: a ligature, a unit in one sign.
    Nothing for what is nowhere seen, such as a mark of direction: each would be a question mark.
    """
    if unicodedata.category(letter) == "Cf" or letter in VARIANTS:
        return ""
    encoded = _encode_letter(letter, list(tables), -1)[1]
    return encoded.decode("ascii") if len(encoded) > 1 and encoded.isascii() else letter


@functools.lru_cache(512)  # most lines of a shop's receipts are the same every time
def _encoded(text: str, tables: tuple[tuple[int, str], ...], prefer: int) -> tuple[tuple[int, bytes], ...]:
    return tuple(encode_line(text, tables, prefer))


def encode_line(text: str, tables: tuple[tuple[int, str], ...], prefer: int = -1) -> list[tuple[int, bytes]]:
    """The line as pieces of (code table, bytes). One table for the whole line where there is one.

    ``prefer`` is the table that is selected already. A letter that no table has becomes the nearest plain
    one, or a question mark: never nothing, never an error.
    """
    text = _printable(as_seen(unicodedata.normalize("NFC", text)))
    ordered = sorted(tables, key=lambda table: table[0] != prefer)
    for number, name in ordered:
        if (encoded := _encode(text, name)) is not None:
            is_wider = len(encoded) > len(text)
            return [(number, _closed_up(text).encode(name) if is_wider else encoded)]
    pieces: list[tuple[int, bytes]] = []
    for letter in text:
        number, encoded = _encode_letter(letter, ordered, pieces[-1][0] if pieces else prefer)
        if pieces and pieces[-1][0] == number:
            pieces[-1] = (number, pieces[-1][1] + encoded)
        else:
            pieces.append((number, encoded))
    return pieces


def _closed_up(text: str) -> str:
    """With fewer blanks behind letters that take two places in print, as Chinese ones: a figure keeps its edge."""

    def closed_up(found: re.Match[str]) -> str:
        wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in found[1])
        return found[1] + found[2][min(wide, len(found[2]) - 1) :]

    return re.sub("(.+?)(  +)", closed_up, text)


def _encode(text: str, name: str) -> bytes | None:
    if any(letter in text for letter in NOT_EVERYWHERE.get(name, "")):
        return None
    try:
        return text.encode(name)
    except UnicodeEncodeError:
        return None


def _encode_letter(letter: str, tables: list[tuple[int, str]], current: int) -> tuple[int, bytes]:
    ordered = sorted(tables, key=lambda table: table[0] != current)
    plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    for candidate in (letter, letter.translate(SUBSTITUTES), plain or UNKNOWN_LETTER, UNKNOWN_LETTER):
        for number, name in ordered:
            if (encoded := _encode(candidate, name)) is not None:
                return number, encoded
    return ordered[0][0], b"?"


@functools.lru_cache(2048)
def is_lost(letter: str, tables: tuple[tuple[int, str], ...]) -> bool:
    """True when neither a table nor a plain substitute has this letter."""
    return _encode_letter(letter, list(tables), -1)[1] == b"?"


def _printable(text: str) -> str:
    """Without control characters: a device would obey them."""
    return "".join(letter if letter >= " " and letter != "\x7f" else " " for letter in text)


def barcode_data(block: doc.Barcode) -> str:
    """What the printer is given for this barcode; empty when the symbology cannot hold it."""
    data = block.data
    match block.symbology:
        case "ean13" | "ean8" | "upca":
            length = {"ean13": 13, "ean8": 8, "upca": 12}[block.symbology]
            return (
                data
                if data.isascii() and data.isdigit() and len(data) == length and _check_digit_fits(data)
                else ""
            )
        case "itf":
            return data if data.isascii() and data.isdigit() and len(data) % 2 == 0 else ""
        case "code39":
            upper = data.upper()
            return upper if set(upper) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ -.$/+%") else ""
    if not data.isascii() or any(letter < " " for letter in data):
        return ""
    if data.isdigit() and len(data) % 2 == 0 and len(data) >= 4:
        pairs = bytes(int(data[at : at + 2]) for at in range(0, len(data), 2))
        if not any(bytes((0x10, letter)) in pairs for letter in REAL_TIME):
            return "{C" + pairs.decode("ascii")
    return "{B" + data.replace("{", "{{")


def barcode_modules(block: doc.Barcode, data: str) -> int:
    """How many modules wide the symbol is, quiet zones not counted."""
    match block.symbology:
        case "ean13" | "upca":
            return 95
        case "ean8":
            return 67
        case "itf":
            return 18 * (len(data) // 2) + 9
        case "code39":
            return 16 * (len(data) + 2)
    return 11 * (len(data) - 2 - data.count("{{")) + 35


def qr_modules(data: str, correction: str) -> int:
    """How many modules wide the QR code is."""
    return 17 + 4 * qr_code(data, correction).best_fit(start=1)


def qr_code(data: str, correction: str, module: int = 1):
    """The QR code, not laid out yet, with modules of so many dots."""
    load_library()
    import qrcode

    levels = {
        "L": qrcode.ERROR_CORRECT_L,
        "M": qrcode.ERROR_CORRECT_M,
        "Q": qrcode.ERROR_CORRECT_Q,
        "H": qrcode.ERROR_CORRECT_H,
    }
    code = qrcode.QRCode(error_correction=levels[correction], box_size=module)
    code.add_data(data.encode())
    return code


@functools.lru_cache(1024)
def most_qr_modules(size: int, correction: str) -> int:
    """How wide a QR code of so many bytes is at most, whatever they are: asked for each receipt, it must be quick."""
    return qr_modules("\xff" * (min(size + 1, MOST_QR_BYTES[correction]) // 2), correction) + 4


def _check_digit_fits(digits: str) -> bool:
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return weighted % 10 == 0
