"""What hangs on a register's visual profile, as a stylesheet of its own: the policy forbids inline styles."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

YEAR = 365 * 24 * 3600


def look(request: HttpRequest) -> HttpResponse:
    """The accent's hue and the tints of the tiles; the address says it all, so a browser keeps it for good."""
    rules = []
    accent = _hue(request.GET.get("accent", ""))
    if accent is not None:
        rules.append(f"@layer tokens{{:root{{--hue:{accent}}}}}")
    tiles = (_hue(text) for text in request.GET.get("tiles", "").split(".")[:361])
    rules += [
        f'@layer components{{.tile[data-hue="{hue}"]{{--tile-hue:{hue}}}}}'
        for hue in tiles
        if hue is not None
    ]
    response = HttpResponse("\n".join(rules), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return response


def _hue(text: str) -> int | None:
    return int(text) % 360 if text.isascii() and text.isdigit() and len(text) < 4 else None
