"""How often a coupon was used: concluded sales of this database in which it gave something."""

from __future__ import annotations

from collections.abc import Sequence

from channels_app.statements import run_statement
from pricing.engine.model import CouponUsage

_USED = """
SELECT w.code, count(DISTINCT t.id),
       count(DISTINCT t.id) FILTER (WHERE %(customer)s <> '' AND t.customer_account = %(customer)s),
       count(DISTINCT t.id) FILTER (WHERE t.store_id = %(store)s)
  FROM unnest(%(codes)s::text[]) AS w(code)
  JOIN pos_salesline l
    ON l.detail->'discounts' @> jsonb_build_array(jsonb_build_object('coupon', w.code)) AND l.quantity > 0
  JOIN pos_retailtransaction t ON t.id = l.retail_transaction_id AND t.kind = 'sale'
 GROUP BY w.code
"""


def coupon_usage(codes: Sequence[str], *, store: int, customer: str) -> tuple[CouponUsage, ...]:
    """The uses of codes in all, by this customer (empty: by nobody in particular), and in this store.

    A store knows the sales of its own channel database, headquarters those of all that have come up. A sale that
    was taken back still counts as a use.
    """
    if not codes:
        return ()
    rows = run_statement(_USED, {"codes": list(codes), "store": store, "customer": customer})
    return tuple(CouponUsage(*row) for row in rows)
