"""Who is there when a basket is priced: the price groups of the store and of its customer, and the customer's taxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import msgspec
from django.db import connection

from channels_app.prepared import prepared
from pricing.engine.model import PriceGroup
from pricing.engine.tax_codes import Exemption
from pricing.rules import StoreGroup

# The exemptions that a condition on `e` picks, as a JSON list.
EXEMPTIONS_SQL = """
    (SELECT coalesce(json_agg(t), '[]') FROM (
        SELECT e.reason, e.lowers_price, e.starts_on, e.ends_on,
               ARRAY(SELECT c.code FROM pricing_taxexemptioncode x JOIN pricing_taxcode c ON c.id = x.tax_code_id
                      WHERE x.exemption_id = e.id ORDER BY c.code) AS codes
          FROM pricing_taxexemption e WHERE {condition} ORDER BY e.id) t)
"""
_HIS = "e.customer_id = (SELECT id FROM buyer) OR e.customer_group_id = (SELECT group_id FROM buyer)"
_BUYER = """
WITH buyer AS (SELECT id, group_id FROM customers_customer WHERE account = %(account)s),
held (price_group_id, source) AS (
    SELECT x.price_group_id, 'customer' FROM pricing_customerpricegroup x JOIN buyer b ON b.id = x.customer_id
     UNION ALL
    SELECT x.price_group_id, 'customer' FROM pricing_customergrouppricegroup x
      JOIN buyer b ON b.group_id = x.customer_group_id
     UNION ALL
    SELECT x.price_group_id, 'affiliation' FROM pricing_affiliationpricegroup x
      JOIN customers_customeraffiliation a ON a.affiliation_id = x.affiliation_id JOIN buyer b ON b.id = a.customer_id
     UNION ALL
    SELECT x.price_group_id, 'loyalty' FROM pricing_loyaltytierpricegroup x
      JOIN customers_loyaltycard c ON c.tier_id = x.tier_id AND c.is_active JOIN buyer b ON b.id = c.customer_id)
SELECT json_build_object(
    'groups', (SELECT coalesce(json_agg(t), '[]') FROM (
        SELECT DISTINCT ON (g.id) g.id::text, g.priority, h.source
          FROM held h JOIN pricing_pricegroup g ON g.id = h.price_group_id ORDER BY g.id, h.source) t),
    'exemptions', {exemptions})::text
""".replace("{exemptions}", EXEMPTIONS_SQL.format(condition=_HIS))


@prepared
class _Read(msgspec.Struct, frozen=True):
    groups: tuple[PriceGroup, ...]
    exemptions: tuple[Exemption, ...]


@dataclass(frozen=True)
class Buyer:
    """What a customer brings to a sale."""

    groups: tuple[PriceGroup, ...] = ()
    exemptions: tuple[Exemption, ...] = ()


NOBODY = Buyer()


def read_buyer(account: str) -> Buyer:
    """A customer's price groups (own, of the customer group, affiliations, loyalty cards) and exemptions."""
    with connection.cursor() as cursor:
        cursor.execute(_BUYER, {"account": account})
        read = msgspec.json.decode(cursor.fetchone()[0], type=_Read)
    return Buyer(read.groups, read.exemptions)


def exemption_on(exemptions: Sequence[Exemption], day: date) -> Exemption | None:
    """The first that holds on a day."""
    for one in exemptions:
        if (one.starts_on is None or one.starts_on <= day) and (one.ends_on is None or day < one.ends_on):
            return one
    return None


def exemption_from(exemptions: Sequence[Exemption], day: date) -> Exemption | None:
    """The first that holds on a day, else the next to begin: what is in a cart then may be paid on a later day."""
    coming = (one for one in exemptions if one.starts_on is not None and one.starts_on > day)
    return exemption_on(exemptions, day) or min(coming, key=_start, default=None)


def _start(one: Exemption) -> date:
    return one.starts_on or date.min


def present(store: Sequence[StoreGroup], customer: Sequence[PriceGroup], day: date) -> tuple[PriceGroup, ...]:
    """The groups present on a day, each once: where it comes from several sides, the store's goes first."""
    found = {one.id: one.group for one in reversed(store) if one.holds_on(day)}
    both = {group.id: group for group in customer} | found
    return tuple(both[key] for key in sorted(both, key=int))
