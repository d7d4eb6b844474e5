"""What a printer makes of its commands: lines of characters, symbols, pictures, cuts, on paper so many dots wide.

This is the printing half of the emulated printer, and the only source of what the lab draws: nothing here
has ever seen the receipt's document.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from hardware.agent.emulators.escpos_stream import Command

CODE_TABLES = {
    0: "cp437",
    2: "cp850",
    13: "cp857",
    15: "iso8859_7",
    16: "cp1252",
    17: "cp866",
    18: "cp852",
    19: "cp858",
}
CELL_WIDTH, CELL_HEIGHT, LINE_FEED = 12, 24, 30
BARCODE_NAMES = ["UPC-A", "UPC-E", "EAN-13", "EAN-8", "CODE39", "ITF", "CODABAR", "CODE93", "CODE128"]


@dataclass(frozen=True)
class Look:
    """How characters are printed at the moment."""

    bold: bool = False
    underline: bool = False
    inverted: bool = False
    wide: int = 1
    tall: int = 1
    font_b: bool = False

    @property
    def cell(self) -> int:
        """Dots from one character to the next."""
        return (9 if self.font_b else CELL_WIDTH) * self.wide


@dataclass(frozen=True)
class Run:
    """Characters of one look, from a dot on."""

    at: int
    text: str
    look: Look


@dataclass(frozen=True)
class Line:
    """One printed line."""

    runs: tuple[Run, ...]
    height: int


@dataclass(frozen=True)
class Bars:
    """A linear barcode as the printer was told to draw it."""

    symbology: str
    data: bytes
    height: int
    module: int
    text: str
    align: str


@dataclass(frozen=True)
class Qr:
    """A QR code as it was stored and printed."""

    data: bytes
    module: int
    correction: str
    align: str


@dataclass(frozen=True)
class Picture:
    """A raster: rows of bytes, black is 1."""

    width: int
    rows: tuple[bytes, ...]
    align: str


@dataclass(frozen=True)
class Space:
    """Paper that was fed without printing, in dots."""

    height: int


@dataclass(frozen=True)
class Cut:
    """The knife."""

    partial: bool


@dataclass(frozen=True)
class Pulse:
    """A drawer pulse that stood in the print stream; ``connector`` 1 or 2."""

    connector: int
    milliseconds: int


Mark = Line | Bars | Qr | Picture | Space | Cut | Pulse


@dataclass
class Paper:
    """The printing mechanism; what it prints goes to ``emit`` in order."""

    emit: Callable[[Mark], None]
    dots: int = 512
    tables: dict[int, str] = field(default_factory=lambda: dict(CODE_TABLES))

    def __post_init__(self) -> None:
        self.initialise()

    def initialise(self) -> None:
        """What ESC @ does: default settings, and the line that was not printed is lost."""
        self.look, self.align, self.table, self.line_feed = Look(), "left", 0, LINE_FEED
        self._runs: list[Run] = []
        self._at = 0
        self._barcode = {"height": 162, "module": 3, "text": 0}
        self._qr = {"module": 3, "correction": "L", "data": b""}

    def obey(self, command: Command) -> None:
        """Carry out one command of the print stream."""
        handler = _HANDLERS.get(command.name)
        if handler is not None:
            handler(self, command.data)

    def text(self, data: bytes) -> None:
        """Set characters; a line that is full is printed and a new one begun, as printers do."""
        for letter in data.decode(self.tables.get(self.table, "cp437"), errors="replace"):
            if self._at + self.look.cell > self.dots:
                self.feed_line(b"")
            last = self._runs[-1] if self._runs else None
            if last is not None and last.look == self.look:
                self._runs[-1] = replace(last, text=last.text + letter)
            else:
                self._runs.append(Run(self._at, letter, self.look))
            self._at += self.look.cell

    def feed_line(self, _: bytes) -> None:
        """Print what is set and feed by one line."""
        if not self._runs:
            self.emit(Space(self.line_feed))
            return
        height = max(CELL_HEIGHT * run.look.tall for run in self._runs)
        shift = {"left": 0, "center": (self.dots - self._at) // 2, "right": self.dots - self._at}[self.align]
        runs = tuple(replace(run, at=run.at + shift) for run in self._runs)
        self.emit(Line(runs, max(height, self.line_feed if height == CELL_HEIGHT else height)))
        self._runs, self._at = [], 0

    def _flush(self) -> None:
        if self._runs:
            self.feed_line(b"")

    def _print_mode(self, data: bytes) -> None:
        mode = data[0]
        self.look = replace(
            self.look,
            font_b=bool(mode & 1),
            bold=bool(mode & 8),
            tall=2 if mode & 16 else 1,
            wide=2 if mode & 32 else 1,
            underline=bool(mode & 128),
        )

    def _size(self, data: bytes) -> None:
        self.look = replace(self.look, wide=(data[0] >> 4 & 7) + 1, tall=(data[0] & 7) + 1)

    def _set(self, **changes) -> None:
        self.look = replace(self.look, **changes)

    def _justify(self, data: bytes) -> None:
        if not self._runs:  # works at the start of a line only
            self.align = {0: "left", 1: "center", 2: "right"}.get(data[0] & 3, self.align)

    def _tab(self, _: bytes) -> None:
        self.text(b" " * (8 - (self._at // CELL_WIDTH) % 8))

    def _position(self, data: bytes) -> None:
        self._at = min(data[0] + 256 * data[1], self.dots)

    def _feed_lines(self, data: bytes) -> None:
        self._flush()
        if data[0]:
            self.emit(Space(data[0] * self.line_feed))

    def _feed_dots(self, data: bytes) -> None:
        self._flush()
        self.emit(Space(data[0]))

    def _cut(self, data: bytes) -> None:
        self._flush()
        if len(data) == 2:
            self.emit(Space(90 + data[1]))
        self.emit(Cut(partial=data[0] in (1, 0x31, 0x42)))

    def _pulse(self, data: bytes) -> None:
        self.emit(Pulse(1 + (data[0] & 1), data[1] * 2))

    def _draw_bars(self, data: bytes) -> None:
        self._flush()
        kind = data[0]
        number = kind - 0x41 if kind >= 0x41 else kind
        content = data[2:] if kind >= 0x41 else data[1:-1]
        if number >= len(BARCODE_NAMES) or (bars := _bars_width(BARCODE_NAMES[number], content)) == 0:
            return
        if bars * self._barcode["module"] > self.dots:
            return  # wider than the paper: a printer prints nothing at all
        text = {0: "none", 1: "above", 2: "below", 3: "both"}.get(self._barcode["text"] & 3, "none")
        self.emit(
            Bars(
                BARCODE_NAMES[number],
                content,
                self._barcode["height"],
                self._barcode["module"],
                text,
                self.align,
            )
        )

    def _two_dimensional(self, data: bytes) -> None:
        match data[:2]:
            case b"1C":
                self._qr["module"] = max(1, min(data[2], 16))
            case b"1E":
                self._qr["correction"] = {0x30: "L", 0x31: "M", 0x32: "Q", 0x33: "H"}.get(data[2], "L")
            case b"1P":
                self._qr["data"] = data[3:]
            case b"1Q" if self._qr["data"]:
                self._flush()
                self.emit(Qr(self._qr["data"], self._qr["module"], self._qr["correction"], self.align))

    def _raster(self, data: bytes) -> None:
        self._flush()
        width, height = data[1] + 256 * data[2], data[3] + 256 * data[4]
        rows = tuple(data[5 + at * width : 5 + (at + 1) * width] for at in range(height))
        self.emit(Picture(width * 8, rows, self.align))


def _bars_width(symbology: str, data: bytes) -> int:
    if symbology in ("EAN-13", "UPC-A"):
        return 95 if data.isdigit() and len(data) in (11, 12, 13) else 0
    if symbology == "EAN-8":
        return 67 if data.isdigit() and len(data) in (7, 8) else 0
    if symbology == "CODE128":
        return 11 * (len(data) - 2 - data.count(b"{{")) + 35 if data[:1] == b"{" else 0
    if symbology == "CODE39":
        return 16 * (len(data) + 2)
    return 9 * len(data) + 9 if data else 0


_HANDLERS: dict[str, Callable[[Paper, bytes], None]] = {
    "text": Paper.text,
    "LF": Paper.feed_line,
    "HT": Paper._tab,
    "ESC @": lambda paper, _: paper.initialise(),
    "ESC !": Paper._print_mode,
    "GS !": Paper._size,
    "ESC E": lambda paper, data: paper._set(bold=bool(data[0] & 1)),
    "ESC G": lambda paper, data: paper._set(bold=bool(data[0] & 1)),
    "ESC -": lambda paper, data: paper._set(underline=bool(data[0] & 3)),
    "GS B": lambda paper, data: paper._set(inverted=bool(data[0] & 1)),
    "ESC M": lambda paper, data: paper._set(font_b=bool(data[0] & 1)),
    "ESC a": Paper._justify,
    "ESC t": lambda paper, data: setattr(paper, "table", data[0]),
    "ESC 2": lambda paper, _: setattr(paper, "line_feed", LINE_FEED),
    "ESC 3": lambda paper, data: setattr(paper, "line_feed", data[0]),
    "ESC $": Paper._position,
    "ESC d": Paper._feed_lines,
    "ESC J": Paper._feed_dots,
    "ESC p": Paper._pulse,
    "ESC i": lambda paper, _: paper._cut(b"\x00"),
    "ESC m": lambda paper, _: paper._cut(b"\x01"),
    "GS V": Paper._cut,
    "GS h": lambda paper, data: paper._barcode.update(height=data[0]),
    "GS w": lambda paper, data: paper._barcode.update(module=data[0]),
    "GS H": lambda paper, data: paper._barcode.update(text=data[0]),
    "GS k": Paper._draw_bars,
    "GS ( k": Paper._two_dimensional,
    "GS v 0": Paper._raster,
}
