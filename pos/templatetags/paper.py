"""Symbols on a receipt that is shown on the screen: scannable from there, too."""

from functools import lru_cache

import qrcode
from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from pos.pages.code128 import code128_bars

register = template.Library()
QUIET = 10


@register.simple_tag
def column_align(block: dict, place: int) -> str:
    """How the cells of a table's column stand."""
    columns = block.get("columns", [])
    return columns[place].get("align", "left") if place < len(columns) else "left"


@register.simple_tag
def barcode(block: dict) -> SafeString:
    """A Code 128 symbol as SVG; another symbology is shown by its figures only."""
    if block.get("symbology") != "code128":
        return mark_safe("")
    bars = code128_bars(block["data"])
    width = sum(bars) + 2 * QUIET
    paths, at, dark = [], QUIET, True
    for bar in bars:
        if dark:
            paths.append(f"M{at} 0h{bar}v40h-{bar}z")
        at, dark = at + bar, not dark
    return format_html(
        '<svg class="paper__bars" viewBox="0 0 {} 40" role="img" aria-label="Barcode {}" preserveAspectRatio="none">'
        '<path d="{}" fill="currentColor"/></svg>',
        width,
        block["data"],
        "".join(paths),
    )


@register.simple_tag
def qr(block: dict) -> SafeString:
    """A QR code as SVG."""
    return _qr(block["data"])


@lru_cache(maxsize=64)
def _qr(data: str) -> SafeString:
    code = qrcode.QRCode(border=2, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(data)
    code.make(fit=True)
    rows = code.get_matrix()
    path = "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark
    )
    return format_html(
        '<svg class="paper__qr" viewBox="0 0 {0} {0}" role="img" aria-label="QR code: {1}">'
        '<path d="{2}" fill="currentColor"/></svg>',
        len(rows),
        data,
        path,
    )
