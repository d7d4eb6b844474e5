"""Concluding a sale by service call, beside pipelined psycopg writing the same rows, one commit each."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from decimal import Decimal

import msgspec
import psycopg
from django.db import connection

from bench.pos.over_http import Clerk
from bench.report import QUICK, Report, median
from bench.web import as_made_to_run, web_server
from channels_app.identifiers import uuid7
from hq.models import Register
from pos.models import RetailTransaction
from pos.operations.product_sale import ProductSale
from pos.operations.sale import Pay
from tests.scenarios.store import Shop, a_shop

HANDS = 8
SALES = 12 if QUICK else 40
SLICES = 2 if QUICK else 7
SERVICE = "conclude a 5-line sale, 8 connections"
HTTP = "conclude a 5-line sale over HTTP, 8 connections"
REFERENCE = "pipelined psycopg"
TABLES = (
    "pos_retailtransaction",
    "pos_salesline",
    "pos_tenderline",
    "inventory_stockmovement",
    "channels_app_outboxevent",
    "hardware_devicejob",
    "shifts_shifttotal",
    "pos_answeredrequest",
)


def measure(report: Report, dsn: str) -> None:
    """Sales a second on eight connections, ours and the reference in turn; carts are filled before the clock runs."""
    shop = a_shop(number="77", registers=HANDS * SALES, with_shift=False)
    registers = list(shop.store.registers.order_by("pk"))
    for register in registers:
        shop.open_shift(register=register)
    written = _rows_of_one_sale(shop)
    shares = [registers[index::HANDS] for index in range(HANDS)]
    with web_server("config.asgi:application", as_made_to_run()) as port:
        clerks = [Clerk(port, shop, share) for share in shares]
        sides: dict[str, Callable[[], Sequence[_Cashier | Clerk | _Writer]]] = {
            SERVICE: lambda: [_Cashier(shop, share) for share in shares],
            HTTP: lambda: clerks,
            REFERENCE: lambda: [_Writer(dsn, written, share) for share in shares],
        }
        rates: dict[str, list[float]] = {name: [] for name in sides}
        for index in range(SLICES + 1):
            for name in list(sides)[:: 1 if index % 2 else -1]:
                rates[name].append(_rate(sides[name]()))
    reference = median(rates[REFERENCE][1:])  # the first round warms up
    for name, goal in ((SERVICE, 0.5), (HTTP, 0.2)):
        report.row(name, median(rates[name][1:]), reference, unit="sales/s", goal=goal, at_least=True)


class _Cashier:
    """Ours: the service call that page, API and station use."""

    def __init__(self, shop: Shop, registers: list[Register]) -> None:
        self.shop, self.registers = shop, registers

    def prepare(self) -> None:
        """Fill a cart of five lines at each register."""
        for register in self.registers:
            self.shop.run(
                *[ProductSale(code="85123A", quantity=Decimal(count)) for count in range(1, 6)],
                register=register,
            )

    def conclude(self) -> int:
        for register in self.registers:
            self.shop.run(Pay(method="cash", amount=Decimal("50.00")), register=register)
        return len(self.registers)

    def close(self) -> None:
        connection.close()


class _Writer:
    """The reference: the same rows in one pipeline and one commit, without any of the work around it."""

    def __init__(self, dsn: str, written: dict[str, list[dict]], registers: list[Register]) -> None:
        self.connection = psycopg.connect(dsn, autocommit=False)
        self.registers, self.written = registers, written
        self.statements = {
            table: f"INSERT INTO {table} ({', '.join(rows[0])}) VALUES ({', '.join(f'%({name})s' for name in rows[0])})"
            for table, rows in written.items()
            if rows
        }

    def prepare(self) -> None:
        """Give every row its own keys, as a sale would."""
        self.sales = [(register.pk, self._rows()) for register in self.registers]

    def conclude(self) -> int:
        with self.connection.pipeline(), self.connection.cursor() as cursor:
            for register, rows in self.sales:
                for table, statement in self.statements.items():
                    for row in rows[table]:
                        cursor.execute(statement, row, prepare=True)
                for table, column in (
                    ("pos_registerstate", "last_hash = ''"),
                    ("pos_storedcart", "updated_at = now()"),
                ):
                    cursor.execute(
                        f"UPDATE {table} SET {column} WHERE register_id = %s", (register,), prepare=True
                    )
                self.connection.commit()
        return len(self.sales)

    def _rows(self) -> dict[str, list[dict]]:
        sale = uuid7()
        own = {
            "pos_retailtransaction": {
                "id": sale,
                "sequence": time.monotonic_ns(),
                "receipt_number": str(sale),
            },
            "shifts_shifttotal": {"id": sale, "method": str(sale)[-20:]},
            "pos_answeredrequest": {"id": sale, "request_id": sale},
        }
        return {
            table: [
                {
                    **row,
                    "id": uuid7(),
                    **({"retail_transaction_id": sale} if "retail_transaction_id" in row else {}),
                    **own.get(table, {}),
                }
                for row in rows
            ]
            for table, rows in self.written.items()
        }

    def close(self) -> None:
        self.connection.close()


def _rows_of_one_sale(shop: Shop) -> dict[str, list[dict]]:
    """The rows that one concluded sale leaves, read back from its tables."""
    hand = _Cashier(shop, [shop.register])
    hand.prepare()
    with connection.cursor() as cursor:
        before = {table: _ids(cursor, table) for table in TABLES}
    hand.conclude()
    written = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT to_jsonb(t) FROM {table} t WHERE NOT id = ANY(%s)", [list(before[table])])
            rows = [
                row if isinstance(row, dict) else msgspec.json.decode(row) for (row,) in cursor.fetchall()
            ]
            written[table] = [
                {
                    name: _plain(value)
                    for name, value in row.items()
                    if name not in ("xid",) and not (table.endswith("outboxevent") and name == "sequence")
                }
                for row in rows
            ]
    assert RetailTransaction.objects.exists()
    return written


def _ids(cursor, table: str) -> set:
    cursor.execute(f"SELECT id FROM {table}")
    return {row[0] for row in cursor.fetchall()}


def _plain(value):
    return msgspec.json.encode(value).decode() if isinstance(value, dict | list) else value


def _rate(hands: Sequence[_Cashier | Clerk | _Writer]) -> float:
    """Conclusions a second of eight hands together; what comes before them is not timed."""
    filled, start = threading.Barrier(HANDS), threading.Barrier(HANDS + 1)
    counts: list[int] = []

    def work(hand: _Cashier | Clerk | _Writer) -> None:
        hand.prepare()
        filled.wait()
        start.wait()
        counts.append(hand.conclude())
        hand.close()

    threads = [threading.Thread(target=work, args=(hand,)) for hand in hands]
    for thread in threads:
        thread.start()
    start.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - started)
