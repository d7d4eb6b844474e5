"""What narrows a discount, a charge or an exemption stays: with the last of it, that would hold for everybody."""

from __future__ import annotations

import html
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from catalog.models import Product
from customers.models import Customer
from hq.models import PaymentMethod, Store
from pricing.models import (
    ChargeCode,
    ChargeGoods,
    ChargeRule,
    DeliveryMode,
    Discount,
    DiscountCustomer,
    DiscountDeliveryMode,
    DiscountPriceGroup,
    DiscountStore,
    DiscountTender,
    PriceGroup,
    TaxCode,
    TaxExemption,
    TaxExemptionCode,
)
from tests.factories.company import a_currency, a_product, a_store, a_tax_code

pytestmark = pytest.mark.django_db


def an_offer(**fields: Any) -> Discount:
    values = {"code": "STUDENT", "name": "Students", "kind": "simple", "method": "percent_off"}
    return Discount.objects.create(**values | {"value": Decimal(10), "status": "enabled"} | fields)


def _asked(client: Client, row: Any) -> str:
    """What the back office says to whoever wants to delete a row, and has deleted it where it may."""
    page = f"/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/delete/"
    text = html.unescape(client.get(page).text)
    client.post(page, {"post": "yes"})
    return text


def _for_a_group(offer: Discount) -> Any:
    group = PriceGroup.objects.create(code="STUDENTS", name="Students")
    DiscountPriceGroup.objects.create(discount=offer, price_group=group)
    return group


def _for_a_customer(offer: Discount) -> Any:
    customer = Customer.objects.create(account="C1", name="Firm")
    DiscountCustomer.objects.create(discount=offer, customer=customer)
    return customer


def _for_a_store(offer: Discount) -> Any:
    store = Store.objects.get(pk=a_store().pk)
    DiscountStore.objects.create(discount=offer, store=store)
    return store


def _for_a_way_of_paying(offer: Discount) -> Any:
    method = PaymentMethod.objects.create(code="CHEQUE", name="Cheque", kind="voucher")
    DiscountTender.objects.create(discount=offer, method=method)
    return method


def _for_a_delivery_mode(offer: Discount) -> Any:
    mode = DeliveryMode.objects.create(code="BIKE", name="Bicycle")
    DiscountDeliveryMode.objects.create(discount=offer, delivery_mode=mode)
    return mode


@pytest.mark.parametrize(
    ("narrow", "without"),
    [
        (_for_a_group, "for everybody"),
        (_for_a_customer, "for everybody"),
        (_for_a_store, "in every store"),
        (_for_a_way_of_paying, "for every way of paying"),
        (_for_a_delivery_mode, "for every way of sending"),
    ],
)
def test_the_last_that_a_discount_is_for_stays(narrow: Any, without: str, back_office: Client) -> None:
    row = narrow(an_offer())
    said = _asked(back_office, row)
    assert f"Discount “Students” would then hold {without}." in said and "protected" not in said
    assert f"{row} is not deleted yet" in said and "First say there what they hold for instead" in said
    several = {"action": "delete_selected", "_selected_action": [row.pk]}
    listed = back_office.post(f"/{row._meta.app_label}/{row._meta.model_name}/", several, follow=True)
    assert "These are not deleted yet" in listed.text or row._meta.model_name == "deliverymode"
    assert type(row).objects.filter(pk=row.pk).exists()


def test_one_of_several_that_a_discount_is_for_may_go_unless_all_of_them_count(back_office: Client) -> None:
    offer = an_offer()
    first, second = (PriceGroup.objects.create(code=code, name=code) for code in ("A", "B"))
    for group in (first, second):
        DiscountPriceGroup.objects.create(discount=offer, price_group=group)
    offer.matches_all_price_groups = True
    offer.save()
    assert "would then hold for everybody" in _asked(back_office, first)
    offer.matches_all_price_groups = False
    offer.save()
    assert "would then hold" not in _asked(back_office, first)
    assert list(offer.price_groups.values_list("price_group__code", flat=True)) == ["B"]
    offer.delete()
    _asked(back_office, second)
    assert not PriceGroup.objects.filter(code__in="AB").exists()


def test_the_last_that_a_charge_or_an_exemption_is_for_stays(back_office: Client) -> None:
    product = a_product()
    code = ChargeCode.objects.create(code="BOTTLE", name="Bottle deposit")
    rule = ChargeRule.objects.create(charge=code, name="Bottles", level="line", currency=a_currency())
    ChargeGoods.objects.create(rule=rule, product=product)
    assert "would then hold for all goods" in _asked(back_office, product)
    assert Product.objects.filter(pk=product.pk).exists()
    tax = a_tax_code(a_store(), product)
    exemption = TaxExemption.objects.create(customer=Customer.objects.create(account="C1", name="Firm"))
    TaxExemptionCode.objects.create(exemption=exemption, tax_code=tax)
    assert "would then hold for all taxes" in _asked(back_office, tax)
    assert TaxCode.objects.filter(pk=tax.pk).exists()
