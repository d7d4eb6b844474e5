"""Long lists take little for each row, and a row that cannot be taken leaves nothing behind."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from simple_history.models import HistoricalRecords

from hq.admin.sheet_files import CSV
from pricing.discount_resources import DiscountResource
from pricing.models import Discount, DiscountLine, TradeAgreement
from pricing.resources import PriceResource
from tests.factories.company import a_price, a_product, a_user


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
        "discount,name,value,product,line_value\nA,First,10,P1,5\nA,Second,20,P2,much\nA,,,P3,7\n",
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
