"""Lists come in from spreadsheets with every error named by row and column, and nothing half done."""

import html
import re
import tempfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from catalog.models import Barcode, Category, ItemTaxGroup, Product
from customers.models import Customer
from hq.models import ReasonCode, SalesTaxGroup
from pricing.adjustment_resource import AdjustmentResource
from pricing.charge_resource import ChargeResource
from pricing.discount_resources import DiscountResource
from pricing.models import (
    ChargeCode,
    ChargeRule,
    DeliveryMode,
    DestinationTax,
    Discount,
    PriceAdjustment,
    PriceGroup,
    TaxCode,
    TaxExemption,
    TaxHoliday,
    TaxOverride,
    TradeAgreement,
)
from pricing.resources import PriceGroupResource, PriceResource
from pricing.tax_resources import DestinationTaxResource, ExemptionResource, HolidayResource, OverrideResource
from tests.factories.company import a_currency, a_price, a_product, a_store


def _upload(client: Client, path: str, text: str) -> Any:
    file = SimpleUploadedFile("list.csv", text.encode(), content_type="text/csv")
    return client.post(f"{path}import/", {"import_file": file, "format": "0", "resource": "0"}, follow=True)


def _confirm(client: Client, path: str, answer: Any) -> None:
    (address,) = re.findall(r'action="(\S+/import/[0-9a-f-]{36}/)"', answer.text)
    assert "Import finished" in client.post(address, follow=True).text


def test_products_come_in_after_a_look_at_them(back_office: Client) -> None:
    a_product(number="P1", name="Old name")
    Category.objects.create(code="gifts", name="Gifts")
    sheet = "number,name,category,unit,item_tax_group\nP1,New name,gifts,pcs,STD\nP2,Second,GIFTS,pcs,std\n"
    answer = _upload(back_office, "/catalog/product/", sheet)
    assert Product.objects.count() == 1 and "Second" in answer.text
    _confirm(back_office, "/catalog/product/", answer)
    assert sorted(Product.objects.values_list("number", "name", "category__code")) == [
        ("P1", "New name", "gifts"),
        ("P2", "Second", "gifts"),
    ]
    assert Product.objects.get(number="P1").history.first().history_user.username == "ada"


def test_a_file_is_imported_once_and_leaves_nothing_behind(
    back_office: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    a_product(number="P1")
    answer = _upload(back_office, "/catalog/product/", "number,name,unit,item_tax_group\nP2,Pen,pcs,STD\n")
    _confirm(back_office, "/catalog/product/", answer)
    Product.objects.get(number="P2").delete()
    (again,) = re.findall(r'action="(\S+/import/[0-9a-f-]{36}/)"', answer.text)
    assert (
        "This file was confirmed already: it is imported once." in back_office.post(again, follow=True).text
    )
    assert not Product.objects.filter(number="P2").exists()
    assert not list(tmp_path.iterdir())


def test_what_was_changed_since_one_looked_is_shown_before_it_is_written(back_office: Client) -> None:
    a_price(product=a_product(number="P1"), amount=Decimal(2))
    page, sheet = "/pricing/tradeagreement/", "product,currency,amount\nP1,GBP,{}\nP2,GBP,9\n"
    a_product(number="P2")
    mine, hers = _upload(back_office, page, sheet.format(3)), _upload(back_office, page, sheet.format(4))
    assert "<del>2.00</del>" in mine.text
    _confirm(back_office, page, hers)
    (address,) = re.findall(r'action="(\S+/import/[0-9a-f-]{36}/)"', mine.text)
    told = back_office.post(address, follow=True)
    assert "was changed by somebody after you had looked at it" in told.text
    assert "<del>4.00</del>" in told.text and "1 stays as it is" in told.text
    assert sorted(TradeAgreement.objects.values_list("amount", flat=True)) == [4, 9]
    _confirm(back_office, page, told)
    assert sorted(TradeAgreement.objects.values_list("amount", flat=True)) == [3, 9]


@pytest.mark.parametrize(
    ("sheet", "words"),
    [
        ("number,name,unit,item_tax_group\nP1,Pen,box,STD\n", "No unit has the code “box”. There is pcs."),
        (
            "number,name,unit,item_tax_group,cost\nP1,Pen,pcs,STD,cheap\n",
            "“cheap” cannot be read here: write a number such as 12.50.",
        ),
        ("number,name,unit,item_tax_group,kind\nP1,Pen,pcs,STD,thing\n", "not a valid choice"),
        ("article,name\nP1,Pen\n", "The file lacks the column number."),
        ("", "The submitted file is empty."),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_nothing_is_written(
    sheet: str,
    words: str,
    back_office: Client,
) -> None:
    a_product(number="P0")
    page = _upload(back_office, "/catalog/product/", sheet)
    assert words in page.text
    assert "Confirm import" not in page.text and Product.objects.count() == 1


def test_barcodes_in_another_spelling_are_found_out(back_office: Client) -> None:
    Barcode.objects.create(product=a_product(number="P1", name="Pencil"), code="4006381333931")
    a_product(number="P2")
    page = _upload(back_office, "/catalog/barcode/", "code,product\n04006381333931,P2\n")
    assert "is the same code as 4006381333931, which stands for “Pencil”" in page.text.replace("&#x27;", "'")
    answer = _upload(back_office, "/catalog/barcode/", "code,product\n5000159407236,P2\n")
    _confirm(back_office, "/catalog/barcode/", answer)
    assert Barcode.objects.get(code="5000159407236").key == "05000159407236"


def test_a_price_group_has_one_code_in_capitals_and_small_letters(back_office: Client) -> None:
    PriceGroup.objects.create(code="VIP", name="Our best")
    words = "Code vip is taken by price group “Our best”, as VIP. Choose another."
    assert words in _upload(back_office, "/pricing/pricegroup/", "code,name\nvip,Others\nNEW,New\n").text
    assert (
        words
        in back_office.post("/pricing/pricegroup/add/", {"code": "vip", "name": "V", "priority": "0"}).text
    )


def test_of_two_names_that_differ_in_capitals_alone_the_one_that_is_written_is_meant(
    back_office: Client,
) -> None:
    a_product(number="P1")
    upper, lower = (PriceGroup.objects.create(code=code, name=code) for code in ("VIP", "vip"))  # from before
    sheet = "product,price_group,currency,amount\nP1,VIP,GBP,1.00\nP1,vip,GBP,2.00\n"
    a_currency()
    _confirm(back_office, "/pricing/tradeagreement/", _upload(back_office, "/pricing/tradeagreement/", sheet))
    assert (upper.prices.get().amount, lower.prices.get().amount) == (Decimal(1), Decimal(2))


@pytest.mark.parametrize("figure", ["NaN", "-nan", "Infinity"])
def test_what_is_no_number_is_said_to_be_none(figure: str, back_office: Client) -> None:
    a_product(number="P1")
    words = f"“{figure}” cannot be read here: write a number such as 12.50."
    for page, sheet in (
        ("/pricing/tradeagreement/", f"product,currency,amount\nP1,GBP,{figure}\n"),
        ("/pricing/discount/", f"discount,product,value\nX,P1,{figure}\n"),
    ):
        assert words in _upload(back_office, page, sheet).text


def test_the_same_price_list_twice_changes_nothing_more(back_office: Client) -> None:
    a_price(a_product(number="P1"), "1.00")
    sheet = "product,currency,amount\nP1,GBP,1.25\n"
    answer = _upload(back_office, "/pricing/tradeagreement/", sheet)
    _confirm(back_office, "/pricing/tradeagreement/", answer)
    again = _upload(back_office, "/pricing/tradeagreement/", sheet)
    assert "Nothing would change, 1 stays as it is" in again.text and "Confirm import" not in again.text
    price = TradeAgreement.objects.get()
    assert (price.amount, price.unit_id) == (Decimal("1.25"), "pcs")
    assert price.history.filter(history_type="~").count() == 1


def test_a_price_list_that_contradicts_itself_is_told_where_it_does(back_office: Client) -> None:
    a_price(a_product(number="P1"), "1.00")
    sheet = "product,currency,quantity_from,amount\nP1,GBP,4,0.90\nP1,GBP,4.0,0.90\nP1,GBP,4,0.80\nP1,GBP,6,0.70\n"
    answer = _upload(back_office, "/pricing/tradeagreement/", sheet)
    assert (
        "An earlier row has another price for the same." in answer.text and "1 row has errors" in answer.text
    )
    _confirm(back_office, "/pricing/tradeagreement/", answer)
    found = TradeAgreement.objects.filter(quantity_from__gt=0).order_by("quantity_from")
    assert [str(amount) for amount in found.values_list("amount", flat=True)] == ["0.9000", "0.7000"]
    assert "Nothing would change" in _upload(back_office, "/pricing/tradeagreement/", sheet).text


def test_what_goes_out_can_come_in_again(back_office: Client) -> None:
    for number in ("P1", "P2"):
        a_price(a_product(number=number), currency=a_currency())
    Customer.objects.create(account="C1", name="Firm & Sons")
    for path in ("/catalog/product/", "/pricing/tradeagreement/", "/customers/customer/"):
        page = back_office.get(f"{path}export/").text
        ticked = dict.fromkeys(re.findall(r'name="((?:\w+resource_)\w+)"', page), "on")
        out = back_office.post(f"{path}export/", {"format": "0", "resource": "0", **ticked})
        text = out.content.decode()
        assert text.count("\n") >= 2, page
        answer = _upload(back_office, path, text)
        assert "errors" not in answer.text.lower() or "error" not in re.findall(
            r"<li[^>]*>(.*?)</li>", answer.text
        )
        assert "lacks the column" not in answer.text


@pytest.mark.parametrize(
    ("heads", "cells", "clock"),
    [
        ("", "", "Europe/Berlin"),  # as a page has it: on each store's own clock
        (",on_store_clock", ",", "Europe/Berlin"),
        (",on_store_clock", ",1", "Europe/Berlin"),
        (",on_store_clock", ",0", ""),
    ],
)
def test_a_period_from_a_sheet_is_on_the_stores_own_clock(
    heads: str, cells: str, clock: str, back_office: Client
) -> None:
    a_store(time_zone="Europe/Berlin")
    a_price(a_product(number="P1"), "1.00")
    for path, sheet in (
        (
            "/pricing/tradeagreement/",
            "product,currency,amount,starts_at{}\nP1,GBP,0.90,2026-12-24 08:00:00{}\n",
        ),
        ("/pricing/discount/", "discount,product,value,starts_at{}\nXMAS,P1,10,2026-12-24 08:00:00{}\n"),
    ):
        text = sheet.format(heads, cells)
        _confirm(back_office, path, _upload(back_office, path, text))
        assert "Nothing would change" in _upload(back_office, path, text).text
    for found in (TradeAgreement.objects.exclude(starts_at=None).get(), Discount.objects.get()):
        assert (found.clock, found.starts_at) == (clock, datetime(2026, 12, 24, 7, tzinfo=UTC))


def test_a_sheet_shows_a_period_as_it_was_written(back_office: Client) -> None:
    price = a_price(a_product(number="P1"), "1.00")
    price.starts_at, price.clock = datetime(2026, 12, 24, 7, tzinfo=UTC), "Europe/Berlin"
    price.save()
    with timezone.override("Europe/London"):  # the company has moved
        (row,) = PriceResource().export().dict
        assert (row["starts_at"], row["on_store_clock"]) == ("2026-12-24 08:00:00", "1")
        price.clock = ""
        price.save()
        (row,) = PriceResource().export().dict
        assert (row["starts_at"], row["on_store_clock"]) == ("2026-12-24 07:00:00", "0")
    assert "on_store_clock" in DiscountResource().export().headers


def test_a_period_stays_on_the_clock_that_it_has(back_office: Client) -> None:
    everywhere = Discount.objects.create(
        code="ALL",
        name="All",
        kind="simple",
        method="percent_off",
        value=5,
        ends_at=datetime(2026, 7, 1, tzinfo=UTC),
    )
    a_product(number="P1")
    path = "/pricing/discount/"
    _confirm(
        back_office,
        path,
        _upload(back_office, path, "discount,product,ends_at\nALL,P1,2026-08-01 00:00:00\n"),
    )
    everywhere.refresh_from_db()
    assert everywhere.clock == "" and timezone.localtime(everywhere.ends_at).month == 8
    page = _upload(
        back_office, path, "discount,product,ends_at,on_store_clock\nALL,P1,2026-08-01 00:00:00,perhaps\n"
    )
    assert "“perhaps” cannot be read here: enter 1 or 0" in page.text


def test_price_groups_go_out_and_come_in(back_office: Client) -> None:
    PriceGroup.objects.create(code="OUTLET", name="Outlet", priority=1)
    path = "/pricing/pricegroup/"
    answer = _upload(back_office, path, "code,name,priority\nOUTLET,Outlet stores,\nGOLD,Gold,5\nBAD,,1\n")
    assert "Row 4" in answer.text and PriceGroup.objects.count() == 1
    _confirm(back_office, path, answer)
    assert list(PriceGroup.objects.values_list("code", "name", "priority")) == [
        ("GOLD", "Gold", 5),
        ("OUTLET", "Outlet stores", 1),
    ]
    assert PriceGroupResource().export().csv.splitlines() == [
        "code,name,priority", "GOLD,Gold,5", "OUTLET,Outlet stores,1",
    ]  # fmt: skip


def test_price_adjustments_go_out_and_come_in_with_their_goods(back_office: Client) -> None:
    for number in ("P1", "P2"):
        a_product(number=number)
    Category.objects.create(code="gifts", name="Gifts")
    path, head = "/pricing/priceadjustment/", "name,is_active,percent,amount,currency,products,categories"
    sheet = (
        f"{head}\nSale,1,10,,,P2; P1,\nNo goods,1,5,,,,\nBoth,0,,2,,P1,\nNothing,0,,,,P1,\nOther,0,5,,,P9,\n"
        "Draft,0,5,,,,GIFTS\n"
    )
    answer = _upload(back_office, path, sheet)
    assert not PriceAdjustment.objects.exists()
    for said in (
        "Add the goods whose prices it changes, or leave it a draft.",
        "An amount needs its currency. Choose it.",
        "It changes nothing. Enter a percentage, an amount or a price.",
        "No product has the number “P9”.",
    ):
        assert said in answer.text
    _confirm(back_office, path, answer)
    rows = {row["name"]: row for row in AdjustmentResource().export().dict}
    assert set(rows) == {"Sale", "Draft"} and rows["Draft"]["categories"] == "gifts"
    assert (rows["Sale"]["products"], rows["Sale"]["is_active"]) == ("P1; P2", "1")
    again = _upload(back_office, path, f"{head}\nSale,1,10,,,P1; P2,\n")
    assert "Nothing would change, 1 stays as it is" in again.text
    _confirm(back_office, path, _upload(back_office, path, f"{head}\nSale,,12,,,P2,gifts\n"))
    sale = PriceAdjustment.objects.get(name="Sale")
    assert (sale.percent, sale.is_active, sale.lines.count()) == (12, True, 2)
    PriceAdjustment.objects.create(name="Sale", percent=1)
    assert "Two adjustments have this name." in _upload(back_office, path, f"{head}\nSale,1,9,,,,\n").text


def test_automatic_charges_go_out_and_come_in_with_tiers_and_goods(back_office: Client) -> None:
    a_currency()
    for number in ("P1", "P2"):
        a_product(number=number)
    ChargeCode.objects.create(code="FREIGHT", name="Freight")
    DeliveryMode.objects.create(code="PARCEL", name="Parcel")
    path = "/pricing/chargerule/"
    head = "charge,name,is_active,level,way,currency,delivery_mode,is_prorated,tiers,products,categories"
    parcel = "FREIGHT,Parcel,1,header,fixed,GBP,PARCEL,1,from 0 to 49.99: 4.95; from 50: 0,,"
    deposit = "FREIGHT,Deposit,1,line,per_unit,GBP,,0,from 0: 0.25,P1; P2,"
    bad = [
        "FREIGHT,Upside down,1,header,fixed,GBP,,0,from 10 to 5: 1,,",
        "FREIGHT,Goods,1,header,fixed,GBP,,0,from 0: 1,P1,",
        "FREIGHT,Shared,1,line,fixed,GBP,,1,from 0: 1,,",
        "FREIGHT,No tier,1,header,fixed,GBP,,0,,,",
        "FREIGHT,Too much,1,header,percent,GBP,,0,from 0: 120,,",
        "FREIGHT,Words,1,header,fixed,GBP,,0,five,,",
        "FREIGHT,Where,1,order,fixed,GBP,,0,from 0: 1,,",
        "FREIGHT,Unpaid,1,header,fixed,,,0,from 0: 1,,",
        "WRAP,Wrap,1,header,fixed,GBP,,0,from 0: 1,,",
    ]
    answer = _upload(back_office, path, "\n".join([head, parcel, *bad, deposit]))
    assert not ChargeRule.objects.exists()
    for said in (
        "Enter a larger upper limit.",
        "Choose level line for some products.",
        "Clear the tick, or choose header.",
        "Enter at least one amount.",
        "is above 100. Enter at most 100.",
        "“five” is no tier: write them as from 0 to 49.99: 4.95; from 50: 0.",
        "Choose header or line.",
        "Enter the currency.",
        "No charge code has the code “WRAP”.",
    ):
        assert said in answer.text, said
    _confirm(back_office, path, answer)
    rows = {row["name"]: row for row in ChargeResource().export().dict}
    assert set(rows) == {"Parcel", "Deposit"}
    assert rows["Parcel"]["tiers"] == "from 0 to 49.99: 4.95; from 50: 0"
    assert rows["Deposit"]["products"] == "P1; P2"
    again = _upload(back_office, path, ChargeResource().export().csv)
    assert "Nothing would change, 2 stay as they are" in again.text
    _confirm(
        back_office, path, _upload(back_office, path, f"{head}\nfreight,Parcel,,,,GBP,PARCEL,,from 0: 6,,")
    )
    rule = ChargeRule.objects.get(name="Parcel")
    assert [str(tier) for tier in rule.tiers.all()] == ["from 0: 6"] and rule.delivery_mode is not None
    ChargeRule.objects.create(charge=rule.charge, name="Parcel", currency=rule.currency)
    twice = _upload(back_office, path, f"{head}\n{parcel}").text
    assert "Two rules of this charge have this name. Give one of them another." in twice


def test_destination_taxes_go_out_and_come_in(back_office: Client) -> None:
    ireland = SalesTaxGroup.objects.create(code="IE", name="Ireland")
    SalesTaxGroup.objects.create(code="NI", name="Northern Ireland")
    DestinationTax.objects.create(country="IE", sales_tax_group=ireland)
    path, head = "/pricing/destinationtax/", "country,state,city,postcode,sales_tax_group"
    sheet = f"{head}\nie,,,,NI\ngb,,,BT*,ni\nIreland,,,,IE\nGB,,,*BT,NI\nGB,,Belfast,,XX\n"
    answer = _upload(back_office, path, sheet)
    assert DestinationTax.objects.count() == 1
    for said in (
        "Use the two letters of ISO 3166, such as GB or IE.",
        "No sales tax group has the code “XX”. There is IE, NI",
        "Row 5",
    ):
        assert said in answer.text, said
    _confirm(back_office, path, answer)
    rows = [
        "country,state,city,postcode,sales_tax_group", "GB,,,BT*,NI", "IE,,,,NI",
    ]  # fmt: skip
    assert DestinationTaxResource().export().csv.splitlines() == rows
    again = _upload(back_office, path, "\n".join(rows))
    assert "Nothing would change, 2 stay as they are" in again.text


def test_exemptions_go_out_and_come_in_with_their_taxes(back_office: Client) -> None:
    Customer.objects.create(account="C1", name="Grace")
    TaxCode.objects.create(code="VAT20", name="VAT 20 %")
    a_product(number="P1")
    ReasonCode.objects.create(code="EMBASSY", use="tax", text="Embassy")
    ReasonCode.objects.create(code="DAMAGED", use="return", text="Damaged")
    path = "/pricing/taxexemption/"
    head = "reason,customer,product,reason_code,certificate,lowers_price,starts_on,ends_on,taxes"
    charity = "Charity,C1,,,XN 1,0,2026-01-01,2027-01-01,VAT20"
    bad = [
        "Both,C1,P1,,,0,,,",
        "Nobody,,,,,0,,,",
        "Backwards,C1,,,,0,2026-05-02,2026-05-01,",
        "Broken,,,DAMAGED,,0,,,",
        "Which,C1,,,,0,,,VAT99",
        ",C1,,,,0,,,",
    ]
    answer = _upload(back_office, path, "\n".join([head, charity, *bad, "Embassy,,,embassy,,1,,,"]))
    assert not TaxExemption.objects.exists()
    for said in (
        "It is for one customer, group, product or reason. Leave the others empty.",
        "Say who or what is exempt: choose a customer, group, product or reason.",
        "Choose a later end, or leave it empty for no end.",
        "“Damaged” is no reason for an exemption. Choose one of those.",
        "No tax code has the code “VAT99”.",
    ):
        assert said in answer.text, said
    _confirm(back_office, path, answer)
    sheet = ExemptionResource().export()
    assert [(row["reason"], row["customer"], row["taxes"]) for row in sheet.dict] == [
        ("Charity", "C1", "VAT20"), ("Embassy", "", ""),
    ]  # fmt: skip
    assert "Nothing would change, 2 stay as they are" in _upload(back_office, path, sheet.csv).text
    _confirm(back_office, path, _upload(back_office, path, f"{head}\nCharity,C1,,,XN 2,,,2028-01-01,\n"))
    one = TaxExemption.objects.get(reason="Charity")
    assert (one.certificate, one.codes.count(), one.ends_on.year) == ("XN 2", 1, 2028)
    TaxExemption.objects.create(reason="Charity", customer=one.customer)
    twice = _upload(back_office, path, f"{head}\n{charity}\n").text
    assert "Two exemptions are for this one with this reason." in twice


def test_tax_holidays_go_out_and_come_in_with_their_goods(back_office: Client) -> None:
    TaxCode.objects.create(code="VAT20", name="VAT 20 %")
    for code in ("BOOKS", "SHOES"):
        ItemTaxGroup.objects.create(code=code, name=code.capitalize())
    path = "/pricing/taxholiday/"
    head = "name,starts_on,ends_on,price_limit,item_tax_groups,taxes"
    school = "Back to school,2027-08-01,2027-08-08,100,shoes; BOOKS,VAT20"
    bad = [
        "Backwards,2027-05-02,2027-05-02,,,",
        "Never,2027-05-02,,,,",
        "Below,2027-05-02,2027-05-03,-1,,",
        "Which,2027-05-02,2027-05-03,,HATS,VAT99",
        ",2027-05-02,2027-05-03,,,",
    ]
    answer = _upload(back_office, path, "\n".join([head, school, *bad, "Any,2027-01-01,2027-01-02,,,"]))
    assert not TaxHoliday.objects.exists()
    for said in (
        "The end must be after the start. Choose a later day.",
        "Enter the ends on.",
        "Enter 0 or more.",
        "No item tax group has the code “HATS”.",
        "No tax code has the code “VAT99”.",
        "Enter the name.",
    ):
        assert said in answer.text, said
    _confirm(back_office, path, answer)
    sheet = HolidayResource().export()
    assert [(row["name"], row["price_limit"], row["item_tax_groups"], row["taxes"]) for row in sheet.dict] == [
        ("Back to school", "100", "BOOKS; SHOES", "VAT20"), ("Any", "", "", ""),
    ]  # fmt: skip
    assert "Nothing would change, 2 stay as they are" in _upload(back_office, path, sheet.csv).text
    changed = _upload(back_office, path, f"{head}\nBack to school,2027-08-01,2027-08-15,,SHOES,\n")
    assert "<del>BOOKS; SHOES</del>" in changed.text and "<ins>SHOES</ins>" in changed.text
    _confirm(back_office, path, changed)
    one = TaxHoliday.objects.get(name="Back to school")
    goods = [row.group.code for row in one.item_groups.all()]
    assert (one.ends_on.day, goods, one.codes.count()) == (15, ["SHOES"], 1)
    TaxHoliday.objects.create(name=one.name, starts_on=one.starts_on, ends_on=one.ends_on)
    twice = _upload(back_office, path, f"{head}\n{school}\n").text
    assert "Two holidays begin on this day under this name. Give one of them another name." in twice


def test_tax_overrides_go_out_and_come_in_with_what_applies_instead(back_office: Client) -> None:
    for code in ("VAT20", "VAT5", "LEVY"):
        TaxCode.objects.create(code=code, name=code)
    SalesTaxGroup.objects.create(code="NI", name="Northern Ireland")
    ItemTaxGroup.objects.create(code="FOOD", name="Food")
    path, head = "/pricing/taxoverride/", "code,name,scope,is_active,sales_tax_group,item_tax_group,taxes"
    good = ["IN,Eaten in,line,1,,food,", "AID,Relief,transaction,1,NI,,VAT20: vat5; levy: nothing"]
    bad = [
        "NONE,Nothing said,line,1,,,",
        "FORM,Wrong form,line,1,,,VAT20",
        "TWICE,Twice,line,1,,,VAT20: VAT5; VAT20: nothing",
        "WHICH,Unknown,line,1,XX,,VAT20: VAT99",
        "SCOPE,Wrong scope,sale,1,NI,,",
        ",No code,line,1,NI,,",
    ]
    answer = _upload(back_office, path, "\n".join([head, *good, *bad]))
    assert not TaxOverride.objects.exists()
    for said in (
        "It is not said what applies instead. Enter a group, or taxes.",
        "“VAT20” says no tax in the place of another: write VAT20: VAT5; LEVY: nothing.",
        "VAT20 is there twice. Leave one of them.",
        "No sales tax group has the code “XX”.",
        "“sale” is not a valid choice. Enter one of line, transaction.",
        "Enter the code.",
    ):
        assert said in answer.text, said
    _confirm(back_office, path, answer)
    sheet = OverrideResource().export()
    assert [(row["code"], row["sales_tax_group"], row["item_tax_group"], row["taxes"]) for row in sheet.dict] == [
        ("IN", "", "FOOD", ""), ("AID", "NI", "", "LEVY: nothing; VAT20: VAT5"),
    ]  # fmt: skip
    assert "Nothing would change, 2 stay as they are" in _upload(back_office, path, sheet.csv).text
    _confirm(back_office, path, _upload(back_office, path, f"{head}\naid,Relief goods,,0,,,VAT20: nothing\n"))
    assert TaxOverride.objects.count() == 2
    one = TaxOverride.objects.get(code="AID")
    assert (one.name, one.is_active, one.scope, [str(row) for row in one.codes.all()]) == (
        "Relief goods", False, "transaction", ["nothing for VAT20 (VAT20)"],
    )  # fmt: skip
    only = "AID,Relief goods,transaction,0,,,VAT99: nothing"
    assert "No tax code has the code “VAT99”." in _upload(back_office, path, f"{head}\n{only}\n").text


@pytest.mark.parametrize(
    ("heads", "cells", "words"),
    [
        ("kind,tiers", "quantity,from 2: 120", "Row 2 tiers A percentage of 120 is above 100. Enter at most 100."),
        ("kind,tiers", "threshold,from 9: 0 amount_off", "Row 2 tiers A discount of zero gives nothing."),
        ("value,begins,ends", "10,10:00,10:00", "Row 2 ends The hours end where they begin."),
        ("line_method,line_value", "percent_off,130", "Row 2 line_value A percentage of 130 is above 100."),
        ("line_method,line_value", ",5", "Row 2 line_method Is it a percentage, an amount or a price?"),
        ("line_method,line_value", "amount_off,", "Row 2 line_value An amount is missing."),
    ],
)  # fmt: skip
def test_a_list_of_discounts_takes_no_values_that_their_page_does_not(
    heads: str, cells: str, words: str, back_office: Client
) -> None:
    a_product(number="P1")
    sheet = f"discount,product,{heads}\nBAD,P1,{cells}\n"
    page = _upload(back_office, "/pricing/discount/", sheet + f"GOOD,P1,{',' * heads.count(',')}\n")
    said = " ".join(strip_tags(html.unescape(page.text)).split())
    assert words in said and "1 row is added" in said and "1 row has errors" in said
