"""Small helpers of the URL files."""

import importlib.util
from typing import Any

from django.urls import URLPattern, URLResolver, include, path


def mount(prefix: str, module: str) -> list[URLPattern | URLResolver]:
    """The app's URLs under `prefix`; nothing while the app has no such module."""
    return [path(prefix, include(module))] if exists(module) else []


def websockets(*modules: str) -> list[Any]:
    """The websocket routes of those routing modules that exist."""
    return [
        route
        for name in modules
        if exists(name)
        for route in importlib.import_module(name).websocket_urlpatterns
    ]


def exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False
