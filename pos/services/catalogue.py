"""What can be sold here: search by name or code."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from channels_app.statements import json_value, run_statement
from pos.config import RegisterConfig
from pos.services.price_cart import price_now
from pos.services.searched import has_words, searched
from pricing.book import AGREEMENTS_SQL
from pricing.engine.model import BasketLine

MOST_RESULTS = 30

_SEARCH = """
WITH found AS (
    SELECT p.id, 0 AS rank, 1.0::real AS likeness FROM catalog_product p WHERE lower(p.number) = lower(%(text)s)
    UNION ALL
    SELECT b.product_id, 0, 1.0 FROM catalog_barcode b WHERE b.code = %(text)s
    UNION ALL
    SELECT p.id, 1, 1.0 FROM catalog_product p WHERE lower(p.number) LIKE lower(%(prefix)s)
    UNION ALL
    (SELECT p.id, 2, word_similarity(lower(%(text)s), lower(p.name))
       FROM catalog_product p WHERE {words} ORDER BY 3 DESC LIMIT 200)
    UNION ALL
    (SELECT p.id, 3, word_similarity(lower(%(text)s), lower(p.name))
       FROM catalog_product p WHERE lower(%(text)s) <%% lower(p.name) ORDER BY 3 DESC LIMIT 60)),
best AS (SELECT id, min(rank) AS rank, max(likeness) AS likeness FROM found GROUP BY id)
SELECT p.id, p.number, p.name, p.unit_id, p.image, p.is_weighed, g.code, {agreements}
  FROM best b JOIN catalog_product p ON p.id = b.id JOIN catalog_itemtaxgroup g ON g.id = p.item_tax_group_id
 WHERE NOT p.is_blocked
 ORDER BY b.rank, b.likeness DESC, p.name
 LIMIT %(most)s
"""


class ProductTile(msgspec.Struct, frozen=True):
    """A product as a key: what it is and what one costs now (None: no price here)."""

    product: int
    number: str
    name: str
    unit: str
    image: str
    is_weighed: bool
    price: Decimal | None


def search(config: RegisterConfig, text: str, *, at, most: int = MOST_RESULTS) -> tuple[ProductTile, ...]:
    """Products whose number, barcode or name matches, the likeliest first; every word must occur, or be close."""
    text = searched(text)
    if not text:
        return ()
    words, parameters = has_words("p.name", text)
    rows = run_statement(
        _SEARCH.format(words=words, agreements=AGREEMENTS_SQL.format(product="p.id")),
        {"most": most, **config.book.parameters, **parameters},
    )
    return tuple(_tile(config, row, at) for row in rows)


def prices_of(config: RegisterConfig, products: list[int], *, at) -> dict[int, Decimal | None]:
    """What one of each product costs now, for the keys of a grid, in one round trip."""
    book = config.book
    missing = [product for product in products if not book.knows(str(product))]
    if missing:
        rows = run_statement(
            f"SELECT p.id, {AGREEMENTS_SQL.format(product='p.id')}"
            " FROM catalog_product p WHERE p.id = ANY(%(products)s)",
            {"products": missing, **book.parameters},
        )
        for product, agreements in rows:
            book.remember(str(product), json_value(agreements))
    units = dict(
        run_statement(
            "SELECT id, unit_id FROM catalog_product WHERE id = ANY(%(products)s)",
            {"products": products},
        )
    )
    return {product: _price(config, product, units[product], at) for product in products if product in units}


def _tile(config: RegisterConfig, row: tuple, at) -> ProductTile:
    product, number, name, unit, image, is_weighed, _, agreements = row
    config.book.remember(str(product), json_value(agreements))
    return ProductTile(product, number, name, unit, image, is_weighed, _price(config, product, unit, at))


def _price(config: RegisterConfig, product: int, unit: str, at) -> Decimal | None:
    found = price_now(config, BasketLine(id="0", product=str(product), unit=unit), at)
    return None if found.source == "none" else found.unit_price
