"""What must hold in a channel database at every moment, whatever was killed, and at headquarters once all is sent.

Each check is one query that finds what is wrong, read in one snapshot: a sale is one commit, so that there is no
moment at which these may fail.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import psycopg

from pos.cart.model import unpack_cart, unpack_outcome
from pos.journal_document import chain_hash, read_document

Connection = psycopg.Connection[Any]

WRONG: dict[str, str] = {
    "the journal's numbers have gaps or doubles": """
        SELECT register_id, epoch, count(*), min(sequence), max(sequence) FROM pos_retailtransaction
         GROUP BY 1, 2 HAVING min(sequence) <> 1 OR max(sequence) <> count(*)""",
    "receipt numbers have gaps or doubles": """
        SELECT register_id, epoch, count(*), min(number), max(number)
          FROM (SELECT register_id, epoch, split_part(receipt_number, '-', -1)::int AS number
                  FROM pos_retailtransaction WHERE kind = 'sale') r
         GROUP BY 1, 2 HAVING min(number) <> 1 OR max(number) <> count(*)""",
    "a register stands elsewhere than its journal ends": """
        SELECT s.register_id, s.sequence, s.receipt, s.shift_sequence, j.* FROM pos_registerstate s
          LEFT JOIN LATERAL (
            SELECT max(sequence) AS last, count(*) FILTER (WHERE kind = 'sale') AS sales,
                   count(*) FILTER (WHERE kind = 'open_shift') AS shifts
              FROM pos_retailtransaction t WHERE t.register_id = s.register_id AND t.epoch = s.epoch) j ON true
         WHERE (s.sequence, s.receipt, s.shift_sequence) IS DISTINCT FROM (coalesce(j.last, 0), j.sales, j.shifts)
            OR s.last_hash <> coalesce((SELECT hash FROM pos_retailtransaction t WHERE t.register_id = s.register_id
                 AND t.epoch = s.epoch AND t.sequence = s.sequence), '')
            OR (s.shift IS NOT NULL) <> EXISTS (
                 SELECT 1 FROM shifts_shift f WHERE f.id = s.shift AND f.status = 'open')""",
    "a sale is not the sum of its lines, or not paid": """
        SELECT t.receipt_number, t.total, l.total, p.amount FROM pos_retailtransaction t
          LEFT JOIN (SELECT retail_transaction_id, sum(total) AS total FROM pos_salesline GROUP BY 1) l
            ON l.retail_transaction_id = t.id
          LEFT JOIN (SELECT retail_transaction_id, sum(amount) AS amount FROM pos_tenderline GROUP BY 1) p
            ON p.retail_transaction_id = t.id
         WHERE t.kind = 'sale' AND (t.total IS DISTINCT FROM p.amount
            OR t.total IS DISTINCT FROM l.total + (t.document::jsonb->>'rounding')::numeric)""",
    "a record lacks rows of its document": """
        SELECT t.receipt_number FROM pos_retailtransaction t
         WHERE t.kind = 'sale' AND (jsonb_array_length(t.document::jsonb->'lines') <>
                  (SELECT count(*) FROM pos_salesline l WHERE l.retail_transaction_id = t.id)
            OR jsonb_array_length(t.document::jsonb->'tenders') <>
                  (SELECT count(*) FROM pos_tenderline p WHERE p.retail_transaction_id = t.id))""",
    "a shift's total is not the sum of its journal": """
        SELECT * FROM (
            SELECT t.shift, p.method, t.currency, sum(p.amount) AS amount, count(DISTINCT t.id) AS count
              FROM pos_retailtransaction t JOIN pos_tenderline p ON p.retail_transaction_id = t.id GROUP BY 1, 2, 3) j
          FULL JOIN shifts_shifttotal s ON (s.shift_id, s.method, s.currency) = (j.shift, j.method, j.currency)
         WHERE (j.amount, j.count) IS DISTINCT FROM (s.amount, s.count::bigint)""",
    "the stock ledger is not the lines": """
        SELECT * FROM (
            SELECT retail_transaction_id AS sale, product_id, -sum(quantity) AS quantity, count(*) AS rows
              FROM pos_salesline WHERE price_source <> 'voided' GROUP BY 1, 2) l
          FULL JOIN (SELECT source, product_id, sum(quantity) AS quantity, count(*) AS rows
              FROM inventory_stockmovement GROUP BY 1, 2) m ON (m.source, m.product_id) = (l.sale, l.product_id)
         WHERE (l.quantity, l.rows) IS DISTINCT FROM (m.quantity, m.rows)""",
    "a record has no event, or several": """
        SELECT t.id, t.kind, count(e.id) FROM pos_retailtransaction t
          LEFT JOIN channels_app_outboxevent e ON e.subject = t.id::text
         GROUP BY 1, 2 HAVING count(e.id) <> 1""",
    "a record has no answered request, or another one's": """
        SELECT t.id, t.kind FROM pos_retailtransaction t
          LEFT JOIN pos_answeredrequest a ON (a.register_id, a.request_id) = (t.register_id, t.request_id)
         WHERE a.id IS NULL OR t.kind = 'sale'
           AND (a.outcome::jsonb->'sale'->>'retail_transaction')::uuid IS DISTINCT FROM t.id""",
    "a request is answered with a sale that is not there": """
        SELECT a.id FROM pos_answeredrequest a
         WHERE jsonb_typeof(a.outcome::jsonb->'sale') = 'object' AND NOT EXISTS (
            SELECT 1 FROM pos_retailtransaction t
             WHERE t.id = (a.outcome::jsonb->'sale'->>'retail_transaction')::uuid AND t.request_id = a.request_id)""",
    "a sale is not printed once": """
        SELECT t.receipt_number, count(j.id) FROM pos_retailtransaction t
          LEFT JOIN hardware_devicejob j ON j.source = t.id::text AND j.kind = 'print'
         WHERE t.kind = 'sale' GROUP BY 1 HAVING count(j.id) <> 1""",
    "the drawer is not opened once for a sale in cash": """
        SELECT t.receipt_number, p.cash, count(j.id) FROM pos_retailtransaction t
          JOIN (SELECT retail_transaction_id AS sale, bool_or(kind = 'cash') AS cash
                  FROM pos_tenderline GROUP BY 1) p ON p.sale = t.id
          LEFT JOIN hardware_devicejob j ON j.source = t.id::text AND j.kind = 'drawer'
         WHERE t.kind = 'sale' GROUP BY 1, 2 HAVING count(j.id) <> p.cash::int""",
    "more came back than was sold": """
        SELECT sold.id, sold.quantity, back.quantity, known.quantity FROM
            (SELECT returned_line AS line, -sum(quantity) AS quantity FROM pos_salesline
              WHERE returned_line IS NOT NULL AND price_source <> 'voided' GROUP BY 1) back
          FULL JOIN pos_returnedquantity known ON known.line = back.line
          LEFT JOIN pos_salesline sold ON sold.id = coalesce(back.line, known.line)
         WHERE back.quantity IS DISTINCT FROM known.quantity OR back.quantity > sold.quantity""",
}
SERVED = re.compile(r"^Served by .*?(\S+)$", re.MULTILINE)  # the line of a receipt that has its number
# Compared with headquarters, row by row.
CARRIED_UP = (
    "pos_retailtransaction",
    "pos_salesline",
    "pos_tenderline",
    "inventory_stockmovement",
    "shifts_shift",
    "shifts_shifttotal",
    "shifts_cashmovement",
    "shifts_tenderdeclaration",
)


class Truth:
    """Checks a channel database again and again; records that were verified once are not read a second time."""

    def __init__(self) -> None:
        self._links: dict[tuple[int, int], tuple[int, str]] = {}
        self.records = 0

    def check(self, database: Connection, told: Iterable[tuple[UUID, str, Any]] = ()) -> None:
        """Raise AssertionError with all that is wrong. `told` are sales that cashiers know of: id, receipt, total."""
        told = list(told)
        with database.transaction():
            database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            wrong = {
                words: rows for words, sql in WRONG.items() if (rows := database.execute(sql).fetchall())
            }
            wrong |= self._chain(database) | self._carts(database) | self._told(database, told)
        assert not wrong, "\n".join(f"{words}: {rows[:5]}" for words, rows in wrong.items())

    def _chain(self, database: Connection) -> dict[str, list]:
        broken = []
        rows = database.execute(
            """SELECT register_id, epoch, sequence, previous_hash, hash, document, total
                 FROM pos_retailtransaction ORDER BY register_id, epoch, sequence"""
        )
        for register, epoch, sequence, previous, link, text, total in rows:
            known, last = self._links.get((register, epoch), (0, ""))
            if sequence <= known:
                continue
            document = read_document(text)
            if previous != last or chain_hash(previous, text) != link or document.total != total:
                broken.append((register, sequence))
            self._links[register, epoch] = (sequence, link)
            self.records += 1
        return {"the chain is broken": broken} if broken else {}

    def _carts(self, database: Connection) -> dict[str, list]:
        """Every stored cart can be read and is open; no cart is in two places; every answer can be read."""
        carts = [unpack_cart(row[0]) for row in database.execute("SELECT document FROM pos_storedcart")]
        held = [unpack_cart(row[0]) for row in database.execute("SELECT document FROM pos_suspendedcart")]
        sold = {row[0] for row in database.execute("SELECT request_id FROM pos_retailtransaction")}
        last = database.execute("SELECT outcome FROM pos_answeredrequest ORDER BY answered_at DESC LIMIT 50")
        for (outcome,) in last:
            unpack_outcome(outcome)
        wrong = {
            "a settled cart stands open": [cart.id for cart in carts if cart.is_settled],
            "a cart is in two places": [
                found
                for found, count in Counter(cart.id for cart in (*carts, *held)).items()
                if found and count > 1
            ],
            "a request has two records": [len(sold)]
            if len(sold) != database.execute("SELECT count(*) FROM pos_retailtransaction").fetchone()[0]  # type: ignore[index]
            else [],
        }
        return {words: found for words, found in wrong.items() if found}

    def _told(self, database: Connection, told: list[tuple[UUID, str, Any]]) -> dict[str, list]:
        known = {
            row[0]: (row[1], row[2])
            for row in database.execute(
                "SELECT id, receipt_number, total FROM pos_retailtransaction WHERE kind = 'sale'"
            )
        }
        missing = [(receipt, total) for sale, receipt, total in told if known.get(sale) != (receipt, total)]
        return {"a cashier was told of a sale that is not in the journal": missing} if missing else {}


def sales(database: Connection) -> dict[UUID, str]:
    """Receipt number by sale, as the journal has them."""
    return dict(
        database.execute(
            "SELECT id, receipt_number FROM pos_retailtransaction WHERE kind = 'sale'"
        ).fetchall()
    )


def only_in_one(channel: Connection, headquarters: Connection) -> dict[str, tuple[int, int]]:
    """Tables whose rows differ between a channel and headquarters: how many are only here, only there."""
    found = {}
    for table in CARRIED_UP:
        query = f"SELECT md5(to_jsonb(t)::text) FROM {table} t"
        here, there = (Counter(row[0] for row in side.execute(query)) for side in (channel, headquarters))
        if here != there:
            found[table] = (sum((here - there).values()), sum((there - here).values()))
    return found


def printing(database: Connection, papers: list[str]) -> tuple[Mapping[str, int], dict[str, list]]:
    """How the prints of sales ended, by state; and what is wrong between that and the papers that came out."""
    rows = database.execute(
        """SELECT t.receipt_number, j.state FROM pos_retailtransaction t
             JOIN hardware_devicejob j ON j.source = t.id::text AND j.kind = 'print' WHERE t.kind = 'sale'"""
    ).fetchall()
    printed = Counter(number for paper in papers for number in SERVED.findall(paper))
    wrong = {
        "printed more than once": [row for row in rows if printed[row[0]] > 1],
        "done, but not on paper": [row for row in rows if row[1] == "done" and printed[row[0]] != 1],
        "neither done nor unknown": [row for row in rows if row[1] not in ("done", "unknown")],
        "on paper, but said to have failed": [row for row in rows if row[1] == "failed" and printed[row[0]]],
    }
    return Counter(state for _, state in rows), {words: found for words, found in wrong.items() if found}
