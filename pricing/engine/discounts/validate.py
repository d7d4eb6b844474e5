"""Why a discount that cannot work is refused where it is entered: the field, what is wrong, and the remedy."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from decimal import Decimal

from pricing.engine.checks import Problem, check_number
from pricing.engine.discounts.model import (
    AMOUNT_OFF,
    BEST_PRICE,
    COMPOUND,
    DEAL_PRICE,
    EXCLUSIVE,
    LEAST_EXPENSIVE,
    LINE_SPECIFIC,
    MIX_AND_MATCH,
    PERCENT_OFF,
    QUANTITY,
    SHIPPING,
    SIMPLE,
    TENDER,
    THRESHOLD,
    UNIT_PRICE,
    Coupon,
    Discount,
    DiscountLine,
    Tier,
)

HUNDRED = Decimal(100)
ZERO = Decimal(0)
METHODS = {
    SIMPLE: (PERCENT_OFF, AMOUNT_OFF, UNIT_PRICE),
    QUANTITY: (PERCENT_OFF, AMOUNT_OFF, UNIT_PRICE),
    MIX_AND_MATCH: (PERCENT_OFF, AMOUNT_OFF, DEAL_PRICE, LEAST_EXPENSIVE, LINE_SPECIFIC),
    THRESHOLD: (PERCENT_OFF, AMOUNT_OFF),
    TENDER: (PERCENT_OFF,),
    SHIPPING: (PERCENT_OFF, AMOUNT_OFF, UNIT_PRICE),
}
WITH_TIERS = (QUANTITY, THRESHOLD)


def validate_discount(discount: Discount) -> list[Problem]:
    """All that is wrong with a discount as it was entered; empty when it may be enabled.

    ``field`` names a field of `Discount`, ``row`` the place in it where the field holds several.
    """
    if discount.kind not in METHODS:
        return [
            Problem(
                "kind", f"{discount.kind!r} is no kind of discount.", f"Choose one of {', '.join(METHODS)}."
            )
        ]
    found: list[Problem] = []
    if discount.concurrency not in (EXCLUSIVE, BEST_PRICE, COMPOUND):
        found.append(
            Problem(
                "concurrency",
                f"{discount.concurrency!r} is no mode.",
                "Choose exclusive, best price or compound.",
            )
        )
    found += _check_goods(discount)
    found += _check_values(discount)
    found += _check_tiers(discount)
    if discount.kind == MIX_AND_MATCH:
        found += _check_groups(discount)
    found += _check_times(discount)
    found += _check_limits(discount)
    found += validate_coupons(discount.coupons, required=discount.coupon_required)
    return found


def _check_goods(discount: Discount) -> list[Problem]:
    if discount.kind in (TENDER, SHIPPING):
        return []
    found = []
    if not any(not line.exclude for line in discount.lines):
        found.append(
            Problem("lines", "The discount names no goods.", "Add at least one line that includes goods.")
        )
    for row, line in enumerate(discount.lines):
        if not _names_goods(line):
            found.append(
                Problem(
                    "lines",
                    "The line names no goods.",
                    "Choose products, variants, categories or all goods.",
                    row,
                )
            )
    return found


def _names_goods(line: DiscountLine) -> bool:
    return bool(line.everything or line.products or line.variants or line.categories or line.attributes)


def _check_values(discount: Discount) -> list[Problem]:
    allowed = METHODS[discount.kind]
    least = discount.least_expensive
    if discount.kind == MIX_AND_MATCH and (discount.method == LEAST_EXPENSIVE or least is not None):
        if least is None:
            return [Problem("least_expensive", "What the cheapest are given is missing.", "Enter it.")]
        return check_value(least.method, least.value, "least_expensive", METHODS[SIMPLE])
    found = []
    if discount.method is not None and discount.method != LINE_SPECIFIC:
        found += check_value(discount.method, discount.value, "value", allowed)
    elif discount.method is None and not discount.tiers and not _every_line_has_value(discount):
        found.append(
            Problem("method", "It is not said what the discount gives.", "Choose percent, amount or price.")
        )
    for row, line in enumerate(discount.lines):
        if line.method is not None:
            found += check_value(line.method, line.value, "lines", METHODS[SIMPLE], row)
        elif discount.method == LINE_SPECIFIC and not line.exclude:
            found.append(Problem("lines", "The line has no value of its own.", "Enter what it gives.", row))
    return found


def _every_line_has_value(discount: Discount) -> bool:
    return all(line.method is not None for line in discount.lines if not line.exclude)


def check_value(
    method: str, value: Decimal | None, field: str, allowed: Sequence[str], row: int | None = None
) -> list[Problem]:
    """A percentage above 0 and up to 100, an amount above 0, a price of at least 0."""
    if method not in allowed:
        return [
            Problem("method", f"{method!r} cannot be used here.", f"Choose one of {', '.join(allowed)}.", row)
        ]
    if method == PERCENT_OFF:
        found = check_number(value, field=field, what="A percentage", least=ZERO, most=HUNDRED, row=row)
    else:
        found = check_number(value, field=field, what="An amount", least=ZERO, row=row)
    if not found and value == 0 and method in (PERCENT_OFF, AMOUNT_OFF):
        found.append(Problem(field, "A discount of zero gives nothing.", "Enter more than zero.", row))
    return found


def _check_tiers(discount: Discount) -> list[Problem]:
    if not discount.tiers:
        if discount.kind in WITH_TIERS:
            return [
                Problem("tiers", "There is no tier.", "Enter from where on the discount is given, and what.")
            ]
        return []
    found: list[Problem] = []
    allowed = METHODS[discount.kind]
    for row, tier in enumerate(discount.tiers):
        found += check_number(tier.minimum, field="tiers", what="The start of a tier", least=ZERO, row=row)
        found += check_value(tier.method, tier.value, "tiers", allowed, row)
    if found:
        return found
    ordered = sorted(enumerate(discount.tiers), key=lambda pair: pair[1].minimum)
    for (_, lower), (row, upper) in itertools.pairwise(ordered):
        if upper.minimum == lower.minimum:
            found.append(Problem("tiers", f"Two tiers start at {upper.minimum}.", "Remove one of them.", row))
        elif not _gives_more(lower, upper):
            found.append(
                Problem(
                    "tiers",
                    "The tier gives less than the one below it.",
                    "Let the higher tier give more.",
                    row,
                )
            )
    return found


def _gives_more(lower: Tier, upper: Tier) -> bool:
    """Whether the upper tier gives at least what the lower one does just below it, as far as that can be told."""
    if lower.method == upper.method:
        return upper.value <= lower.value if upper.method == UNIT_PRICE else upper.value >= lower.value
    if lower.method == AMOUNT_OFF and upper.method == PERCENT_OFF:
        return upper.minimum * upper.value / HUNDRED >= lower.value
    if lower.method == PERCENT_OFF and upper.method == AMOUNT_OFF:
        return upper.value >= upper.minimum * lower.value / HUNDRED
    return True


def _check_groups(discount: Discount) -> list[Problem]:
    groups = {group.id: group for group in discount.groups}
    if not groups:
        return [
            Problem("groups", "A mix and match needs a group.", "Add a group and how many units it needs.")
        ]
    found: list[Problem] = []
    for row, group in enumerate(discount.groups):
        if group.quantity < 1:
            found.append(Problem("groups", "The group needs no units.", "Enter at least 1.", row))
        if not any(line.group == group.id and not line.exclude for line in discount.lines):
            found.append(
                Problem("groups", f"No line fills the group {group.id}.", "Add a line of that group.", row)
            )
    if len(groups) < len(discount.groups):
        found.append(Problem("groups", "Two groups have the same name.", "Name each group differently."))
    for row, line in enumerate(discount.lines):
        if not line.exclude and line.group not in groups:
            found.append(
                Problem("lines", f"There is no group {line.group!r}.", "Choose one of the groups.", row)
            )
    needed = sum(group.quantity for group in discount.groups if not group.mandatory)
    must = sum(group.quantity for group in discount.groups if group.mandatory)
    if must > needed:
        found.append(
            Problem(
                "groups",
                "Mandatory groups need more units than the set has.",
                "Lower them, or raise the others.",
            )
        )
    least = discount.least_expensive
    if least is not None and not 1 <= least.count < needed:
        found.append(
            Problem(
                "least_expensive",
                f"{least.count} of {needed} units cannot be the cheapest.",
                f"Enter a number from 1 to {max(needed - 1, 1)}.",
            )
        )
    if discount.favor == "retailer" and least is None:
        found.append(
            Problem(
                "favor", "Only a least-expensive set can favour the retailer.", "Favour the customer here."
            )
        )
    return found


def _check_times(discount: Discount) -> list[Problem]:
    found = []
    if discount.starts_at and discount.ends_at and discount.ends_at <= discount.starts_at:
        found.append(Problem("ends_at", "The end is not after the start.", "Choose a later end, or none."))
    for row, hours in enumerate(discount.hours):
        if not hours.weekdays or any(day not in range(7) for day in hours.weekdays):
            found.append(Problem("hours", "The hours name no weekday.", "Choose at least one day.", row))
        if hours.ends is not None and hours.ends == hours.begins:
            found.append(Problem("hours", "The hours end where they begin.", "Choose another end.", row))
    return found


def _check_limits(discount: Discount) -> list[Problem]:
    found = []
    if discount.max_applications is not None and discount.max_applications < 1:
        found.append(
            Problem("max_applications", "It may never be applied.", "Enter at least 1, or leave it empty.")
        )
    if discount.quantity_limit is not None:
        found += check_number(
            discount.quantity_limit, field="quantity_limit", what="The ceiling", least=Decimal(1)
        )
    if discount.max_discount is not None and discount.max_discount <= 0:
        found.append(
            Problem("max_discount", "The ceiling leaves nothing.", "Enter more than zero, or leave it empty.")
        )
    return found


def validate_coupons(coupons: Sequence[Coupon], *, required: bool) -> list[Problem]:
    """What is wrong with a discount's coupons: a code that is missing or there twice, an end before its start."""
    found = []
    if required and not coupons:
        found.append(Problem("coupons", "A coupon is required, but there is none.", "Add a code."))
    seen: set[str] = set()
    for row, coupon in enumerate(coupons):
        code = coupon.code.strip().casefold()
        if not code:
            found.append(Problem("coupons", "The code is missing.", "Enter a code.", row))
        elif code in seen:
            found.append(
                Problem("coupons", f"The code {coupon.code} is there twice.", "Remove one of them.", row)
            )
        seen.add(code)
        if coupon.starts_at and coupon.ends_at and coupon.ends_at <= coupon.starts_at:
            found.append(
                Problem("coupons", "The coupon ends before it starts.", "Choose a later end, or none.", row)
            )
        limits = (coupon.limit, coupon.limit_per_customer, coupon.limit_per_channel)
        if any(limit is not None and limit < 1 for limit in limits):
            found.append(
                Problem("coupons", "The coupon may never be used.", "Enter at least 1, or no limit.", row)
            )
    return found
