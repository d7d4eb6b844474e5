"""Stylesheets, the import map and the register's look, as tags: no bundler, one list."""

import json
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlencode

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

SHEETS = ("tokens", "base", "layout")


@register.simple_tag
def stylesheets() -> SafeString:
    """Links to our stylesheets: the layers' order first, then a file per component."""
    return format_html_join(
        "\n  ",
        '<link rel="stylesheet" href="{}">',
        ((static(f"css/{name}.css"),) for name in _sheets()),
    )


@register.simple_tag
def importmap() -> SafeString:
    """The import map that finds a behaviour by its name, in whatever file the storage keeps it."""
    imports = {f"behaviours/{name}": static(f"js/behaviours/{name}.js") for name in _behaviours()}
    imports |= {f"lib/{name}": static(f"js/lib/{name}.js") for name in _names("js/lib", ".js")}
    return mark_safe(json.dumps({"imports": imports}).replace("<", "\\u003c"))  # noqa: S308  # file names only


@register.simple_tag(takes_context=True)
def look(context: template.Context) -> str:
    """Address of the few rules that hang on this register's profile and buttons."""
    till_register = context.get("register")
    if till_register is None:
        return reverse("pos:look")
    hues = sorted(
        {button.hue for grid in till_register.grids for button in grid.buttons if button.hue is not None}
    )
    query = {"accent": till_register.visual.accent_hue, "tiles": ".".join(map(str, hues))}
    return f"{reverse('pos:look')}?{urlencode(query)}"


def _sheets() -> list[str]:
    return [*SHEETS, *(f"components/{name}" for name in _names("css/components", ".css"))]


def _behaviours() -> tuple[str, ...]:
    return _names("js/behaviours", ".js")


@lru_cache(maxsize=8)
def _names(folder: str, suffix: str) -> tuple[str, ...]:
    found = finders.find(folder)
    if not found:
        raise FileNotFoundError(f"The static folder {folder} is not where the finders look.")
    return tuple(sorted(path.stem for path in Path(found).glob(f"*{suffix}")))
