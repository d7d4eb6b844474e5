"""Concluding over HTTP: what the till's page sends, to the real application under uvicorn."""

from __future__ import annotations

import http.client
import secrets
import string
from decimal import Decimal
from urllib.parse import urlencode
from uuid import uuid4

from django.conf import settings
from django.db import connection

from bench.pos.shop import tokens_of
from hq.models import Register
from pos.operations.product_sale import ProductSale
from pos.pages.access import DEVICE_COOKIE, WORKER_COOKIE
from tests.scenarios.store import Shop


class Clerk:
    """A browser at each of some registers, on one connection: carts are filled by service call, then paid by page."""

    def __init__(self, port: int, shop: Shop, registers: list[Register]) -> None:
        self.shop, self.registers = shop, registers
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        csrf = "".join(secrets.choice(string.ascii_letters) for _ in range(32))
        self.cookies = {}
        for register in registers:
            device, worker = tokens_of(shop, register)
            cookies = {DEVICE_COOKIE: device, WORKER_COOKIE: worker, settings.CSRF_COOKIE_NAME: csrf}
            self.cookies[register.pk] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        self.headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "HX-Request": "true",
            "X-CSRFToken": csrf,
        }

    def prepare(self) -> None:
        """Fill a cart of five lines at each register; the server has hung up while others were measured."""
        self.connection.close()
        for register in self.registers:
            self.shop.run(
                *[ProductSale(code="85123A", quantity=Decimal(count)) for count in range(1, 6)],
                register=register,
            )

    def conclude(self) -> int:
        """Pay for all of them, one after the other."""
        for register in self.registers:
            body = urlencode({"method": "cash", "amount": "50.00", "request_id": str(uuid4())})
            headers = {**self.headers, "Cookie": self.cookies[register.pk]}
            self.connection.request("POST", "/cart/do/pay/", body, headers)
            answer = self.connection.getresponse()
            page = answer.read()
            assert answer.status == 200 and b"Sale complete" in page, page[:500]
        return len(self.registers)

    def close(self) -> None:
        """Let go of this thread's connection to the database."""
        connection.close()
