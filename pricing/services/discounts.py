"""Switching a discount on and off. What could never work, or would give too much, is refused before it is on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from django.db import transaction

from channels_app.errors import DomainError
from pricing.engine.discounts.validate import validate_discount
from pricing.models import Discount, DiscountTier
from pricing.offers import rules_of

Kind, Method, Status = Discount.Kind, Discount.Method, Discount.Status
METHODS = {
    Kind.SIMPLE: {Method.PERCENT_OFF, Method.AMOUNT_OFF, Method.UNIT_PRICE},
    Kind.QUANTITY: {Method.PERCENT_OFF, Method.AMOUNT_OFF, Method.UNIT_PRICE},
    Kind.MIX_AND_MATCH: {
        Method.DEAL_PRICE, Method.PERCENT_OFF, Method.AMOUNT_OFF, Method.LEAST_EXPENSIVE, Method.LINE_SPECIFIC,
    },
    Kind.THRESHOLD: {Method.PERCENT_OFF, Method.AMOUNT_OFF},
    Kind.TENDER: {Method.PERCENT_OFF},
    Kind.SHIPPING: {Method.PERCENT_OFF, Method.AMOUNT_OFF, Method.UNIT_PRICE},
}  # fmt: skip
TIERED = {Kind.QUANTITY, Kind.THRESHOLD}
FROM_AN_AMOUNT = {Kind.THRESHOLD, Kind.SHIPPING, Kind.TENDER}  # where a tier begins at money, not at units
MONEY = {Method.AMOUNT_OFF, Method.UNIT_PRICE, Method.DEAL_PRICE}
WITHOUT_GOODS = {Kind.TENDER, Kind.SHIPPING}
# What the engine's rules call otherwise than the page.
FIELDS = {"least_expensive": "least_count", "hours": "begins"}


class DiscountNotReady(DomainError):
    """The discount cannot be enabled as it stands; `details["faults"]` lists every reason."""

    code = "discount_not_ready"
    message = "{name} cannot be enabled: {words}"


@dataclass(frozen=True)
class Fault:
    """What is wrong with a discount, and the field in which to mend it."""

    field: str
    text: str


def enable_discount(discount_id: int) -> Discount:
    """Enable a discount; it reaches the stores with the next package. Raises DiscountNotReady."""
    with transaction.atomic():
        discount = Discount.objects.select_for_update().get(pk=discount_id)
        faults = list(faults_of(discount))
        if faults:
            words = " ".join(fault.text for fault in faults)
            raise DiscountNotReady(name=discount.name, words=words, faults=faults, field=faults[0].field)
        discount.status = Status.ENABLED
        discount.save(update_fields=["status"])
    return discount


def disable_discount(discount_id: int) -> Discount:
    """Take a discount out of the stores with the next package; it can then be edited."""
    with transaction.atomic():
        discount = Discount.objects.select_for_update().get(pk=discount_id)
        discount.status = Status.DISABLED
        discount.save(update_fields=["status"])
    return discount


def join_only_part(discount: Discount) -> None:
    """Where a set has one part, goods that name none belong to it."""
    if discount.kind == Kind.MIX_AND_MATCH and discount.groups.count() == 1:
        part = discount.groups.get().code
        for line in discount.lines.filter(group="", is_excluded=False):
            line.group = part
            line.save(update_fields=["group"])


def faults_of(discount: Discount) -> Iterator[Fault]:
    """Everything that keeps a discount from working (Microsoft, "Retail discounts", validation on enabling)."""
    found: dict[str, None] = {}
    for fault in _own_faults(discount):
        found[fault.field] = None
        yield fault
    for rule in rules_of([discount.pk]):
        for problem in validate_discount(rule):
            field = FIELDS.get(problem.field, problem.field)
            if field not in found and not (field == "value" and discount.value is None):
                yield Fault(field, str(problem))


def _own_faults(discount: Discount) -> Iterator[Fault]:
    """What head office says in its own words; the engine's check of the whole rule comes after."""
    kind, method = Kind(discount.kind), Method(discount.method)
    lines = list(discount.lines.all())
    if method not in METHODS[kind]:
        name = kind.label.split(":")[0].lower()
        yield Fault("method", f"A {name} discount gives one of: {known_methods(kind)}. Choose one of them.")
    if kind not in WITHOUT_GOODS and not [line for line in lines if not line.is_excluded]:
        yield Fault("lines", "Add at least one line that says what it is given on.")
    has_active_code = discount.coupons.filter(is_active=True).exists()
    if discount.coupon_required and not has_active_code:
        has_codes = discount.coupons.exists()
        yield Fault(
            "coupons", f"It needs a coupon: {'make one of its codes active' if has_codes else 'add a code'}."
        )
    if has_active_code and not discount.coupon_required:
        yield Fault(
            "coupon_required",
            "It has codes and would be given without them, too: switch this on, or take the codes out.",
        )
    if lacks := lacks_currency(discount):
        yield Fault("currency", f"{lacks}: choose it.")
    if any(line.value is not None and not line.method for line in lines):
        yield Fault(
            "lines", "A line has a value of its own: say whether it is a percentage, an amount or a price."
        )
    if kind == Kind.TENDER and not discount.tenders.exists():
        yield Fault("tenders", "Say which way of paying earns it: add at least one.")
    if method == Method.LINE_SPECIFIC and any(
        not line.is_excluded and (not line.method or line.value is None) for line in lines
    ):
        yield Fault("lines", "Each line says what it gives: fill in its kind and value.")
    yield from _value_faults(discount, kind, method)
    if kind == Kind.MIX_AND_MATCH:
        yield from _set_faults(discount, lines)


def lacks_currency(discount: Discount) -> str:
    """Why a discount without a currency needs one; empty where it needs none, or has one."""
    if discount.currency_id is not None:
        return ""
    lines, tiers = list(discount.lines.all()), list(discount.tiers.all())
    cheapest = discount.least_method if discount.method == Method.LEAST_EXPENSIVE else discount.method
    methods = {cheapest, *(row.method for row in (*lines, *tiers))}
    if discount.max_discount is not None or methods & MONEY:
        return "An amount or a price needs its currency"
    if discount.kind in FROM_AN_AMOUNT and tiers:
        return "Its tiers begin at an amount of money, which needs its currency"
    return ""


def _value_faults(discount: Discount, kind: Discount.Kind, method: Discount.Method) -> Iterator[Fault]:
    if kind not in TIERED:
        if discount.value is None and not _says_it_elsewhere(discount, kind, method):
            yield Fault("value", "Say how much it gives.")
        yield from _tier_method_faults(discount.tiers.order_by("minimum"), kind)
        return
    tiers = list(discount.tiers.order_by("minimum"))
    if not tiers:
        yield Fault("tiers", "Add at least one tier: from how much on, and what it then gives.")
    yield from _tier_method_faults(tiers, kind)
    for tier in tiers:
        if (tier.method or method) == Method.PERCENT_OFF and tier.value > 100:
            yield Fault(
                "tiers", f"{tier.value.normalize():f} % is more than all there is. Enter at most 100."
            )
    for lower, upper in pairwise(tiers):
        if (lower.method or method) != (upper.method or method):
            continue  # the engine compares what they give
        rises = upper.value < lower.value if method == Method.UNIT_PRICE else upper.value > lower.value
        if not rises:
            begins = f"The tier from {upper.minimum.normalize():f}"
            yield Fault(
                "tiers", f"{begins} gives no more than the one below. Let it give more, or take it out."
            )


def _tier_method_faults(tiers: Iterable[DiscountTier], kind: Discount.Kind) -> Iterator[Fault]:
    for tier in tiers:
        if tier.method and Method(tier.method) not in METHODS[kind]:
            begins = f"The tier from {tier.minimum.normalize():f}"
            yield Fault(
                "tiers", f"{begins} gives what this kind cannot. Choose one of: {known_methods(kind)}."
            )


def known_methods(kind: Discount.Kind) -> str:
    """The names of what a discount of this kind may give."""
    return ", ".join(sorted(str(choice.label) for choice in METHODS[kind]))


def _says_it_elsewhere(discount: Discount, kind: Discount.Kind, method: Discount.Method) -> bool:
    """Whether the value may be empty, because the cheapest, the lines or the tiers say it."""
    if method in (Method.LEAST_EXPENSIVE, Method.LINE_SPECIFIC):
        return True
    if kind in (Kind.SHIPPING, Kind.TENDER):
        return discount.tiers.exists()
    lines = discount.lines.filter(is_excluded=False)
    return kind == Kind.SIMPLE and lines.exists() and not lines.filter(value=None).exists()


def _set_faults(discount: Discount, lines: list) -> Iterator[Fault]:
    groups = {group.code: group.quantity for group in discount.groups.all()}
    if not groups:
        yield Fault("groups", "Say what the set is made of: at least one part with its quantity.")
    used = {line.group for line in lines if not line.is_excluded}
    for code in sorted(set(groups) - used):
        yield Fault("lines", f"No line belongs to part {code} of the set.")
    if groups:
        parts = " or ".join(groups)
        for line in lines:
            if not line.is_excluded and not line.group:
                yield Fault("lines", f"{line} belongs to no part of the set: enter {parts}.")
        for code in sorted(used - set(groups) - {""}):
            yield Fault("lines", f"A line names part {code}, which the set does not have: enter {parts}.")
    needed = Decimal(sum(group.quantity for group in discount.groups.all() if not group.is_mandatory))
    if discount.method == Method.LEAST_EXPENSIVE and groups and discount.least_count >= needed:
        yield Fault("least_count", f"Fewer than the {needed} units of the set may be given it.")
