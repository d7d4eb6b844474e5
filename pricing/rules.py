"""What of prices does not hang on one product, for one store: price groups, adjustments, taxes, charges, the policy.

All of it is one JSON value of one statement (`RULES_SQL` can be put into a larger one), so that a store's rules are of
one version of the data. Keys of price groups, products and categories are texts, as the engine wants them.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import msgspec
from django.db import connection

from channels_app.prepared import prepared
from pricing.engine.model import PriceGroup, PricingSettings
from pricing.engine.tax import TaxRounding


class StoreGroup(msgspec.Struct, frozen=True):
    """A price group that is in force in a store: always, or on the days on which an assortment is offered."""

    id: str
    priority: int
    source: str
    starts_on: date | None = None
    ends_on: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on that day of the store's calendar."""
        return (self.starts_on is None or self.starts_on <= day) and (
            self.ends_on is None or day < self.ends_on
        )

    @property
    def group(self) -> PriceGroup:
        return PriceGroup(id=self.id, priority=self.priority, source=self.source)


class AdjustmentRow(msgspec.Struct, frozen=True):
    """A price adjustment of one product, variant or category."""

    id: str
    name: str
    percent: Decimal
    amount: Decimal
    price: Decimal | None
    product: str | None
    variant: str | None
    category: str | None
    price_group: str | None
    currency: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    clock: str = ""


class TaxCodeRow(msgspec.Struct, frozen=True):
    """A tax with its rates as (rate, first day, first day without it, above which amount, up to which)."""

    code: str
    name: str
    kind: str
    sequence: int
    affects_next_base: bool
    base_affected_by_previous: bool
    of: str | None
    calculate_before: bool
    rates: tuple[tuple[Decimal, date | None, date | None, Decimal, Decimal | None], ...]
    method: str
    marginal_base: str


class TaxHolidayRow(msgspec.Struct, frozen=True):
    """Days on which goods of some item-tax groups pay no tax; no group or no code means all."""

    name: str
    starts_on: date
    ends_on: date
    price_limit: Decimal | None
    item_groups: tuple[str, ...]
    codes: tuple[str, ...]


class ChargeRow(msgspec.Struct, frozen=True):
    """An automatic charge, of goods delivered in one way or of all; its tiers as (from, up to, what is charged)."""

    id: str
    code: str
    name: str
    kind: str
    level: str
    way: str
    item_tax_group: str | None
    is_refundable: bool
    is_prorated: bool
    delivery_mode: str | None
    customer: str | None
    price_group: str | None
    products: tuple[str, ...]
    categories: tuple[str, ...]
    tiers: tuple[tuple[Decimal, Decimal | None, Decimal], ...]


class DeliveryModeRow(msgspec.Struct, frozen=True):
    """A way in which goods reach the customer; with an address its taxes count."""

    code: str
    name: str
    needs_address: bool


class DestinationRow(msgspec.Struct, frozen=True):
    """The sales-tax group of a place; its postcode may end in * for all that begin so."""

    country: str
    state: str
    city: str
    postcode: str
    sales_tax_group: str


class AffiliationRow(msgspec.Struct, frozen=True):
    """What a customer may belong to, with the price groups that come with it, as (id, priority)."""

    code: str
    name: str
    price_groups: tuple[tuple[str, int], ...]


class ReasonExemptionRow(msgspec.Struct, frozen=True):
    """What a reason given at the till frees from: some taxes or (no codes) all, on some days."""

    code: str
    lowers_price: bool
    starts_on: date | None
    ends_on: date | None
    codes: tuple[str, ...]


class PolicyRow(msgspec.Struct, frozen=True):
    """The company's choices, where it has made any."""

    concurrency_model: str
    compound_behavior: str
    find_next: bool
    adjustments_can_raise: bool
    exclusive_threshold_competes: bool
    apply_discounts_to_price_overrides: bool
    apply_discounts_to_keyed_prices: bool
    manual_vs_system: str
    manual_total_covers_charges: bool
    tax_rounding: str


@prepared
class StoreRules(msgspec.Struct, frozen=True):
    """The rules of one store. `in_reach` are the price groups that can be present, whoever buys."""

    groups: tuple[StoreGroup, ...] = ()
    in_reach: tuple[int, ...] = ()
    adjustments: tuple[AdjustmentRow, ...] = ()
    tax_codes: tuple[TaxCodeRow, ...] = ()
    sales_groups: tuple[tuple[str, str, str], ...] = ()  # group, code, why it is exempt there
    item_groups: tuple[tuple[str, str], ...] = ()
    tax_holidays: tuple[TaxHolidayRow, ...] = ()
    charges: tuple[ChargeRow, ...] = ()
    delivery_modes: tuple[DeliveryModeRow, ...] = ()
    destinations: tuple[DestinationRow, ...] = ()
    affiliations: tuple[AffiliationRow, ...] = ()
    reason_exemptions: tuple[ReasonExemptionRow, ...] = ()
    policy: tuple[PolicyRow, ...] = ()

    @property
    def settings(self) -> PricingSettings:
        """The company's choices as the engine's settings; the defaults where nobody has chosen yet."""
        for row in self.policy:
            chosen = {name: getattr(row, name) for name in row.__struct_fields__ if name != "tax_rounding"}
            return PricingSettings(**chosen, tax_rounding=TaxRounding(level=row.tax_rounding))
        return PricingSettings()


# The price groups that can be present in a store: its own, its assortments', and what any customer may bring.
IN_REACH_SQL = """
    SELECT price_group_id FROM pricing_storepricegroup WHERE store_id = {store}
     UNION
    SELECT x.price_group_id FROM pricing_assortmentpricegroup x
      JOIN catalog_assortmentstore s ON s.assortment_id = x.assortment_id AND s.store_id = {store}
     UNION SELECT price_group_id FROM pricing_customerpricegroup
     UNION SELECT price_group_id FROM pricing_customergrouppricegroup
     UNION SELECT price_group_id FROM pricing_affiliationpricegroup
     UNION SELECT price_group_id FROM pricing_loyaltytierpricegroup
"""
_GROUPS = """
    SELECT g.id::text, g.priority, 'channel' AS source, NULL::date AS starts_on, NULL::date AS ends_on
      FROM pricing_storepricegroup x JOIN pricing_pricegroup g ON g.id = x.price_group_id
     WHERE x.store_id = %(store)s
     UNION ALL
    SELECT g.id::text, g.priority, 'catalog', a.starts_on, a.ends_on
      FROM pricing_assortmentpricegroup x JOIN pricing_pricegroup g ON g.id = x.price_group_id
      JOIN catalog_assortment a ON a.id = x.assortment_id
      JOIN catalog_assortmentstore s ON s.assortment_id = a.id AND s.store_id = %(store)s
     ORDER BY 1
"""
_ADJUSTMENTS = """
    SELECT a.id::text, a.name, a.percent, a.amount, a.price, l.product_id::text AS product,
           l.variant_id::text AS variant, l.category_id::text AS category, a.price_group_id::text AS price_group,
           a.currency_id AS currency, a.starts_at, a.ends_at, a.clock
      FROM pricing_priceadjustmentline l JOIN pricing_priceadjustment a ON a.id = l.adjustment_id
     WHERE (a.is_active OR 'draft' = ANY(%(statuses)s)) AND (a.currency_id IS NULL OR a.currency_id = %(currency)s)
       AND (a.ends_at IS NULL OR a.ends_at > now() - interval '400 days')
     ORDER BY a.id, l.id
"""
_TAX_CODES = """
    SELECT t.code, t.name, t.kind, t.sequence, t.affects_next_base, t.base_affected_by_previous, o.code AS of,
           t.calculate_before, t.method, t.marginal_base,
           (SELECT coalesce(json_agg(json_build_array(r.percent, r.starts_on, r.ends_on, r.above, r.up_to)
                                     ORDER BY r.id), '[]')
              FROM pricing_taxrate r WHERE r.tax_code_id = t.id) AS rates
      FROM pricing_taxcode t LEFT JOIN pricing_taxcode o ON o.id = t.of_id
     ORDER BY t.code
"""
_HOLIDAYS = """
    SELECT h.name, h.starts_on, h.ends_on, h.price_limit,
           ARRAY(SELECT g.code FROM pricing_taxholidaygroup x JOIN catalog_itemtaxgroup g ON g.id = x.group_id
                  WHERE x.holiday_id = h.id ORDER BY g.code) AS item_groups,
           ARRAY(SELECT t.code FROM pricing_taxholidaycode x JOIN pricing_taxcode t ON t.id = x.tax_code_id
                  WHERE x.holiday_id = h.id ORDER BY t.code) AS codes
      FROM pricing_taxholiday h ORDER BY h.starts_on, h.id
"""
_REASON_EXEMPTIONS = """
    SELECT r.code, e.lowers_price, e.starts_on, e.ends_on,
           ARRAY(SELECT t.code FROM pricing_taxexemptioncode x JOIN pricing_taxcode t ON t.id = x.tax_code_id
                  WHERE x.exemption_id = e.id ORDER BY t.code) AS codes
      FROM pricing_taxexemption e JOIN hq_reasoncode r ON r.id = e.reason_code_id ORDER BY e.id
"""
_CHARGES = """
    SELECT r.id::text, c.code, c.name, c.kind, r.level, r.way, g.code AS item_tax_group, c.is_refundable, r.is_prorated,
           d.code AS delivery_mode, b.account AS customer, r.price_group_id::text AS price_group,
           ARRAY(SELECT x.product_id::text FROM pricing_chargegoods x
                  WHERE x.rule_id = r.id AND x.product_id IS NOT NULL ORDER BY x.id) AS products,
           ARRAY(SELECT x.category_id::text FROM pricing_chargegoods x
                  WHERE x.rule_id = r.id AND x.category_id IS NOT NULL ORDER BY x.id) AS categories,
           (SELECT coalesce(json_agg(json_build_array(t.least, t.most, t.value) ORDER BY t.least), '[]')
              FROM pricing_chargetier t WHERE t.rule_id = r.id) AS tiers
      FROM pricing_chargerule r
      JOIN pricing_chargecode c ON c.id = r.charge_id
      LEFT JOIN catalog_itemtaxgroup g ON g.id = c.item_tax_group_id
      LEFT JOIN pricing_deliverymode d ON d.id = r.delivery_mode_id
      LEFT JOIN customers_customer b ON b.id = r.customer_id
     WHERE (r.is_active OR 'draft' = ANY(%(statuses)s)) AND r.currency_id = %(currency)s
     ORDER BY r.id
"""
_AFFILIATIONS = """
    SELECT a.code, a.name,
           (SELECT coalesce(json_agg(json_build_array(g.id::text, g.priority) ORDER BY g.id), '[]')
              FROM pricing_affiliationpricegroup x JOIN pricing_pricegroup g ON g.id = x.price_group_id
             WHERE x.affiliation_id = a.id) AS price_groups
      FROM customers_affiliation a ORDER BY a.name
"""


def _rows(sql: str) -> str:
    return f"(SELECT coalesce(json_agg(t), '[]') FROM ({sql}) t)"


def _lists(sql: str) -> str:
    """Rows of texts as lists, in the order of their columns."""
    return f"(SELECT coalesce(json_agg(t.cells), '[]') FROM ({sql}) AS t(cells))"


# One value, for `%(store)s` and its `%(currency)s`; drafts count where `%(statuses)s` has them: in the simulator.
RULES_SQL = f"""json_build_object(
    'groups', {_rows(_GROUPS)},
    'in_reach', (SELECT coalesce(json_agg(t.id ORDER BY t.id), '[]')
                   FROM ({IN_REACH_SQL.format(store="%(store)s")}) AS t(id)),
    'adjustments', {_rows(_ADJUSTMENTS)},
    'tax_codes', {_rows(_TAX_CODES)},
    'sales_groups', {
    _lists(
        "SELECT json_build_array(s.group_id::text, t.code, s.exempt_reason) FROM pricing_salestaxgroupcode s"
        " JOIN pricing_taxcode t ON t.id = s.tax_code_id ORDER BY s.id"
    )
},
    'item_groups', {
    _lists(
        "SELECT json_build_array(g.code, t.code) FROM pricing_itemtaxgroupcode i"
        " JOIN pricing_taxcode t ON t.id = i.tax_code_id JOIN catalog_itemtaxgroup g ON g.id = i.group_id"
        " ORDER BY i.id"
    )
},
    'tax_holidays', {_rows(_HOLIDAYS)},
    'charges', {_rows(_CHARGES)},
    'delivery_modes', {_rows("SELECT code, name, needs_address FROM pricing_deliverymode ORDER BY name")},
    'destinations', {
    _rows(
        "SELECT country, state, city, postcode, sales_tax_group_id::text AS sales_tax_group"
        " FROM pricing_destinationtax ORDER BY id"
    )
},
    'affiliations', {_rows(_AFFILIATIONS)},
    'reason_exemptions', {_rows(_REASON_EXEMPTIONS)},
    'policy', {_rows("SELECT * FROM pricing_pricingpolicy")})"""


def read_rules(store: int, currency: str) -> StoreRules:
    """The rules of a store as they stand now."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT ({RULES_SQL})::text", {"store": store, "currency": currency, "statuses": ["enabled"]}
        )
        return msgspec.json.decode(cursor.fetchone()[0], type=StoreRules)
