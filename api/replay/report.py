"""The journal's totals by day beside those of the file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from api.replay.invoices import NOT_TAKEN, Invoice
from api.replay.past import past_request_id
from api.replay.play import NotTaken

ZERO = Decimal(0)
_BY_DAY = """
SELECT business_date, count(*), sum(total)
  FROM pos_retailtransaction
 WHERE register_id = %s AND kind = 'sale' AND request_id = ANY(%s)
 GROUP BY business_date
"""


@dataclass
class Day:
    """One day. `file` is the sum of the file's lines, each in whole pennies; `exact` the sum as it stands there.

    What was listed as not taken is in both, and its part of `file` is `left_out`.
    """

    day: date
    invoices: int = 0
    file: Decimal = ZERO
    exact: Decimal = ZERO
    left_out: Decimal = ZERO
    left_out_count: int = 0
    in_journal: int = 0
    journal: Decimal = ZERO

    @property
    def difference(self) -> Decimal:
        """What the journal has more than the file's invoices that were taken. Anything but zero is a fault."""
        return self.journal - (self.file - self.left_out)

    @property
    def is_right(self) -> bool:
        return not self.difference and self.in_journal == self.invoices - self.left_out_count


def days(register_id: int, invoices: Sequence[Invoice], not_taken: Iterable[NotTaken]) -> list[Day]:
    """Return the days of the file in order, with what the register's journal has of its invoices."""
    found: dict[date, Day] = {}
    for invoice in invoices:
        day = found.setdefault(invoice.day, Day(invoice.day))
        day.invoices += 1
        day.file += invoice.amount
        day.exact += invoice.value
    for entry in not_taken:
        found[entry.invoice.day].left_out += entry.invoice.amount
        found[entry.invoice.day].left_out_count += 1
    requests = [
        past_request_id(register_id, "invoice", invoice.number)
        for invoice in invoices
        if invoice.kind not in NOT_TAKEN
    ]
    with connection.cursor() as cursor:
        cursor.execute(_BY_DAY, [register_id, requests])
        for business_date, count, total in cursor:
            found.setdefault(business_date, Day(business_date))
            found[business_date].in_journal, found[business_date].journal = count, total
    return [found[day] for day in sorted(found)]


def table(found: Sequence[Day]) -> Iterator[str]:
    """Lines of text: the days, the months and the whole."""
    yield f"{'day':<10} {'invoices':>8} {'in journal':>10} {'file':>14} {'not taken':>12} {'journal':>14} {'off':>8}"
    yield from (_row(f"{day.day}", day) for day in found)
    months: defaultdict[str, list[Day]] = defaultdict(list)
    for day in found:
        months[f"{day.day:%Y-%m}"].append(day)
    yield ""
    yield from (_row(month, total(in_it)) for month, in_it in months.items())
    yield ""
    yield _row("all", total(found))


def total(found: Iterable[Day]) -> Day:
    """Several days as one."""
    found = list(found)
    whole = Day(found[0].day if found else date.min)
    for day in found:
        whole.invoices += day.invoices
        whole.file += day.file
        whole.exact += day.exact
        whole.left_out += day.left_out
        whole.left_out_count += day.left_out_count
        whole.in_journal += day.in_journal
        whole.journal += day.journal
    return whole


def _row(name: str, day: Day) -> str:
    return (
        f"{name:<10} {day.invoices:>8,} {day.in_journal:>10,} {day.file:>14,.2f} {day.left_out:>12,.2f} "
        f"{day.journal:>14,.2f} {day.difference:>8,.2f}"
    )
