"""The websocket routes of this process's role."""

from typing import Any

from django.conf import settings

from config.routes import websockets

MODULES = {
    "headquarters": (),
    "scale_unit": ("hardware.routing", "pos.routing"),
    "lab": ("hardware.lab.routing",),
}


def websocket_urlpatterns() -> list[Any]:
    """Routes for Channels' URLRouter."""
    return websockets(*MODULES[settings.ROLE])
