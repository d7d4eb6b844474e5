"""Whether a discount is a candidate at a moment, for this customer, channel and these coupons; and until when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pricing.engine.discounts.model import Coupon, Discount, Hours
from pricing.engine.model import Basket, CouponUsage

DAY = timedelta(days=1)


def refusal(
    discount: Discount, basket: Basket, groups: frozenset[str], local: datetime
) -> tuple[str, str] | None:
    """Why the discount is not a candidate, as (code, detail), or None when it is.

    ``groups`` are the price groups present, ``local`` the basket's moment in the store's zone.
    """
    if not discount.enabled and not (discount.draft and basket.include_drafts):
        return "discount_disabled", ""
    if discount.currency is not None and discount.currency != basket.currency.code:
        return "wrong_currency", discount.currency
    if discount.channels and basket.channel not in discount.channels:
        return "other_channel", ""
    if discount.customers and basket.customer not in discount.customers:
        return "other_customer", ""
    if discount.price_groups:
        present = groups.intersection(discount.price_groups)
        if not present or (
            discount.match_all_price_groups and len(present) < len(set(discount.price_groups))
        ):
            return "not_in_price_group", ", ".join(sorted(set(discount.price_groups) - present))
    if discount.coupon_required:
        return _coupon_refusal(discount, basket) or _hours_refusal(discount, local)
    if discount.starts_at is not None and basket.at < discount.starts_at:
        return "not_started", discount.starts_at.isoformat()
    if discount.ends_at is not None and basket.at >= discount.ends_at:
        return "ended", discount.ends_at.isoformat()
    return _hours_refusal(discount, local)


def coupon_used(discount: Discount, basket: Basket) -> Coupon | None:
    """The presented coupon that unlocks the discount, the first that is valid."""
    if not discount.coupon_required:
        return None
    presented = {code.casefold() for code in basket.coupons}
    for coupon in discount.coupons:
        if coupon.code.casefold() in presented and _coupon_fault(coupon, basket) is None:
            return coupon
    return None


def _coupon_refusal(discount: Discount, basket: Basket) -> tuple[str, str] | None:
    """A coupon's own dates and status stand in for those of the discount; its days and hours hold for all."""
    if coupon_used(discount, basket) is not None:
        return None
    presented = {code.casefold() for code in basket.coupons}
    for coupon in discount.coupons:
        if coupon.code.casefold() in presented:
            return _coupon_fault(coupon, basket) or "needs_coupon", coupon.code
    return "needs_coupon", ", ".join(coupon.code for coupon in discount.coupons[:3])


def _coupon_fault(coupon: Coupon, basket: Basket) -> str | None:
    if not coupon.active:
        return "coupon_inactive"
    if coupon.starts_at is not None and basket.at < coupon.starts_at:
        return "coupon_not_started"
    if coupon.ends_at is not None and basket.at >= coupon.ends_at:
        return "coupon_ended"
    if coupon.limit_per_customer is not None and not basket.customer:
        return "coupon_needs_customer"  # whose uses are counted must be known
    usage = next((use for use in basket.coupon_usage if use.code.casefold() == coupon.code.casefold()), None)
    return None if usage is None else _used_up(coupon, usage)


def _used_up(coupon: Coupon, usage: CouponUsage) -> str | None:
    for limit, used in (
        (coupon.limit, usage.total),
        (coupon.limit_per_customer, usage.customer),
        (coupon.limit_per_channel, usage.channel),
    ):
        if limit is not None and used >= limit:
            return "coupon_used_up"
    return None


def _hours_refusal(discount: Discount, local: datetime) -> tuple[str, str] | None:
    days = [day for hours in discount.hours if (day := day_of(hours, local)) is not None]
    named = discount.days_only
    if named and not any(day in named for day in days or [local.date()]):
        return "other_day", ""
    if discount.hours and not days:
        return "other_hours", ""
    return None


def day_of(hours: Hours, local: datetime) -> date | None:
    """The day to whose hours the local moment belongs; hours past midnight belong to the day on which they began."""
    now, day = local.time(), local.date()
    if hours.ends is not None and hours.ends < hours.begins:
        if now < hours.ends:
            day -= DAY
        elif now < hours.begins:
            return None
    elif now < hours.begins or (hours.ends is not None and now >= hours.ends):
        return None
    return day if day.weekday() in hours.weekdays else None


def day_bounds(local: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """What of the local day that holds the moment has one offset from UTC, as instants: first included, last not.

    It is the whole day, but for the two of a year on which clocks are put forward or back.
    """
    day = local.date()
    start, end = (datetime.combine(one, time(0), zone).astimezone(UTC) for one in (day, day + DAY))
    change = _clock_change(start, end, zone)
    if change is None:
        return start, end
    return (start, change) if local < change else (change, end)


def _clock_change(start: datetime, end: datetime, zone: ZoneInfo) -> datetime | None:
    """The first instant with another offset from UTC than at the start, where the end has another."""
    offset = start.astimezone(zone).utcoffset()
    if end.astimezone(zone).utcoffset() == offset:
        return None
    before, after = 0, int((end - start).total_seconds())
    while after - before > 1:
        middle = (before + after) // 2
        if (start + timedelta(seconds=middle)).astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return start + timedelta(seconds=after)


def changes_on(discount: Discount, local: datetime) -> Iterator[datetime]:
    """The instants of what `day_bounds` gives at which the discount may begin or cease to be a candidate."""
    for instant in (discount.starts_at, discount.ends_at):
        if instant is not None:
            yield instant
    for coupon in discount.coupons:
        for instant in (coupon.starts_at, coupon.ends_at):
            if instant is not None:
                yield instant
    offset = local.utcoffset() or timedelta()
    for hours in discount.hours:
        for clock in (hours.begins, hours.ends):
            if clock is not None:
                yield datetime.combine(local.date(), clock, UTC) - offset
