"""Workbooks and CSV files as people's programs write them, walked through the pages of prices and discounts."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import datetime, time
from decimal import Decimal
from html import unescape
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tablib import Dataset

from catalog.models import Category, Product
from customers.models import Customer
from hq.models import PaymentMethod
from pricing.models import (
    DeliveryMode,
    Discount,
    DiscountCustomer,
    DiscountDeliveryMode,
    DiscountGroup,
    DiscountLine,
    DiscountPriceGroup,
    DiscountStore,
    DiscountTender,
    DiscountTier,
    PriceGroup,
    TaxCode,
    TaxRate,
    TradeAgreement,
)
from pricing.resources import PriceResource
from tests.factories.company import a_currency, a_price, a_product, a_store

PRICES, DISCOUNTS = "/pricing/tradeagreement/", "/pricing/discount/"
PRODUCTS, TAXES = "/catalog/product/", "/pricing/taxcode/"
CSV, XLSX = "0", "1"


def upload(client: Client, path: str, content: bytes, file_format: str = XLSX, resource: str = "0") -> str:
    """The page that says what a file would change."""
    file = SimpleUploadedFile("list", content)
    page = client.post(
        f"{path}import/", {"import_file": file, "format": file_format, "resource": resource}, follow=True
    )
    assert page.status_code == 200
    return unescape(page.text)


def said_by(page: str) -> str:
    """What the page says about the file, without its marks."""
    part = page.partition('class="th-exchange"')[2] or page.partition('id="content"')[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", part))[:2000]


def confirm(client: Client, path: str, page: str) -> None:
    (address,) = re.findall(r'action="(\S+/import/[0-9a-f-]{36}/)"', page)
    assert "Import finished" in client.post(address, follow=True).text


def export(client: Client, path: str, file_format: str, resource: str = "0") -> bytes:
    page = client.get(f"{path}export/").text
    ticked = dict.fromkeys(re.findall(r'name="((?:\w+resource_)\w+)"', page), "on")
    return client.post(f"{path}export/", {"format": file_format, "resource": resource, **ticked}).content


def a_workbook(*rows: list[Any], change: Callable[[Any], None] | None = None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


HEAD = ["product", "currency", "amount"]


def an_offer_of_every_kind() -> None:
    """Hand-made offers that use everything that there is to say."""
    pen, ink = a_product(number="P1"), a_product(number="0002")
    gifts = Category.objects.create(code="gifts", name="Gifts")
    pounds = a_currency()
    store = a_store(time_zone="Europe/Berlin")
    new = Discount.objects.create
    simple = new(
        code="S", name="=Ten off", kind="simple", method="percent_off", value="12.5", status="enabled",
        weekdays=[0, 6], begins=time(22), ends=time(2, 30), clock="Europe/Berlin", quantity_limit=3,
        starts_at=datetime.fromisoformat("2026-03-28T23:00Z"), ends_at=datetime.fromisoformat("2026-11-01T00:00Z"),
        limit_scope="basket",
    )  # fmt: skip
    DiscountLine.objects.create(discount=simple, product=pen, unit=pen.unit)
    DiscountLine.objects.create(discount=simple, product=ink, method="unit_price", value="1.25")
    DiscountLine.objects.create(discount=simple, category=gifts, is_excluded=True)
    DiscountLine.objects.create(discount=simple, attribute="Brand", attribute_value="Rex; London")
    quantity = new(code="Q", name="More", kind="quantity", method="unit_price", currency=pounds, priority=-3)
    DiscountLine.objects.create(discount=quantity, product=pen)
    for minimum, value, method in (("3", "2.5", ""), ("10", "25", "percent_off")):
        DiscountTier.objects.create(discount=quantity, minimum=minimum, value=value, method=method)
    mixed = new(
        code="M", name="Set", kind="mix_and_match", method="least_expensive", least_method="amount_off", value="2",
        least_count=2, favor="retailer", max_applications=4, currency=pounds, counts_blocked_goods=True,
    )  # fmt: skip
    for code, count, must in (("A", 2, False), ("B B", 1, False), ("C", 1, True)):
        DiscountGroup.objects.create(discount=mixed, code=code, quantity=count, is_mandatory=must)
        DiscountLine.objects.create(discount=mixed, category=gifts, group=code)
    lines = new(code="L", name="By line", kind="mix_and_match", method="line_specific", currency=pounds)
    DiscountGroup.objects.create(discount=lines, code="A", quantity=1)
    DiscountLine.objects.create(discount=lines, product=pen, group="A", method="amount_off", value="0.5")
    threshold = new(
        code="T", name="Over fifty", kind="threshold", method="amount_off", currency=pounds, max_discount="99.99",
        concurrency="compound", matches_all_price_groups=True,
    )  # fmt: skip
    DiscountLine.objects.create(discount=threshold)  # everything
    DiscountLine.objects.create(discount=threshold, category=gifts, is_excluded=True)
    DiscountTier.objects.create(discount=threshold, minimum="50", value="5")
    for code in ("UK", "VIP"):
        group = PriceGroup.objects.create(code=code, name=code)
        DiscountPriceGroup.objects.create(discount=threshold, price_group=group)
    DiscountStore.objects.create(discount=threshold, store=store)
    anna = Customer.objects.create(account="C1", name="Anna")
    DiscountCustomer.objects.create(discount=threshold, customer=anna)
    tender = new(code="P", name="By card", kind="tender", method="percent_off", value=2, coupon_required=True)
    card = PaymentMethod.objects.create(code="card", name="Card", kind="card")
    DiscountTender.objects.create(discount=tender, method=card)
    shipping = new(
        code="D", name="Carried", kind="shipping", method="unit_price", value="1", currency=pounds, status="disabled",
        days_only=["2026-11-27", "2026-12-24"],
    )  # fmt: skip
    DiscountDeliveryMode.objects.create(
        discount=shipping, delivery_mode=DeliveryMode.objects.create(code="post", name="Post")
    )
    new(code="N", name="Not yet anything", kind="simple", method="percent_off")
    tender.coupons.create(
        code="CARD2", limit=10, limit_per_customer=1, ends_at=datetime.fromisoformat("2027-01-01T00:00Z")
    )
    undated = Discount.objects.filter(starts_at=None, ends_at=None, coupons__ends_at=None)
    undated.update(clock="Europe/Berlin")  # as the page has it


def everything_said() -> list[Any]:
    """All rows of all discounts, without keys and states."""
    found = []
    for discount in Discount.objects.order_by("code"):
        own = {
            f.name: getattr(discount, f.name) for f in Discount._meta.fields if f.name not in ("id", "status")
        }
        parts = {
            relation.name: sorted(
                str([
                    getattr(row, field.attname) for field in relation.related_model._meta.fields
                    if field.name not in ("id", "discount")
                ])
                for row in getattr(discount, relation.name).all()
            )
            for relation in Discount._meta.related_objects
            if relation.name and hasattr(discount, relation.name)
        }  # fmt: skip
        found.append((own, parts))
    return found


@pytest.mark.parametrize("file_format", [CSV, XLSX])
def test_offers_of_every_kind_go_out_and_come_in_unchanged(file_format: str, back_office: Client) -> None:
    an_offer_of_every_kind()
    before = everything_said()
    sheet, coupons = (export(back_office, DISCOUNTS, file_format, resource) for resource in "01")
    for content, resource in ((sheet, "0"), (coupons, "1")):
        page = upload(back_office, DISCOUNTS, content, file_format, resource)
        assert "Nothing would change" in page, said_by(page)
    Discount.objects.all().delete()
    page = upload(back_office, DISCOUNTS, sheet, file_format)
    assert "errors" not in page
    assert not Discount.objects.exists()
    confirm(back_office, DISCOUNTS, page)
    confirm(back_office, DISCOUNTS, upload(back_office, DISCOUNTS, coupons, file_format, "1"))
    assert everything_said() == before
    assert set(Discount.objects.values_list("status", flat=True)) == {"draft"}


def test_a_workbook_has_numbers_dates_and_plain_text(back_office: Client) -> None:
    an_offer_of_every_kind()
    book = openpyxl.load_workbook(BytesIO(export(back_office, DISCOUNTS, XLSX)))
    head, *rows = book.active.iter_rows()
    column = {cell.value: number for number, cell in enumerate(head)}
    (ten_off, *_) = [row for row in rows if row[column["discount"]].value == "S"]
    cells = {name: ten_off[number] for name, number in column.items()}
    assert (cells["name"].value, cells["name"].data_type) == ("=Ten off", "s")
    assert (cells["value"].value, cells["begins"].value) == (12.5, time(22))
    assert cells["starts_at"].value == datetime(2026, 3, 29)  # midnight on the stores' clocks
    assert {row[column["product"]].value for row in rows} >= {"P1", "0002"}


def _two_sheets(book: Any) -> None:
    for words in (["Remember", "the milk"], ["and", "honey"]):
        (book["Notes"] if "Notes" in book else book.create_sheet("Notes")).append(words)
    book.active = book["Notes"]


BAD_FILES = {
    "wrong sheet": (a_workbook(HEAD, ["P1", "GBP", 2], change=_two_sheets), XLSX,
                    "The sheet “Notes” lacks the columns product, currency, amount. Its first row names the columns; "
                    "known are product, variant, price_group, customer, currency, unit, quantity_from, starts_at, "
                    "amount, ends_at, on_store_clock. If the list is on another sheet, open that one and save the "
                    "file."),
    "only a head": (a_workbook(HEAD), XLSX, "The file has no rows below the names of its columns."),
    "nothing at all": (a_workbook(), XLSX, "The file is empty. The first row names the columns."),
    "a column twice": (a_workbook([*HEAD, "Amount"], ["P1", "GBP", 2, 3]), XLSX, "The column amount is there twice."),
    "text as workbook": (b"product,currency,amount\nP1,GBP,2\n", XLSX, "This is no XLSX file that can be read."),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", XLSX, "This is no XLSX file that can be read."),
    "with a password": (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512), XLSX, "without a password"),
    "another zip": (b"PK\x05\x06" + bytes(18), XLSX, "This is no XLSX file that can be read."),
    "a workbook as text": (a_workbook(HEAD, ["P1", "GBP", 2]), CSV,
                           "This is a workbook, not a CSV file. Choose the format xlsx."),
    "a picture as text": (b"\x89PNG\r\n\x1a\n", CSV, "Its letters are not UTF-8. Save it as “CSV UTF-8”, or as XLSX."),
    "old letters": ("product,currency,amount\nCafé,GBP,2\n".encode("cp1252"), CSV, "Its letters are not UTF-8."),
    "two bytes a letter": ("product,amount\nP1,2\n".encode("utf-16-le"), CSV, "Its letters are not UTF-8."),
}  # fmt: skip


@pytest.mark.parametrize("_case", BAD_FILES)
def test_a_file_that_cannot_be_read_says_what_to_do(_case: str, back_office: Client) -> None:
    content, file_format, words = BAD_FILES[_case]
    a_price(a_product(number="P1"), "1.00")
    page = upload(back_office, PRICES, content, file_format)
    assert words in page, said_by(page)
    assert "Confirm import" not in page and "good row" not in page


A_NUMBER, A_DATE = "write a number such as 12.50.", "write it as 2026-11-27 14:30."
BAD_ROWS = {
    "number in words": ({"amount": "two pounds"}, "amount", "“two pounds” cannot be read here: " + A_NUMBER),
    "a comma of two readings": ({"amount": "2,500"}, "amount", "2,500 can be read in two ways"),
    "a day for a number": ({"amount": datetime(2026, 5, 2)}, "amount", "cannot be read here: " + A_NUMBER),
    "below zero": ({"amount": -1}, "amount", "The price of -1 is below 0. Enter at least 0."),
    "quantity in words": ({"quantity_from": "a few"}, "quantity_from", "“a few” cannot be read here: " + A_NUMBER),
    "infinity": ({"amount": "Infinity"}, "amount", "number"),
    "a date as text": ({"starts_at": "27.11.2026"}, "starts_at", "“27.11.2026” cannot be read here: " + A_DATE),
    "a number for a date": ({"starts_at": 46353}, "starts_at", "“46353” cannot be read here: " + A_DATE),
    "formula with an error": ({"amount": "#REF!"}, "amount", "A formula ends in #REF! here. Mend it"),
    "formula without its result": ({"amount": "=1+1"}, "amount", "“=1+1” cannot be read here"),
    "unknown product": ({"product": "P9"}, "product", "No product has the number “P9”."),
    "no product": ({"product": None}, "product", "Enter the product."),
    "neither yes nor no": ({"on_store_clock": "perhaps"}, "on_store_clock", "“perhaps” cannot be read here"),
    "beyond the names": ({"": "loose"}, "column H", "“loose” stands in a column without a name."),
}  # fmt: skip


@pytest.mark.parametrize("_case", BAD_ROWS)
def test_a_bad_row_of_a_workbook_is_named_and_stops_no_other(_case: str, back_office: Client) -> None:
    cells, column, words = BAD_ROWS[_case]
    a_price(a_product(number="P1"), "1.00")
    a_product(number="P2")
    good = {
        "product": "P2",
        "currency": "GBP",
        "amount": 2,
        "quantity_from": 0,
        "starts_at": None,
        "on_store_clock": None,
    }
    names = [*good, "price_group", ""] if "" in cells else [*good]
    rows = [
        [good.get(name) for name in names],
        [None] * len(names),
        [{**good, **cells}.get(name) for name in names],
    ]
    page = upload(back_office, PRICES, a_workbook(names, *rows))
    fault = re.search(r"<strong>Row (\d+)</strong>(?: <code>([\w ]+)</code>)? (.*?)</li>", page)
    assert fault and fault[1] == "4" and fault[2] == column and words in fault[3], said_by(page)
    assert len(re.findall("<strong>Row", page)) == 1, said_by(page)
    confirm(back_office, PRICES, page)
    assert TradeAgreement.objects.get(product__number="P2").amount == 2
    assert TradeAgreement.objects.count() == 2


def test_merged_cells_each_say_what_the_whole_says(back_office: Client) -> None:
    PriceGroup.objects.create(code="OUTLET", name="Outlet")
    for number in ("P1", "P2", "P3"):
        a_product(number=number)
    a_currency()
    rows = [["P1", "GBP", 1, "OUTLET"], ["P2", None, 2, None], ["P3", None, 3, None]]

    def merge(book: Any) -> None:
        book.active.merge_cells("B2:B4")
        book.active.merge_cells("D2:D4")

    confirm(
        back_office,
        PRICES,
        upload(back_office, PRICES, a_workbook([*HEAD, "Price group"], *rows, change=merge)),
    )
    found = TradeAgreement.objects.order_by("product__number").values_list(
        "amount", "price_group__code", "currency_id"
    )
    assert list(found) == [(1, "OUTLET", "GBP"), (2, "OUTLET", "GBP"), (3, "OUTLET", "GBP")]


@pytest.mark.parametrize(
    ("content", "file_format"),
    [
        (
            a_workbook(["Product ", "CURRENCY", "Amount"], ["P1", "gbp", 2.95 * 1.2], [None] * 3, [""] * 3),
            XLSX,
        ),
        (a_workbook(HEAD, ["\N{NO-BREAK SPACE}P1 ", "GBP", " 3.54 "]), XLSX),
        ("\N{BYTE ORDER MARK}product;currency;amount\r\nP1;GBP;3.54\r\n;;\r\n".encode(), CSV),
        (b"product\tcurrency\tamount\nP1\tGBP\t3.54\n", CSV),
    ],
)
def test_what_programs_do_to_a_list_does_no_harm(
    content: bytes, file_format: str, back_office: Client
) -> None:
    a_price(a_product(number="P1"), "1.00")
    page = upload(back_office, PRICES, content, file_format)
    assert "0 rows are added, 1 row is changed. Nothing is written yet." in page, said_by(page)
    confirm(back_office, PRICES, page)
    assert TradeAgreement.objects.get().amount == Decimal("3.54")


def test_a_long_price_list_asks_the_database_no_more_for_each_price(
    back_office: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(40):
        a_price(a_product(number=f"P{number}"), "1.00")
    for number in ("N1", "N2"):
        a_product(number=number)
    sheet = PriceResource().export()
    rows = [[f"P{number}", "GBP", ""] for number in range(40)] + [["N1", "GBP", ""], ["N2", "GBP", ""]]
    with django_assert_max_num_queries(15):
        result = PriceResource().import_data(sheet, dry_run=True)
    assert result.totals["skip"] == 40
    raised = Dataset(*([*row[:-1], "2.00"] for row in rows), headers=HEAD)
    with django_assert_max_num_queries(15):
        result = PriceResource().import_data(raised, dry_run=True)
    assert (result.totals["update"], result.totals["new"]) == (40, 2)
    with django_assert_max_num_queries(30):
        result = PriceResource().import_data(raised, dry_run=False, use_transactions=True)
    assert (result.totals["update"], result.totals["new"]) == (40, 2) and not result.has_errors()
    assert TradeAgreement.objects.filter(amount=2).count() == 42


def test_prices_written_in_bulk_keep_their_history(back_office: Client) -> None:
    old = TradeAgreement.objects.bulk_create([_price(a_product(number="P1"))])[0]  # without history
    a_product(number="P2")
    sheet = b"product,currency,amount\nP2,GBP,4\nP1,GBP,5\n"
    confirm(back_office, PRICES, upload(back_office, PRICES, sheet, CSV))
    new = TradeAgreement.objects.get(product__number="P2")
    states = [
        (row.history_type, row.amount, row.history_user and row.history_user.username)
        for row in old.history.order_by("history_id")
    ]
    assert states == [("+", 1, None), ("~", 5, "ada")]
    assert [(row.history_type, row.amount, row.history_user.username) for row in new.history.all()] == [
        ("+", 4, "ada")
    ]


def _price(product: Any) -> TradeAgreement:
    return TradeAgreement(
        product=product, unit_id=product.unit_id, currency=a_currency(), amount=Decimal(1), quantity_from=0
    )


def test_of_two_prices_for_the_same_the_first_counts_in_the_look_and_the_import(back_office: Client) -> None:
    a_product(number="P1")
    a_currency()
    page = upload(back_office, PRICES, b"product,currency,amount\nP1,GBP,2\nP1,GBP,-3\nP1,GBP,4\n", CSV)
    assert "1 row is added, 0 rows are changed, 2 rows have errors" in page, said_by(page)
    assert "An earlier row has another price for the same." in page
    assert not TradeAgreement.objects.exists()
    confirm(back_office, PRICES, page)
    assert TradeAgreement.objects.get().amount == 2


NAMES = [
    "=1+1",
    "@SUM(A1)",
    "+44 20 7946 0000",
    "-2+3",
    "'=1+1",
    "''-x",
    "'quoted'",
    "-5",
    "+5.50",
    "-",
    "plain",
]


@pytest.mark.parametrize("file_format", [CSV, XLSX])
def test_no_text_of_ours_is_a_formula_and_it_comes_in_as_it_went_out(
    file_format: str, back_office: Client
) -> None:
    for number, name in enumerate(NAMES):
        Customer.objects.create(account=f"C{number:02}", name=name)
    content = export(back_office, "/customers/customer/", file_format)
    if file_format == CSV:
        cells = {row["account"]: row["name"] for row in csv.DictReader(StringIO(content.decode()))}
        assert [cells[account] for account in sorted(cells)] == [
            "'=1+1", "'@SUM(A1)", "'+44 20 7946 0000", "'-2+3", "''=1+1", "'''-x", "'quoted'", "-5", "+5.50", "-",
            "plain",
        ]  # fmt: skip
    page = upload(back_office, "/customers/customer/", content, file_format)
    assert f"Nothing would change, {len(NAMES)} stay as they are" in page, said_by(page)


def test_a_column_that_nobody_knows_is_told(back_office: Client) -> None:
    a_price(a_product(number="P1"), "1.00")
    page = upload(back_office, PRICES, a_workbook([*HEAD, "prise_group"], ["P1", "GBP", 2, "OUTLET"]))
    assert "The column <code>prise_group</code> is not known and left out." in page


BAD_OFFERS = {
    "tiers": ("50 then 10", "“50 then 10” is no tier: write them as from 50: 10; from 100: 15 percent_off."),
    "tiers ": ("from 50: ten", "“ten” cannot be read here: write a number such as 12.50."),
    "tiers  ": ("from 50: 10; from 50.0: 20", "Two tiers start at 50.0. Leave one of them."),
    "tiers   ": ("from 50: 10 cheaper", "“cheaper” is not a valid choice. Enter one of percent_off, amount_off"),
    "tiers    ": ("from 50: -1", "Enter a number above 0."),
    "parts": ("two of A", "“two of A” is no part of a set: write them as 2 of A; 1 of B among them."),
    "parts ": ("1 of A; 2 of A", "The set has two parts A. Leave one of them."),
    "parts  ": ("1 of ABCDEFGHIJK", "Shorten it to 10 characters"),
    "stores": ("001; 999", "No store has the number “001”"),
    "weekdays": ("Mon; Someday", "“Someday” is no day of the week: write them as Mon; Tue; Wed; Thu; Fri; Sat; Sun."),
    "days_only": ("2026-11-27; Christmas", "“Christmas” cannot be read here: write it as 2026-11-27."),
    "begins": ("noon", "“noon” cannot be read here: write it as 14:30."),
    "kind": ("gift", "“gift” is not a valid choice. Enter one of simple, quantity, mix_and_match"),
    "priority": ("high", "“high” cannot be read here: write a whole number."),
    "never": ("maybe", "“maybe” cannot be read here: enter 1 or 0, or leave it empty."),
    "value": ("120", "100 % is all there is."),
    "value ": ("-5", "Enter a number above 0."),
    "method": ("deal_price", "A simple discount cannot give deal_price. Enter amount_off, percent_off or unit_price."),
    "discount ": ("A-CODE-OF-21-LETTERS-", "Shorten it to 20 characters: it has 21."),
    "everything": (1, "The line names goods. Leave this empty, or leave them out."),
    "discount": ("ON", "Running is enabled and so fixed. Disable it first."),
}  # fmt: skip


def test_rows_of_a_discount_that_contradict_each_other_are_named(back_office: Client) -> None:
    for number in ("P1", "P2", "P3"):
        a_product(number=number)
    names = ("discount", "name", "product", "value")
    rows = (("NEW", "Spring", "P1", 10), ("new", "Summer", "P2", 10.0), ("NEW", None, "P3", None))
    page = upload(back_office, DISCOUNTS, a_workbook(names, *rows))
    faults = re.findall(r"<strong>Row (\d+)</strong>(?: <code>([\w ]+)</code>)? (.*?)</li>", page)
    assert [(row, column) for row, column, _ in faults] == [("3", "name")], said_by(page)
    assert "An earlier row of this discount says something else." in faults[0][2]
    confirm(back_office, DISCOUNTS, page)
    offer = Discount.objects.get()
    assert offer.name == "Spring" and offer.lines.count() == 2


@pytest.mark.parametrize("_case", BAD_OFFERS)
def test_a_bad_row_of_offers_is_named_and_stops_no_other(_case: str, back_office: Client) -> None:
    value, words = BAD_OFFERS[_case]
    a_product(number="P1")
    Discount.objects.create(
        code="ON", name="Running", kind="simple", method="percent_off", value=5, status="enabled"
    )
    good = {"discount": "NEW", "product": "P1", "value": 10}
    bad = {**good, "discount": "BAD", _case.strip(): value}
    names = list(bad)
    page = upload(
        back_office, DISCOUNTS, a_workbook(names, *([row.get(name) for name in names] for row in (bad, good)))
    )
    fault = re.search(r"<strong>Row (\d+)</strong>(?: <code>([\w ]+)</code>)? (.*?)</li>", page)
    assert fault and fault[1] == "2" and words in fault[3], said_by(page)
    assert fault[2] == _case.strip(), said_by(page)
    confirm(back_office, DISCOUNTS, page)
    assert set(Discount.objects.values_list("code", flat=True)) == {"NEW", "ON"}
    assert DiscountLine.objects.count() == 1


def test_what_would_change_shows_no_column_that_the_file_lacks_and_every_row_has_by_default(
    back_office: Client,
) -> None:
    a_product(number="P1")
    rows = ["discount", "product", "value", "tiers"], ["A", "P1", 10, None], ["B", "P1", 20, None]
    page = upload(back_office, DISCOUNTS, a_workbook(*rows))
    assert re.findall(r'<th scope="col">(\w+)</th>', page) == [
        "Row",
        "Is",
        "discount",
        "name",
        "value",
        "product",
    ]


@pytest.mark.parametrize(
    ("code", "limit", "column", "words"),
    [
        ("ABC 1", 5, "code", "A code has no spaces. Leave them out."),
        ("ABC1", 1.5, "limit", "“1.5” cannot be read here: write a whole number."),
        ("ABC1", -5, "limit", "Enter 1 or more."),
    ],
)
def test_a_coupon_that_no_till_could_take_is_refused(
    code: str, limit: float, column: str, words: str, back_office: Client
) -> None:
    Discount.objects.create(code="O", name="Offer", kind="simple", method="percent_off", value=5)
    sheet = a_workbook(["code", "discount", "limit"], [code, "O", limit])
    page = upload(back_office, DISCOUNTS, sheet, resource="1")
    assert f"<code>{column}</code> {words}" in page, said_by(page)


@pytest.mark.parametrize("resource", ["0", "1"], ids=["products", "with_barcode_and_price"])
def test_an_article_number_that_a_workbook_has_made_a_number_of_is_the_same(
    back_office: Client, resource: str
) -> None:
    a_product(number="22423", name="Cake stand")
    file = a_workbook(["number", "name"], [22423, "Regency cake stand"])
    page = upload(back_office, PRODUCTS, file, resource=resource)
    assert "1 row is changed" in page and "Cake stand → Regency cake stand" in said_by(page)
    confirm(back_office, PRODUCTS, page)
    assert Product.objects.get().name == "Regency cake stand"


def test_an_article_number_that_lost_its_zeros_makes_no_second_product(back_office: Client) -> None:
    a_product(number="0042", name="Jam")
    a_product(number="00", name="Nothing")
    row = ["Name", "pcs", "STD"]
    file = a_workbook(
        ["number", "name", "unit", "item_tax_group"], [42, *row], [7, *row], ["042", *row], [0, *row]
    )
    page = upload(back_office, PRODUCTS, file)
    assert "3 rows are added" in page and "1 row has errors" in page
    assert "“Jam” has the number 0042, and spreadsheets take zeros away. Enter it as text." in page


@pytest.mark.parametrize(
    ("cell", "shown", "said"),
    [
        (0.175, "0.0%", "20 → 17.5"),
        (0.07, "0%", "20 → 7"),
        (17.5, '0.0"%"', "20 → 17.5"),
        (17.5, "0.0", "20 → 17.5"),
        ("17.5 %", "@", "20 → 17.5"),
        ("n/a", "0%", "“n/a” cannot be read here: write a percentage such as 12.5."),
    ],
)
def test_a_percentage_is_what_the_cell_shows(back_office: Client, cell: Any, shown: str, said: str) -> None:
    TaxRate.objects.create(tax_code=TaxCode.objects.create(code="V", name="VAT"), percent=20)

    def show(book: Any) -> None:
        book.active["B2"].number_format = shown

    file = a_workbook(["tax_code", "percent"], ["V", cell], change=show)
    assert said in said_by(upload(back_office, TAXES, file))


def test_a_price_shown_as_a_percentage_is_refused(back_office: Client) -> None:
    a_price(a_product(number="P1"), "2.00")

    def show(book: Any) -> None:
        book.active["C2"].number_format = "0%"

    page = upload(back_office, PRICES, a_workbook(HEAD, ["P1", "GBP", 0.5], change=show))
    assert "“50%” cannot be read here: write a number such as 12.50." in page


@pytest.mark.parametrize("file_format", [CSV, XLSX], ids=["csv", "xlsx"])
def test_rates_by_amount_come_back_as_they_went_out(back_office: Client, file_format: str) -> None:
    tax = TaxCode.objects.create(code="V", name="Luxury", method="interval")
    for above, up_to, percent in ((0, 100, 5), (100, None, 20)):
        TaxRate.objects.create(tax_code=tax, above=above, up_to=up_to, percent=percent)
    page = upload(back_office, TAXES, export(back_office, TAXES, file_format), file_format)
    assert "Nothing would change, 2 stay as they are" in said_by(page)
    changed = b"tax_code,percent,above,up_to\nV,21,100,\n"
    assert "V 20 → 21 100" in said_by(upload(back_office, TAXES, changed, CSV))


@pytest.mark.parametrize("file_format", [CSV, XLSX], ids=["csv", "xlsx"])
def test_a_price_that_begins_within_a_second_is_found_again(back_office: Client, file_format: str) -> None:
    a_price(a_product(number="P1"), "2.00", starts_at=datetime.fromisoformat("2026-05-05T10:20:30.123456Z"))
    page = upload(back_office, PRICES, export(back_office, PRICES, file_format), file_format)
    assert "Nothing would change, 1 stays as it is" in said_by(page)
