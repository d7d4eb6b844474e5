"""A few offers, of the kinds that a shop has: off a shelf, three for two, a coupon, for paying so, on delivery."""

from decimal import Decimal

from catalog.models import Category
from hq.models import PaymentMethod
from pricing.models import (
    DeliveryMode,
    Discount,
    DiscountCoupon,
    DiscountDeliveryMode,
    DiscountGroup,
    DiscountLine,
    DiscountTender,
    DiscountTier,
)
from pricing.services.discounts import enable_discount

Kind, Method = Discount.Kind, Discount.Method
BAKING, CANDLES, GARDEN = "Baking & cake stands", "Candle & T-light holders", "Garden"
COUPON = "GARDEN15"
COUPON_USES = 500  # in all stores together


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
    DiscountCoupon.objects.create(discount=garden, code=COUPON, limit=COUPON_USES)
    voucher = _offer("VOUCHER3", "Paid by gift voucher −3 %", Kind.TENDER, Method.PERCENT_OFF, Decimal(3))
    DiscountTender.objects.create(discount=voucher, method=PaymentMethod.objects.get(code="VOUCHER"))
    parcel = _offer("PARCEL50", "Parcel at half price", Kind.SHIPPING, Method.PERCENT_OFF, Decimal(50))
    DiscountTier.objects.create(discount=parcel, minimum=Decimal(30), value=Decimal(50))
    DiscountDeliveryMode.objects.create(
        discount=parcel, delivery_mode=DeliveryMode.objects.get(code="PARCEL")
    )
    for offer in (baking, candles, garden, voucher, parcel):
        enable_discount(offer.pk)


def _offer(code: str, name: str, kind: str, method: str, value: Decimal, **more: bool) -> Discount:
    return Discount.objects.create(code=code, name=name, kind=kind, method=method, value=value, **more)


def _category(name: str) -> Category:
    return Category.objects.get(name=name)
