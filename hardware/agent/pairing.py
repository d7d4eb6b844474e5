"""Pairing: a short code, shown by headquarters or at a till, makes this program the station of a store.

The key is made here and kept before it is sent as a digest, so a pairing whose answer was lost is simply
asked for again.
"""

import json
import logging
import platform
import ssl
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Any

import msgspec

from hardware.agent.away import is_here, why_away, why_not_served
from hardware.agent.config import Identity

log = logging.getLogger(__name__)


class CodeRefused(Exception):
    """The server does not take this code; the sentence says why."""


class ServerAway(Exception):
    """Nobody answered: try again."""


class SentOn(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer: followed, it would ask without the code."""

    def redirect_request(self, *about: Any) -> None:
        return None


def read_link(text: str) -> tuple[str, str]:
    """Server and code of a pairing link such as ``https://shop.example/#7K4P-W9QX``; a bare code has no server."""
    server, sign, code = text.strip().rpartition("#")
    return (server.rstrip("/"), code) if sign else ("", code)


def pair(identity: Identity, code: str) -> Identity:
    """Ask the server to pair with a code; raises CodeRefused or ServerAway."""
    body = json.dumps({"code": code, "key_digest": identity.key_digest, "host": platform.node()}).encode()
    request = urllib.request.Request(  # noqa: S310 - the address comes from our own command line
        f"{identity.server.rstrip('/')}/stations/pair/", body, {"Content-Type": "application/json"}
    )
    proxies = urllib.request.ProxyHandler({} if is_here(identity.server) else None)
    opener = urllib.request.build_opener(
        proxies, SentOn, urllib.request.HTTPSHandler(context=ssl.create_default_context())
    )
    try:
        with opener.open(request, timeout=10) as answer:
            told = json.load(answer)
        return msgspec.structs.replace(identity, station=int(told["station"]), name=str(told["name"]))
    except urllib.error.HTTPError as error:
        if error.code in (400, 403, 409, 410, 422, 429) and (words := _message(error)):
            raise CodeRefused(words) from error
        if error.code == 407:  # on the way to a server without TLS a proxy answers as the server would
            raise ServerAway(why_away(identity.server, error)) from error
        sent_on_to = error.headers.get("Location", "")
        raise ServerAway(why_not_served(identity.server, error.code, sent_on_to)) from error
    except urllib.error.URLError as error:
        why = error.reason if isinstance(error.reason, BaseException) else error
        raise ServerAway(why_away(identity.server, why)) from error
    except (OSError, HTTPException, ValueError, KeyError, TypeError) as error:
        raise ServerAway(f"{identity.server} is no scale unit of Tillhouse, or it broke off.") from error


def _message(error: urllib.error.HTTPError) -> str:
    """What the scale unit says; empty where something on the way has answered for it, as a proxy does."""
    try:
        return str(json.load(error)["message"])
    except (ValueError, KeyError, TypeError, OSError):
        return ""
