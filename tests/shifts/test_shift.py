"""Shifts: from the float to the count, with every figure in between."""

from decimal import Decimal
from uuid import uuid4

import pytest

from channels_app.roles import applying_package
from hardware.models import DeviceJob
from hq.models import Currency, PaymentMethod
from pos.errors import ApprovalNeeded, NoOpenShift, RequestReused
from pos.models import RetailTransaction
from pos.operations.product_sale import ProductSale
from pos.operations.returns import ReturnByReceipt
from pos.operations.sale import Pay, VoidSale
from pos.services.drawer import open_drawer
from pos.services.journal import verify_chain
from shifts.errors import BadCount, NotEnoughCash, SaleIsOpen, ShiftAlreadyOpen
from shifts.models import CashMovement, Shift, TenderDeclaration
from shifts.selectors import expected_tenders, shift_figures
from shifts.services import Counted, close_shift, move_cash, open_shift, print_x_report
from tests.scenarios.store import Shop, a_shop, new_data_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scale_unit")]


@pytest.fixture
def shop() -> Shop:
    return a_shop(with_shift=False)


def close(shop: Shop, cash: str, **more):
    counted = {"cash": Counted(Decimal(cash))}
    return close_shift(till=shop.till(worker=shop.manager), counted=counted, request_id=uuid4(), **more)


def test_a_shift_starts_with_its_float_and_is_open_once(shop: Shop) -> None:
    shop.open_shift("100.00")
    shift = Shift.objects.get()
    assert (shift.number, shift.status) == ("01-1-1-S0001", "open")
    assert expected_tenders(shift.pk)["cash"].expected == Decimal("100.00")
    with pytest.raises(ShiftAlreadyOpen):
        shop.open_shift("1.00")
    assert Shift.objects.count() == 1 and RetailTransaction.objects.count() == 1


def test_the_same_request_opens_one_shift(shop: Shop) -> None:
    request = uuid4()
    for _ in range(3):
        till = shop.till(worker=shop.manager, request=request)
        open_shift(till=till, starting_float=Decimal("50"), request_id=request)
    assert Shift.objects.count() == 1
    with pytest.raises(RequestReused):
        till = shop.till(worker=shop.manager, request=request)
        open_shift(till=till, starting_float=Decimal("60"), request_id=request)


@pytest.mark.parametrize("amount", ["-0.01", "NaN", "Infinity", "0.001", "99999999"])
def test_a_float_that_is_none_is_refused(shop: Shop, amount: str) -> None:
    with pytest.raises(BadCount) as refusal:
        shop.open_shift(amount)
    assert refusal.value.field == "starting_float"
    assert not Shift.objects.exists()


def test_figures_of_a_day_and_a_count_that_is_short(shop: Shop) -> None:
    shop.open_shift("100.00")
    shop.run(ProductSale(code="85123A", quantity=Decimal(2)))
    sale = shop.run(Pay(method="cash", amount=Decimal("10.00"))).sale
    shop.run(ProductSale(code="22961"))
    shop.run(Pay(method="card"))
    shop.run(ReturnByReceipt(receipt=sale.receipt_number), approved=True)
    shop.run(Pay(method="cash"))
    shop.run(ProductSale(code="MILK"))
    shop.run(VoidSale(), approved=True)
    till = shop.till(worker=shop.manager)
    move_cash(
        till=till,
        kind=CashMovement.Kind.SAFE_DROP,
        amount=Decimal("40.00"),
        reason="noon",
        request_id=uuid4(),
    )
    open_drawer(till=shop.till(worker=shop.manager), request_id=uuid4(), reason="change")
    figures = shift_figures(Shift.objects.get().pk)
    assert (figures.sales, figures.returns, figures.total) == (
        Decimal("7.35"),
        Decimal("-5.90"),
        Decimal("1.45"),
    )
    assert (figures.sales_count, figures.returns_count, figures.voided_sales, figures.drawer_openings) == (
        2,
        1,
        1,
        1,
    )
    expected = {tender.method: tender.expected for tender in figures.tenders}
    assert expected == {"cash": Decimal("60.00"), "card": Decimal("1.45")}
    outcome = close(shop, "59.50")
    assert "0.50 GBP short" in outcome.notice.text
    declared = TenderDeclaration.objects.get()
    assert (declared.expected, declared.counted, declared.over_short) == (
        60,
        Decimal("59.50"),
        Decimal("-0.50"),
    )
    shift = Shift.objects.get()
    assert shift.status == "closed" and shift.closed_by_id == shop.manager.pk
    assert DeviceJob.objects.filter(title=f"Z report {shift.number}").count() == 1
    assert len(list(verify_chain(shop.register.pk))) == 8


def test_an_open_sale_keeps_the_shift_open(shop: Shop) -> None:
    shop.open_shift()
    shop.run(ProductSale(code="85123A"))
    with pytest.raises(SaleIsOpen):
        close(shop, "100.00")
    assert Shift.objects.get().status == "open" and not TenderDeclaration.objects.exists()


def test_after_the_close_nothing_sells_until_the_next_shift(shop: Shop) -> None:
    shop.open_shift()
    close(shop, "100.00")
    with pytest.raises(NoOpenShift):
        shop.run(ProductSale(code="85123A"))
    with pytest.raises(NoOpenShift):
        close(shop, "100.00")
    shop.open_shift("20.00")
    assert sorted(Shift.objects.values_list("number", flat=True)) == ["01-1-1-S0001", "01-1-1-S0002"]


def test_no_more_is_taken_out_than_is_there(shop: Shop) -> None:
    shop.open_shift("10.00")
    with pytest.raises(NotEnoughCash):
        move_cash(
            till=shop.till(worker=shop.manager),
            kind=CashMovement.Kind.BANK_DROP,
            amount=Decimal("10.01"),
            reason="",
            request_id=uuid4(),
        )
    assert CashMovement.objects.count() == 1


def test_what_a_cashier_may_not_do_a_manager_approves(shop: Shop) -> None:
    shop.open_shift()
    with pytest.raises(ApprovalNeeded):
        move_cash(
            till=shop.till(), kind=CashMovement.Kind.REMOVAL, amount=Decimal(5), reason="", request_id=uuid4()
        )


def test_an_x_report_adds_up_where_cash_is_rounded(shop: Shop) -> None:
    with applying_package():
        Currency.objects.filter(pk="GBP").update(cash_unit=Decimal("0.10"))
    new_data_version()
    shop.open_shift()
    shop.run(ProductSale(code="85123A"))
    shop.run(Pay(method="cash"))
    figures = shift_figures(Shift.objects.get().pk)
    assert (figures.total, figures.rounding) == (Decimal("3.00"), Decimal("0.05"))
    assert figures.net + figures.tax + figures.rounding == figures.total
    report = print_x_report(till=shop.till(worker=shop.manager), request_id=uuid4())
    assert {"Cash rounding": "0.05"}.items() <= {
        block["left"]: block["right"] for block in report["blocks"] if block["kind"] == "pair"
    }.items()


def test_an_x_report_changes_nothing(shop: Shop) -> None:
    shop.open_shift()
    report = print_x_report(till=shop.till(worker=shop.manager), request_id=uuid4())
    assert report["title"] == "X report 01-1-1-S0001"
    assert Shift.objects.get().status == "open" and RetailTransaction.objects.count() == 1


def test_reports_call_ways_of_paying_as_the_shop_does(shop: Shop) -> None:
    with applying_package():
        PaymentMethod.objects.filter(code="card").update(name="Bank card")
    new_data_version()
    shop.open_shift()
    shop.run(ProductSale(code="85123A"), Pay(method="card"))
    report = print_x_report(till=shop.till(worker=shop.manager), request_id=uuid4())
    assert [block["left"] for block in report["blocks"] if block.get("bold") and block["kind"] == "pair"] == [
        "Total GBP", "VAT 20 %", "Bank card", "Cash"
    ]  # fmt: skip
    close(shop, "100")
    job = DeviceJob.objects.get(title__startswith="Z report")
    assert "Bank card" in str(job.document)
