"""Letters that a printer has in none of its code tables, drawn as a picture with a typeface of this machine."""

import functools
from pathlib import Path

from hardware.agent.drivers.base import DeviceRefused
from hardware.agent.layout import TextLine

TYPEFACES = (  # all letters equally wide, so that columns stand
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
    "/usr/share/fonts/TTF/DejaVuSansMono.ttf",
    "/System/Library/Fonts/Menlo.ttc",
    "C:/Windows/Fonts/consola.ttf",
)
CELL_HEIGHT = 30  # dots, as the printer's own line feed
LETTER_WIDTH = 0.602  # of the size, in the typefaces above
NOBODY_HAS = "\U0010fffd"


def typeface(wanted: str) -> str:
    """The file of the typeface to draw with: the one that is wanted, else one that is there, else none."""
    if wanted:
        if not Path(wanted).is_file():
            raise DeviceRefused(f"The typeface {wanted} is not there. Name a TrueType file of this station.")
        return wanted
    return next((path for path in TYPEFACES if Path(path).exists()), "")


def can_draw(letter: str, path: str) -> bool:
    """Whether the typeface has this letter."""
    return bool(path) and _shape(letter, path) != _shape(NOBODY_HAS, path)


@functools.lru_cache(maxsize=1024)
def _shape(letter: str, path: str) -> bytes:
    return bytes(_font(path, 20).getmask(letter))


@functools.lru_cache(maxsize=4)
def _font(path: str, size: int):
    from PIL import ImageFont

    try:
        return ImageFont.truetype(path, size)
    except OSError as error:
        raise DeviceRefused(f"The typeface {path} cannot be used: {error}.") from error


def draw_line(line: TextLine, cell: int, path: str):
    """The line as a picture of one bit per dot, each letter in a cell as wide as the printer's own."""
    from PIL import Image, ImageDraw

    font = _font(path, max(int(cell / LETTER_WIDTH), 8))
    back, ink = (0, 1) if line.style.inverted else (1, 0)
    picture = Image.new("1", (max(len(line.text), 1) * cell, CELL_HEIGHT), back)
    pen = ImageDraw.Draw(picture)
    bold = 1 if line.style.bold else 0
    for place, letter in enumerate(line.text):
        shown = letter if letter <= "~" or can_draw(letter, path) else "?"
        pen.text((place * cell, CELL_HEIGHT - 7), shown, fill=ink, font=font, anchor="ls", stroke_width=bold)
    if line.style.underline:
        pen.line((0, CELL_HEIGHT - 2, picture.width, CELL_HEIGHT - 2), fill=ink, width=2)
    size = (picture.width * (1 + line.style.wide), picture.height * (1 + line.style.tall))
    return picture.resize(size) if size != picture.size else picture
