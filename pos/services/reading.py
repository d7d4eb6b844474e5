"""Reading master data in one round trip: what a register must know to sell, and the articles that it sells.

`read_everything` brings a store's configuration, its rules of price, and whatever the request at hand sells, in one
statement and therefore of one version. `read_goods` brings articles and prices alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from catalog.barcodes import lookup_keys
from channels_app.prepared import prepared
from channels_app.statements import run_statement
from pos.cart.model import SoldUnit
from pos.cart.payment import TenderRule
from pos.config import ButtonView, Functions, ReasonView, ReceiptConfig, WorkerView
from pricing.audience import EXEMPTIONS_SQL
from pricing.book import AGREEMENTS_SQL
from pricing.engine.tax_codes import Exemption
from pricing.offers import OFFERS_SQL, statuses_of
from pricing.rules import IN_REACH_SQL, RULES_SQL, StoreRules

_encode = msgspec.json.Encoder().encode


class Wanted(msgspec.Struct, frozen=True):
    """An article that is asked for: by a code, or by its id."""

    code: str = ""
    product: int | None = None
    variant: int | None = None


class ArticleRow(msgspec.Struct, frozen=True):
    """An article that `wanted[place]` may stand for; the lower `rank`, the better it fits."""

    place: int
    rank: int
    quantity: Decimal
    product: int
    variant: int | None
    number: str
    name: str
    unit: str
    unit_decimals: int
    is_weighed: bool
    is_returnable: bool
    zero_price_valid: bool
    price_entry: str
    is_blocked: bool
    image: str
    item_tax_group: str
    attributes: dict[str, Any] | None
    categories: tuple[int, ...]
    category: str | None
    in_assortment: bool
    size: str | None
    colour: str | None
    style: str | None
    configuration: str | None
    agreements: list[Any]
    units: tuple[SoldUnit, ...]
    unit_name: str
    exemptions: tuple[Exemption, ...]


@prepared
class Goods(msgspec.Struct, frozen=True):
    """Articles by what was wanted, and the agreements of products."""

    articles: tuple[ArticleRow, ...]
    prices: tuple[tuple[int, list[Any]], ...]


class StoreRow(msgspec.Struct, frozen=True):
    """The store with its currency and the profiles that hold for all of its registers."""

    id: int
    number: str
    name: str
    address: str
    phone: str
    tax_number: str
    legal_entity: str
    country: str
    time_zone: str
    prices_include_tax: bool
    sales_tax_group: int
    currency: str
    currency_symbol: str
    currency_decimals: int
    cash_unit: Decimal
    receipt: ReceiptConfig
    functions: Functions


class RegisterRow(msgspec.Struct, frozen=True):
    """A register with the look that it has, and the kinds of device that its station drives for it."""

    id: int
    number: str
    name: str
    station: int | None
    theme: str
    accent_hue: int
    left_handed: bool
    devices: tuple[str, ...] = ()


class ButtonRow(ButtonView, frozen=True):
    """A button with its grid."""

    grid: int
    grid_name: str


@prepared
class Everything(Goods, frozen=True):
    """All that the registers of one store need to know of the company. `store` is empty for an unknown register.

    Headquarters has no `version` of the data: it is where they are edited.
    """

    version: int | None
    store: tuple[StoreRow, ...]
    registers: tuple[RegisterRow, ...]
    buttons: tuple[ButtonRow, ...]
    tender_rules: tuple[TenderRule, ...]
    reasons: tuple[ReasonView, ...]
    workers: tuple[WorkerView, ...]
    denominations: tuple[tuple[Decimal, str], ...]
    masks: tuple[tuple[str, int, int, str, int, bool], ...]
    rules: StoreRules
    offers: tuple[dict[str, Any], ...]


def read_everything(
    *,
    register: int | None = None,
    store: int | None = None,
    with_drafts: bool = False,
    wanted: Sequence[Wanted] = (),
    products: Collection[int] = (),
) -> Everything:
    """What a store sells by, or the store of that register, with the articles wanted and the prices of `products`.

    Offers that are drafts come along for the simulator alone.
    """
    place = {"register": register, "here": store, "statuses": statuses_of(with_drafts)}
    parameters = {**place, **_asked(wanted, products)}
    rows = run_statement(_EVERYTHING, parameters, prepare=False)
    return msgspec.json.decode(rows[0][0], type=Everything)


def kinds_at(*, station: int, store: int, number: str) -> frozenset[str] | None:
    """The kinds of device that a station drives for a register that is a guest; None when it is none of the store's.

    A drawer that belongs to no register is a neighbour's: her money is in it.
    """
    place = {"station": station, "store": store, "number": number}
    rows = run_statement(_KINDS_AT, place, prepare=False)
    return frozenset(rows[0][0]) if rows else None


def read_goods(
    *,
    store: int,
    currency: str,
    price_groups: Sequence[int],
    wanted: Sequence[Wanted] = (),
    products: Collection[int] = (),
) -> Goods:
    """The articles wanted and the agreements of `products`, for a store that is known already."""
    place = {"store": store, "currency": currency, "price_groups": list(price_groups)}
    rows = run_statement(_GOODS, {**place, **_asked(wanted, products)})
    return msgspec.json.decode(rows[0][0], type=Goods)


def _asked(wanted: Iterable[Wanted], products: Collection[int]) -> dict[str, Any]:
    asked = [
        {
            "place": place,
            "code": found.code or None,
            "keys": lookup_keys(found.code) if found.code else (),
            "product": found.product,
            "variant": found.variant,
        }
        for place, found in enumerate(wanted)
    ]
    # As text, so that it is one statement to prepare, whatever the size of the numbers.
    return {"wanted": _encode(asked).decode(), "products": f"{{{','.join(map(str, products))}}}"}


_FOUND = """
    SELECT product_id, variant_id, quantity, 0 AS rank FROM catalog_barcode WHERE key = ANY(w.keys)
    UNION ALL
    SELECT id, NULL, 1, 1 FROM catalog_product WHERE number = w.code
    UNION ALL
    SELECT product_id, id, 1, 1 FROM catalog_variant WHERE number = w.code
    UNION ALL
    SELECT id, NULL, 1, 2 FROM catalog_product WHERE lower(number) = lower(w.code)
    UNION ALL
    SELECT w.product, w.variant, 1, 0 WHERE w.product IS NOT NULL
"""
_ARTICLE = f"""
WITH RECURSIVE found AS ({_FOUND}),
tree AS (
    SELECT p.id AS product_id, c.id, c.parent_id, 1 AS depth
      FROM found f JOIN catalog_product p ON p.id = f.product_id JOIN catalog_category c ON c.id = p.category_id
     UNION
    SELECT t.product_id, c.id, c.parent_id, t.depth + 1
      FROM tree t JOIN catalog_category c ON c.id = t.parent_id)
SELECT f.rank, f.quantity, p.id AS product, f.variant_id AS variant, p.number, p.name, p.unit_id AS unit,
       u.decimals AS unit_decimals, p.is_weighed, p.is_returnable, p.zero_price_valid, p.price_entry, p.is_blocked,
       p.image, g.code AS item_tax_group,
       CASE jsonb_typeof(p.attributes) WHEN 'object' THEN p.attributes END AS attributes,
       coalesce((SELECT array_agg(t.id ORDER BY t.depth) FROM tree t WHERE t.product_id = p.id), '{{}}') AS categories,
       (SELECT c.name FROM catalog_category c WHERE c.id = p.category_id) AS category,
       EXISTS (
           SELECT 1 FROM catalog_assortmentstore s
             JOIN hq_store h ON h.id = s.store_id
             JOIN catalog_assortment a ON a.id = s.assortment_id
              AND (a.starts_on IS NULL OR a.starts_on <= (now() AT TIME ZONE h.time_zone)::date)
              AND (a.ends_on IS NULL OR a.ends_on > (now() AT TIME ZONE h.time_zone)::date)
             JOIN catalog_assortmentline l ON l.assortment_id = a.id AND NOT l.is_excluded
              AND (l.product_id = p.id OR l.category_id IN (SELECT t.id FROM tree t WHERE t.product_id = p.id))
            WHERE s.store_id = %(store)s
              AND NOT EXISTS (
                  SELECT 1 FROM catalog_assortmentline x WHERE x.assortment_id = a.id AND x.is_excluded
                     AND (x.product_id = p.id
                          OR x.category_id IN (SELECT t.id FROM tree t WHERE t.product_id = p.id)))
       ) AS in_assortment,
       v.size, v.colour, v.style, v.configuration,
       (SELECT coalesce(json_agg(json_build_object('code', x.unit_id, 'name', y.name, 'decimals', y.decimals,
                                                   'factor', x.factor) ORDER BY x.factor), '[]')
          FROM catalog_productunit x JOIN catalog_unit y ON y.code = x.unit_id WHERE x.product_id = p.id) AS units,
       u.name AS unit_name, {EXEMPTIONS_SQL.format(condition="e.product_id = p.id")} AS exemptions,
       {AGREEMENTS_SQL.format(product="p.id")} AS agreements
  FROM found f
  JOIN catalog_product p ON p.id = f.product_id
  JOIN catalog_unit u ON u.code = p.unit_id
  JOIN catalog_itemtaxgroup g ON g.id = p.item_tax_group_id
  LEFT JOIN catalog_variant v ON v.id = f.variant_id
"""


def _rows(sql: str) -> str:
    """The rows of a query as a JSON list of objects, in its order."""
    return f"(SELECT coalesce(json_agg(t), '[]') FROM ({sql}) t)"


def _lists(sql: str, columns: str) -> str:
    """The same as a list of lists."""
    return f"(SELECT coalesce(json_agg(json_build_array({columns})), '[]') FROM ({sql}) AS t({columns}))"


_GOODS_PARTS = f"""
    'articles', {
    _rows(f'''
        SELECT w.place, a.*
          FROM json_to_recordset(%(wanted)s::json)
               AS w(place int, code text, keys text[], product bigint, variant bigint)
         CROSS JOIN LATERAL ({_ARTICLE}) a
         ORDER BY w.place, a.rank, a.product''')
},
    'prices', {
    _lists(
        "SELECT w.id, "
        + AGREEMENTS_SQL.format(product="w.id")
        + " FROM unnest(%(products)s::bigint[]) AS w(id)",
        "product, agreements",
    )
}
"""
_GOODS = f"SELECT json_build_object({_GOODS_PARTS})::text"

_STORE = """
    SELECT s.id, s.number, s.name, s.address, s.phone, coalesce(nullif(s.tax_number, ''), e.tax_number) AS tax_number,
           e.name AS legal_entity, s.country, s.time_zone, s.prices_include_tax,
           s.sales_tax_group_id AS sales_tax_group,
           c.code AS currency, c.symbol AS currency_symbol, c.decimals AS currency_decimals, c.cash_unit,
           to_jsonb(r) AS receipt, to_jsonb(f) AS functions
      FROM hq_store s
      JOIN hq_legalentity e ON e.id = s.legal_entity_id
      JOIN hq_currency c ON c.code = s.currency_id
      JOIN hq_receiptprofile r ON r.id = s.receipt_profile_id
      JOIN hq_functionalityprofile f ON f.id = s.functionality_profile_id
     WHERE s.id = %(store)s
"""
_REGISTERS = """
    SELECT r.id, r.number, r.name, r.station_id AS station, v.theme, v.accent_hue, v.left_handed,
           ARRAY(SELECT DISTINCT d.kind FROM hq_hardwarestation h
                   JOIN hq_hardwaredevice d ON d.profile_id = h.hardware_profile_id
                  WHERE h.id = r.station_id AND h.is_active
                    AND coalesce(d.options ->> 'register', r.number) = r.number) AS devices
      FROM hq_register r
      JOIN hq_store s ON s.id = r.store_id
      JOIN hq_visualprofile v ON v.id = coalesce(r.visual_profile_id, s.visual_profile_id)
     WHERE r.store_id = %(store)s AND r.is_active
"""
_KINDS_AT = """
    SELECT ARRAY(SELECT DISTINCT d.kind FROM hq_hardwaredevice d
                  WHERE d.profile_id = h.hardware_profile_id
                    AND coalesce(d.options ->> 'register', %(number)s) = %(number)s
                    AND (d.kind <> 'drawer' OR d.options ? 'register' OR d.options ->> 'each_register' = 'true'))
      FROM hq_hardwarestation h WHERE h.id = %(station)s AND h.store_id = %(store)s AND h.is_active
"""
_BUTTONS = """
    SELECT b.id, coalesce(nullif(b.label, ''), p.name, '') AS label, b.operation, b.product_id AS product, b.parameters,
           b.hue, coalesce(p.image, '') AS image, coalesce(p.number, '') AS number, g.id AS grid, g.name AS grid_name
      FROM hq_store s
      JOIN hq_buttongrid g ON g.layout_id = s.screen_layout_id
      JOIN hq_button b ON b.grid_id = g.id
      LEFT JOIN catalog_product p ON p.id = b.product_id
     WHERE s.id = %(store)s
     ORDER BY g.position, g.id, b.position, b.id
"""
_TENDER_RULES = """
    SELECT m.code AS method, m.kind, m.name, s.opens_drawer, s.gives_change, s.is_counted, s.max_amount, s.position
      FROM hq_storepaymentmethod s JOIN hq_paymentmethod m ON m.id = s.method_id
     WHERE s.store_id = %(store)s
     ORDER BY s.position, s.id
"""
_REASONS = 'SELECT code, use, text FROM hq_reasoncode ORDER BY use, "position", code'
_WORKERS = """
    SELECT w.id, w.staff_id, w.name, w.name_on_receipt, g.permissions, g.max_line_discount_percent,
           g.max_total_discount_percent
      FROM hq_workerstore s
      JOIN hq_worker w ON w.id = s.worker_id AND w.is_active
      JOIN hq_permissiongroup g ON g.id = s.permission_group_id
     WHERE s.store_id = %(store)s
     ORDER BY w.name
"""
_DENOMINATIONS = (
    "SELECT value, kind FROM hq_denomination WHERE currency_id = %(currency)s ORDER BY value DESC"
)
_MASKS = """
    SELECT prefix, item_digits, value_digits, carries, decimals, value_check_digit FROM catalog_barcodemask
     ORDER BY prefix
"""
_PLACE = (
    """
WITH place AS (
    SELECT s.id AS store, s.currency_id AS currency,
           ARRAY("""
    + IN_REACH_SQL.format(store="s.id")
    + """) AS price_groups
      FROM hq_store s
     WHERE s.id = coalesce(%(here)s::bigint,
                           (SELECT r.store_id FROM hq_register r WHERE r.id = %(register)s AND r.is_active)))
"""
)


def _of_the_place(sql: str) -> str:
    """The same query for a register whose store is not known yet."""
    for name, kind in (("store", "bigint"), ("currency", "text"), ("price_groups", "bigint[]")):
        sql = sql.replace(f"%({name})s", f"(SELECT {name} FROM place)::{kind}")
    return sql


_EVERYTHING = _PLACE + _of_the_place(
    f"""
SELECT json_build_object({_GOODS_PARTS},
    'version', (SELECT version FROM channels_app_dataversion),
    'store', {_rows(_STORE)},
    'registers', {_rows(_REGISTERS)},
    'buttons', {_rows(_BUTTONS)},
    'tender_rules', {_rows(_TENDER_RULES)},
    'reasons', {_rows(_REASONS)},
    'workers', {_rows(_WORKERS)},
    'denominations', {_lists(_DENOMINATIONS, "value, kind")},
    'masks', {_lists(_MASKS, "prefix, item_digits, value_digits, carries, decimals, value_check_digit")},
    'rules', {RULES_SQL},
    'offers', (SELECT coalesce(json_agg(o.rule), '[]') FROM ({OFFERS_SQL}) AS o(rule)))::text
"""
)
