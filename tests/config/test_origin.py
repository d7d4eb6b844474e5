"""Who may open a websocket."""

from typing import Any

import pytest

from config.origin import is_allowed


def handshake(host: str, origin: str | None = None) -> dict[bytes, bytes]:
    headers = {b"host": host.encode()}
    return headers | ({b"origin": origin.encode()} if origin is not None else {})


@pytest.fixture(autouse=True)
def _hosts(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["till.example"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://pos.example"]


@pytest.mark.parametrize(
    ("headers", "allowed", "_case"),
    [
        (handshake("till.example:8001", "http://till.example:8001"), True, "our own page"),
        (handshake("till.example", "https://pos.example"), True, "a trusted origin"),
        (handshake("till.example:8001"), True, "a program, which brings a credential"),
        (handshake("till.example:8001", "http://till.example:8000"), False, "another port is another origin"),
        (handshake("till.example", "http://evil.example"), False, "a foreign page"),
        (handshake("till.example", "null"), False, "a sandboxed page"),
        (handshake("till.example", ""), False, "an empty origin"),
        (handshake("evil.example", "http://evil.example"), False, "a name rebound to our address"),
        ({}, False, "no host at all"),
    ],
)
def test_is_allowed(headers: dict[bytes, bytes], allowed: bool, _case: str) -> None:
    assert is_allowed(headers) is allowed, _case
