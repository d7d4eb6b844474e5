"""What a scan costs on the server: at the fiftieth line beside the first, and in a large company beside a small one.

Both sides take turns scan by scan, so that what else the machine does meets them alike. Besides the time waited there
is the processor time of the web process, which other work hardly touches.
"""

from __future__ import annotations

import sys
import time
from urllib.parse import urlencode
from uuid import uuid4

from django.db import connection
from django.test import Client

from bench.pos.company import Side, company
from bench.pos.shop import a_shop_with_keys, tokens_of
from bench.report import QUICK, Report, median
from bench.services import new_databases
from pos.operations.product_sale import ProductSale
from pos.operations.sale import VoidSale
from pos.pages.access import DEVICE_COOKIE, WORKER_COOKIE
from tests.scenarios.store import Shop

SCANS = 30 if QUICK else 400
LINES, SLACK = 50, 5  # about the fiftieth: the cart is not filled anew for each
PRODUCTS, PRICES = 100_000, 20_000
DEMO = 4_000  # articles of the demo company, each with its price
GOAL = 1.2


def measure(report: Report, dsn: str) -> None:
    """Milliseconds from the request to the answered fragment, through the page's own view."""
    new_databases(dsn, "large", "small")
    short, long = Till(a_shop_with_keys("71")), Till(a_shop_with_keys("72"))
    _rows(report, f"scan to fragment, {LINES}th line beside the 1st", *_in_turn(long, LINES - 1, short, 0))
    with company(dsn, "large", PRODUCTS, PRICES) as large, company(dsn, "small", DEMO, DEMO) as small:
        _rows(report, f"scan to fragment, {PRODUCTS:,} products beside {DEMO:,}", *_turns(large, small))


Spent = tuple[float, float]  # milliseconds waited, and of the processor


class Till:
    """A browser at a register, as the server sees it: its cookies and its requests."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.codes = ["85123A", "22961", "MILK"]
        self.http = Client()
        self.http.cookies[DEVICE_COOKIE], self.http.cookies[WORKER_COOKIE] = tokens_of(shop)

    def be_at(self, lines: int, most: int) -> None:
        """Have between so many and so many lines in the cart."""
        cart = self.shop.till(worker=self.shop.manager).cart
        if len(cart.lines) > most:
            self.shop.run(VoidSale(), worker=self.shop.manager)
            cart = self.shop.till(worker=self.shop.manager).cart
        missing = lines - len(cart.lines)
        if missing > 0:
            self.shop.run(*[ProductSale(code="85123A")] * missing, worker=self.shop.manager)

    def scan(self, code: str) -> Spent:
        """What one scan costs into the cart as it is."""
        cart = self.shop.till(worker=self.shop.manager).cart
        body = urlencode({"code": code, "request_id": str(uuid4()), "version": cart.version})
        last = cart.lines[-1].id if cart.lines else ""
        headers = {"HX-Request": "true", "Till-Version": str(cart.version), "Till-Last": last}
        started, worked = time.perf_counter(), time.thread_time()
        answer = self.http.post(
            "/cart/lines/", body, headers=headers, content_type="application/x-www-form-urlencoded"
        )
        spent = (time.perf_counter() - started) * 1000, (time.thread_time() - worked) * 1000
        assert answer.status_code == 200, answer.content[:300]
        return spent


def _in_turn(ours: Till, lines: int, reference: Till, fewer: int) -> tuple[list[Spent], list[Spent]]:
    """Scans at both carts in turn; the first ones warm up."""
    left, right = [], []
    for index in range(SCANS + 10):
        for till, before, spent in ((ours, lines, left), (reference, fewer, right)):
            till.be_at(before - SLACK if before else 0, before + SLACK if before else 0)
            spent.append(till.scan(till.codes[index % len(till.codes)]))
    return left[10:], right[10:]


def _turns(ours: Side, reference: Side) -> tuple[list[Spent], list[Spent]]:
    """Scans in both companies in turn, each with a process and a database of its own."""
    left, right = [], []
    for _ in range(SCANS + 10):
        left.append(ours.scan())
        right.append(reference.scan())
    return left[10:], right[10:]


def _rows(report: Report, metric: str, ours: list[Spent], reference: list[Spent]) -> None:
    for place, name in enumerate((metric, f"{metric}, processor time")):
        left, right = median([spent[place] for spent in ours]), median([spent[place] for spent in reference])
        report.row(name, left, right, unit="ms", goal=GOAL, at_least=False)


def serve(products: int, prices: int) -> None:
    """In a process of its own: make the company, then scan once for each line of input and print what it cost."""
    till = Till(a_shop_with_keys("74"))
    till.codes = _more_articles(products, prices)
    print("ready", flush=True)
    for index, _ in enumerate(sys.stdin):
        till.be_at(0, 5)
        print(*till.scan(till.codes[index % len(till.codes)]), flush=True)


def _more_articles(products: int, prices: int) -> list[str]:
    """Add articles as a package would, copies of one that is there; the codes of five hundred that have a price."""
    from tests.scenarios.store import new_data_version

    with connection.cursor() as cursor:
        for table, fresh, many in (
            (
                "catalog_product",
                {"number": "'B' || to_char(n, 'FM000000')", "name": "'Article ' || n"},
                products,
            ),
            (
                "catalog_barcode",
                {"code": "'X' || n", "key": "'X' || n", "product_id": "first.id + n"},
                products,
            ),
            ("pricing_tradeagreement", {"product_id": "first.id + n"}, prices),
        ):
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND column_name <> 'id'"
                " AND is_generated = 'NEVER'",
                [table],
            )
            names = [name for (name,) in cursor.fetchall()]
            values = ", ".join(fresh.get(name, f'one."{name}"') for name in names)
            columns = ", ".join(f'"{name}"' for name in names)
            cursor.execute(
                f"INSERT INTO {table} ({columns}) SELECT {values} FROM generate_series(1, {many}) n,"
                f" (SELECT * FROM {table} ORDER BY id LIMIT 1) one,"
                " (SELECT coalesce((SELECT min(id) - 1 FROM catalog_product WHERE number = 'B000001'), 0) AS id) first"
            )
        cursor.execute("ANALYZE")
        cursor.execute(
            "SELECT number FROM catalog_product WHERE number LIKE %s ORDER BY id LIMIT %s", ["B%", prices]
        )
        numbers = [number for (number,) in cursor.fetchall()]
    new_data_version()
    return numbers[:: max(1, prices // 500)]
