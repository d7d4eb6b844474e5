"""An offer is tried in the simulator with a basket, at a store, at a moment and by somebody that it is for."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from customers.models import Affiliation
from pricing.models import AffiliationPriceGroup, DeliveryMode, Discount, PriceGroup
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
