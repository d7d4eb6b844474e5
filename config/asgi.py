"""One process and one port: HTTP through WSGI in threads, websockets through Channels.

Measured against Django's own ASGI handler this answers 2.5 to 4 times the requests, because there each
middleware is a thread hop. `docs/run-modes.md` has the figures.
"""

import gc
import os
from typing import Any

from a2wsgi import WSGIMiddleware
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.sessions import CookieMiddleware
from django.core.wsgi import get_wsgi_application

from config.mode import settings_module

gc.disable()  # modules that load leave nothing to collect, and looking for it takes a sixth of the start
os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings_module())
django_application = get_wsgi_application()  # sets Django up: before anything that imports models

from config.origin import SameOrigin  # noqa: E402
from config.websockets import websocket_urlpatterns  # noqa: E402


def application_of(http: Any) -> ProtocolTypeRouter:
    """This process's ASGI application around a WSGI one."""
    return ProtocolTypeRouter(
        {
            "http": WSGIMiddleware(http, workers=8),
            "websocket": SameOrigin(CookieMiddleware(URLRouter(websocket_urlpatterns()))),
        }
    )


application = application_of(django_application)
gc.freeze()  # what is there now stays: no collection looks at it again while somebody waits for an answer
gc.enable()
