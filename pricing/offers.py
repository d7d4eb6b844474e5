"""The enabled discounts of a channel database as the engine's plain values, read in one round trip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import msgspec
from django.db import connection

from pricing.engine.discounts.model import (
    LEAST_EXPENSIVE,
    PERCENT_OFF,
    Coupon,
    Discount,
    DiscountLine,
    Hours,
    LeastExpensive,
    LineGroup,
    Tier,
)
from pricing.store_clock import moment_in

# One column: the rule as JSON.
_RULE = """
SELECT json_build_object(
    'id', d.id::text, 'kind', d.kind, 'name', d.name, 'method', d.method, 'value', d.value::text,
    'concurrency', d.concurrency, 'priority', d.priority, 'currency', d.currency_id,
    'starts_at', d.starts_at, 'ends_at', d.ends_at, 'clock', d.clock,
    'weekdays', d.weekdays, 'begins', d.begins, 'ends', d.ends,
    'least_count', d.least_count, 'max_applications', d.max_applications, 'max_discount', d.max_discount::text,
    'coupon_required', d.coupon_required, 'status', d.status, 'days_only', d.days_only,
    'least_method', d.least_method, 'favor', d.favor, 'quantity_limit', d.quantity_limit::text,
    'limit_scope', d.limit_scope, 'count_blocked', d.counts_blocked_goods, 'match_all', d.matches_all_price_groups,
    'stores', (SELECT coalesce(json_agg(s.number), '[]') FROM pricing_discountstore x
                 JOIN hq_store s ON s.id = x.store_id WHERE x.discount_id = d.id),
    'customers', (SELECT coalesce(json_agg(c.account), '[]') FROM pricing_discountcustomer x
                    JOIN customers_customer c ON c.id = x.customer_id WHERE x.discount_id = d.id),
    'tenders', (SELECT coalesce(json_agg(m.code), '[]') FROM pricing_discounttender x
                  JOIN hq_paymentmethod m ON m.id = x.method_id WHERE x.discount_id = d.id),
    'delivery_modes', (SELECT coalesce(json_agg(m.code), '[]') FROM pricing_discountdeliverymode x
                         JOIN pricing_deliverymode m ON m.id = x.delivery_mode_id WHERE x.discount_id = d.id),
    'price_groups', (SELECT coalesce(json_agg(g.price_group_id::text), '[]') FROM pricing_discountpricegroup g
                      WHERE g.discount_id = d.id),
    'groups', (SELECT coalesce(json_agg(json_build_array(g.code, g.quantity, g.is_mandatory) ORDER BY g.code), '[]')
                 FROM pricing_discountgroup g WHERE g.discount_id = d.id),
    'lines', (SELECT coalesce(json_agg(json_build_array(
                         l.id::text, l.product_id::text, l.category_id::text, l.is_excluded, l.group,
                         l.variant_id::text, l.attribute, l.attribute_value, l.unit_id, l.method, l.value::text)
                         ORDER BY l.id), '[]')
                FROM pricing_discountline l WHERE l.discount_id = d.id),
    'tiers', (SELECT coalesce(json_agg(json_build_array(t.minimum::text, t.value::text, t.method)
                         ORDER BY t.minimum), '[]')
                FROM pricing_discounttier t WHERE t.discount_id = d.id),
    'coupons', (SELECT coalesce(json_agg(json_build_array(
                           c.code, c.is_active, c.starts_at, c.ends_at, c.limit, c.limit_per_customer,
                           c.limit_per_channel)), '[]')
                  FROM pricing_discountcoupon c WHERE c.discount_id = d.id))
  FROM pricing_discount d
"""
OFFERS_SQL = (
    _RULE
    + """
 WHERE d.status = ANY(%(statuses)s) AND (d.currency_id IS NULL OR d.currency_id = %(currency)s)
   AND (d.ends_at IS NULL OR d.ends_at > now() - interval '400 days')
 ORDER BY d.id
"""
)


def statuses_of(with_drafts: bool) -> list[str]:
    """The states of the discounts that are read: drafts for the simulator alone, whose basket asks for them."""
    return ["enabled", "draft"] if with_drafts else ["enabled"]


def enabled_discounts(currency: str, zone: str = "") -> list[Discount]:
    """Every enabled discount that may matter in that currency, as it runs in a store of that time zone.

    Periods and groups are the engine's to check.
    """
    return _read(OFFERS_SQL, {"currency": currency, "statuses": statuses_of(False)}, zone)


def rules_of(discounts: Sequence[int]) -> list[Discount]:
    """Discounts of any status as the engine's rules, in the order of their keys."""
    return _read(_RULE + " WHERE d.id = ANY(%(keys)s) ORDER BY d.id", {"keys": list(discounts)})


def _read(sql: str, parameters: Mapping[str, Any], zone: str = "") -> list[Discount]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows = [row for (row,) in cursor.fetchall()]
    return [as_rule(msgspec.json.decode(row) if isinstance(row, str | bytes) else row, zone) for row in rows]


def as_rule(row: Mapping[str, Any], zone: str = "") -> Discount:
    """One discount of the back office as the engine's rule, in a store of that time zone."""

    def moment(said: str | None) -> datetime | None:
        return moment_in(zone, _instant(said), row["clock"] if zone else "")

    cheapest = row["method"] == LEAST_EXPENSIVE
    value = _number(row["value"])
    return Discount(
        id=row["id"],
        kind=row["kind"],
        name=row["name"],
        method=row["method"],
        value=None if cheapest else value,
        concurrency=row["concurrency"],
        priority=row["priority"],
        currency=row["currency"],
        lines=tuple(_line(line) for line in row["lines"]),
        tiers=tuple(
            Tier(minimum=Decimal(minimum), method=method or row["method"], value=Decimal(given))
            for minimum, given, method in row["tiers"]
        ),
        groups=tuple(
            LineGroup(id=code, quantity=quantity, mandatory=must) for code, quantity, must in row["groups"]
        ),
        least_expensive=_cheapest(row, value) if cheapest else None,
        favor=row["favor"],
        quantity_limit=_number(row["quantity_limit"]),
        limit_scope=row["limit_scope"],
        count_non_discountable=row["count_blocked"],
        match_all_price_groups=row["match_all"],
        customers=tuple(row["customers"]),
        channels=tuple(row["stores"]),
        tenders=tuple(row["tenders"]),
        delivery_modes=tuple(row["delivery_modes"]),
        days_only=tuple(date.fromisoformat(day) for day in row["days_only"]),
        max_applications=row["max_applications"],
        max_discount=_number(row["max_discount"]),
        price_groups=tuple(row["price_groups"]),
        coupon_required=row["coupon_required"],
        coupons=tuple(
            Coupon(code, active, moment(starts), moment(ends), *limits)
            for code, active, starts, ends, *limits in row["coupons"]
        ),
        starts_at=moment(row["starts_at"]),
        ends_at=moment(row["ends_at"]),
        hours=_hours(row["weekdays"], row["begins"], row["ends"]),
        enabled=row["status"] == "enabled",
        draft=row["status"] == "draft",
    )


def _line(line: Sequence[Any]) -> DiscountLine:
    line_id, product, category, excluded, group, variant, attribute, wanted, unit, method, value = line
    return DiscountLine(
        id=line_id,
        everything=product is None and category is None and not attribute,
        products=(product,) if product and not variant else (),
        variants=(variant,) if variant else (),
        categories=(category,) if category else (),
        attributes=((attribute, wanted),) if attribute else (),
        exclude=excluded,
        unit=unit,
        group=group,
        method=method or None,
        value=_number(value),
    )


def _cheapest(row: Mapping[str, Any], value: Decimal | None) -> LeastExpensive:
    """What the cheapest of a set are given: all of their price, where nothing is said."""
    method = row["least_method"]
    given = Decimal(100) if value is None and method == PERCENT_OFF else value
    return LeastExpensive(row["least_count"], method, given if given is not None else Decimal(0))


def _hours(weekdays: Sequence[int], begins: str | None, ends: str | None) -> tuple[Hours, ...]:
    if not weekdays and begins is None and ends is None:
        return ()
    first, last = (time.fromisoformat(said) if said else time(0) for said in (begins, ends))
    until = last if last != time(0) else None  # 00:00 is the end of the day
    return (Hours(weekdays=tuple(weekdays) or Hours().weekdays, begins=first, ends=until),)


def _number(text: str | None) -> Decimal | None:
    return Decimal(text) if text is not None else None


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
