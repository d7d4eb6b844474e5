"""A few offers, of the kinds that a shop has: something off a shelf, three for two, and a coupon."""

from decimal import Decimal

from catalog.models import Category
from pricing.models import Discount, DiscountCoupon, DiscountGroup, DiscountLine
from pricing.services.discounts import enable_discount

Kind, Method = Discount.Kind, Discount.Method
BAKING, CANDLES, GARDEN = "Baking & cake stands", "Candle & T-light holders", "Garden"
COUPON = "GARDEN15"


def make_offers() -> None:
    """Make and enable the offers; they hold in every store."""
    baking = _offer("BAKING10", "Baking week −10 %", Kind.SIMPLE, Method.PERCENT_OFF, Decimal(10))
    DiscountLine.objects.create(discount=baking, category=_category(BAKING))
    candles = _offer(
        "TLIGHT32", "T-light holders 3 for 2", Kind.MIX_AND_MATCH, Method.LEAST_EXPENSIVE, Decimal(100)
    )
    DiscountGroup.objects.create(discount=candles, code="A", quantity=3)
    DiscountLine.objects.create(discount=candles, category=_category(CANDLES), group="A")
    garden = _offer(
        COUPON, "Garden club −15 %", Kind.SIMPLE, Method.PERCENT_OFF, Decimal(15), coupon_required=True
    )
    DiscountLine.objects.create(discount=garden, category=_category(GARDEN))
    DiscountCoupon.objects.create(discount=garden, code=COUPON)
    for offer in (baking, candles, garden):
        enable_discount(offer.pk)


def _offer(code: str, name: str, kind: str, method: str, value: Decimal, **more: bool) -> Discount:
    return Discount.objects.create(code=code, name=name, kind=kind, method=method, value=value, **more)


def _category(name: str) -> Category:
    return Category.objects.get(name=name)
