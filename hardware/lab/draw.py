"""Draw what a printer has printed, dot by dot, as SVG: one picture for each mark, stacked like paper.

Everything is presentation attributes: the lab's pages allow no inline styles.
"""

from collections.abc import Callable
from html import escape
from itertools import groupby

from hardware.agent.emulators.paper import Bars, Cut, Line, Mark, Picture, Pulse, Qr, Run, Space

MARGIN = 32
BASELINE = 19
FONT_SIZE = 19.4
HRI_SIZE = 18


def draw(mark: Mark, dots: int) -> str:
    """One mark as an ``<svg>`` that is as wide as the paper; a cut and a pulse are no ink and draw nothing."""
    drawer = _DRAWERS.get(type(mark))
    if drawer is None:
        return ""
    body, height = drawer(mark, dots)
    width = dots + 2 * MARGIN
    return f'<svg class="ink" viewBox="{-MARGIN} 0 {width} {height}" width="{width}" height="{height}">{body}</svg>'


def text_of(mark: Mark) -> str:
    """The mark's words, for people who listen to the page and for tests."""
    return "".join(run.text for run in mark.runs) if isinstance(mark, Line) else ""


def _line(line: Line, dots: int) -> tuple[str, int]:
    return "".join(_run(run, line.height) for run in line.runs), line.height


def _run(run: Run, line_height: int) -> str:
    look = run.look
    width, height = look.cell * len(run.text), 24 * look.tall
    top = max(line_height - height - (6 if line_height > 24 * look.tall else 0), 0)
    parts = []
    if look.inverted:
        parts.append(f'<rect x="{run.at}" y="{top}" width="{width}" height="{height}" fill="currentColor"/>')
    elif look.underline:
        parts.append(
            f'<rect x="{run.at}" y="{top + height - 2}" width="{width}" height="2" fill="currentColor"/>'
        )
    words = run.text.rstrip()
    lead = len(words) - len(words.lstrip())
    words = words.lstrip()
    if words and set(words) <= {"─", "═"}:
        parts.append(_rule(words, run.at + lead * look.cell, top, look.cell))
    elif words:
        start = (run.at + lead * look.cell) / look.wide
        base = (top + BASELINE * look.tall) / look.tall
        cell = look.cell / look.wide
        scale = f' transform="scale({look.wide} {look.tall})"' if (look.wide, look.tall) != (1, 1) else ""
        places = " ".join(f"{start + at * cell + cell / 2:g}" for at in range(len(words)))
        weight = ' font-weight="700"' if look.bold else ""
        fill = ' class="ink__paper"' if look.inverted else ""
        size = FONT_SIZE * (0.75 if look.font_b else 1)
        parts.append(
            f'<text y="{base:g}" x="{places}" font-size="{size:g}"{weight}{fill}{scale}>{escape(words)}</text>'
        )
    return "".join(parts)


def _rule(words: str, at: int, top: int, cell: int) -> str:
    """Line-drawing characters meet on real paper; so they do here."""
    width = cell * len(words)
    lines = ((11, 2),) if words[0] == "─" else ((8, 2), (14, 2))
    return "".join(
        f'<rect x="{at}" y="{top + y}" width="{width}" height="{h}" fill="currentColor"/>' for y, h in lines
    )


def _offset(align: str, width: int, dots: int) -> int:
    return {"left": 0, "center": (dots - width) // 2, "right": dots - width}.get(align, 0)


def _bars(bars: Bars, dots: int) -> tuple[str, int]:
    modules, words = bar_modules(bars)
    width = len(modules) * bars.module
    at = _offset(bars.align, width, dots)
    above, below = bars.text in ("above", "both"), bars.text in ("below", "both")
    top = 26 if above else 0
    parts, x = [], at
    for bit, group in groupby(modules):
        size = len(list(group)) * bars.module
        if bit == "1":
            parts.append(
                f'<rect x="{x}" y="{top}" width="{size}" height="{bars.height}" fill="currentColor"/>'
            )
        x += size
    middle = at + width / 2
    for shown, y in ((above, 18), (below, top + bars.height + 20)):
        if shown:
            parts.append(
                f'<text x="{middle:g}" y="{y}" font-size="{HRI_SIZE}" letter-spacing="2">{escape(words)}</text>'
            )
    return "".join(parts), top + bars.height + (28 if below else 4)


def bar_modules(bars: Bars) -> tuple[str, str]:
    """The symbol as ones and zeros, and its human-readable text."""
    if bars.symbology == "CODE128":
        return _code128(bars.data)
    import barcode

    name = {"EAN-13": "ean13", "EAN-8": "ean8", "UPC-A": "upca", "CODE39": "code39", "ITF": "itf"}.get(
        bars.symbology
    )
    words = bars.data.decode("ascii", "replace")
    if name is None:
        return "10" * len(words), words
    options = {"add_checksum": False} if name == "code39" else {}
    return barcode.get(name, words, options=options).build()[0].replace("G", "1"), words


def _code128(data: bytes) -> tuple[str, str]:
    """Code 128 as the printer was told: ``{A``, ``{B`` and ``{C`` choose the code set."""
    from barcode.charsets import code128

    values, words, at, charset = [], "", 0, ""
    while at < len(data):
        if data[at] == 0x7B and at + 1 < len(data) and chr(data[at + 1]) in "ABC":
            letter = chr(data[at + 1])
            start = {"A": 103, "B": 104, "C": 105}[letter]
            values.append(start if not charset else {"A": 101, "B": 100, "C": 99}[letter])
            charset, at = letter, at + 2
            continue
        at += data[at] == 0x7B  # {{ stands for one brace
        byte = data[min(at, len(data) - 1)]
        if charset == "C":
            values.append(byte % 100)
            words += f"{byte % 100:02d}"
        else:
            values.append((byte - 32) % 96 if byte >= 32 or charset == "B" else byte + 64)
            words += chr(byte)
        at += 1
    check = (values[0] + sum(place * value for place, value in enumerate(values[1:], 1))) % 103
    return "".join(code128.CODES[value] for value in [*values, check]) + code128.STOP + "11", words


def _qr(qr: Qr, dots: int) -> tuple[str, int]:
    import qrcode

    levels = {
        "L": qrcode.ERROR_CORRECT_L,
        "M": qrcode.ERROR_CORRECT_M,
        "Q": qrcode.ERROR_CORRECT_Q,
        "H": qrcode.ERROR_CORRECT_H,
    }
    code = qrcode.QRCode(border=0, error_correction=levels[qr.correction])
    code.add_data(qr.data)
    code.make(fit=True)
    size = len(code.modules) * qr.module
    at = _offset(qr.align, size, dots)
    return _dots(code.modules, at, qr.module), size + 6


def _picture(picture: Picture, dots: int) -> tuple[str, int]:
    rows = [[byte >> (7 - bit) & 1 for byte in row for bit in range(8)] for row in picture.rows]
    return _dots(rows, _offset(picture.align, picture.width, dots), 1), max(len(rows), 1)


def _dots(rows: list[list], at: int, size: int) -> str:
    """Black dots as one path; neighbours in a row are one stroke."""
    path = []
    for y, row in enumerate(rows):
        x = 0
        for black, group in groupby(row, bool):
            length = len(list(group))
            if black:
                path.append(f"M{at + x * size} {y * size}h{length * size}v{size}h-{length * size}z")
            x += length
    return f'<path d="{"".join(path)}" fill="currentColor" shape-rendering="crispEdges"/>'


def _space(space: Space, dots: int) -> tuple[str, int]:
    return "", max(space.height, 1)


_DRAWERS: dict[type, Callable[..., tuple[str, int]]] = {
    Line: _line,
    Bars: _bars,
    Qr: _qr,
    Picture: _picture,
    Space: _space,
}
NO_INK = (Cut, Pulse)
