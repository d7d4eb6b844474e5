"""Long lists take little for each row, and a row that cannot be taken leaves nothing behind."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from html import unescape
from threading import Event
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from simple_history.models import HistoricalRecords

from catalog.models import Barcode
from catalog.resources import BarcodeResource
from hq.admin import list_import
from hq.admin.sheet import Sheet
from hq.admin.sheet_files import CSV
from hq.models import ListImport
from hq.tasks import tend_lists
from pricing.discount_resources import DiscountResource
from pricing.models import Discount, DiscountLine, TradeAgreement
from pricing.resources import PriceResource
from tests.factories.company import a_currency, a_price, a_product, a_user


def _written(resource: Any, text: str) -> Any:
    return resource.import_data(CSV().create_dataset(text.encode()), raise_errors=False)


def test_prices_in_bulk_keep_how_they_were_found_and_who_changed_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = a_user(username="ada")
    monkeypatch.setattr(HistoricalRecords.context, "request", SimpleNamespace(user=user), raising=False)
    product = a_product(number="P1")
    price = a_price(product)
    TradeAgreement.history.all().delete()
    _written(PriceResource(), "product,currency,amount,quantity_from\nP1,GBP,3.25,\nP1,GBP,2.50,10\n")
    kept = price.history.order_by("history_id").values_list(
        "history_type", "amount", "history_user", "history_change_reason"
    )
    assert list(kept) == [
        ("+", Decimal("2.95"), None, "as it was found"),
        ("~", Decimal("3.25"), user.pk, None),
    ]
    assert TradeAgreement.objects.get(quantity_from=10).history.get().history_type == "+"


def test_a_bad_row_leaves_a_price_as_the_good_rows_before_it_had_it() -> None:
    product = a_product(number="P1")
    price = a_price(product)
    result = _written(
        PriceResource(),
        "product,currency,amount,ends_at\nP1,GBP,3.25,\nP1,GBP,9.99,yesterday\nP1,GBP,-1,2030-01-01 00:00\n",
    )
    price.refresh_from_db()
    assert (price.amount, price.ends_at, len(result.invalid_rows)) == (Decimal("3.25"), None, 2)


def test_a_bad_row_leaves_its_discount_as_it_was() -> None:
    for number in ("P1", "P2", "P3"):
        a_product(number=number)
    result = _written(
        DiscountResource(),
        "discount,name,value,product,line_method,line_value\nA,First,10,P1,percent_off,5\n"
        "A,Second,20,P2,percent_off,much\nA,,,P3,percent_off,7\n",
    )
    discount = Discount.objects.get(code="A")
    assert (discount.name, discount.value, len(result.invalid_rows)) == ("First", 10, 1)
    assert sorted(discount.lines.values_list("product__number", "value")) == [("P1", 5), ("P3", 7)]


@pytest.mark.parametrize("value", ["5", "6"])
def test_a_line_of_a_discount_takes_a_few_statements(value: str) -> None:
    def lines(count: int, value: str) -> str:
        rows = [f"A,P{number},percent_off,{value}" for number in range(count)]
        return "\n".join(["discount,product,line_method,line_value", *rows])

    for number in range(30):
        a_product(number=f"P{number}")
    _written(DiscountResource(), "discount,name,value\nA,First,10\n")
    _written(DiscountResource(), lines(15, "5"))
    with CaptureQueriesContext(connection) as few:
        _written(DiscountResource(), lines(5, value))
    with CaptureQueriesContext(connection) as many:
        _written(DiscountResource(), lines(30, value))
    assert DiscountLine.objects.filter(value=value).count() == 30
    assert len(many) - len(few) <= 25 * 3  # the line, and a savepoint set and left


def test_barcodes_take_as_many_statements_however_many_they_are() -> None:
    def codes(count: int, quantity: int) -> str:
        rows = [f"{number:04}ABC,P1,{quantity}" for number in range(count)]
        return "\n".join(["code,product,quantity", *rows])

    a_product(number="P1")
    _written(BarcodeResource(), codes(10, 1))
    with CaptureQueriesContext(connection) as few:
        _written(BarcodeResource(), codes(10, 6))
    with CaptureQueriesContext(connection) as many:
        _written(BarcodeResource(), codes(200, 12))
    assert Barcode.objects.filter(quantity=12).count() == 200
    assert len(many) - len(few) <= 4  # now some are new, too
    assert Barcode.objects.get(code="0000ABC").history.count() == 3


def test_a_list_of_barcodes_gives_no_code_to_two_articles() -> None:
    first, second = a_product(number="P1"), a_product(number="P2")
    Barcode.objects.create(code="5012345678900", product=first)
    rows = (
        "code,product,quantity\n0 5012345678900,P2,1\nABC,P1,1\nabc,P2,1\nABC,P2,6\n,P1,1\n"
        "5012345678900,P2,2\nLONG-LONG-LONG-LONG-LONG-LONG-LONG,P1,1\nXYZ,P9,1\n"
    )
    result = _written(BarcodeResource(), rows)
    refused = {row.number: str(row.error) for row in result.invalid_rows}
    assert "05012345678900 is the same code as 5012345678900, which stands for" in refused[1]
    assert "abc is the same code as ABC" in refused[3]
    assert set(refused) == {1, 3, 5, 7, 8}
    assert sorted(Barcode.objects.values_list("code", "product", "quantity")) == [
        ("5012345678900", second.pk, 2),
        ("ABC", second.pk, 6),
    ]


# --- who works on them, and how often ---

PRICES = "/pricing/tradeagreement/"
SHEET = "product,currency,amount\nP1,GBP,3.50\n"


def _choose(client: Client, text: str = SHEET) -> ListImport:
    a_currency()
    file = SimpleUploadedFile("list.csv", text.encode(), content_type="text/csv")
    client.post(f"{PRICES}import/", {"import_file": file, "format": "0", "resource": "0"})
    return ListImport.objects.latest("created_at")


def _page(client: Client, one: ListImport) -> str:
    return unescape(client.get(f"{PRICES}import/{one.pk}/").text)


def _long_ago() -> None:
    ListImport.objects.update(changed_at=timezone.now() - timedelta(minutes=1))


@pytest.fixture
def long_lists(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every file is a long one, and no worker takes it; what it was asked to work on."""
    asked: list[str] = []
    monkeypatch.setattr(list_import, "AT_ONCE", 0)
    monkeypatch.setattr("hq.admin.exchange.soon", lambda task, pk: asked.append(pk))
    return asked


def test_a_long_list_waits_for_a_worker_and_ends_on_the_same_page(
    back_office: Client, long_lists: list[str]
) -> None:
    a_product(number="P1")
    one = _choose(back_office)
    assert long_lists == [str(one.pk)] and "It waits for a worker" in _page(back_office, one)
    list_import.work_on(one.pk)
    assert (
        "1 row is added, 0 rows are changed" in _page(back_office, one) and not TradeAgreement.objects.count()
    )
    back_office.post(f"{PRICES}import/{one.pk}/")
    assert "list.csv is written, all of it or nothing." in _page(back_office, one)
    tend_lists()
    assert not TradeAgreement.objects.exists()  # a worker may just have taken it
    _long_ago()
    tend_lists()
    assert "Import finished: 1 row was added" in re.sub("<[^>]*>", "", _page(back_office, one))
    assert TradeAgreement.objects.get().history.first().history_user.username == "ada"


def test_how_far_a_long_list_is_is_shown(back_office: Client, long_lists: list[str]) -> None:
    a_product(number="P1")
    one, seen = _choose(back_office), []
    watch = list_import._watch(one.pk, 3)
    watch(2)
    assert 'max="3" value="2"' in (page := _page(back_office, one)) and "Row 2 of 3" in page and not seen


def test_a_worker_that_dies_leaves_nothing_and_the_next_one_begins_anew(
    back_office: Client, long_lists: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    a_product(number="P1")
    one = _choose(back_office)
    list_import.work_on(one.pk)
    list_import.confirm(one.pk)
    with monkeypatch.context() as dying, pytest.raises(KeyboardInterrupt):
        dying.setattr(PriceResource, "after_import", Mock(side_effect=KeyboardInterrupt))
        list_import.work_on(one.pk)
    assert not TradeAgreement.objects.exists()
    list_import.work_on(one.pk)
    assert TradeAgreement.objects.count() == 1
    list_import.work_on(one.pk)
    assert TradeAgreement.objects.get().history.count() == 1


def test_a_list_that_breaks_off_again_and_again_is_given_up_in_words(
    back_office: Client, long_lists: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    a_product(number="P1")
    one = _choose(back_office)
    monkeypatch.setattr(PriceResource, "after_import", Mock(side_effect=KeyboardInterrupt))
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            list_import.work_on(one.pk)
    assert "It broke off, and begins anew by itself. Nothing of it had been written." in _page(
        back_office, one
    )
    list_import.work_on(one.pk)
    page = _page(back_office, one)
    assert "list.csv broke off three times, and nothing of it was written. Import it in smaller parts" in page
    assert 'name="import_file"' in page and not list_import.waiting()


def test_a_file_is_forgotten_after_a_day(back_office: Client) -> None:
    a_product(number="P1")
    one = _choose(back_office)
    ListImport.objects.update(created_at=timezone.now() - timedelta(hours=25))
    tend_lists()
    answer = back_office.get(f"{PRICES}import/{one.pk}/", follow=True)
    assert "Files are kept for a day, and this one is gone." in answer.text


def test_another_page_does_not_show_a_list(back_office: Client) -> None:
    a_product(number="P1")
    one = _choose(back_office)
    assert back_office.get(f"/catalog/product/import/{one.pk}/").status_code == 302


@pytest.mark.django_db(transaction=True)
def test_two_workers_import_a_list_once(back_office: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    a_product(number="P1")
    one = _choose(back_office)
    list_import.confirm(one.pk)
    within, go_on = Event(), Event()

    def slow(sheet: Any, dataset: Any, result: Any, **kwargs: Any) -> None:
        Sheet.after_import(sheet, dataset, result, **kwargs)
        within.set()
        assert go_on.wait(20)

    monkeypatch.setattr(PriceResource, "after_import", slow)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(_work_and_hang_up, one.pk)
        assert within.wait(20)
        list_import.work_on(one.pk)  # leaves it to the first
        assert not TradeAgreement.objects.exists()
        go_on.set()
        first.result()
    assert TradeAgreement.objects.count() == 1


def _work_and_hang_up(pk: Any) -> None:
    try:
        list_import.work_on(pk)
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("groups", "may"), [([], (403, 403)), (["Viewer"], (403, 200)), (["Merchandiser"], (200, 200))]
)
def test_who_may_not_change_prices_by_hand_may_not_import_them(
    groups: list[str], may: tuple[int, int]
) -> None:
    client = Client()
    client.force_login(a_user(groups=groups), backend="django.contrib.auth.backends.ModelBackend")
    assert (client.get(f"{PRICES}import/").status_code, client.get(f"{PRICES}export/").status_code) == may
