"""Offers and special prices go where they may be given, and nowhere else."""

from decimal import Decimal

from customers.models import Customer
from pricing.models import (
    CustomerPriceGroup,
    Discount,
    DiscountLine,
    DiscountStore,
    PriceGroup,
    TradeAgreement,
)
from tests.channels_app.company import Company
from tests.channels_app.two_sides import Sides


def an_offer(code: str) -> Discount:
    offer = Discount.objects.create(
        code=code, name=code, kind="simple", method="percent_off", value=Decimal(10), status="enabled"
    )
    DiscountLine.objects.create(discount=offer)
    return offer


def codes(sides: Sides) -> set[str]:
    with sides.scale_unit():
        return set(Discount.objects.values_list("code", flat=True))


def test_a_discount_of_another_store_does_not_come_and_none_becomes_everybodys(
    shop: Company, sides: Sides
) -> None:
    an_offer("ALL")
    DiscountStore.objects.create(discount=an_offer("NEAR"), store=shop.near)
    far = an_offer("FAR")
    DiscountStore.objects.create(discount=far, store=shop.far)
    sides.distribute()
    assert codes(sides) == {"ALL", "NEAR"}
    assert sides.differences() == []
    both = DiscountStore.objects.create(discount=far, store=shop.near)
    sides.distribute()
    assert codes(sides) == {"ALL", "NEAR", "FAR"}
    with sides.scale_unit():
        assert set(DiscountStore.objects.values_list("store__number", flat=True)) == {"S1"}
    both.delete()
    sides.distribute()
    assert codes(sides) == {"ALL", "NEAR"}
    assert sides.differences() == []


def test_prices_that_a_customer_may_bring_go_to_every_store(shop: Company, sides: Sides) -> None:
    group = PriceGroup.objects.create(code="VIP", name="VIP")
    product = shop.products[0]
    price = TradeAgreement.objects.create(
        product=product, price_group=group, unit=product.unit, currency_id="GBP", amount=Decimal("0.50")
    )
    sides.distribute()
    with sides.scale_unit():
        assert not TradeAgreement.objects.filter(pk=price.pk).exists()
    CustomerPriceGroup.objects.create(
        customer=Customer.objects.create(account="C1", name="Grace"), price_group=group
    )
    sides.distribute()
    with sides.scale_unit():
        assert TradeAgreement.objects.get(pk=price.pk).amount == Decimal("0.50")
    assert sides.differences() == []
