"""The enabled discounts of a channel database as the engine's plain values, read in one round trip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time
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

# One column: the rule as JSON.
OFFERS_SQL = """
SELECT json_build_object(
    'id', d.id::text, 'kind', d.kind, 'name', d.name, 'method', d.method, 'value', d.value::text,
    'concurrency', d.concurrency, 'priority', d.priority, 'currency', d.currency_id,
    'starts_at', d.starts_at, 'ends_at', d.ends_at, 'weekdays', d.weekdays, 'begins', d.begins, 'ends', d.ends,
    'least_count', d.least_count, 'max_applications', d.max_applications, 'max_discount', d.max_discount::text,
    'coupon_required', d.coupon_required, 'status', d.status,
    'price_groups', (SELECT coalesce(json_agg(g.price_group_id::text), '[]') FROM pricing_discountpricegroup g
                      WHERE g.discount_id = d.id),
    'groups', (SELECT coalesce(json_agg(json_build_array(g.code, g.quantity) ORDER BY g.code), '[]')
                 FROM pricing_discountgroup g WHERE g.discount_id = d.id),
    'lines', (SELECT coalesce(json_agg(json_build_array(
                         l.id::text, l.product_id::text, l.category_id::text, l.is_excluded, l.group)
                         ORDER BY l.id), '[]')
                FROM pricing_discountline l WHERE l.discount_id = d.id),
    'tiers', (SELECT coalesce(json_agg(json_build_array(t.minimum::text, t.value::text) ORDER BY t.minimum), '[]')
                FROM pricing_discounttier t WHERE t.discount_id = d.id),
    'coupons', (SELECT coalesce(json_agg(json_build_array(c.code, c.is_active, c.starts_at, c.ends_at)), '[]')
                  FROM pricing_discountcoupon c WHERE c.discount_id = d.id))
  FROM pricing_discount d
 WHERE d.status = ANY(%(statuses)s) AND (d.currency_id IS NULL OR d.currency_id = %(currency)s)
   AND (d.ends_at IS NULL OR d.ends_at > now() - interval '400 days')
 ORDER BY d.id
"""


def statuses_of(with_drafts: bool) -> list[str]:
    """The states of the discounts that are read: drafts for the simulator alone, whose basket asks for them."""
    return ["enabled", "draft"] if with_drafts else ["enabled"]


def enabled_discounts(currency: str) -> list[Discount]:
    """Every enabled discount that may matter in that currency; periods and groups are the engine's to check."""
    with connection.cursor() as cursor:
        cursor.execute(OFFERS_SQL, {"currency": currency, "statuses": statuses_of(False)})
        rows = [row for (row,) in cursor.fetchall()]
    return [as_rule(msgspec.json.decode(row) if isinstance(row, str | bytes) else row) for row in rows]


def as_rule(row: Mapping[str, Any]) -> Discount:
    """One discount of the back office as the engine's rule."""
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
            Tier(minimum=Decimal(minimum), method=row["method"], value=Decimal(given))
            for minimum, given in row["tiers"]
        ),
        groups=tuple(LineGroup(id=code, quantity=quantity) for code, quantity in row["groups"]),
        least_expensive=LeastExpensive(row["least_count"], PERCENT_OFF, value or Decimal(100))
        if cheapest
        else None,
        max_applications=row["max_applications"],
        max_discount=_number(row["max_discount"]),
        price_groups=tuple(row["price_groups"]),
        coupon_required=row["coupon_required"],
        coupons=tuple(
            Coupon(code=code, active=active, starts_at=_instant(starts), ends_at=_instant(ends))
            for code, active, starts, ends in row["coupons"]
        ),
        starts_at=_instant(row["starts_at"]),
        ends_at=_instant(row["ends_at"]),
        hours=_hours(row["weekdays"], row["begins"], row["ends"]),
        enabled=row["status"] == "enabled",
        draft=row["status"] == "draft",
    )


def _line(line: Sequence[Any]) -> DiscountLine:
    line_id, product, category, excluded, group = line
    return DiscountLine(
        id=line_id,
        everything=product is None and category is None,
        products=(product,) if product else (),
        categories=(category,) if category else (),
        exclude=excluded,
        group=group,
    )


def _hours(weekdays: Sequence[int], begins: str | None, ends: str | None) -> tuple[Hours, ...]:
    if not weekdays and begins is None and ends is None:
        return ()
    return (
        Hours(
            weekdays=tuple(weekdays) or Hours().weekdays,
            begins=time.fromisoformat(begins) if begins else time(0),
            ends=time.fromisoformat(ends) if ends else None,
        ),
    )


def _number(text: str | None) -> Decimal | None:
    return Decimal(text) if text is not None else None


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
