"""Discounts as plain rows: what they name, when they run, who gets them, and what they give."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

from pricing.engine.model import Value

SIMPLE, QUANTITY, MIX_AND_MATCH, THRESHOLD, TENDER, SHIPPING = (
    "simple", "quantity", "mix_and_match", "threshold", "tender", "shipping",
)  # fmt: skip
EXCLUSIVE, BEST_PRICE, COMPOUND = "exclusive", "best_price", "compound"
PERCENT_OFF, AMOUNT_OFF, UNIT_PRICE, DEAL_PRICE, LEAST_EXPENSIVE, LINE_SPECIFIC = (
    "percent_off", "amount_off", "unit_price", "deal_price", "least_expensive", "line_specific",
)  # fmt: skip


class DiscountLine(Value, frozen=True):
    """Which goods: a line item fits when any of the names fits. An ``exclude`` line goes before every include.

    Simple and quantity discounts treat each including line as a discount of its own. A mix and match line fills
    its ``group``; with line-specific values it has its own ``method`` and ``value``.
    """

    id: str = ""
    everything: bool = False
    products: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    exclude: bool = False
    unit: str | None = None  # None: any unit
    group: str = ""
    method: str | None = None  # None: the discount's own
    value: Decimal | None = None


class Tier(Value, frozen=True):
    """From ``minimum`` on (units or amount, inclusive unless the discount says otherwise) this is given."""

    minimum: Decimal
    method: str
    value: Decimal


class LineGroup(Value, frozen=True):
    """A mix and match group: units needed from its lines in every application.

    A mandatory group does not add to the quantity needed: that many of the set's units must also fit it.
    """

    id: str
    quantity: int = 1
    mandatory: bool = False


class LeastExpensive(Value, frozen=True):
    """What the ``count`` cheapest units of a set are given."""

    count: int
    method: str
    value: Decimal


class Hours(Value, frozen=True):
    """From and to in the store's zone on these weekdays (Monday is 0); an end before its beginning is past midnight."""

    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    begins: time = time(0)
    ends: time | None = None  # exclusive; None: the end of the day


class Coupon(Value, frozen=True):
    """A code that unlocks a discount, its own validity and its limits of use; None is without limit."""

    code: str
    active: bool = True
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    limit: int | None = None
    limit_per_customer: int | None = None
    limit_per_channel: int | None = None


class Discount(Value, frozen=True):
    """One discount. ``priority`` is the one that counts: its own, or the highest of its price groups.

    Values: percent_off a percentage; amount_off per unit (simple, quantity), per application (mix and match) or per
    document (threshold, tender, shipping); unit_price per unit; deal_price per application.
    """

    id: str
    kind: str
    lines: tuple[DiscountLine, ...] = ()
    name: str = ""
    method: str | None = None
    value: Decimal | None = None
    concurrency: str = BEST_PRICE
    priority: int = 0
    tiers: tuple[Tier, ...] = ()
    tier_inclusive: bool = True
    groups: tuple[LineGroup, ...] = ()
    least_expensive: LeastExpensive | None = None
    favor: str = "customer"  # customer | retailer
    max_applications: int | None = None
    quantity_limit: Decimal | None = None  # units that may be given the discount, dearest first
    limit_scope: str = "product"  # product: as many of each product | basket: in all
    max_discount: Decimal | None = None  # amount over the whole document
    count_non_discountable: bool = False
    currency: str | None = None
    price_groups: tuple[str, ...] = ()  # none: everyone
    match_all_price_groups: bool = False
    customers: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    coupon_required: bool = False
    coupons: tuple[Coupon, ...] = ()
    starts_at: datetime | None = None  # inclusive
    ends_at: datetime | None = None  # exclusive
    hours: tuple[Hours, ...] = ()
    days_only: tuple[date, ...] = ()  # when not empty, these days alone
    tenders: tuple[str, ...] = ()  # tender and card types of a tender discount
    delivery_modes: tuple[str, ...] = ()
    enabled: bool = True
    draft: bool = False  # priced only by the simulator
