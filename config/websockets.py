"""The websocket routes of this process's role."""

from importlib import import_module
from typing import Any

from django.conf import settings

MODULES = {
    "headquarters": (),
    "scale_unit": ("hardware.routing", "pos.routing"),
    "lab": ("hardware.lab.routing",),
}


def websocket_urlpatterns() -> list[Any]:
    """Routes for Channels' URLRouter."""
    return [
        route for module in MODULES[settings.ROLE] for route in import_module(module).websocket_urlpatterns
    ]
