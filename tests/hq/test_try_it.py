"""An offer is tried in the simulator with a basket, at a store, at a moment and by somebody that it is for."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from customers.models import Affiliation, Customer, CustomerGroup, LoyaltyCard, LoyaltyTier
from pricing.models import (
    AffiliationPriceGroup,
    CustomerGroupPriceGroup,
    CustomerPriceGroup,
    DeliveryMode,
    Discount,
    LoyaltyTierPriceGroup,
    PriceGroup,
)
from pricing.selectors import sample_basket
from tests.factories.company import a_currency, a_price, a_product, a_store

pytestmark = pytest.mark.django_db


def test_an_offer_is_tried_with_goods_that_it_is_for(back_office: Client) -> None:
    a_product(number="P9")
    offer = Discount.objects.create(code="O", name="O", kind="simple", method="percent_off", value=10)
    offer.lines.create()
    answer = back_office.get(f"/pricing/discount/{offer.pk}/try/")
    assert answer.status_code == 302 and answer["Location"].startswith("/simulator/?drafts=on&code=P9")


def test_an_offer_is_tried_where_when_and_by_whom_it_is_given() -> None:
    pounds, euro = a_currency(), a_currency("EUR", "€")
    a_store(name="Athens", currency=euro)
    store = a_store(name="York", currency=pounds)
    product = a_product(number="P1", attributes={"Brand": "Acme"})
    a_price(product, "3.00", currency=pounds)
    start = timezone.now().replace(second=0, microsecond=0) + timedelta(days=40)
    group = PriceGroup.objects.create(code="STUDENTS", name="Students")
    AffiliationPriceGroup.objects.create(
        affiliation=Affiliation.objects.create(code="STUDENT", name="Students"), price_group=group
    )
    offer = Discount.objects.create(
        code="O", name="O", kind="threshold", method="percent_off", currency=pounds, starts_at=start,
        weekdays=[start.weekday()], coupon_required=True,
    )  # fmt: skip
    offer.lines.create(attribute="Brand", attribute_value="Acme")
    offer.tiers.create(minimum=50, value=10)
    offer.coupons.create(code="TEN")
    offer.price_groups.create(price_group=group)
    tried = sample_basket(offer)
    assert tried == {
        "code": ["P1"], "quantity": ["17"], "store": [str(store.pk)], "coupons": ["TEN"], "affiliation": ["STUDENT"],
        "at": [f"{start.astimezone(ZoneInfo(store.time_zone)):%Y-%m-%dT%H:%M}"],
    }  # fmt: skip
    freight = Discount.objects.create(code="F", name="F", kind="shipping", method="percent_off", value=50)
    mode = DeliveryMode.objects.create(code="PARCEL", name="Parcel")
    freight.delivery_modes.create(delivery_mode=mode)
    assert sample_basket(freight)["delivery"] == ["PARCEL"] and sample_basket(freight)["code"] == ["P1"]


@pytest.mark.parametrize("way", ["customer", "customer_group", "tier"])
def test_an_offer_for_some_customers_is_tried_by_one_of_them(way: str) -> None:
    a_price(a_product(number="P1"), "3.00")
    Customer.objects.create(account="A", name="Anybody")
    regulars, gold = (
        CustomerGroup.objects.create(code="R", name="Regulars"),
        LoyaltyTier.objects.create(code="G"),
    )
    LoyaltyCard.objects.create(number="1", customer=Customer.objects.get(), tier=gold, is_active=False)
    one = Customer.objects.create(account="B", name="One of them", group=regulars)
    LoyaltyCard.objects.create(number="2", customer=one, tier=gold)
    group = PriceGroup.objects.create(code="FEW", name="Few")
    brings = {
        "customer": CustomerPriceGroup,
        "customer_group": CustomerGroupPriceGroup,
        "tier": LoyaltyTierPriceGroup,
    }
    whom = {"customer": one, "customer_group": regulars, "tier": gold}
    brings[way].objects.create(price_group=group, **{way: whom[way]})
    offer = Discount.objects.create(code="O", name="O", kind="simple", method="percent_off", value=10)
    offer.lines.create()
    assert "customer" not in sample_basket(offer)
    offer.price_groups.create(price_group=group)
    assert sample_basket(offer)["customer"] == ["B"]
