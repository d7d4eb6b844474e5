"""Letters that a printer has in none of its code tables, drawn as a picture with a typeface of this machine."""

import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from hardware.agent.drivers.base import DeviceRefused
from hardware.agent.layout import TextLine

TYPEFACES = (  # all letters equally wide, so that columns stand
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
    "/usr/share/fonts/TTF/DejaVuSansMono.ttf",
    "/System/Library/Fonts/Menlo.ttc",
    "C:/Windows/Fonts/consola.ttf",
)
MORE_TYPEFACES = (  # for what those do not have: Hebrew, Chinese, pictures
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/TTF/DejaVuSans.ttf",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
    "C:/Windows/Fonts/arial.ttf",
    "C:/Windows/Fonts/msyh.ttc",
    "C:/Windows/Fonts/seguisym.ttf",
)
CELL_HEIGHT = 30  # dots, as the printer's own line feed
LETTER_WIDTH = 0.602  # of the size, in the first typefaces above
SMALLEST = 8
NOBODY_HAS = "\U0010fffd"
_FROM_THE_RIGHT = "\u0590-\u065f\u066d-\u06ef\u06fa-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"  # figures are not
RIGHT_TO_LEFT = re.compile(f"[{_FROM_THE_RIGHT}]+(?:[ '\"-][{_FROM_THE_RIGHT}]+)*")


def as_seen(text: str) -> str:
    """The text as a device prints it that knows no direction: Hebrew and Arabic turned round, figures as they are."""
    return text if text.isascii() else RIGHT_TO_LEFT.sub(lambda run: run[0][::-1], text)


def typeface(wanted: str) -> str:
    """The file of the typeface to draw with: the one that is wanted, else one that is there, else none."""
    if wanted:
        if not Path(wanted).is_file():
            raise DeviceRefused(f"The typeface {wanted} is not there. Name a TrueType file of this station.")
        return wanted
    return next((path for path in TYPEFACES if Path(path).exists()), "")


def can_draw(letter: str, path: str) -> bool:
    """Whether that typeface, or another one of this machine, has this letter."""
    return any(_has(letter, one) for one in _faces(path))


def _faces(path: str) -> list[str]:
    return [path, *(more for more in MORE_TYPEFACES if Path(more).exists())] if path else []


@functools.lru_cache(maxsize=4096)
def _has(letter: str, path: str) -> bool:
    return _shape(letter, path) != _shape(NOBODY_HAS, path)


def _shape(letter: str, path: str) -> bytes:
    return bytes(_font(path, 20).getmask(letter))


@functools.lru_cache(maxsize=16)
def _font(path: str, size: int):
    from PIL import ImageFont

    try:
        return ImageFont.truetype(path, size)
    except OSError as error:
        raise DeviceRefused(f"The typeface {path} cannot be used: {error}.") from error


def draw_line(line: TextLine, cell: int, path: str, columns: int):
    """The line as a picture of one bit per dot, each letter in a cell as wide as the printer's own.

    What is written from the right, or is wider than a cell, is drawn as a whole: it takes the blanks behind it, and
    is made smaller where those do not do. ``columns`` are the cells that there are.
    """
    from PIL import Image, ImageDraw

    size = max(int(cell / LETTER_WIDTH), SMALLEST)
    back, ink = (0, 1) if line.style.inverted else (1, 0)
    picture = Image.new("1", (max(columns, len(line.text), 1) * cell, CELL_HEIGHT), back)
    draw = functools.partial(ImageDraw.Draw(picture).text, fill=ink, stroke_width=int(line.style.bold))
    width = max(len(line.text), 1) * cell
    for run in _runs(line.text, path, size, cell):
        x, y = run.start * cell, CELL_HEIGHT - 7
        if not run.is_whole:
            draw((x, y), _shown(run.letters, path), font=_font(path, size), anchor="ls")
            continue
        face = max(_faces(path), key=lambda one: sum(_has(letter, one) for letter in run.letters))
        is_last = run.start + run.places >= len(line.text)
        room = picture.width - x if is_last else run.places * cell
        shown = _shown(run.letters, face)
        font = _fitting(shown, face, size, room)
        end = x + max(int(font.getlength(shown)), len(run.letters) * cell)
        if RIGHT_TO_LEFT.match(run.letters):
            draw((end, y), shown if _turns_round(font) else as_seen(shown), font=font, anchor="rs")
        else:
            draw((x, y), shown, font=font, anchor="ls")
        width = max(width, min(end, picture.width))
    picture = picture.crop((0, 0, width, CELL_HEIGHT))
    if line.style.underline:
        ImageDraw.Draw(picture).line((0, CELL_HEIGHT - 2, width, CELL_HEIGHT - 2), fill=ink, width=2)
    size = (picture.width * (1 + line.style.wide), picture.height * (1 + line.style.tall))
    return picture.resize(size) if size != picture.size else picture


class _Run(NamedTuple):
    """Letters that are drawn at once, and the cells that they may take."""

    start: int
    letters: str
    places: int
    is_whole: bool


def _runs(text: str, path: str, size: int, cell: int) -> Iterator[_Run]:
    at = 0
    while at < len(text):
        end = at + 1
        is_whole = not _fits_a_cell(text[at], path, size, cell)
        if from_the_right := RIGHT_TO_LEFT.match(text, at):
            end, is_whole = from_the_right.end(), True
        elif is_whole:
            while end < len(text) and not _fits_a_cell(text[end], path, size, cell):
                end += 1
        blanks = len(text) - end - len(text[end:].lstrip(" ")) if is_whole else 0
        yield _Run(at, text[at:end], end - at + max(blanks - 1, 0), is_whole)
        at = end


@functools.lru_cache(maxsize=4096)
def _fits_a_cell(letter: str, path: str, size: int, cell: int) -> bool:
    return letter <= "~" or (_has(letter, path) and _font(path, size).getlength(letter) <= cell + 1)


def _shown(letters: str, path: str) -> str:
    return "".join(letter if letter <= "~" or _has(letter, path) else "?" for letter in letters)


def _fitting(letters: str, path: str, size: int, room: int):
    """The typeface, so small that the letters have room."""
    while (font := _font(path, size)).getlength(letters) > room and size > SMALLEST:
        size -= 1
    return font


def _turns_round(font) -> bool:
    """Whether it is drawn with a library that knows directions and joins letters, which is not everywhere."""
    from PIL import ImageFont

    return font.layout_engine == ImageFont.Layout.RAQM
