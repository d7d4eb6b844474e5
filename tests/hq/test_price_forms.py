"""Rules that cannot work are refused in the field where they were entered, with what to do instead."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from catalog.models import ItemTaxGroup
from customers.models import Customer, CustomerGroup
from hq.models import SalesTaxGroup
from pricing.models import (
    ChargeCode,
    ChargeRule,
    DeliveryMode,
    Discount,
    ExchangeRate,
    ItemTaxGroupCode,
    PriceAdjustment,
    SalesTaxGroupCode,
    TaxCode,
    TaxExemption,
    TaxHoliday,
    TaxRate,
)
from tests.factories.company import a_currency, a_product


def post(
    client: Client, path: str, inlines: dict[str, list[dict[str, Any]]] | None = None, **fields: Any
) -> Any:
    """Post a form with its inlines, as the page has them."""
    page = client.get(path)
    assert page.status_code == 200
    data: dict[str, Any] = {}
    for name in re.findall(r'name="([\w-]+)-TOTAL_FORMS"', page.text):
        rows = (inlines or {}).get(name, [])
        data |= {f"{name}-TOTAL_FORMS": len(rows), f"{name}-INITIAL_FORMS": 0}
        for number, row in enumerate(rows):
            data |= {f"{name}-{number}-{key}": value for key, value in row.items()}
    return client.post(path, data | fields)


DISCOUNT = {
    "name": "Offer", "code": "O", "kind": "simple", "method": "percent_off", "value": "10", "concurrency": "best_price",
    "priority": "0", "least_count": "1", "least_method": "percent_off", "favor": "customer", "limit_scope": "product",
}  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"value": "120"}, "120 % is more than all there is. Enter at most 100."),
        ({"method": "deal_price"}, "This kind gives one of"),
        ({"starts_at_0": "2026-06-02", "starts_at_1": "10:00", "ends_at_0": "2026-06-02", "ends_at_1": "10:00"},
         "The end must be after the start, 2 Jun 2026, 10:00."),
        ({"begins": "10:00", "ends": "10:00"}, "The hours end where they begin."),
        ({"weekdays": "9"}, "Select a valid choice"),
        ({"days_only": "tomorrow"}, "Enter a valid date."),
    ],
)  # fmt: skip
def test_a_discount_that_cannot_be(back_office: Client, wrong: dict[str, str], words: str) -> None:
    page = post(back_office, "/pricing/discount/add/", **DISCOUNT | wrong)
    assert page.status_code == 200 and words in page.text and not Discount.objects.exists()


def test_a_discount_with_days_and_hours(back_office: Client) -> None:
    fields = DISCOUNT | {
        "weekdays": ["0", "4"],
        "days_only": "2026-11-27,2026-11-30",
        "begins": "09:00",
        "ends": "12:00",
    }
    assert post(back_office, "/pricing/discount/add/", **fields).status_code == 302
    offer = Discount.objects.get()
    assert (offer.weekdays, [str(day) for day in offer.days_only]) == ([0, 4], ["2026-11-27", "2026-11-30"])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"percent": "0", "amount": "0"}, "It changes nothing."),
        ({"percent": "120", "amount": "0"}, "100"),
        ({"percent": "5", "amount": "0", "price": "2"}, "A price stands beside a percentage or amount."),
        ({"percent": "0", "amount": "1"}, "An amount needs its currency. Choose it."),
    ],
)
def test_an_adjustment_that_cannot_be(back_office: Client, fields: dict[str, str], words: str) -> None:
    page = post(back_office, "/pricing/priceadjustment/add/", name="Sale", **fields)
    assert page.status_code == 200 and words in page.text and not PriceAdjustment.objects.exists()


def charge(**fields: Any) -> dict[str, Any]:
    code, _ = ChargeCode.objects.get_or_create(code="SHIP", defaults={"name": "Delivery"})
    mode, _ = DeliveryMode.objects.get_or_create(code="PARCEL", defaults={"name": "Parcel"})
    return {
        "name": "Parcel", "charge": code.pk, "level": "header", "way": "fixed", "currency": a_currency().pk,
        "delivery_mode": mode.pk,
    } | fields  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "tiers", "words"),
    [
        ({}, [], "It is not said how much is charged."),
        ({"level": "line", "is_prorated": "on"}, [("0", "", "4.95")], "A line charge is not shared."),
        ({}, [("0", "50", "4.95"), ("40", "", "0")], "The tier from 40 overlaps the one before it."),
        ({"way": "percent"}, [("0", "", "120")], "above 100"),
    ],
)
def test_a_charge_rule_that_cannot_be(
    back_office: Client, fields: dict[str, str], tiers: list[tuple[str, str, str]], words: str
) -> None:
    rows = [{"least": least, "most": most, "value": value} for least, most, value in tiers]
    page = post(back_office, "/pricing/chargerule/add/", {"tiers": rows}, **charge(**fields))
    assert page.status_code == 200 and words in page.text and not ChargeRule.objects.exists()


def test_a_charge_rule_is_kept_with_its_tiers(back_office: Client) -> None:
    rows = [{"least": "0", "most": "49.99", "value": "4.95"}, {"least": "50", "most": "", "value": "0"}]
    assert post(back_office, "/pricing/chargerule/add/", {"tiers": rows}, **charge()).status_code == 302
    assert ChargeRule.objects.get().tiers.count() == 2


def test_taxes_that_are_computed_on_each_other_are_refused(back_office: Client) -> None:
    group = SalesTaxGroup.objects.create(code="S", name="S")
    items = ItemTaxGroup.objects.create(code="I", name="I")
    for code in ("A", "B"):
        tax = TaxCode.objects.create(
            code=code, name=code, kind="percent_of_gross" if code == "A" else "percent"
        )
        TaxRate.objects.create(tax_code=tax, percent=10)
        SalesTaxGroupCode.objects.create(group=group, tax_code=tax)
        ItemTaxGroupCode.objects.create(group=items, tax_code=tax)
    second = TaxCode.objects.get(code="B")
    page = post(
        back_office,
        f"/pricing/taxcode/{second.pk}/change/",
        name="B",
        code="B",
        kind="percent_of_gross",
        sequence="0",
    )
    assert page.status_code == 200 and "are both a percentage of the gross amount" in page.text
    page = post(back_office, "/pricing/taxcode/add/", name="C", code="C", kind="percent_of_tax", sequence="0")
    assert (
        "It is not said which tax this is a share of." in page.text
        and not TaxCode.objects.filter(code="C").exists()
    )


def test_an_exemption_is_for_one_customer_group_product_or_reason(back_office: Client) -> None:
    customer = Customer.objects.create(account="C1", name="Grace")
    group = CustomerGroup.objects.create(code="G", name="G")
    nobody = post(back_office, "/pricing/taxexemption/add/", reason="Embassy")
    both = post(
        back_office, "/pricing/taxexemption/add/", reason="E", customer=customer.pk, customer_group=group.pk
    )
    assert "Say who or what is exempt" in nobody.text
    assert "It is for one customer, group, product or reason." in both.text
    assert not TaxExemption.objects.exists()
    assert (
        post(back_office, "/pricing/taxexemption/add/", reason="E", customer=customer.pk).status_code == 302
    )


def test_a_holiday_ends_after_it_starts(back_office: Client) -> None:
    page = post(
        back_office, "/pricing/taxholiday/add/", name="H", starts_on="2026-06-02", ends_on="2026-06-02"
    )
    assert "The end must be after the start, 2 Jun 2026." in page.text and not TaxHoliday.objects.exists()


def test_a_currency_has_no_rate_to_itself(back_office: Client) -> None:
    pound = a_currency().pk
    page = post(
        back_office,
        "/pricing/exchangerate/add/",
        currency=pound,
        into=pound,
        rate="1",
        starts_on="2026-01-01",
    )
    assert "A currency has no rate to itself." in page.text and not ExchangeRate.objects.exists()


def test_there_is_one_pricing_policy(back_office: Client) -> None:
    fields = {
        "concurrency_model": "best_price_within_priority_compound_across", "compound_behavior": "compound",
        "manual_vs_system": "compound", "tax_rounding": "document",
    }  # fmt: skip
    assert post(back_office, "/pricing/pricingpolicy/add/", **fields).status_code == 302
    assert back_office.get("/pricing/pricingpolicy/add/").status_code == 403
    assert back_office.get("/pricing/pricingpolicy/").status_code == 302


def test_an_offer_is_tried_with_goods_that_it_is_for(back_office: Client) -> None:
    a_product(number="P9")
    offer = Discount.objects.create(code="O", name="O", kind="simple", method="percent_off", value=10)
    offer.lines.create()
    answer = back_office.get(f"/pricing/discount/{offer.pk}/try/")
    assert answer.status_code == 302 and answer["Location"].startswith("/simulator/?drafts=on&code=P9")
