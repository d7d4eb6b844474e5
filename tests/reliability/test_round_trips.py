"""Round trips to the database, counted on the wire and not in Django's log of queries: three at most.

Requests go through the real WSGI handler with the connection pool of a real process, so that whatever handling a
request costs beside our statements is counted too.
"""

from __future__ import annotations

import io
import json
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

from catalog.barcodes import check_digit
from catalog.models import BarcodeMask, Category, ItemTaxGroup, Product, Unit
from channels_app.roles import applying_package
from pos.operations.product_sale import ProductSale
from pos.pages.access import DEVICE_COOKIE, WORKER_COOKIE
from pos.services.session import till_by_tokens
from pos.services.sign_on import activate_by_manager, sign_on
from pricing.models import PriceGroup, TradeAgreement
from tests.reliability.conftest import Wire
from tests.scenarios.store import PIN, Shop, a_shop, forget_everything, new_data_version

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("scale_unit")]
MEASURED = "210001200432"  # article 00012, 0.432 of it
MEASURED += check_digit(MEASURED)


class Browser:
    """Sends what the till's page sends, through the handler that a web server calls."""

    def __init__(self, shop: Shop, register: int = 0) -> None:
        self.shop, self.handler = shop, WSGIHandler()
        number = shop.store.registers.order_by("number")[register].number
        device = activate_by_manager(
            register_number=number, staff_id=shop.manager.staff_id, pin=PIN, description="test"
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
    """Have the pool's connections made."""
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


def _new_version() -> None:
    new_data_version()


def _new_process() -> None:
    forget_everything()


@pytest.fixture
def selling(wire: Wire) -> Browser:
    """A till in a company of forty articles, at a pool whose connections know the statements."""
    shop = a_shop(registers=2)
    with applying_package():
        _many_articles(shop)
        BarcodeMask.objects.create(name="Weight", prefix="21", carries="weight")
    new_data_version()
    browser = Browser(shop)

    def sale() -> None:
        browser.scan("85123A")
        browser.scan(MEASURED)
        browser.pay()

    _warm_up(wire, sale)
    return browser


@pytest.mark.parametrize("what_is_new", [_new_version, _new_process])
@pytest.mark.parametrize("lines", [1, 30])
@pytest.mark.parametrize("code", ["A00", "A39", "MEASURED"])
def test_the_first_scan_after_new_data_takes_three(
    wire: Wire, selling: Browser, what_is_new: Callable[[], None], lines: int, code: str
) -> None:
    for number in range(lines):
        selling.scan(f"A{number:02d}")
    code = MEASURED if code == "MEASURED" else code
    what_is_new()
    with wire.counted() as first:
        assert "data-line" in selling.scan(code)
    with wire.counted() as second:
        selling.scan(code)
    assert first.count <= 3
    assert second.count == 2


@pytest.mark.parametrize("what_is_new", [_new_version, _new_process])
@pytest.mark.parametrize("lines", [1, 30])
def test_the_first_conclusion_after_new_data_takes_three(
    wire: Wire, selling: Browser, what_is_new: Callable[[], None], lines: int
) -> None:
    for number in range(lines):
        selling.scan(f"A{number:02d}")
    what_is_new()
    with wire.counted() as conclusion:
        assert "Sale complete" in selling.pay()
    assert conclusion.count <= 3


def test_other_registers_of_the_store_read_nothing_anew(wire: Wire, selling: Browser) -> None:
    """What a process has read for one register is there for the next; only its own cart's prices are missing."""
    selling.scan("A00")
    selling.shop.open_shift(register=selling.shop.store.registers.order_by("number")[1])
    other = Browser(selling.shop, register=1)
    for number in range(30):
        other.scan(f"A{number:02d}")
    new_data_version()
    selling.scan("A39")
    with wire.counted() as scan:
        other.scan("A38")
    assert scan.count == 3


def test_many_new_articles_at_once_are_looked_up_at_once(wire: Wire, selling: Browser) -> None:
    items = [{"id": str(uuid4()), "code": f"A{number:02d}"} for number in range(25)]
    with wire.counted() as trips:
        selling.post("/cart/lines/", request_id=items[0]["id"], items=json.dumps(items))
    assert trips.count == 1 + 25 * 2


def _many_articles(shop: Shop) -> None:
    prices = PriceGroup.objects.get(code="RETAIL")
    standard, category = ItemTaxGroup.objects.get(code="STD"), Category.objects.get(code="ALL")
    for number in (*(f"A{number:02d}" for number in range(40)), "00012"):
        unit = Unit.objects.get(code="kg" if number == "00012" else "pcs")
        product = Product.objects.create(
            number=number,
            name=f"Article {number}",
            unit=unit,
            item_tax_group=standard,
            category=category,
        )
        TradeAgreement.objects.create(
            product=product, price_group=prices, unit=unit, currency_id="GBP", amount="1.00"
        )


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
