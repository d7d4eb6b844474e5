"""Values that no field wants, and a till that sends them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.test import Client

from pos.pages.access import DEVICE_COOKIE, WORKER_COOKIE
from pos.services.session import till_by_tokens
from pos.services.sign_on import activate_by_manager, sign_on
from tests.scenarios.store import PIN, Shop

TEXTS = (
    "", " ", "\0", "a\0b", "x" * 5000, "'; DROP TABLE pos_salesline; --", "<script>alert(1)</script>", "%", "_", "\\",
    "{name}", "{{ 1 }}", "٣", "𝔘\u202e", "\x1d01\x1d", "null", "true", "[]", "{}", "../../etc/passwd", "0", "-1",
)  # fmt: skip
NUMBERS = (
    "NaN", "sNaN", "Infinity", "-Infinity", "1E+999999", "1E-999999", "-1", "0", "9" * 40, "1.123456789", "1,5",
    "1 000", "0x10", "١", "--1", "+", ".", "1e5", "-0", "9223372036854775808",
)  # fmt: skip
EVERYTHING = tuple(dict.fromkeys(TEXTS + NUMBERS))


class Sender:
    """An activated till with the manager signed on; it sends what the till's page sends."""

    def __init__(self, shop: Shop) -> None:
        self.http = Client(raise_request_exception=False, headers={"HX-Request": "true"})
        device = activate_by_manager(
            register_number=shop.register.number, staff_id=shop.manager.staff_id, pin=PIN, description="test"
        )
        worker = sign_on(till=till_by_tokens(device=device), staff_id=shop.manager.staff_id, pin=PIN)
        self.http.cookies[DEVICE_COOKIE], self.http.cookies[WORKER_COOKIE] = device, worker

    def post(self, path: str, **fields: Any) -> HttpResponse:
        """A form with an id for its request, unless it brings one."""
        return self.http.post(path, {"request_id": str(uuid4()), **fields})
