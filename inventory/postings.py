"""Stock that leaves or comes back with a sale, posted in the sale's own statement."""

from collections.abc import Sequence
from typing import Any

from channels_app.identifiers import uuid7
from channels_app.postings import Posting, Row
from inventory.models import StockMovement

ON_HAND, SOLD = StockMovement.Account


def _movements(fact: Any) -> Sequence[Row]:
    document = fact.document
    return [
        {
            "id": uuid7(),
            "store_id": document.store.id,
            "product_id": line.product,
            "variant_id": line.variant,
            "quantity": -line.quantity * line.unit_factor,
            "unit": line.stock_unit or line.unit,
            "source": document.id,
            "moved_at": document.concluded_at,
            "debit": SOLD if line.quantity > 0 else ON_HAND,
            "credit": ON_HAND if line.quantity > 0 else SOLD,
        }
        for line in document.lines
        if not line.is_voided
    ]


SALES = Posting(
    name="stock_movements",
    facts=frozenset({"sale.concluded"}),
    columns=(
        "id uuid, store_id bigint, product_id bigint, variant_id bigint, quantity numeric, unit text,"
        " debit text, credit text, source uuid, moved_at timestamptz"
    ),
    statement="""
        INSERT INTO inventory_stockmovement
            (id, store_id, product_id, variant_id, quantity, unit, debit, credit, source, moved_at)
        SELECT r.id, r.store_id, r.product_id, r.variant_id, r.quantity, r.unit, r.debit, r.credit, r.source, r.moved_at
          FROM {rows} r, {guard}
    """,
    rows=_movements,
)
