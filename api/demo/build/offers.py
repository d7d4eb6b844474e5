"""A few offers, of the kinds that a shop has: off a shelf, three for two, a coupon, for paying so, on delivery."""

from decimal import Decimal
from typing import Any

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
    parcels = [_parcels("PARCEL50", "GBP", Decimal(30)), _parcels("PARCEL50-EUR", "EUR", Decimal(35))]
    for offer in (baking, candles, garden, voucher, *parcels):
        enable_discount(offer.pk)


def _parcels(code: str, currency: str, minimum: Decimal) -> Discount:
    """Parcels at half price from so much on: an amount is said in each currency."""
    offer = _offer(
        code, "Parcel at half price", Kind.SHIPPING, Method.PERCENT_OFF, Decimal(50), currency_id=currency
    )
    DiscountTier.objects.create(discount=offer, minimum=minimum, value=Decimal(50))
    DiscountDeliveryMode.objects.create(discount=offer, delivery_mode=DeliveryMode.objects.get(code="PARCEL"))
    return offer


def _offer(code: str, name: str, kind: str, method: str, value: Decimal, **more: Any) -> Discount:
    return Discount.objects.create(code=code, name=name, kind=kind, method=method, value=value, **more)


def _category(name: str) -> Category:
    return Category.objects.get(name=name)
