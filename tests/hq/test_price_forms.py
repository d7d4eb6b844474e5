"""Rules that cannot work are refused in the field where they were entered, with what to do instead."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client

from catalog.models import ItemTaxGroup, ProductUnit, Unit
from customers.models import Customer, CustomerGroup
from hq.admin.sheet_files import CSV
from hq.models import Currency, SalesTaxGroup
from pricing.discount_resources import DiscountResource
from pricing.models import (
    ChargeCode,
    ChargeRule,
    DeliveryMode,
    Discount,
    DiscountCoupon,
    ExchangeRate,
    ItemTaxGroupCode,
    PriceAdjustment,
    PriceGroup,
    SalesTaxGroupCode,
    TaxCode,
    TaxExemption,
    TaxHoliday,
    TaxOverride,
    TaxRate,
    TradeAgreement,
)
from pricing.services.discounts import DiscountNotReady, enable_discount, faults_of
from tests.factories.company import a_currency, a_price, a_product, a_store


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
        ({"value": "1,500"}, "1,500 can be read in two ways. Write 1500 or 1.500."),
        ({"value": "ten"}, "Enter a number."),
        ({"method": "deal_price"}, "This kind gives one of"),
        ({"starts_at_0": "2026-06-02", "starts_at_1": "10:00", "ends_at_0": "2026-06-02", "ends_at_1": "10:00"},
         "The end must be after the start, 2 Jun 2026, 10:00."),
        ({"begins": "10:00", "ends": "10:00"}, "The hours end where they begin."),
        ({"weekdays": "9"}, "Select a valid choice"),
        ({"days_only": "tomorrow"}, "Day 1 cannot be read. Write days such as 2026-11-27"),
        ({"starts_at_0": "2026-06-02"}, "Enter a time such as 14:30; 00:00 is the start of the day."),
        ({"priority": "99999999999"}, "Enter 2147483647 or less."),
    ],
)  # fmt: skip
def test_a_discount_that_cannot_be(back_office: Client, wrong: dict[str, str], words: str) -> None:
    page = post(back_office, "/pricing/discount/add/", **DISCOUNT | wrong)
    assert page.status_code == 200 and words in page.text and not Discount.objects.exists()


def test_a_number_has_a_point_or_a_comma(back_office: Client) -> None:
    """A browser's own field for numbers drops the comma that is typed: 12,5 % would be 125."""
    page = back_office.get("/pricing/discount/add/")
    assert re.search(r'<input[^>]*name="value"[^>]*>', page.text)[0].count('type="text"') == 1
    post(back_office, "/pricing/discount/add/", **DISCOUNT | {"value": "12,5"})
    assert Discount.objects.get().value == Decimal("12.5")


@pytest.mark.parametrize("day", ["2027-03-28", "2027-10-31"])
def test_an_hour_that_the_clock_skips_or_repeats_is_told_with_the_remedy(
    day: str, back_office: Client
) -> None:
    a_store()  # most stores' clock is London's
    cache.clear()
    page = post(
        back_office, "/pricing/discount/add/", **DISCOUNT | {"starts_at_0": day, "starts_at_1": "01:30"}
    )
    assert "the clock is put forward or back at this hour. Choose another one." in page.text
    assert not Discount.objects.exists()


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
        ({}, [("x", "", "4.95")], "Enter a number."),
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


def on_gross(code: str, *groups: Any) -> TaxCode:
    """A tax on the gross amount, of which a line may have one."""
    tax = TaxCode.objects.create(code=code, name=code, kind="percent_of_gross")
    TaxRate.objects.create(tax_code=tax, percent=10)
    for group in groups:
        (SalesTaxGroupCode if isinstance(group, SalesTaxGroup) else ItemTaxGroupCode).objects.create(
            group=group, tax_code=tax
        )
    return tax


def test_taxes_that_cannot_meet_are_refused_wherever_they_are_put_together(back_office: Client) -> None:
    here = SalesTaxGroup.objects.create(code="S", name="Here")
    goods = ItemTaxGroup.objects.create(code="I", name="Goods")
    first, second, third = on_gross("A", here, goods), on_gross("B", goods), on_gross("C", here)
    words = "In Here on Goods: {} are both a percentage of the gross amount. Keep one of them in the group."
    rows = [{"tax_code": first.pk}, {"tax_code": second.pk}]
    page = post(
        back_office, "/hq/salestaxgroup/add/", {"tax_codes": rows}, name="There", code="T",
    )  # fmt: skip
    assert words.format("A and B").replace("Here", "There") in page.text
    assert not SalesTaxGroup.objects.filter(code="T").exists()
    rows = [{"tax_code": first.pk}, {"tax_code": third.pk}]
    page = post(back_office, "/catalog/itemtaxgroup/add/", {"tax_codes": rows}, name="Toys", code="T")
    assert words.format("A and C").replace("Goods", "Toys") in page.text
    page = post(
        back_office, "/pricing/taxcode/add/",
        {"rates": [{"percent": "5"}], "sales_tax_groups": [{"group": here.pk}],
         "item_tax_groups": [{"group": goods.pk}]},
        name="D", code="D", kind="percent_of_gross", sequence="0",
    )  # fmt: skip
    assert words.format("D and A") in page.text and not TaxCode.objects.filter(code="D").exists()


def test_a_tax_code_by_itself(back_office: Client) -> None:
    add = "/pricing/taxcode/add/"
    page = post(back_office, add, name="C", code="C", kind="percent_of_tax", sequence="0")
    assert "It is not said which tax this is a share of." in page.text
    whole = {"rates": [{"percent": "100"}]}
    page = post(back_office, add, whole, name="C", code="C", kind="division", sequence="0")
    assert "A rate of 100 is above 99.9999. Enter at most 99.9999." in page.text
    assert not TaxCode.objects.exists()
    duty = {"rates": [{"percent": "200"}]}
    by_amount = {"method": "whole", "marginal_base": "net_line"}
    page = post(back_office, add, duty, name="C", code="C", kind="fixed_per_unit", sequence="0", **by_amount)
    assert page.status_code == 302 and TaxRate.objects.get().percent == 200


def test_a_tax_whose_goods_are_taken_out_of_a_row_is_refused(back_office: Client) -> None:
    """Where the row is emptied and not removed; it was an error of the server."""
    goods = ItemTaxGroup.objects.create(code="I", name="Goods")
    row = ItemTaxGroupCode.objects.create(tax_code=on_gross("C"), group=goods)
    rows = {"item_tax_groups": [{"id": row.pk, "group": ""}]}
    page = post(
        back_office,
        f"/pricing/taxcode/{row.tax_code_id}/change/",
        rows,
        name="C",
        code="C",
        kind="percent",
        sequence="0",
        method="whole",
        marginal_base="net_line",
        **{"item_tax_groups-INITIAL_FORMS": "1"},
    )
    assert "Choose a group." in page.text and ItemTaxGroupCode.objects.get().group == goods


def test_an_override_says_what_applies_instead(back_office: Client) -> None:
    page = post(back_office, "/pricing/taxoverride/add/", name="Eaten in", code="IN", scope="line")
    assert "It is not said what applies instead." in page.text and not TaxOverride.objects.exists()


def test_an_active_adjustment_is_of_some_goods(back_office: Client) -> None:
    page = post(back_office, "/pricing/priceadjustment/add/", name="Sale", percent="5", is_active="on")
    assert "Add the goods whose prices it changes" in page.text and not PriceAdjustment.objects.exists()
    lines = {"lines": [{"product": a_product().pk}]}
    fields = {"name": "Sale", "percent": "", "price": "5", "currency": a_currency().pk, "is_active": "on"}
    assert post(back_office, "/pricing/priceadjustment/add/", lines, **fields).status_code == 302


def test_a_charge_on_the_whole_order_looks_at_no_goods(back_office: Client) -> None:
    rows = {"tiers": [{"least": "0", "value": "4.95"}], "goods": [{"product": a_product().pk}]}
    page = post(back_office, "/pricing/chargerule/add/", rows, **charge())
    assert "A charge on the whole order falls due whatever is in it." in page.text
    assert not ChargeRule.objects.exists()
    assert post(back_office, "/pricing/chargerule/add/", rows, **charge(level="line")).status_code == 302


def test_a_price_is_for_a_unit_that_the_product_is_sold_by(back_office: Client) -> None:
    product, kilogram = a_product(), Unit.objects.create(code="kg", name="Kilogram", decimals=3)
    fields = {
        "product": product.pk, "amount": "5", "currency": a_currency().pk, "unit": kilogram.pk, "quantity_from": "0"
    }  # fmt: skip
    page = post(back_office, "/pricing/tradeagreement/add/", **fields)
    assert "is not sold by Kilogram." in page.text and not TradeAgreement.objects.exists()
    product.units.create(unit=kilogram, factor=2)
    assert post(back_office, "/pricing/tradeagreement/add/", **fields).status_code == 302
    again = post(back_office, "/pricing/tradeagreement/add/", **fields | {"amount": "6"})
    assert "There is such a price already" in again.text and TradeAgreement.objects.count() == 1
    assert (
        post(back_office, "/pricing/tradeagreement/add/", **fields | {"quantity_from": "10"}).status_code
        == 302
    )
    own = f"/pricing/tradeagreement/{TradeAgreement.objects.get(quantity_from=0).pk}/change/"
    assert post(back_office, own, **fields | {"amount": "7"}).status_code == 302


@pytest.mark.parametrize(
    ("own", "case", "words"),
    [
        ("pcs", {"DELETE": "on"}, "This is a price by Case, and the product keeps no such unit."),
        ("box", {}, "is not sold by Piece."),
    ],
)
def test_a_unit_that_a_price_is_by_is_not_taken_off_a_product(
    own: str, case: dict[str, str], words: str, back_office: Client
) -> None:
    product = a_product(number="P1")
    for code in ("case", "box"):
        Unit.objects.create(code=code, name=code.title())
    kept = ProductUnit.objects.create(product=product, unit_id="case", factor=12)
    price = a_price(product, "20.00", unit_id="case" if own == "pcs" else "pcs")
    fields = {
        "number": "P1", "name": "Pen", "unit": own, "item_tax_group": product.item_tax_group_id,
        "kind": product.kind, "price_entry": product.price_entry, "prices-INITIAL_FORMS": "1",
        "units-INITIAL_FORMS": "1",
    }  # fmt: skip
    unit = {"id": kept.pk, "product": product.pk, "unit": "case", "factor": "12", **case}
    row = {
        "id": price.pk,
        "product": product.pk,
        "unit": price.unit_id,
        "currency": "GBP",
        "quantity_from": "0",
    }
    row["amount"] = "20"
    path = f"/catalog/product/{product.pk}/change/"
    page = post(back_office, path, {"prices": [row], "units": [unit]}, **fields)
    assert words in page.text and product.units.exists()
    gone = row | {"DELETE": "on"}
    assert post(back_office, path, {"prices": [gone], "units": [unit]}, **fields).status_code == 302


def test_a_price_without_a_unit_is_for_the_products_own(back_office: Client) -> None:
    product, pounds = a_product(), a_currency()
    fields = {"product": product.pk, "currency": pounds.pk, "quantity_from": "0", "amount": "5"}
    assert post(back_office, "/pricing/tradeagreement/add/", **fields).status_code == 302
    assert TradeAgreement.objects.get().unit == product.unit
    page = post(back_office, "/pricing/tradeagreement/add/", **fields | {"product": ""})
    assert page.status_code == 200 and "Choose a product." in page.text


def test_two_rows_that_say_the_same_are_told_with_the_remedy(back_office: Client) -> None:
    tiers = [{"minimum": "5", "value": "10"}, {"minimum": "5", "value": "20"}]
    fields = DISCOUNT | {"kind": "quantity", "value": ""}
    page = post(back_office, "/pricing/discount/add/", {"tiers": tiers}, **fields)
    assert "Two rows have the same “from”. Leave one of them, or change it." in page.text
    assert "A row above says the same. Change this one, or delete it." in page.text
    assert "Please correct the duplicate" not in page.text and not Discount.objects.exists()
    page = post(back_office, "/pricing/discount/add/", **DISCOUNT | {"value": "0"})
    assert "Enter a number above 0." in page.text


def test_a_product_has_no_price_twice(back_office: Client) -> None:
    product, pounds, group = a_product(), a_currency(), PriceGroup.objects.create(code="UK", name="UK")
    path = f"/catalog/product/{product.pk}/change/"
    fields = {
        "number": product.number,
        "name": "Pen",
        "unit": "pcs",
        "item_tax_group": product.item_tax_group_id,
    }
    fields |= {"kind": product.kind, "price_entry": product.price_entry}
    one = {"unit": "pcs", "currency": "GBP", "quantity_from": "0", "amount": "5", "on_store_clock": "on"}
    later = one | {"starts_at_0": "2026-12-01", "starts_at_1": "00:00"}
    rows = [one, later, one | {"amount": "6"}]
    page = post(back_office, path, {"prices": rows}, **fields)
    assert "Rows 1 and 3 are prices for the same. Remove one" in page.text and not product.prices.exists()
    page = post(back_office, path, {"prices": [later, later | {"amount": "6"}]}, **fields)
    assert "Rows 1 and 2 are prices for the same." in page.text and not product.prices.exists()
    rows = [one, later, one | {"price_group": group.pk}, one | {"amount": "6", "DELETE": "on"}]
    assert post(back_office, path, {"prices": rows}, **fields).status_code == 302
    assert product.prices.count() == 3 and pounds


def test_prices_of_a_product_may_change_places(back_office: Client) -> None:
    product = a_product()
    first, second = a_price(product, "1.00"), a_price(product, "2.00", quantity_from=5)
    path = f"/catalog/product/{product.pk}/change/"
    fields = {
        "number": product.number,
        "name": "Pen",
        "unit": "pcs",
        "item_tax_group": product.item_tax_group_id,
    }
    fields |= {"kind": product.kind, "price_entry": product.price_entry, "prices-INITIAL_FORMS": "2"}
    rows = [
        {
            "id": price.pk,
            "product": product.pk,
            "unit": "pcs",
            "currency": "GBP",
            "quantity_from": least,
            "amount": "5",
        }
        for price, least in ((first, "5"), (second, "0"))
    ]
    assert post(back_office, path, {"prices": rows}, **fields).status_code == 302
    assert sorted(product.prices.values_list("pk", "quantity_from")) == [(first.pk, 5), (second.pk, 0)]
    rows = [rows[0] | {"DELETE": "on"}, rows[1] | {"quantity_from": "5"}]
    assert post(back_office, path, {"prices": rows}, **fields).status_code == 302
    assert product.prices.get().pk == second.pk
    rows = [
        rows[1] | {"quantity_from": "0"},
        {"unit": "pcs", "currency": "GBP", "quantity_from": "0", "amount": "5"},
    ]
    page = post(back_office, path, {"prices": rows}, **fields | {"prices-INITIAL_FORMS": "1"})
    assert "Rows 1 and 2 are prices for the same." in page.text


@pytest.mark.parametrize("uses", ["-1", "0"])
def test_too_few_uses_of_a_coupon_are_told_in_one_way(back_office: Client, uses: str) -> None:
    limits = dict.fromkeys(("limit", "limit_per_customer", "limit_per_channel"), uses)
    page = post(back_office, "/pricing/discount/add/", {"coupons": [{"code": "TEN", **limits}]}, **DISCOUNT)
    assert page.text.count("Enter 1 or more.") == 3 and "0 or more" not in page.text
    assert not Discount.objects.exists()


def test_codes_of_currencies_and_coupons_are_capitals(back_office: Client) -> None:
    fields = {"name": "Franc", "symbol": "Fr", "decimals": "2", "cash_unit": "0.05"}
    assert "Use the three letters" in post(back_office, "/hq/currency/add/", code="f1", **fields).text
    post(back_office, "/hq/currency/add/", code="chf", **fields)
    coupons = {"coupons": [{"code": "summer 26", "is_active": "on"}]}
    page = post(back_office, "/pricing/discount/add/", coupons, **DISCOUNT)
    assert "A code has no spaces. Leave them out." in page.text
    coupons = {"coupons": [{"code": "summer26", "is_active": "on"}]}
    assert post(back_office, "/pricing/discount/add/", coupons, **DISCOUNT).status_code == 302
    assert (Currency.objects.get().code, DiscountCoupon.objects.get().code) == ("CHF", "SUMMER26")


def test_codes_that_differ_in_case_alone_are_one(back_office: Client) -> None:
    assert post(back_office, "/pricing/discount/add/", **DISCOUNT | {"code": "Spring"}).status_code == 302
    page = post(back_office, "/pricing/discount/add/", **DISCOUNT | {"code": "SPRING"})
    assert "Code SPRING is taken by discount “Offer”, as Spring. Choose another." in page.text
    page = post(back_office, "/pricing/discount/add/", **DISCOUNT | {"code": "Spring"})
    assert "Code Spring is taken by discount “Offer”. Choose another." in page.text
    assert "in other letters" not in page.text
    spring = Discount.objects.get()
    for code in ("SPRING", "spring"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Discount.objects.create(code=code, name="x", kind="simple", method="percent_off")
        with pytest.raises(IntegrityError), transaction.atomic():
            spring.coupons.create(code="Capital")
    sheet = DiscountResource().import_data(CSV().create_dataset("discount,value\nsPRING,15\n"))
    assert (sheet.totals["update"], Discount.objects.get().value) == (1, 15)


@pytest.mark.parametrize("kind", ["threshold", "shipping", "tender"])
def test_a_tier_from_an_amount_needs_its_currency(kind: str) -> None:
    offer = Discount.objects.create(code="T", name="Fifty", kind=kind, method="percent_off", value=10)
    offer.tiers.create(minimum=50, value=10)
    offer.lines.create()
    with pytest.raises(DiscountNotReady, match="begin at an amount of money, which needs its currency"):
        enable_discount(offer.pk)
    offer.currency = a_currency()
    offer.save()
    assert not [fault for fault in faults_of(offer) if fault.field == "currency"]


def test_units_and_percentages_hold_in_every_currency() -> None:
    offer = Discount.objects.create(code="Q", name="Three", kind="quantity", method="percent_off")
    offer.tiers.create(minimum=3, value=10)
    offer.lines.create()
    assert enable_discount(offer.pk).status == "enabled"


@pytest.mark.parametrize(
    ("tiers", "words"),
    [
        ([], "Add at least one tier: from how much on, and what it then gives."),
        (
            [(3, 10), (6, 10)],
            "The tier from 6 gives no more than the one below. Let it give more, or take it out.",
        ),
        ([(3, 110)], "110 % is more than all there is. Enter at most 100."),
    ],
)
def test_tiers_that_make_no_sense_are_told_with_the_remedy(tiers: list[tuple[int, int]], words: str) -> None:
    offer = Discount.objects.create(code="Q", name="Three", kind="quantity", method="percent_off")
    offer.lines.create()
    for minimum, value in tiers:
        offer.tiers.create(minimum=minimum, value=value)
    assert words in [fault.text for fault in faults_of(offer)]


@pytest.mark.parametrize(
    ("inlines", "words"),
    [
        ({"lines": [{"method": "percent_off", "value": "120"}]}, "A percentage of 120 is above 100."),
        ({"lines": [{"value": "5"}]}, "Choose whether the value is a percentage, an amount or a price."),
        ({"lines": [{"method": "amount_off"}]}, "An amount is missing. Enter a number."),
        ({"lines": [{"group": "A"}]}, "On what? Choose a product, a category, a variant or an attribute, or switch"),
        ({"lines": [{"everything": "on", "attribute": "Brand"}]}, "The line names goods. Switch this off, or leave"),
        ({"tiers": [{"minimum": "3", "value": "120"}]}, "A percentage of 120 is above 100. Enter at most 100."),
    ],
)  # fmt: skip
def test_what_a_line_or_a_tier_cannot_give(
    back_office: Client, inlines: dict[str, list[dict[str, str]]], words: str
) -> None:
    page = post(back_office, "/pricing/discount/add/", inlines, **DISCOUNT)
    assert words in page.text and not Discount.objects.exists()


def test_what_an_offer_still_lacks_is_a_list_that_leads_to_each_field_or_tab(back_office: Client) -> None:
    fields = DISCOUNT | {"kind": "mix_and_match", "method": "deal_price", "value": ""}
    post(back_office, "/pricing/discount/add/", **fields)
    offer = Discount.objects.get()
    page = back_office.post(f"/pricing/discount/{offer.pk}/enable/", follow=True).text
    assert "Offer is not enabled yet. Do what is listed here, then save." in page
    shown = re.findall(r'href="#(\w+)" data-behaviour="go">([^<]+)</a><span>([^<]+)</span>', page)
    assert shown == [
        ("lines", "On what", "Add at least one line that says what it is given on."),
        ("id_currency", "Currency", "An amount or a price needs its currency: choose it."),
        ("id_value", "Value", "Say how much it gives."),
        ("groups", "Parts of the set", "Say what the set is made of: at least one part with its quantity."),
    ]


@pytest.mark.parametrize(("kind", "tier"), [("threshold", "unit_price"), ("tender", "amount_off")])
def test_a_tier_gives_what_its_kind_can(kind: str, tier: str) -> None:
    offer = Discount.objects.create(
        code="T", name="Tiers", kind=kind, method="percent_off", currency=a_currency()
    )
    offer.tiers.create(minimum=50, value=5, method=tier)
    said = [fault.text for fault in faults_of(offer) if fault.field == "tiers"]
    assert len(said) == 1 and said[0].startswith(
        "The tier from 50 gives what this kind cannot. Choose one of: "
    )


def test_a_value_that_tiers_say_is_not_kept_where_nobody_sees_it(back_office: Client) -> None:
    post(back_office, "/pricing/discount/add/", **DISCOUNT | {"kind": "threshold", "value": "120"})
    assert Discount.objects.get().value is None


def test_a_line_on_everything_is_said_on_the_page(back_office: Client) -> None:
    fields = DISCOUNT | {
        "kind": "threshold",
        "method": "amount_off",
        "value": "",
        "currency": a_currency().pk,
    }
    inlines = {"lines": [{"everything": "on"}], "tiers": [{"minimum": "50", "value": "5"}]}
    assert post(back_office, "/pricing/discount/add/", inlines, **fields).status_code == 302
    offer = Discount.objects.get()
    assert [str(line) for line in offer.lines.all()] == ["Everything"]
    path = f"/pricing/discount/{offer.pk}/change/"
    page = back_office.get(path).text
    assert re.search(r'<input[^>]*name="lines-0-everything"[^>]*checked', page)
    off = post(
        back_office, path, {"lines": [{"id": offer.lines.get().pk}]}, **fields | {"lines-INITIAL_FORMS": 1}
    )
    assert "On what?" in off.text
    enable_discount(offer.pk)
    assert "Everything" in back_office.get(path).text


SET = DISCOUNT | {
    "kind": "mix_and_match", "method": "least_expensive", "value": "100", "least_method": "percent_off",
}  # fmt: skip


def test_goods_belong_to_the_only_part_of_a_set(back_office: Client) -> None:
    goods = [{"product": a_product().pk}, {"product": a_product().pk, "is_excluded": "on"}]
    inlines = {"lines": goods, "groups": [{"code": "A", "quantity": "3"}]}
    assert post(back_office, "/pricing/discount/add/", inlines, **SET).status_code == 302
    offer = Discount.objects.get()
    assert [line.group for line in offer.lines.order_by("pk")] == ["A", ""]
    enable_discount(offer.pk)


def test_goods_of_no_part_are_named_with_the_parts_there_are(back_office: Client) -> None:
    product = a_product(name="Mug")
    inlines: dict[str, list[dict[str, Any]]] = {
        "lines": [{"product": product.pk}, {"everything": "on", "group": "A"}]
    }
    assert post(back_office, "/pricing/discount/add/", inlines, **SET).status_code == 302
    offer = Discount.objects.get()
    assert next(fault.text for fault in faults_of(offer)).startswith("Say what the set is made of")
    assert not any(
        "Mug" in fault.text for fault in faults_of(offer)
    )  # there is no part yet that it could name
    for code in "AB":
        offer.groups.create(code=code, quantity=2)
    said = [fault.text for fault in faults_of(offer)]
    assert "Mug belongs to no part of the set: enter A or B." in said
    offer.groups.filter(code="A").delete()
    said = [fault.text for fault in faults_of(offer)]
    assert "A line names part A, which the set does not have: enter B." in said


def test_a_discount_whose_codes_are_off_says_so() -> None:
    offer = Discount.objects.create(
        code="C", name="C", kind="simple", method="percent_off", value=5, coupon_required=True
    )
    offer.lines.create()
    assert next(fault.text for fault in faults_of(offer)) == "It needs a coupon: add a code."
    offer.coupons.create(code="OFF", is_active=False)
    assert (
        next(fault.text for fault in faults_of(offer)) == "It needs a coupon: make one of its codes active."
    )


def test_an_enabled_offer_reads_as_it_was_entered(back_office: Client) -> None:
    offer = Discount.objects.create(
        code="O", name="O", kind="simple", method="unit_price", value=10, currency=a_currency(),
        weekdays=[0, 4], status="enabled", max_discount=5,
    )  # fmt: skip
    offer.lines.create(method="percent_off", value=Decimal("12.5"))
    page = re.sub(
        r"\s+", " ", re.sub(r"<[^>]+>", " ", back_office.get(f"/pricing/discount/{offer.pk}/change/").text)
    )
    assert "10.00 GBP" in page and "5.00 GBP" in page and "12.5 %" in page and "Monday, Friday" in page
    assert "10.0000" not in page and "At most so many units" in page and "Quantity limit" not in page


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


@pytest.mark.parametrize(
    ("amount", "starts", "ends", "is_said"),
    [
        ("12", "2999-01-01 00:00", "", True),  # the price that holds now has no end
        ("12", "2999-01-01 00:00", "2999-02-01 00:00", True),
        ("12", "", "", False),  # is the one that holds now
        ("8", "2999-01-01 00:00", "", False),
        ("10", "2999-01-01 00:00", "", False),
    ],
)
def test_a_price_that_never_counts_beside_a_lower_one_is_said(
    back_office: Client, amount: str, starts: str, ends: str, is_said: bool
) -> None:
    product = a_product(name="Cake stand", number="P1")
    a_price(product, "10.00")
    line = f"{amount},{starts},{ends}"
    list_of_prices = f"product,currency,amount,starts_at,ends_at\nP1,GBP,{line}\n".encode()
    file = SimpleUploadedFile("list.csv", list_of_prices)
    page = "/pricing/tradeagreement/"
    asked = {"import_file": file, "format": "0", "resource": "0"}
    looked = unescape(back_office.post(f"{page}import/", asked, follow=True).text)
    words = "12.00 GBP from 1 Jan 2999, 00:00 never counts: Cake stand: 10.00 GBP holds then, too"
    assert (words in looked) is is_said
    if starts:
        given = {
            "product": product.pk,
            "unit": "pcs",
            "currency": "GBP",
            "quantity_from": "0",
            "amount": amount,
        }
        day = {
            "starts_at_0": starts[:10],
            "starts_at_1": "00:00",
            "ends_at_0": ends[:10],
            "ends_at_1": ends[11:],
        }
        saved = back_office.post(f"{page}add/", given | day | {"on_store_clock": "on"}, follow=True)
        assert TradeAgreement.objects.count() == 2
        assert (words in unescape(saved.text)) is is_said


@pytest.mark.parametrize(
    ("amount", "unit", "quantity_from", "is_said"),
    [
        ("150.5", "pcs", "0", True),
        ("150.5", "pcs", "2", False),
        ("150.5", "kg", "0", False),  # weighed: nobody buys just one
        ("150", "pcs", "0", False),
    ],
)
def test_a_price_that_nobody_can_pay_for_one_is_said_and_kept(
    back_office: Client, amount: str, unit: str, quantity_from: str, is_said: bool
) -> None:
    a_currency("JPY", "¥")
    Unit.objects.create(code="kg", name="Kilogram", decimals=3)
    product = a_product(name="Green tea", number="P1", unit_id=unit)
    columns = "product,currency,unit,quantity_from,amount"
    sheet = f"{columns}\nP1,JPY,{unit},{quantity_from},{amount}\n"
    page = "/pricing/tradeagreement/"
    asked = {"import_file": SimpleUploadedFile("list.csv", sheet.encode()), "format": "0", "resource": "0"}
    looked = unescape(back_office.post(f"{page}import/", asked, follow=True).text)
    words = "Green tea: 150.5 JPY is finer than what can be paid: one alone comes to 151 JPY."
    assert (words in looked) is is_said
    given = {"product": product.pk, "unit": unit, "currency": "JPY", "quantity_from": quantity_from}
    saved = back_office.post(f"{page}add/", given | {"amount": amount, "on_store_clock": "on"}, follow=True)
    assert TradeAgreement.objects.get().amount == Decimal(amount)
    assert (words in unescape(saved.text)) is is_said
