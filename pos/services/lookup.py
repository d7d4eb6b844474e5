"""From a scanned code to an article with its prices, in one round trip and then from memory."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from threading import Lock

import msgspec

from catalog.barcodes import BarcodeError, Layout, decode, lookup_keys
from catalog.models import BarcodeMask
from pos.cart.model import Article
from pos.config import RegisterConfig, price_book
from pos.errors import AmbiguousCode, NotForSale, UnknownCode
from pos.services.statements import json_value, run_statement
from pricing.book import AGREEMENTS_SQL, StorePriceBook

MOST_CODES = 20_000

_FOUND_BY_CODE = """
    SELECT product_id, variant_id, quantity, 0 AS rank FROM catalog_barcode WHERE key = ANY(%(keys)s)
    UNION ALL
    SELECT id, NULL, 1, 1 FROM catalog_product WHERE number = %(code)s
    UNION ALL
    SELECT product_id, id, 1, 1 FROM catalog_variant WHERE number = %(code)s
    UNION ALL
    SELECT id, NULL, 1, 2 FROM catalog_product WHERE lower(number) = lower(%(code)s)
"""
_FOUND_BY_ID = """
    SELECT %(product)s::bigint AS product_id, %(variant)s::bigint AS variant_id, 1::numeric AS quantity, 0 AS rank
"""
_ARTICLE = """
WITH RECURSIVE found AS ({found}),
tree AS (
    SELECT p.id AS product_id, c.id, c.parent_id, 1 AS depth
      FROM found f JOIN catalog_product p ON p.id = f.product_id JOIN catalog_category c ON c.id = p.category_id
     UNION
    SELECT t.product_id, c.id, c.parent_id, t.depth + 1
      FROM tree t JOIN catalog_category c ON c.id = t.parent_id)
SELECT f.rank, f.quantity, p.id, f.variant_id, p.number, p.name, p.unit_id, u.decimals, p.is_weighed, p.is_returnable,
       p.zero_price_valid, p.price_entry, p.is_blocked, p.image, g.code, p.attributes,
       coalesce((SELECT array_agg(t.id ORDER BY t.depth) FROM tree t WHERE t.product_id = p.id), '{{}}'),
       (SELECT c.name FROM catalog_category c WHERE c.id = p.category_id),
       EXISTS (
           SELECT 1 FROM catalog_assortmentstore s
             JOIN catalog_assortment a ON a.id = s.assortment_id
              AND (a.starts_on IS NULL OR a.starts_on <= current_date)
              AND (a.ends_on IS NULL OR a.ends_on > current_date)
             JOIN catalog_assortmentline l ON l.assortment_id = a.id AND NOT l.is_excluded
              AND (l.product_id = p.id OR l.category_id IN (SELECT t.id FROM tree t WHERE t.product_id = p.id))
            WHERE s.store_id = %(store)s
              AND NOT EXISTS (
                  SELECT 1 FROM catalog_assortmentline x WHERE x.assortment_id = a.id AND x.is_excluded
                     AND (x.product_id = p.id
                          OR x.category_id IN (SELECT t.id FROM tree t WHERE t.product_id = p.id)))),
       v.size, v.colour, v.style, v.configuration,
       {agreements}
  FROM found f
  JOIN catalog_product p ON p.id = f.product_id
  JOIN catalog_unit u ON u.code = p.unit_id
  JOIN catalog_itemtaxgroup g ON g.id = p.item_tax_group_id
  LEFT JOIN catalog_variant v ON v.id = f.variant_id
 ORDER BY f.rank, p.id
"""
_BY_CODE = _ARTICLE.format(found=_FOUND_BY_CODE, agreements=AGREEMENTS_SQL.format(product="p.id"))
_BY_ID = _ARTICLE.format(found=_FOUND_BY_ID, agreements=AGREEMENTS_SQL.format(product="p.id"))


class Found(msgspec.Struct, frozen=True):
    """An article with what the engine and the till need of it. `quantity` is what its code stands for."""

    article: Article
    categories: tuple[str, ...]
    attributes: tuple[tuple[str, str], ...]
    quantity: Decimal
    price_entry: str
    price: Decimal | None = None
    is_measured: bool = False


_lock = Lock()
_codes: dict[tuple[int, int], dict[str, Found]] = {}
_masks: dict[int, tuple[Layout, ...]] = {}


def find_code(config: RegisterConfig, code: str) -> Found:
    """The article that a scanned or typed code stands for.

    A worldwide number is found with and without its leading zeros; an article number as it is written, else
    without regard to case when only one is meant. A code that carries a weight or a price is taken apart by the
    store's masks. Raises UnknownCode, AmbiguousCode or NotForSale.
    """
    code = code.strip()
    known = _known(config)
    found = known.get(code)
    if found is None:
        found = read_code(
            code, book=price_book(config), store=config.store.id, masks=_store_masks(config.data_version)
        )
        _keep(known, code, found)
    return found


def read_code(code: str, *, book: StorePriceBook, store: int, masks: Iterable[Layout]) -> Found:
    """The same from the database as it is now, for a store that need not have a register here."""
    keys = {"code": code, "keys": list(lookup_keys(code))}
    return _measured(book, store, code, masks) or _read(book, store, _BY_CODE, keys, code)


def find_product(config: RegisterConfig, product: int, variant: int | None = None) -> Found:
    """The article with that id: what a button or a search result stands for."""
    known, key = _known(config), f"#{product}/{variant or ''}"
    found = known.get(key)
    if found is None:
        ids = {"product": product, "variant": variant}
        found = _read(price_book(config), config.store.id, _BY_ID, ids, f"product {product}")
        _keep(known, key, found)
    return found


def forget() -> None:
    """Drop all that is kept; for tests."""
    with _lock:
        _codes.clear()
        _masks.clear()


def _known(config: RegisterConfig) -> dict[str, Found]:
    key = (config.store.id, config.data_version)
    found = _codes.get(key)
    if found is None:
        with _lock:
            for old in [other for other in _codes if other[1] < config.data_version - 1]:
                del _codes[old]
            found = _codes.setdefault(key, {})
    return found


def _keep(known: dict[str, Found], key: str, found: Found) -> None:
    with _lock:
        if len(known) >= MOST_CODES:
            known.clear()
        if not found.is_measured:
            known[key] = found


def _read(book: StorePriceBook, store: int, sql: str, parameters: dict, scanned: str) -> Found:
    rows = run_statement(sql, {**parameters, **book.parameters, "store": store})
    if not rows:
        raise UnknownCode(scanned=scanned, field="code")
    best = [row for row in rows if row[0] == rows[0][0]]
    if len({row[2] for row in best}) > 1:
        raise AmbiguousCode(scanned=scanned, field="code")
    return _found(book, best[0])


def _found(book: StorePriceBook, row: tuple) -> Found:
    (
        _,
        quantity,
        product,
        variant,
        number,
        name,
        unit,
        decimals,
        is_weighed,
        is_returnable,
        zero_price_valid,
        price_entry,
        is_blocked,
        image,
        tax_group,
        attributes,
        categories,
        category,
        in_assortment,
        size,
        colour,
        style,
        configuration,
        agreements,
    ) = row
    words = " ".join(filter(None, [name, colour, size, style, configuration]))
    if is_blocked:
        raise NotForSale(name=words, why="headquarters has blocked it.", field="code")
    if not in_assortment:
        raise NotForSale(name=words, why="it is not in this store's assortment.", field="code")
    book.remember(str(product), json_value(agreements))
    return Found(
        article=Article(
            product=product,
            variant=variant,
            number=number,
            name=words,
            unit=unit,
            unit_decimals=decimals,
            category=category or "",
            item_tax_group=tax_group,
            is_weighed=is_weighed,
            is_returnable=is_returnable,
            zero_price_valid=zero_price_valid,
            image=image,
        ),
        categories=tuple(str(node) for node in categories),
        attributes=tuple(
            sorted((str(name), str(value)) for name, value in (json_value(attributes) or {}).items())
        ),
        quantity=quantity,
        price_entry=price_entry,
    )


def _measured(book: StorePriceBook, store: int, code: str, masks: Iterable[Layout]) -> Found | None:
    try:
        parts = decode(code, masks, verify=False)
    except BarcodeError:
        return None
    if parts is None:
        return None
    keys = {"code": parts.item, "keys": list(lookup_keys(parts.item))}
    found = _read(book, store, _BY_CODE, keys, code)
    if parts.kind == BarcodeMask.Carries.PRICE:
        return msgspec.structs.replace(found, price=parts.value, quantity=Decimal(1), is_measured=True)
    return msgspec.structs.replace(found, quantity=parts.value, is_measured=True)


def _store_masks(data_version: int) -> tuple[Layout, ...]:
    masks = _masks.get(data_version)
    if masks is None:
        masks = read_masks()
        with _lock:
            _masks.clear()
            _masks[data_version] = masks
    return masks


def read_masks() -> tuple[Layout, ...]:
    """How the company's own labels are taken apart."""
    return tuple(
        Layout(
            (row.prefix,), row.item_digits, row.value_digits, row.carries, row.decimals, row.value_check_digit
        )
        for row in BarcodeMask.objects.all()
    )
