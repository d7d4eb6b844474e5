"""A document on full pages, as PDF: text stays text, symbols are drawn as lines.

The layout is the receipt's, in a typeface whose letters are all equally wide, so that columns stand. The PDF's own
typefaces know Western letters; for others a typeface of the machine is embedded, and a letter that neither has
becomes a visible substitute.
"""

import io
from pathlib import Path

import msgspec

from hardware.agent import document as doc
from hardware.agent.drivers.base import DeviceRefused
from hardware.agent.drivers.escpos import barcode_data, encode_line
from hardware.agent.drivers.letters import as_seen, typeface
from hardware.agent.layout import TextLine, lay_out
from hardware.agent.prepared import prepared

MARGIN = 48.0  # points, as all lengths here
LETTER_WIDTH = 0.6  # of the size, in every typeface used here
LEADING = 1.25
BARCODES = {
    "ean13": "EAN13",
    "ean8": "EAN8",
    "upca": "UPCA",
    "code39": "Standard39",
    "itf": "I2of5",
    "code128": "Code128",
}


@prepared
class PageSettings(msgspec.Struct, frozen=True):
    """What the profile says: ``paper`` a4, a5 or letter, ``columns`` characters a line, ``font`` a TrueType file."""

    paper: str = "a4"
    columns: int = 72
    font: str = ""


def compile_pages(receipt: doc.ReceiptDocument, settings: PageSettings) -> bytes:
    """The document as one PDF; raises DeviceRefused for a font that cannot be used."""
    from reportlab.lib import pagesizes

    size = {"a4": pagesizes.A4, "a5": pagesizes.A5, "letter": pagesizes.LETTER}[settings.paper.lower()]
    pages = _Pages(receipt.title, size, settings)
    for item in lay_out(receipt, settings.columns):
        pages.add(item)
    return pages.finished()


class _Pages:
    """Keeps the place on the page, and begins a new one where it is full."""

    def __init__(self, title: str, size: tuple[float, float], settings: PageSettings) -> None:
        from reportlab.pdfgen.canvas import Canvas

        self._output = io.BytesIO()
        self._canvas = Canvas(self._output, pagesize=size, invariant=1)
        self._canvas.setTitle(title or "Document")
        self._width, self._height = size
        self._room = self._width - 2 * MARGIN
        self._size = min(self._room / settings.columns / LETTER_WIDTH, 12.0)
        self._left = (self._width - settings.columns * self._size * LETTER_WIDTH) / 2
        self._room = self._width - 2 * self._left
        self._other = _typeface(settings.font)
        self._y = self._height - MARGIN
        self._page_is_over = False

    def finished(self) -> bytes:
        self._canvas.save()
        return self._output.getvalue()

    def add(self, item) -> None:
        match item:
            case TextLine():
                self._line(item)
            case doc.Feed():
                self._need(item.lines * self._size * LEADING)
            case doc.Cut():
                self._page_is_over = True
            case doc.Image():
                self._image(item)
            case doc.QR():
                self._symbol("QR", item.data, barLevel=item.correction, barWidth=72, barHeight=72)
            case doc.Barcode():
                self._barcode(item)

    def _need(self, height: float) -> float:
        """Move down by so much, to a new page where there is no room; the new place."""
        if self._page_is_over or self._y - height < MARGIN:
            self._canvas.showPage()
            self._y, self._page_is_over = self._height - MARGIN, False
        self._y -= height
        return self._y

    def _line(self, line: TextLine) -> None:
        tall, wide = 1 + line.style.tall, 1 + line.style.wide
        y = self._need(self._size * LEADING * tall)
        text = line.text if line.style.inverted or line.style.underline else line.text.rstrip()
        width = len(text) * self._size * LETTER_WIDTH * wide
        x = self._left + {"left": 0.0, "center": 0.5, "right": 1.0}[line.align] * (self._room - width)
        canvas = self._canvas
        canvas.saveState()
        canvas.translate(x, y)
        canvas.scale(wide, tall)
        if line.style.inverted:
            canvas.rect(0, -0.25 * self._size, width / wide, self._size * LEADING, stroke=0, fill=1)
            canvas.setFillGray(1)
        if line.style.underline:
            canvas.line(0, -0.12 * self._size, width / wide, -0.12 * self._size)
        at = 0.0
        for piece, font in self._pieces(line, text):
            canvas.setFont(font, self._size)
            canvas.drawString(at, 0, piece)
            at += len(piece) * self._size * LETTER_WIDTH
        canvas.restoreState()

    def _pieces(self, line: TextLine, text: str) -> list[tuple[str, str]]:
        """The line in runs of one typeface; the layout's own rules are drawn with plain dashes."""
        plain = "Courier-Bold" if line.style.bold else "Courier"
        pieces: list[tuple[str, str]] = []
        for letter in as_seen(text).translate(str.maketrans("─═·−", "-=.–")):
            known = letter.encode("cp1252", "ignore") != b""
            if known or self._other is None or not self._other.covers(letter):
                letter = b"".join(part for _, part in encode_line(letter, ((0, "cp1252"),))).decode("cp1252")
                font = plain
            else:
                font = self._other.name
            if pieces and pieces[-1][1] == font:
                pieces[-1] = (pieces[-1][0] + letter, font)
            else:
                pieces.append((letter, font))
        return pieces

    def _barcode(self, block: doc.Barcode) -> None:
        data = barcode_data(block)
        if not data:
            self._line(TextLine(block.data, align="center"))
            return
        more = {"barHeight": 36, "humanReadable": block.text}
        if block.symbology in ("code39", "itf"):
            more |= {"checksum": 0}
        self._symbol(
            BARCODES[block.symbology],
            block.data.upper() if block.symbology == "code39" else block.data,
            **more,
        )

    def _symbol(self, name: str, data: str, **more) -> None:
        from reportlab.graphics import renderPDF
        from reportlab.graphics.barcode import createBarcodeDrawing

        drawing = createBarcodeDrawing(name, value=data, **more)
        scale = min(1.0, self._room / drawing.width)
        drawing.scale(scale, scale)
        y = self._need(drawing.height * scale + self._size)
        renderPDF.draw(drawing, self._canvas, self._left + (self._room - drawing.width * scale) / 2, y)

    def _image(self, block: doc.Image) -> None:
        from PIL import Image, ImageChops
        from reportlab.lib.utils import ImageReader

        picture = Image.frombytes("1", (block.width, len(block.rows) // block.row_bytes), block.rows)
        width = min(block.width * 72 / 203, self._room)  # as large as a receipt printer's dots would be
        height = picture.height * width / block.width
        if height > self._height - 2 * MARGIN:
            width, height = width * (self._height - 2 * MARGIN) / height, self._height - 2 * MARGIN
        y = self._need(height)
        x = self._left + {"left": 0.0, "center": 0.5, "right": 1.0}[block.align] * (self._room - width)
        self._canvas.drawImage(ImageReader(ImageChops.invert(picture).convert("L")), x, y, width, height)


class _Typeface:
    def __init__(self, path: str) -> None:
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.ttfonts import TTFError, TTFont

        self.name = f"Other-{Path(path).stem}"
        try:
            font = TTFont(self.name, path)
        except (TTFError, OSError) as error:
            raise DeviceRefused(f"The typeface {path} cannot be used: {error}.") from error
        pdfmetrics.registerFont(font)
        self._letters = font.face.charToGlyph

    def covers(self, letter: str) -> bool:
        return ord(letter) in self._letters


def _typeface(wanted: str) -> _Typeface | None:
    path = typeface(wanted)
    return _Typeface(path) if path else None
