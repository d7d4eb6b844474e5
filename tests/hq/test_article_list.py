"""A shop's own list of articles: products, barcodes and prices of one sheet, looked at first, whole or not at all."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from catalog.models import Barcode, Category, Product
from pricing.models import TradeAgreement
from tests.factories.company import a_currency, a_price, a_product, a_store
from tests.hq.test_offer_pages import confirm, exported, upload

PAGE, SHEET = "/catalog/product/", "1"


@pytest.fixture(autouse=True)
def bread() -> Product:
    """What the shop has already, with its barcode and its price."""
    a_store()
    category = Category.objects.create(code="all", name="All goods")
    product = a_product(number="1", name="Bread", category=category)
    Barcode.objects.create(code="5010092093045", product=product)
    a_price(product, "1.20")
    return product


def test_one_sheet_makes_products_that_scan_and_cost(back_office: Client, bread: Product) -> None:
    sheet = (
        "Name,Number,Barcode,Price,Item tax group\n"
        'Coffee,2,"5 000112 637922, 20000011","7,95",STD\n'
        "Bread,1,5010092093045,1.30,\n"
        "Milk,3,5000128104494,,STD\n"
    )
    look = upload(back_office, PAGE, sheet, resource=SHEET)
    assert (
        "2 rows are added, 1 row is changed" in look.text and not Product.objects.filter(number="2").exists()
    )
    assert "<del>1.20</del>" in look.text and "<ins>1.30</ins>" in look.text
    confirm(back_office, PAGE, look)
    coffee = Product.objects.get(number="2")
    assert (coffee.unit.code, coffee.category_id) == ("pcs", bread.category_id)
    assert set(coffee.barcodes.values_list("code", flat=True)) == {"5000112637922", "20000011"}
    prices = {(price.product.name, price.currency_id): price.amount for price in TradeAgreement.objects.all()}
    assert prices == {("Coffee", "GBP"): Decimal("7.95"), ("Bread", "GBP"): Decimal("1.30")}
    again = upload(back_office, PAGE, sheet, resource=SHEET)
    assert "Nothing would change" in again.text


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("Tea,4,5010092093045,1,STD", "5010092093045 stands for “Bread” (1). Take it off there first."),
        ("Tea,4,,1,", "How is it taxed? Enter STD."),
        ("Tea,4,,-1,STD", "price"),
        ("Tea,4,,cheap,STD", "“cheap” cannot be read here: write a number such as 12.50."),
        ('Tea,4,,"1,500",STD', "1,500 can be read in two ways. Write 1500 or 1.500."),
        (f"Tea,4,{'9' * 31},1,STD", "barcode"),
    ],
)
def test_a_row_that_cannot_be_taken_is_named_and_leaves_nothing(
    back_office: Client, row: str, words: str
) -> None:
    sheet = f"name,number,barcode,price,item_tax_group\n{row}\nMilk,3,5000128104494,1.15,STD\n"
    look = upload(back_office, PAGE, sheet, resource=SHEET)
    assert "Row 2" in look.text and words in look.text
    confirm(back_office, PAGE, look)
    assert set(Product.objects.values_list("name", flat=True)) == {"Bread", "Milk"}
    assert TradeAgreement.objects.count() == Barcode.objects.count() == 2


@pytest.mark.parametrize("resource", ["0", SHEET])
def test_new_products_that_no_store_will_sell_are_told_before_they_come_in(
    back_office: Client, resource: str
) -> None:
    Category.objects.create(code="more", name="More goods")
    sheet = "name,number,category,unit,item_tax_group\n"
    rows = "".join(f"Tea {number},{number},,pcs,STD\n" for number in range(4, 9))
    look = upload(
        back_office, PAGE, f"{sheet}{rows}Mate,9,MORE,pcs,STD\nTea,4,more,pcs,STD\n", resource=resource
    )
    assert "4 new products have no category (5, 6, 7, …), and assortments follow categories" in look.text
    confirm(back_office, PAGE, look)
    again = upload(back_office, PAGE, f"{sheet}Cold tea,5,,pcs,STD\n", resource=resource)
    assert "no category" not in again.text


def test_two_rows_cannot_have_one_barcode(back_office: Client) -> None:
    sheet = "name,number,barcode,item_tax_group\nTea,4,20000011,STD\nMate,5,20000011,STD\n"
    look = upload(back_office, PAGE, sheet, resource=SHEET)
    assert "Row 3" in look.text and "20000011 stands for “Tea” (4)." in look.text


def test_a_product_in_two_rows_has_one_price(back_office: Client, bread: Product) -> None:
    TradeAgreement.objects.all().delete()
    look = upload(back_office, PAGE, "number,price\n1,2\n1,3\n", resource=SHEET)
    confirm(back_office, PAGE, look)
    assert bread.prices.get().amount == Decimal(3)


def test_a_new_product_in_two_rows_is_one_product(back_office: Client) -> None:
    sheet = "number,name,barcode,price,item_tax_group\n4,Tea,20000011,2,STD\n4,Green tea,20000028,3,\n"
    look = upload(back_office, PAGE, sheet, resource=SHEET)
    assert (
        not Product.objects.filter(number="4").exists()
        and not Barcode.objects.filter(key="20000011").exists()
    )
    confirm(back_office, PAGE, look)
    tea = Product.objects.get(number="4")
    assert (tea.name, tea.prices.get().amount) == ("Green tea", Decimal(3))
    assert set(tea.barcodes.values_list("code", flat=True)) == {"20000011", "20000028"}


def test_a_number_in_other_letters_is_another_product_s(back_office: Client) -> None:
    sheet = "number,name,item_tax_group\nt1,Tea,STD\nT1,Mate,STD\n"
    look = upload(back_office, PAGE, sheet, resource=SHEET)
    assert "Row 3" in look.text and "t1 is the number of Tea already." in look.text


def test_each_row_keeps_what_changed_and_nothing_else_in_the_history(
    back_office: Client, bread: Product
) -> None:
    known = bread.history.count()
    sheet = "number,name,barcode,price,item_tax_group\n1,Bread,20000011,1.50,\n4,Tea,20000028,2,STD\n"
    confirm(back_office, PAGE, upload(back_office, PAGE, sheet, resource=SHEET))
    assert bread.history.count() == known  # its price and barcodes have changed, not the product
    assert bread.prices.get().history.latest().history_type == "~"
    assert bread.barcodes.get(code="20000011").history.get().history_type == "+"
    assert Product.objects.get(number="4").history.get().history_user.username == "ada"


def test_a_longer_list_takes_no_more_queries(back_office: Client, django_assert_max_num_queries: Any) -> None:
    head = "number,name,barcode,price,item_tax_group\n"
    rows = [f"{number},Article {number},2{number:06d}0,1.50,STD\n" for number in range(100, 300)]
    look = upload(back_office, PAGE, head + "".join(rows), resource=SHEET)
    with django_assert_max_num_queries(60):
        confirm(back_office, PAGE, look)
    assert Product.objects.count() == 201


def test_a_price_names_its_currency_where_there_are_several(back_office: Client, bread: Product) -> None:
    a_currency("EUR", "€")
    sheet = "number,price,currency\n1,2,\n"
    look = upload(back_office, PAGE, sheet, resource=SHEET)
    assert "In which currency is the price? Enter EUR or GBP." in look.text
    look = upload(back_office, PAGE, "number,price,currency\n1,2,eur\n", resource=SHEET)
    confirm(back_office, PAGE, look)
    prices = bread.prices.values_list("currency", "amount")
    assert set(prices) == {("GBP", Decimal("1.2")), ("EUR", Decimal(2))}


def test_it_goes_out_as_it_can_come_in(back_office: Client) -> None:
    text = exported(back_office, PAGE, resource=SHEET)
    assert "1,Bread,5010092093045,1.20,GBP,all,pcs,STD" in text
    assert "Nothing would change" in upload(back_office, PAGE, text, resource=SHEET).text
