"""Who may open a websocket: our own pages, and programs that are no browser.

A browser always sends Origin and cannot be kept from sending cookies, so a foreign page is recognised by
its Origin. A program (the station agent, a test client) sends none; it must bring a credential, which its
consumer checks.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import split_domain_port, validate_host

Application = Callable[[dict[str, Any], Any, Any], Awaitable[Any]]


class SameOrigin:
    """Refuse a websocket whose Origin is neither the address it is opened at nor a trusted origin."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        if is_allowed(dict(scope["headers"])):
            return await self.application(scope, receive, send)
        return await WebsocketDenier()(scope, receive, send)


def is_allowed(headers: dict[bytes, bytes]) -> bool:
    """Whether a handshake with these headers may go on."""
    host = headers.get(b"host", b"").decode("latin-1")
    if not validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS):
        return False
    origin = headers.get(b"origin")
    if origin is None:
        return True
    text = origin.decode("latin-1")
    return urlsplit(text).netloc == host or text in settings.CSRF_TRUSTED_ORIGINS
