"""How often a coupon was used: concluded sales of this database in which it gave something.

A limit over all stores is kept at headquarters, which a till asks when the coupon is presented: headquarters counts the
sales that have come up and the uses that it holds for sales still open, and holds one for the sale that asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from channels_app.statements import run_statement
from pos.cart.model import unpack_cart
from pos.errors import CouponNotHere
from pos.headquarters import CouponHeld
from pos.models import CouponHold, RetailTransaction
from pricing.engine.discounts.model import Coupon
from pricing.engine.model import CouponUsage
from pricing.models import DiscountCoupon

HELD_FOR = timedelta(days=3)  # a sale that is not heard of for so long gives its use back

# Lines that a coupon gave something: the words of the index sales_line_by_coupon, and those of each code.
_GIVEN = """
  JOIN pos_salesline l
    ON l.detail->'discounts' @? '$[*] ? (@.coupon != null)'
   AND l.detail->'discounts' @> jsonb_build_array(jsonb_build_object('coupon', w.code)) AND l.quantity > 0
  JOIN pos_retailtransaction t ON t.id = l.retail_transaction_id AND t.kind = 'sale'
"""
_USED = f"""
SELECT w.code, count(DISTINCT t.id),
       count(DISTINCT t.id) FILTER (WHERE %(customer)s <> '' AND t.customer_account = %(customer)s),
       count(DISTINCT t.id) FILTER (WHERE t.store_id = %(store)s)
  FROM unnest(%(codes)s::text[]) AS w(code) {_GIVEN}
   AND t.id IS DISTINCT FROM %(but)s::uuid
 GROUP BY w.code
"""
_SALES = f"""
SELECT t.id, t.concluded_at, t.receipt_number, t.store_id, t.customer_account, t.currency,
       sum((given->>'amount')::numeric)
  FROM unnest(%(codes)s::text[]) AS w(code) {_GIVEN}
 CROSS JOIN jsonb_array_elements(l.detail->'discounts') AS given
 WHERE given->>'coupon' = w.code
 GROUP BY t.id ORDER BY t.concluded_at DESC LIMIT %(most)s
"""
# What is open in a store: the carts of its registers, and those put aside.
_OPEN = """
SELECT c.document FROM pos_storedcart c JOIN hq_register r ON r.id = c.register_id
 WHERE r.store_id = %(store)s AND c.updated_at > %(since)s
 UNION ALL
SELECT document FROM pos_suspendedcart WHERE store_id = %(store)s AND suspended_at > %(since)s
"""


@dataclass(frozen=True)
class Use:
    """A concluded sale in which a coupon gave something."""

    sale: UUID
    at: datetime
    receipt_number: str
    store: int
    customer: str
    currency: str
    given: Decimal


def not_now(coupon: Coupon, at: datetime, zone: ZoneInfo) -> str | None:
    """Why a coupon cannot be presented at a moment: it was good once, or will be; None where it can."""
    if not coupon.active:
        return "was withdrawn"
    if coupon.starts_at is not None and at < coupon.starts_at:
        return f"is good from {coupon.starts_at.astimezone(zone):%-d %b %Y, %H:%M}"
    if coupon.ends_at is not None and at >= coupon.ends_at:
        return f"was good until {coupon.ends_at.astimezone(zone):%-d %b %Y, %H:%M}"
    return None


def limit_reached(coupon: Coupon, used: CouponUsage) -> tuple[int, str] | None:
    """The first limit that leaves no use: how many there were, and where."""
    for limit, uses, where in (
        (coupon.limit, used.total, ""),
        (coupon.limit_per_customer, used.customer, " by this customer"),
        (coupon.limit_per_channel, used.channel, " in this store"),
    ):
        if limit is not None and uses >= limit:
            return uses, where
    return None


def coupon_usage(
    codes: Sequence[str], *, store: int, customer: str, but: UUID | None = None
) -> tuple[CouponUsage, ...]:
    """The uses of codes in all, by this customer (empty: by nobody in particular), and in this store.

    A store knows the sales of its own channel database, headquarters those of all that have come up. A sale that
    was taken back still counts as a use; the sale `but` does not.
    """
    if not codes:
        return ()
    said = {"codes": list(codes), "store": store, "customer": customer, "but": but}
    rows = run_statement(_USED, said)
    return tuple(CouponUsage(*row) for row in rows)


def open_in_store(code: str, *, store: int, but: str, at: datetime) -> int:
    """How many open sales of the store but this one have the coupon on, as this channel database knows them."""
    rows = run_statement(_OPEN, {"store": store, "since": at - HELD_FOR}, prepare=False)
    carts = [unpack_cart(document) for (document,) in rows]
    return sum(1 for cart in carts if cart.id != but and code in cart.head.coupons)


def latest_uses(code: str, most: int) -> list[Use]:
    """The latest sales of this database in which the coupon gave something."""
    return [Use(*row) for row in run_statement(_SALES, {"codes": [code], "most": most})]


def open_holds(codes: Sequence[str], at: datetime) -> list[CouponHold]:
    """What is held of the codes for sales of which nothing has come up."""
    known = CouponHold.objects.filter(code__in=codes, held_at__gt=at - HELD_FOR).select_related("store")
    sold = set(
        RetailTransaction.objects.filter(pk__in=[one.sale for one in known]).values_list("pk", flat=True)
    )
    return [one for one in known if one.sale not in sold]


@transaction.atomic
def hold_coupon(*, code: str, sale: UUID, store: int, customer: str, at: datetime) -> CouponHeld:
    """At headquarters: keep one use of a coupon for an open sale, when its limits over all stores leave one.

    The same sale may ask again, also for another customer. Raises CouponNotHere for a code that is not known.
    """
    coupon = DiscountCoupon.objects.select_for_update().filter(code=code).first()  # one sale after another
    if coupon is None:
        raise CouponNotHere(coupon=code, field="code")
    used = next(iter(coupon_usage([code], store=store, customer=customer)), CouponUsage(code))
    holds = [hold for hold in open_holds([code], at) if hold.sale != sale]
    total = used.total + len(holds)
    own = used.customer + sum(1 for hold in holds if customer and hold.customer_account == customer)
    CouponHold.objects.filter(code=code).exclude(pk__in=[hold.pk for hold in holds]).delete()
    held = not (_reached(coupon.limit, total) or _reached(coupon.limit_per_customer, own))
    if held:
        CouponHold.objects.create(code=code, sale=sale, store_id=store, customer_account=customer, held_at=at)
    return CouponHeld(held, total, own)


def free_coupon(*, code: str, sale: UUID) -> None:
    """At headquarters: give back the use that is held for an open sale whose coupon was taken off."""
    CouponHold.objects.filter(code=code, sale=sale).delete()


def _reached(limit: int | None, uses: int) -> bool:
    return limit is not None and uses >= limit
