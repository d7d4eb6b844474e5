"""Round trips to the database, counted on the wire and not in Django's log of queries: three at most.

Requests go through the real WSGI handler with the connection pool of a real process, so that whatever handling a
request costs beside our statements is counted too.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.core.handlers.wsgi import WSGIHandler
from django.middleware.csrf import get_token
from django.test import RequestFactory

from pos.operations.product_sale import ProductSale
from pos.pages.access import DEVICE_COOKIE, WORKER_COOKIE
from pos.services.session import till_by_tokens
from pos.services.sign_on import activate_by_manager, sign_on
from tests.reliability.conftest import Wire
from tests.scenarios.store import PIN, Shop, a_shop, new_data_version

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("scale_unit")]
# A register's configuration, prices and offers, read once by each process for each version of the data.
READ_ANEW = 14


class Browser:
    """Sends what the till's page sends, through the handler that a web server calls."""

    def __init__(self, shop: Shop) -> None:
        self.handler = WSGIHandler()
        device = activate_by_manager(
            register_number=shop.register.number, staff_id=shop.manager.staff_id, pin=PIN, description="test"
        )
        worker = sign_on(till=till_by_tokens(device=device), staff_id=shop.manager.staff_id, pin=PIN)
        token = get_token(RequestFactory().get("/"))
        cookies = SimpleCookie(
            {DEVICE_COOKIE: device, WORKER_COOKIE: worker, django_settings.CSRF_COOKIE_NAME: token}
        )
        self.headers = {
            "HTTP_COOKIE": cookies.output(header="", sep=";"),
            "HTTP_X_CSRFTOKEN": token,
            "HTTP_HX_REQUEST": "true",
        }
        self.version, self.last = "", ""

    def post(self, path: str, **content: str) -> Any:
        body = urlencode({"request_id": str(uuid4()), **content}).encode()
        environ = RequestFactory().post("/").environ | {
            **self.headers,
            "PATH_INFO": path,
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            "HTTP_TILL_VERSION": self.version,
            "HTTP_TILL_LAST": self.last,
        }
        response = self.handler(environ, lambda *_: None)
        text = b"".join(response).decode()
        response.close()
        assert response.status_code == 200, text
        return text

    def scan(self, code: str) -> str:
        return self.post("/cart/lines/", code=code)

    def pay(self) -> str:
        return self.post("/cart/do/pay/", method="cash")


def _warm_up(wire: Wire, act: Callable[[], Any]) -> None:
    """Let every connection of the pool meet each statement: a statement is prepared once per connection."""
    for _ in range(12):
        act()


@pytest.mark.parametrize("lines", [1, 30])
def test_a_scan_and_a_conclusion_through_the_page(wire: Wire, lines: int) -> None:
    shop = a_shop()
    browser = Browser(shop)

    def sale() -> None:
        browser.scan("85123A")
        browser.pay()

    _warm_up(wire, sale)
    for _ in range(lines):
        browser.scan("85123A")
    with wire.counted() as scan:
        assert "data-line" in browser.scan("85123A")
    with wire.counted() as new_code:
        browser.scan("22961")
    with wire.counted() as conclusion:
        assert "Sale complete" in browser.pay()
    assert (scan.count, new_code.count, conclusion.count) == (2, 3, 2)


@pytest.mark.parametrize("lines", [1, 30])
def test_new_data_is_read_once(wire: Wire, lines: int) -> None:
    shop = a_shop()
    browser = Browser(shop)
    for _ in range(lines):
        browser.scan("85123A")
    new_data_version()
    with wire.counted() as first:
        browser.scan("85123A")
    with wire.counted() as second:
        browser.scan("85123A")
    assert first.count <= READ_ANEW
    assert second.count == 2
    new_data_version()
    with wire.counted() as conclusion:
        browser.pay()
    assert conclusion.count <= READ_ANEW


@pytest.mark.parametrize("lines", [1, 30])
def test_a_scan_and_a_conclusion_by_service_call(wire: Wire, lines: int) -> None:
    from pos.operations.sale import Pay

    shop = a_shop()
    for _ in range(lines):
        shop.run(ProductSale(code="85123A", quantity=Decimal(1)))
    with wire.counted() as scan:
        shop.run(ProductSale(code="85123A"))
    shop.run(Pay(method="cash"))
    shop.run(ProductSale(code="85123A"))
    with wire.counted() as conclusion:
        shop.run(Pay(method="cash"))
    assert (scan.count, conclusion.count) == (2, 2)
