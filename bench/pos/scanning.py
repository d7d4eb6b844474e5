"""What a scan costs on the server: at the fiftieth line beside the first, and in a large company beside a small one."""

from __future__ import annotations

import time
from uuid import uuid4

from django.db import connection
from django.test import Client

from bench.report import QUICK, Report, interleaved, median
from catalog.models import Barcode, Category, ItemTaxGroup, Product, Unit
from channels_app.roles import applying_package
from pos.operations.product_sale import ProductSale
from pos.operations.sale import VoidSale
from pos.pages.access import DEVICE_COOKIE, WORKER_COOKIE
from pos.services.sign_on import activate_by_manager, sign_on
from pricing.models import PriceGroup, TradeAgreement
from tests.scenarios.store import PIN, Shop, a_shop, new_data_version

SLICES = 3 if QUICK else 9
SCANS = 10 if QUICK else 20
LINES = 50
PRODUCTS, PRICES = 100_000, 20_000


def measure(report: Report) -> None:
    """Milliseconds from the request to the answered fragment, through the page's own view."""
    short, long = Till("71"), Till("72")
    long.fill(LINES)
    ours, reference = interleaved(lambda: long.scans(LINES), lambda: short.scans(1), slices=SLICES)
    report.row(
        "scan to fragment, 50th line beside the 1st",
        median(ours),
        median(reference),
        unit="ms",
        goal=1.2,
        at_least=False,
    )
    small = median([short.scans(1) for _ in range(SLICES)])
    numbers = _a_large_company(short.shop)
    short.codes = numbers
    large = median([short.scans(1) for _ in range(SLICES)])
    report.row(
        f"scan to fragment, {PRODUCTS:,} products beside 5", large, small, unit="ms", goal=1.2, at_least=False
    )


class Till:
    """A browser at a register, as the server sees it: its cookies and its requests."""

    def __init__(self, number: str) -> None:
        self.shop: Shop = a_shop(number=number)
        self.codes = ["85123A", "22961", "MILK"]
        token = activate_by_manager(
            register_number=self.shop.register.number,
            staff_id=self.shop.manager.staff_id,
            pin=PIN,
            description="bench",
        )
        worker = sign_on(till=_till(token), staff_id=self.shop.manager.staff_id, pin=PIN)
        self.http = Client()
        self.http.cookies[DEVICE_COOKIE], self.http.cookies[WORKER_COOKIE] = token, worker

    def fill(self, lines: int) -> None:
        """Have so many lines in the cart."""
        missing = lines - len(self.shop.till(worker=self.shop.manager).cart.lines)
        if missing > 0:
            self.shop.run(*[ProductSale(code="85123A")] * missing, worker=self.shop.manager)

    def scans(self, lines: int) -> float:
        """Median milliseconds of a scan into a cart that has `lines` lines before it."""
        return median([self._scan(lines, index) for index in range(SCANS)])

    def _scan(self, lines: int, index: int) -> float:
        cart = self.shop.till(worker=self.shop.manager).cart
        if len(cart.lines) != lines:
            self._empty(cart)
            self.fill(lines)
            cart = self.shop.till(worker=self.shop.manager).cart
        content = {
            "code": self.codes[index % len(self.codes)],
            "request_id": str(uuid4()),
            "version": cart.version,
        }
        last = cart.lines[-1].id if cart.lines else ""
        headers = {"HX-Request": "true", "Till-Version": str(cart.version), "Till-Last": last}
        started = time.perf_counter()
        answer = self.http.post("/cart/lines/", content, headers=headers)
        spent = time.perf_counter() - started
        assert answer.status_code == 200, answer.content[:300]
        return spent * 1000

    def _empty(self, cart: object) -> None:
        if self.shop.till(worker=self.shop.manager).cart.lines:
            self.shop.run(VoidSale(), worker=self.shop.manager)


def _till(token: str):
    from pos.services.session import till_by_tokens

    return till_by_tokens(device=token)


def _a_large_company(shop: Shop) -> list[str]:
    """Add products and prices as a package would, and give the codes of some that were never scanned."""
    piece, group = Unit.objects.get(code="pcs"), ItemTaxGroup.objects.get(code="STD")
    category, prices = Category.objects.get(code="ALL"), PriceGroup.objects.get(code="RETAIL")
    with applying_package():
        products = Product.objects.bulk_create(
            [
                Product(
                    number=f"B{index:06d}",
                    name=f"Article {index}",
                    unit=piece,
                    item_tax_group=group,
                    category=category,
                )
                for index in range(PRODUCTS)
            ],
            batch_size=5000,
        )
        Barcode.objects.bulk_create(
            [
                Barcode(code=f"X{index:07d}", key=f"X{index:07d}", product=product)
                for index, product in enumerate(products)
            ],
            batch_size=5000,
        )
        TradeAgreement.objects.bulk_create(
            [
                TradeAgreement(
                    product=product, price_group=prices, unit=piece, currency_id="GBP", amount="1.99"
                )
                for product in products[:PRICES]
            ],
            batch_size=5000,
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    new_data_version()
    return [product.number for product in products[: PRICES : PRICES // 500]]
