"""A shift's share of each business fact, written in the fact's own statement."""

from collections.abc import Sequence
from decimal import Decimal

from channels_app.identifiers import uuid7
from channels_app.postings import Posting, Row
from pos.services.documents import Fact

ZERO = Decimal(0)


def _totals(fact: Fact) -> Sequence[Row]:
    document = fact.document
    if document.shift is None:
        return []
    sums: dict[str, Decimal] = {}
    for tender in document.tenders:
        sums[tender.method] = sums.get(tender.method, ZERO) + tender.amount
    return [
        {
            "id": uuid7(),
            "shift_id": document.shift,
            "method": method,
            "currency": document.currency,
            "amount": amount,
        }
        for method, amount in sums.items()
    ]


def _opened(fact: Fact) -> Sequence[Row]:
    return [fact.detail.shift_row]


def _closed(fact: Fact) -> Sequence[Row]:
    document = fact.document
    return [{"id": document.shift, "closed_at": document.concluded_at, "closed_by": document.worker_id}]


TOTALS = Posting(
    name="shift_totals",
    facts=frozenset({"sale.concluded"}),
    columns="id uuid, shift_id uuid, method text, currency text, amount numeric",
    statement="""
        INSERT INTO shifts_shifttotal (id, shift_id, method, currency, amount, count)
        SELECT r.id, r.shift_id, r.method, r.currency, r.amount, 1 FROM {rows} r, {guard}
        ON CONFLICT (shift_id, method, currency)
        DO UPDATE SET amount = shifts_shifttotal.amount + EXCLUDED.amount, count = shifts_shifttotal.count + 1
    """,
    rows=_totals,
)
OPENED = Posting(
    name="shift_opened",
    facts=frozenset({"shift.opened"}),
    columns=(
        "id uuid, store_id bigint, register_id bigint, number text, business_date date, currency text,"
        " opened_at timestamptz, opened_by_id bigint"
    ),
    statement="""
        INSERT INTO shifts_shift
            (id, store_id, register_id, number, status, business_date, currency, opened_at, opened_by_id)
        SELECT r.id, r.store_id, r.register_id, r.number, 'open', r.business_date, r.currency,
               r.opened_at, r.opened_by_id
          FROM {rows} r, {guard}
    """,
    rows=_opened,
)
CLOSED = Posting(
    name="shift_closed",
    facts=frozenset({"shift.closed"}),
    columns="id uuid, closed_at timestamptz, closed_by bigint",
    statement="""
        UPDATE shifts_shift s SET status = 'closed', closed_at = r.closed_at, closed_by_id = r.closed_by
          FROM {rows} r, {guard} WHERE s.id = r.id AND s.status = 'open'
    """,
    rows=_closed,
)
MOVED = Posting(
    name="shift_cash",
    facts=frozenset({"shift.opened", "cash.moved"}),
    columns=(
        "id uuid, shift_id uuid, kind text, method text, currency text, amount numeric, reason text,"
        " worker_id bigint, happened_at timestamptz"
    ),
    statement="""
        INSERT INTO shifts_cashmovement (id, shift_id, kind, method, currency, amount, reason, worker_id, happened_at)
        SELECT r.id, r.shift_id, r.kind, r.method, r.currency, r.amount, r.reason, r.worker_id, r.happened_at
          FROM {rows} r, {guard}
    """,
    rows=lambda fact: fact.detail.cash_rows,
)
DECLARED = Posting(
    name="shift_declared",
    facts=frozenset({"shift.closed"}),
    columns=(
        "id uuid, shift_id uuid, method text, currency text, expected numeric, counted numeric,"
        " denominations jsonb"
    ),
    statement="""
        INSERT INTO shifts_tenderdeclaration (id, shift_id, method, currency, expected, counted, denominations)
        SELECT r.id, r.shift_id, r.method, r.currency, r.expected, r.counted, r.denominations FROM {rows} r, {guard}
    """,
    rows=lambda fact: fact.detail.declared_rows,
)
ALL = (TOTALS, OPENED, CLOSED, MOVED, DECLARED)
