"""The tokens keep their contrast, whatever hue a visual profile chooses; and the look comes as a stylesheet."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from django.test import Client

TOKENS = Path(__file__).parents[2] / "static/css/tokens.css"
TEXT = ("ink", "ink-soft", "ink-faint", "accent", "positive", "warning", "danger")
GROUNDS = ("ground", "panel", "raised")
Colour = tuple[float, float, float]


def test_text_and_marks_keep_their_contrast_in_every_hue_and_theme() -> None:
    source = TOKENS.read_text()
    weak = []
    for theme in (0, 1):
        for hue in range(0, 360, 3):
            colours = _colours(source, theme, hue)
            pairs = [(text, ground, 4.5) for text in TEXT for ground in GROUNDS]
            pairs += [(tone, f"{tone}-tint", 4.5) for tone in ("accent", "positive", "warning", "danger")]
            pairs += [("ink", f"{tone}-tint", 4.5) for tone in ("accent", "warning", "danger")]
            pairs += [
                ("on-accent", "accent", 4.5),
                ("on-danger", "danger", 4.5),
                ("edge", "raised", 3),
                ("edge", "ground", 3),
            ]
            for front, back, least in pairs:
                contrast = _contrast(colours[front], colours[back])
                if contrast < least:
                    weak.append(f"{('light', 'dark')[theme]} hue {hue}: {front} on {back} {contrast:.2f}")
    assert not weak, weak[:20]


@pytest.mark.usefixtures("scale_unit")
def test_the_look_is_a_stylesheet_and_takes_no_nonsense() -> None:
    answer = Client().get("/look.css", {"accent": "300", "tiles": "20.140.x.999999"})
    text = answer.content.decode()
    assert answer["Content-Type"].startswith("text/css") and "immutable" in answer["Cache-Control"]
    assert "--hue:300" in text and '[data-hue="140"]' in text and "999999" not in text
    assert Client().get("/look.css", {"accent": "}body{display:none"}).content == b""


def _colours(source: str, theme: int, hue: int) -> dict[str, Colour]:
    found: dict[str, Colour] = {}
    for name, light, dark in re.findall(
        r"--([\w-]+): light-dark\((oklch\([^)]*(?:\([^)]*\))?[^)]*\)), (oklch\(.*?\))\);", source
    ):
        text = (light, dark)[theme].replace("var(--hue)", str(hue))
        if "/" not in text:
            found[name] = _linear(text)
    for name, tone in re.findall(
        r"--([\w-]+): color-mix\(in oklab, var\(--([\w-]+)\) 12%, var\(--panel\)\)", source
    ):
        found[name] = _mix(found[tone], found["panel"], 0.12)
    return found


def _oklab(text: str) -> Colour:
    lightness, chroma, hue = re.match(r"oklch\(([\d.]+)%? ([\d.]+) ([\d.]+)\)", text).groups()
    angle = math.radians(float(hue))
    return float(lightness) / 100, float(chroma) * math.cos(angle), float(chroma) * math.sin(angle)


def _linear(text: str) -> Colour:
    return _to_linear(_oklab(text))


def _to_linear(lab: Colour) -> Colour:
    """Linear sRGB of an Oklab colour, cut to the gamut as a screen does."""
    light, a, b = lab
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return tuple(
        min(1.0, max(0.0, value))
        for value in (
            4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
        )
    )


def _from_linear(colour: Colour) -> Colour:
    red, green, blue = colour
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _mix(front: Colour, back: Colour, share: float) -> Colour:
    pairs = zip(_from_linear(front), _from_linear(back), strict=True)
    return _to_linear(tuple(one * share + other * (1 - share) for one, other in pairs))


def _contrast(one: Colour, other: Colour) -> float:
    first, second = (0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue in (one, other))
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)
