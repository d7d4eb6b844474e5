"""What customers have bought and could bring back: the receipts that a cancelled invoice is held against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from api.replay.invoices import PENNY, Line

_SOLD_BEFORE = """
SELECT t.customer_account, l.product_number, l.unit_price, t.receipt_number, l.line,
       l.quantity - coalesce(r.quantity, 0)
  FROM pos_salesline l
  JOIN pos_retailtransaction t ON t.id = l.retail_transaction_id
  LEFT JOIN pos_returnedquantity r ON r.line = l.id
 WHERE t.register_id = %s AND t.kind = 'sale' AND t.customer_account <> '' AND l.quantity > 0
 ORDER BY t.epoch, t.sequence, l.line
"""


@dataclass(slots=True)
class SoldLine:
    """A line of a receipt and how many of it are still with the customer."""

    receipt: str
    line: int
    left: Decimal


@dataclass(frozen=True, slots=True)
class Taken:
    """So many of a sold line come back."""

    sold: SoldLine
    quantity: Decimal


class SoldLines:
    """Sold lines by customer, article and price."""

    def __init__(self) -> None:
        self._lines: defaultdict[tuple[str, str, Decimal], list[SoldLine]] = defaultdict(list)

    @classmethod
    def of_register(cls, register_id: int) -> SoldLines:
        """Read what the register's journal knows, for a replay that goes on where another stopped."""
        sold = cls()
        with connection.cursor() as cursor:
            cursor.execute(_SOLD_BEFORE, [register_id])
            for customer, code, price, receipt, line, left in cursor:
                if left > 0:
                    sold.add(customer, code, price, SoldLine(receipt, line, left))
        return sold

    def add(self, customer: str, code: str, price: Decimal, line: SoldLine) -> None:
        """Remember a line that was just sold. `code` is the article's number."""
        self._lines[customer, code, price].append(line)

    def plan(self, customer: str, lines: Iterable[Line]) -> tuple[list[Taken], list[Line]]:
        """Hold a cancellation against receipts; return what is found there, and the rest of the lines.

        A line belongs to sales of the same article to the same customer at the same price, the latest first: a
        customer cancels what came last. What more comes back than was sold is left over, and so is what has a
        price in fractions of a penny: of a rounded amount no exact share can come back. Nothing is taken yet.
        """
        planned: dict[int, Taken] = {}
        rest = []
        for line in lines:
            wanted = -line.quantity
            if customer and line.price == line.price.quantize(PENNY):
                for sold in reversed(self._lines.get((customer, article_number(line.code), line.price), [])):
                    before = planned[id(sold)].quantity if id(sold) in planned else Decimal(0)
                    taken = min(wanted, sold.left - before)
                    if taken:
                        planned[id(sold)] = Taken(sold, before + taken)
                        wanted -= taken
                    if not wanted:
                        break
            if wanted:
                rest.append(Line(line.code, -wanted, line.price))
        return list(planned.values()), rest

    @staticmethod
    def take(plan: Iterable[Taken]) -> None:
        """The plan was carried out: that much less can come back."""
        for taken in plan:
            taken.sold.left -= taken.quantity


def article_number(code: str) -> str:
    """The article of a stock code: codes that differ only in case are one article, and it has capitals."""
    return code.strip().upper()
