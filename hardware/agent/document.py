"""What a receipt says, before any printer has a part in it.

A ``ReceiptDocument`` is a list of blocks. The till renders a journal record to this shape as plain JSON;
the station checks it on arrival and lays it out for the paper it has. ``docs/hardware.md`` describes the
JSON. Text is Unicode and amounts are already formatted: nothing here computes.
"""

import base64
import binascii
from typing import Annotated, Literal

import msgspec

from hardware.agent.prepared import prepared

Align = Literal["left", "center", "right"]
Size = Literal["normal", "tall", "wide", "large"]
Mark = Literal["COPY", "TRAINING", "VOID"]
Symbology = Literal["ean13", "ean8", "upca", "code39", "itf", "code128"]
Line = Annotated[str, msgspec.Meta(max_length=2000)]
Cell = Annotated[str, msgspec.Meta(max_length=200)]


class DocumentInvalid(ValueError):
    """The document is not one that can be printed; the sentence names the place."""


class Block(msgspec.Struct, frozen=True, tag_field="kind", tag=str.lower, forbid_unknown_fields=True):
    """Base of every block."""


class Text(Block, frozen=True):
    """One paragraph, broken between words."""

    text: Line
    align: Align = "left"
    bold: bool = False
    underline: bool = False
    inverted: bool = False
    size: Size = "normal"


class Pair(Block, frozen=True):
    """A name on the left and a figure on the right edge; the name wraps, the figure never does."""

    left: Line
    right: Cell
    bold: bool = False
    size: Size = "normal"
    indent: Annotated[int, msgspec.Meta(ge=0, le=16)] = 0


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``width`` in characters; 0 takes what the others leave."""

    width: Annotated[int, msgspec.Meta(ge=0, le=96)] = 0
    align: Align = "left"


class Columns(Block, frozen=True):
    """A small table, such as the VAT summary. A cell that is too long for its column is cut with an ellipsis."""

    columns: Annotated[list[Column], msgspec.Meta(min_length=1, max_length=8)]
    rows: Annotated[list[list[Cell]], msgspec.Meta(max_length=500)]
    bold: bool = False


class Rule(Block, frozen=True):
    """A line across the paper."""

    style: Literal["thin", "double", "dotted"] = "thin"


class Barcode(Block, frozen=True):
    """A linear barcode. ``height`` in dots, ``module`` the widest bar unit wished for; narrower if it must fit."""

    symbology: Symbology
    data: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    height: Annotated[int, msgspec.Meta(ge=24, le=255)] = 72
    module: Annotated[int, msgspec.Meta(ge=2, le=6)] = 3
    text: bool = True


class QR(Block, frozen=True):
    """A QR code. ``module`` in dots; it shrinks until the symbol fits."""

    data: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
    module: Annotated[int, msgspec.Meta(ge=2, le=16)] = 6
    correction: Literal["L", "M", "Q", "H"] = "M"


class Image(Block, frozen=True):
    """A picture, one bit per dot, rows padded to whole bytes, black is 1, base64."""

    width: Annotated[int, msgspec.Meta(ge=1, le=832)]
    bits: Annotated[str, msgspec.Meta(max_length=400_000)]
    align: Align = "center"

    @property
    def rows(self) -> bytes:
        """The raw rows; raises DocumentInvalid."""
        try:
            raw = base64.b64decode(self.bits, validate=True)
        except (binascii.Error, ValueError) as error:
            raise DocumentInvalid("The picture's bits are not base64.") from error
        if not raw or len(raw) % self.row_bytes:
            raise DocumentInvalid(f"The picture's bits are no whole rows of {self.width} dots.")
        return raw

    @property
    def row_bytes(self) -> int:
        """Bytes in one row."""
        return (self.width + 7) // 8


class Feed(Block, frozen=True):
    """Empty lines."""

    lines: Annotated[int, msgspec.Meta(ge=1, le=20)] = 1


class Cut(Block, frozen=True):
    """Feed to the knife and cut."""

    partial: bool = True


class Drawer(Block, frozen=True):
    """Open a cash drawer that hangs on the printer: connector 1 is pin 2, connector 2 is pin 5."""

    connector: Literal[1, 2] = 1


AnyBlock = Text | Pair | Columns | Rule | Barcode | QR | Image | Feed | Cut | Drawer


@prepared
class ReceiptDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A receipt, report or slip. ``width`` in characters is a wish; the printer's own width decides."""

    blocks: Annotated[list[AnyBlock], msgspec.Meta(max_length=2000)]
    title: Cell = ""
    width: Annotated[int, msgspec.Meta(ge=24, le=64)] | None = None
    marks: Annotated[list[Mark], msgspec.Meta(max_length=3)] = []
    version: Literal[1] = 1


def read_document(document: dict) -> ReceiptDocument:
    """Check a document that arrived as JSON; raises DocumentInvalid with the place that is wrong."""
    try:
        receipt = msgspec.convert(document, ReceiptDocument)
    except msgspec.ValidationError as error:
        raise DocumentInvalid(str(error)) from error
    for block in receipt.blocks:
        if isinstance(block, Image):
            block.rows  # noqa: B018 - raises when the bits are broken
        if isinstance(block, Columns):
            _check_table(block)
    return receipt


def write_document(receipt: ReceiptDocument) -> dict:
    """The document as plain JSON values."""
    return msgspec.to_builtins(receipt)


def _check_table(table: Columns) -> None:
    for row in table.rows:
        if len(row) != len(table.columns):
            raise DocumentInvalid(f"A row has {len(row)} cells and the table {len(table.columns)} columns.")
