"""Invoices become journal records through the till's services: to the penny, and linked where they can be."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db.models import Sum

from hardware.models import DeviceJob
from hq.models import Register
from inventory.models import StockMovement
from pos.models import RetailTransaction, ReturnedQuantity, SalesLine
from pos.services.journal import verify_chain
from shifts.models import Shift
from tests.replay.conftest import record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("played", "scale_unit")]


def test_the_odd_invoices_are_in_the_journal_to_the_penny(played: str):
    assert "29 taken (15 sales, 14 returns" in played
    assert "6 not taken" in played
    assert "Every day is equal to the penny." in played
    sales = RetailTransaction.objects.filter(kind="sale")
    # The file's -11,388.638, without the bad debts of -11,062.06, each line in whole pennies.
    assert sales.aggregate(total=Sum("total"))["total"] == Decimal("-326.58")
    assert sales.count() == 29
    assert DeviceJob.objects.count() == 0


def test_what_is_not_taken_is_listed_with_its_reason(played: str):
    assert "3 not taken: a stock note" in played
    assert "3 not taken: an entry of the ledger" in played
    for number in ("536414", "536589", "556955", "A563185", "A563186", "A563187"):
        assert f"  {number} " in played


def test_an_invoice_keeps_its_day_its_hour_its_customer_and_its_prices():
    sale = record("536365")
    assert sale.business_date == date(2010, 12, 1)
    assert sale.concluded_at == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    assert sale.customer_account == "17850"
    assert sale.total == Decimal("139.12")
    line = sale.lines.get(line=1)
    assert (line.product_number, line.unit_price) == ("85123A", Decimal("2.55"))
    assert (line.price_source, line.reason) == ("override", "INVOICED")
    assert line.detail["comment"] == "Invoice 536365"
    assert line.detail["decided_by"] == "1002"


def test_vat_is_that_of_the_day():
    before, after = record("536365"), record("C547797")
    assert before.tax == Decimal("20.73")  # 17.5 in 117.5, line by line
    sold = record("536585")
    assert after.tax == -(sold.tax / 2)  # goes back as it was paid, though the rate has changed since


def test_a_cancellation_is_held_against_its_receipts():
    sold = record("536374").lines.get()
    back = [record(number).lines.get() for number in ("C537656", "C539260", "C541117")]
    assert {line.returned_line for line in back} == {sold.pk}
    assert ReturnedQuantity.objects.get(line=sold.pk).quantity == 22
    assert [line.quantity for line in back] == [-12, -7, -3]


def test_what_was_not_sold_comes_back_without_a_receipt():
    linked, unlinked = record("C556925").lines.order_by("line")
    assert (linked.quantity, linked.returned_line) == (-192, record("536969").lines.get().pk)
    assert (unlinked.quantity, unlinked.returned_line) == (-228, None)
    assert unlinked.reason == "INVOICED"
    assert record("C556925").total == Decimal("-1155.00")


def test_codes_in_lower_case_are_the_same_article():
    number = record("536866").lines.get().product_number
    assert number == number.upper()


def test_charges_and_gifts_are_taken_as_they_are():
    numbers = set(SalesLine.objects.values_list("product_number", flat=True))
    assert {"POST", "DOT", "M", "S", "D", "C2", "CRUK", "PADS", "BANK CHARGES", "AMAZONFEE"} <= numbers
    assert record("543599").total == 0


def test_stock_moves_with_the_goods():
    moved = StockMovement.objects.filter(source=record("581483").pk).get()
    assert moved.quantity == -80995


def test_one_shift_a_day_counted_and_closed():
    shifts = Shift.objects.all()
    assert {shift.status for shift in shifts} == {"closed"}
    days = [shift.business_date for shift in shifts]
    assert (
        len(days)
        == len(set(days))
        == len({*RetailTransaction.objects.values_list("business_date", flat=True)})
    )


def test_the_chain_holds():
    assert verify_chain(register_id=Register.objects.get(number="103").pk)
