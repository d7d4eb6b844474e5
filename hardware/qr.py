"""A QR code as an SVG picture that stands in a page."""

import qrcode
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from qrcode.image.svg import SvgPathImage


def svg(text: str) -> SafeString:
    """The text as a QR code, dark on light in both themes, so that every camera and scanner reads it."""
    image = qrcode.make(text, image_factory=SvgPathImage, border=2)
    drawn = image.to_string(encoding="unicode")
    picture = mark_safe(drawn)  # noqa: S308 - drawn by the library, from modules alone
    return format_html('<figure class="th-qr" role="img" aria-label="QR code: {}">{}</figure>', text, picture)
