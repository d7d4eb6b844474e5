"""What is on hand: the opening stock and what moved since."""

from collections.abc import Sequence
from decimal import Decimal

from django.db import connection

_ON_HAND = """
    SELECT p.id, coalesce(o.quantity, 0) + coalesce((
               SELECT sum(m.quantity) FROM inventory_stockmovement m
                WHERE m.store_id = %(store)s AND m.product_id = p.id
                  AND (o.counted_at IS NULL OR m.moved_at >= o.counted_at)), 0)
      FROM unnest(%(products)s::bigint[]) p(id)
      LEFT JOIN LATERAL (
               SELECT sum(quantity) AS quantity, max(counted_at) AS counted_at FROM inventory_openingstock
                WHERE store_id = %(store)s AND product_id = p.id) o ON true
"""


def on_hand(store_id: int, products: Sequence[int]) -> dict[int, Decimal]:
    """Quantity on hand of each product in a store, in the product's unit, variants together."""
    with connection.cursor() as cursor:
        cursor.execute(_ON_HAND, {"store": store_id, "products": list(products)})
        return dict(cursor.fetchall())
