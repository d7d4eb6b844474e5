"""Pages of the back office that belong to no single model and stand in apps above: they register in `admin.py`."""

from collections.abc import Callable

from django.http import HttpResponse

View = Callable[..., HttpResponse]
_pages: dict[str, tuple[str, View]] = {}


def add_page(address: str, view: View, name: str) -> None:
    """Serve a page at this address below the back office's root; its URL name is `admin:` and `name`."""
    _pages[name] = (address, view)


def pages() -> list[tuple[str, View, str]]:
    """What has been registered: address, view, URL name."""
    return [(address, view, name) for name, (address, view) in _pages.items()]
