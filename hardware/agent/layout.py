"""Lay a receipt out on paper that is so many characters wide.

Pure: a document in, lines of styled text and symbols out. What follows (bytes for a printer, a preview)
only draws.
"""

import textwrap
from collections.abc import Iterator
from typing import Literal

import msgspec

from hardware.agent import document as doc

RULES = {"thin": "─", "double": "═", "dotted": "·"}
ELLIPSIS = "…"
MOST_QR_BYTES = {"L": 2953, "M": 2331, "Q": 1663, "H": 1273}  # of the largest there is, by its correction


class Style(msgspec.Struct, frozen=True):
    """How a line of characters looks."""

    bold: bool = False
    underline: bool = False
    inverted: bool = False
    tall: bool = False
    wide: bool = False


class TextLine(msgspec.Struct, frozen=True):
    """One printed line. ``text`` is never wider than the paper in this style."""

    text: str
    style: Style = Style()
    align: Literal["left", "center", "right"] = "left"


PLAIN = Style()
Symbol = doc.Barcode | doc.QR | doc.Image | doc.Feed | doc.Cut | doc.Drawer
Item = TextLine | Symbol


def lay_out(receipt: doc.ReceiptDocument, columns: int) -> list[Item]:
    """The receipt as lines that are ``columns`` characters wide; marks stand above and below it."""
    items: list[Item] = []
    for mark in receipt.marks:
        items += _mark(mark, columns)
    cut_from = len(receipt.blocks)
    while cut_from and isinstance(receipt.blocks[cut_from - 1], doc.Cut | doc.Feed | doc.Drawer):
        cut_from -= 1
    for block in receipt.blocks[:cut_from]:
        items += _block(block, columns)
    for mark in receipt.marks:
        items += _mark(mark, columns)
    return items + list(receipt.blocks[cut_from:])


def _mark(mark: str, columns: int) -> list[Item]:
    word = f" {mark} "
    style = Style(bold=True, inverted=True, tall=True, wide=len(word) * 2 <= columns)
    room = columns // 2 if style.wide else columns
    return [TextLine(word.center(room), style, "center")]


def _block(block: doc.AnyBlock, columns: int) -> Iterator[Item]:
    match block:
        case doc.Text():
            style = _style(block.size, block.bold, block.underline, block.inverted)
            for line in _wrap(block.text, _room(columns, style)):
                yield TextLine(line, style, block.align)
        case doc.Pair():
            yield from _pair(block, columns)
        case doc.Columns():
            yield from _table(block, columns)
        case doc.Rule():
            yield TextLine(RULES[block.style] * columns)
        case doc.QR() if len(block.data.encode()) > MOST_QR_BYTES[block.correction]:
            for line in _wrap(block.data, columns):
                yield TextLine(line, align="center")
        case _:
            yield block


def _style(size: str, bold: bool, underline: bool = False, inverted: bool = False) -> Style:
    return Style(bold, underline, inverted, tall=size in ("tall", "large"), wide=size in ("wide", "large"))


def _room(columns: int, style: Style) -> int:
    return columns // 2 if style.wide else columns


def _wrap(text: str, room: int) -> list[str]:
    lines = []
    for paragraph in text.split("\n"):
        if len(paragraph) <= room and paragraph.isprintable() and not paragraph.endswith(" "):
            lines.append(paragraph)  # as most do; the other way costs a third of a receipt's layout
            continue
        lines += textwrap.wrap(paragraph, room, drop_whitespace=True) or [""]
    return lines


def _pair(pair: doc.Pair, columns: int) -> Iterator[TextLine]:
    style = _style(pair.size, pair.bold)
    room = _room(columns, style)
    if style.wide and len(pair.left) + len(pair.right) + 1 > room:
        style, room = Style(bold=style.bold, tall=style.tall), columns  # better narrower than on two lines
    figure = pair.right[-room:]
    for_name = room - len(figure) - 1 if figure else room
    if for_name < 8:  # a figure that leaves no room for the name stands on a line of its own
        for line in _wrap(pair.left, room):
            yield TextLine(line, style)
        yield TextLine(figure.rjust(room), style)
        return
    lead = " " * min(pair.indent, for_name - 4)
    names = [lead + line for line in _wrap(pair.left, for_name - len(lead))]
    *above, last = names
    for line in above:
        yield TextLine(line, style)
    yield TextLine(last + figure.rjust(room - len(last)), style)


def _table(table: doc.Columns, columns: int) -> Iterator[TextLine]:
    widths = _widths(table, columns)
    style = Style(bold=table.bold)
    for row in table.rows:
        cells = [
            _cell(text, width, column.align)
            for text, width, column in zip(row, widths, table.columns, strict=True)
        ]
        yield TextLine(" ".join(cells)[:columns].rstrip(), style)


def _widths(table: doc.Columns, columns: int) -> list[int]:
    """Figures are never cut: a column on the right grows to its longest, at the cost of the free ones."""
    needed = [
        max((len(row[place]) for row in table.rows), default=0) if column.align == "right" else 0
        for place, column in enumerate(table.columns)
    ]
    fixed = [
        max(column.width, need) if column.width else 0
        for column, need in zip(table.columns, needed, strict=True)
    ]
    free = [need for column, need in zip(table.columns, needed, strict=True) if not column.width]
    left = columns - (len(fixed) - 1) - sum(fixed)
    share, extra = divmod(max(left, len(free)), len(free) or 1)
    return [width or share + (place < extra) for place, width in enumerate(fixed)]


def _cell(text: str, width: int, align: str) -> str:
    if len(text) > width:
        text = text[: max(width - 1, 0)] + ELLIPSIS
    return {"left": text.ljust, "right": text.rjust, "center": text.center}[align](width)
