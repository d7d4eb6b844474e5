"""Discounts made ready for arithmetic, once: whole numbers, ranks, and which goods they name.

Simple and quantity discounts become one `Terms` per including line, since their lines are discounts of their own; the
others become one `Terms` each.
"""

from __future__ import annotations

from collections.abc import Sequence

from pricing.engine.discounts.model import (
    AMOUNT_OFF,
    COMPOUND,
    DEAL_PRICE,
    EXCLUSIVE,
    LINE_SPECIFIC,
    MIX_AND_MATCH,
    PERCENT_OFF,
    QUANTITY,
    SIMPLE,
    UNIT_PRICE,
    Discount,
    DiscountLine,
)
from pricing.engine.minor import PERCENT, fine, percentage
from pricing.engine.model import BasketLine, Reason

# Order of compounding on a line: prices, then amounts, then percentages.
RANK = {DEAL_PRICE: 0, UNIT_PRICE: 0, AMOUNT_OFF: 1}
WHOLE = 1_000_000  # how one whole unit is counted, so that weighed goods are whole numbers too


class Rate:
    """A method with its value as a whole number: a percentage, or a fine amount."""

    __slots__ = ("method", "value")

    def __init__(self, method: str, value: int) -> None:
        self.method = method
        self.value = value

    def saving(self, price: int) -> int:
        """What one unit at this fine price is given; never more than the price, never less than nothing."""
        if self.method == PERCENT_OFF:
            return min(price * self.value // PERCENT, price)
        if self.method == AMOUNT_OFF:
            return min(self.value, price)
        return max(price - self.value, 0)


class Slot:
    """What an offer over several units needs at least: so much in a group, or in all."""

    __slots__ = ("needed", "terms")

    def __init__(self, terms: Terms, needed: int) -> None:
        self.terms = terms
        self.needed = needed


class Terms:
    """One discount, or one line of it, ready for arithmetic."""

    __slots__ = (
        "cap", "compound", "coupon", "discount", "exclusive", "groups", "helpers", "id", "kind", "least", "limit",
        "line", "name", "one_amount", "order", "priority", "rank", "rate", "retailer", "said", "sizes", "slots",
        "tie", "tiers",
    )  # fmt: skip

    def __init__(self, discount: Discount, line: DiscountLine | None, number: int) -> None:
        self.discount = discount
        self.line = line
        self.id = discount.id
        self.name = discount.name or discount.id
        self.kind = discount.kind
        self.priority = discount.priority
        self.exclusive = discount.concurrency == EXCLUSIVE
        self.compound = discount.concurrency == COMPOUND
        self.order = (discount.id, number)
        self.coupon: str | None = None
        self.said: dict[str, Reason] = {}  # of this offer in explanations, by code
        self.rate = _rate(discount, line)
        self.cap = fine(discount.max_discount) if discount.max_discount is not None else None
        self.limit = discount.quantity_limit
        self.tiers = [(tier.minimum, rate_of(tier.method, tier.value)) for tier in _tiers(discount)]
        first = self.rate or (self.tiers[0][1] if self.tiers else None)
        self.rank = RANK.get(first.method, 2) if first is not None else 2
        self.sizes: tuple[int, ...] = ()
        self.groups: dict[str, int] = {}
        self.least = 0
        self.helpers = discount.count_non_discountable
        self.retailer = discount.favor == "retailer" and discount.least_expensive is not None
        if discount.kind == MIX_AND_MATCH:
            self._take_groups(discount)
        # Whether an application is given one amount for all its units.
        self.one_amount = (
            self.rate is not None and not self.least and self.rate.method in (DEAL_PRICE, AMOUNT_OFF)
        )
        self.tie: Terms | None = None  # stands for all lines of a discount that share a ceiling
        least = self.tiers[0][0] if self.kind == QUANTITY and self.tiers else 0
        self.slots = [Slot(self, WHOLE * size) for size in self.sizes] or [Slot(self, int(WHOLE * least))]

    def _take_groups(self, discount: Discount) -> None:
        """Sizes by group. A mandatory group takes its units out of the other group's number."""
        plain = [group for group in discount.groups if not group.mandatory]
        must = [group for group in discount.groups if group.mandatory]
        sizes = {group.id: group.quantity for group in plain}
        for group in must:
            host = max(plain, key=lambda other: other.quantity, default=None)
            if host is not None:
                sizes[host.id] -= group.quantity
            sizes[group.id] = group.quantity
        self.groups = {group: place for place, group in enumerate(g for g in sizes if sizes[g] > 0)}
        self.sizes = tuple(sizes[group] for group in self.groups)
        if discount.least_expensive is not None:
            self.least = min(discount.least_expensive.count, sum(self.sizes))

    @property
    def is_set(self) -> bool:
        return self.kind == MIX_AND_MATCH


def rate_of(method: str, value: object) -> Rate:
    """The method and value of a rule as whole numbers."""
    return Rate(method, percentage(value) if method == PERCENT_OFF else fine(value))  # type: ignore[arg-type]


def _rate(discount: Discount, line: DiscountLine | None) -> Rate | None:
    if discount.least_expensive is not None:
        return rate_of(discount.least_expensive.method, discount.least_expensive.value)
    if line is not None and line.method is not None and line.value is not None:
        return rate_of(line.method, line.value)
    if discount.method is None or discount.value is None or discount.method == LINE_SPECIFIC:
        return None
    return rate_of(discount.method, discount.value)


def _tiers(discount: Discount) -> Sequence:
    return sorted(discount.tiers, key=lambda tier: tier.minimum)


def compile_discount(discount: Discount) -> list[Terms]:
    """The discount's terms: one for each including line of a simple or quantity discount, else one."""
    if discount.kind not in (SIMPLE, QUANTITY):
        return [Terms(discount, None, 0)]
    lines = [line for line in discount.lines if not line.exclude]
    found = [Terms(discount, line, number) for number, line in enumerate(lines)]
    if len(found) > 1 and (discount.quantity_limit is not None or discount.max_discount is not None):
        tie = Terms(discount, None, -1)
        tie.slots = [Slot(tie, 0)]
        for one in found:
            one.tie = tie
    return found


def fits(rule: DiscountLine, line: BasketLine) -> bool:
    """Whether the rule names the goods of the line, in its unit."""
    if rule.unit is not None and rule.unit != line.unit:
        return False
    return (
        rule.everything
        or line.product in rule.products
        or (line.variant is not None and line.variant in rule.variants)
        or (bool(rule.categories) and not set(rule.categories).isdisjoint(line.categories))
        or (bool(rule.attributes) and not set(rule.attributes).isdisjoint(line.attributes))
    )


def is_excluded(discount: Discount, line: BasketLine) -> bool:
    """Whether an exclude line of the discount names the goods: that goes before every include."""
    return any(rule.exclude and fits(rule, line) for rule in discount.lines)
