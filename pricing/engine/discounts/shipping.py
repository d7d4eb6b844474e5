"""Shipping discounts: on the charges that are shipping, after the goods, by the worth of the goods."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from msgspec.structs import replace

from pricing.engine.charges import discounted
from pricing.engine.discounts.model import Discount
from pricing.engine.discounts.terms import Terms
from pricing.engine.model import ZERO, AppliedDiscount, Charge
from pricing.engine.rounding import spread


def shared_shipping_discounts(
    parts: Sequence[Charge], terms: Sequence[Terms], goods: Decimal, unit: Decimal
) -> list[tuple[AppliedDiscount, ...]]:
    """The discounts on one charge that is shared over lines, part by part: given once, on all of it."""
    left = [part.amount for part in parts]
    given: list[list[AppliedDiscount]] = [[] for _ in parts]
    for one in shipping_discounts(replace(parts[0], amount=sum(left, ZERO)), terms, goods, unit):
        for place, amount in enumerate(spread(one.amount, left, unit)):
            left[place] -= amount
            if amount:
                given[place].append(replace(one, amount=amount))
    return [tuple(own) for own in given]


def shipping_discounts(
    charge: Charge, terms: Sequence[Terms], goods: Decimal, unit: Decimal
) -> tuple[AppliedDiscount, ...]:
    """The discounts on one charge: the best single one, or the compound ones together where they are more."""
    if charge.type != "shipping":
        return ()
    fitting = [one for one in terms if _fits(one.discount, charge)]
    singles = [
        found for one in fitting if not one.compound and (found := _given(one, charge.amount, goods, unit))
    ]
    single = max(singles, key=lambda found: found.amount, default=None)
    bundle: list[AppliedDiscount] = []
    left = charge.amount
    for one in sorted((one for one in fitting if one.compound), key=lambda one: (one.rank, one.order)):
        found = _given(one, left, goods, unit)
        if found is not None:
            bundle.append(found)
            left -= found.amount
    exclusive = any(one.exclusive for one in fitting)
    if single is not None and (exclusive or single.amount >= charge.amount - left):
        return (single,)
    return tuple(bundle)


def _fits(discount: Discount, charge: Charge) -> bool:
    return not discount.delivery_modes or charge.delivery_mode in discount.delivery_modes


def _given(terms: Terms, amount: Decimal, goods: Decimal, unit: Decimal) -> AppliedDiscount | None:
    """What the discount takes off the amount; None when the goods do not reach it or it gives nothing."""
    discount = terms.discount
    method, value = discount.method, discount.value
    reached = [tier for tier in discount.tiers if goods >= tier.minimum]
    if discount.tiers:
        if not reached:
            return None
        best = max(reached, key=lambda tier: tier.minimum)
        method, value = best.method, best.value
    if method is None or value is None:
        return None
    off, _ = discounted(amount, method, value, unit)
    if discount.max_discount is not None:
        off = min(off, discount.max_discount)
    if not off:
        return None
    rule = "exclusive" if terms.exclusive else "compound" if terms.compound else "best_price"
    return AppliedDiscount(terms.id, terms.name, terms.kind, off, rule, method, value, None, terms.coupon)
