"""Every icon that a page may show is one that the package has; a page with another one would not come at all."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from pos.pages import keys, panels
from pos.templatetags.till import icon

ROOT = Path(settings.BASE_DIR)
IN_TEMPLATES = {
    name
    for page in (ROOT / "templates").rglob("*.html")
    for name in re.findall(r'{%\s*icon "([^"]+)"', page.read_text())
}
NAMED = {name for _, name, _ in (*panels.RARE, *panels.OF_LINE)} | {name for _, name in keys.PANELS.values()}


@pytest.mark.parametrize("name", sorted(IN_TEMPLATES | NAMED | set(keys.ICONS.values())))
def test_an_icon_is_there(name: str) -> None:
    assert "<svg" in icon(name)
