"""The server's address, and why nobody is reached there: for the person in the store, who can change what is named."""

import os
import re
import ssl
from datetime import datetime
from urllib.parse import urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

WRONG_TIME = (9, 10)  # of OpenSSL: not valid yet, and not any more
NO_SOCKS = "A station goes through HTTP proxies only, not through SOCKS. Name one in https_proxy, or none."
WAYS_IN = ("/stations/pair/", "/ws/station/")


class NoAddress(ValueError):
    """What was given as the server's address is none; the sentence says how one is written."""


def read_address(text: str) -> str:
    """A server's address as it was entered, without what may stand behind it. Raises NoAddress."""
    address = text.strip().rstrip("/")
    try:
        parts = urlsplit(address)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port or an IPv6 address that there cannot be
        is_one = False
    if address and not is_one:
        raise NoAddress(f"{address} is no address of a server. Write it as in https://shop.example.")
    return address


def complete_proxies() -> None:
    """Proxies that are named by host and port alone speak HTTP: half of the libraries here take them, half refuse."""
    for name, value in os.environ.items():
        if name.lower() in ("http_proxy", "https_proxy") and value and "://" not in value:
            os.environ[name] = f"http://{value}"


def proxy_for(server: str) -> str:
    """Host and port of the proxy that leads to this server, without its password; empty when there is none."""
    parts = urlsplit(server)
    host = parts.hostname or ""
    if is_here(server) or proxy_bypass(host):
        return ""
    named = getproxies().get({"wss": "https", "ws": "http"}.get(parts.scheme, parts.scheme), "")
    return urlsplit(named if "//" in named else f"//{named}").netloc.rpartition("@")[2]


def is_here(server: str) -> bool:
    """Whether it is on this very computer, so that no proxy leads to it."""
    return urlsplit(server).hostname in ("127.0.0.1", "localhost", "::1")


def why_away(server: str, error: BaseException) -> str:
    """One sentence with the remedy."""
    host, proxy = urlsplit(server).hostname or server, proxy_for(server)
    reason = _reason(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code in WRONG_TIME:
            clock = f"{datetime.now().astimezone():%d %b %Y, %H:%M %Z}"
            return (
                f"The certificate of {host} is not good at the time that this computer shows ({clock})."
                " Set its clock; if that is right, the server's certificate must be renewed."
            )
        return (
            f"The certificate of {host} is not trusted here ({error.verify_message})."
            " Check the address; where the company has an issuer of its own, name its file in SSL_CERT_FILE."
        )
    if getattr(error, "reason", "") == "WRONG_VERSION_NUMBER":
        return f"{host} speaks no TLS at that port. Check the address: its port, and whether it begins with http://."
    if "407" in reason:
        return f"The proxy {proxy} wants a password. Name it in https_proxy=http://user:password@host:port."
    if isinstance(error, ImportError):
        return NO_SOCKS
    if proxy:
        return (
            f"{host} is not reached through the proxy {proxy} ({reason}). Check https_proxy and the network."
        )
    return f"{host} does not answer ({reason}). Check the address and the network."


def why_not_served(server: str, status: int, sent_on_to: str = "") -> str:
    """What an answer means that no scale unit gives by itself."""
    if sent_on_to:
        there = urljoin(f"{server}/", sent_on_to)
        for way in WAYS_IN:
            there = there.partition(way)[0]
        return f"{server} sends on to {there}. Start with that: --server {there}"
    if 400 <= status < 500:
        return (
            f"{server} answers {status}, as no scale unit of Tillhouse does."
            " Check the address, and what stands in front of it."
        )
    return f"The server answers {status}."


def _reason(error: BaseException) -> str:
    """In the system's own words; a loop's say which of its calls it was, and for a name with several addresses all."""
    said = str(getattr(error, "strerror", None) or error).rstrip(".")
    number = re.search(r"\[Errno (\d+)\]", said)
    code = int(number[1]) if number else getattr(error, "errno", None) if "failed (" in said else None
    return os.strerror(code) if code else said
