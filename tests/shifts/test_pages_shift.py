"""The pages on which a shift is opened, counted and closed."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest

from shifts.models import CashMovement, Shift, TenderDeclaration
from tests.pos.till_client import TillClient
from tests.scenarios.store import Shop, a_shop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scale_unit")]


@pytest.fixture
def shop() -> Shop:
    return a_shop(with_shift=False)


@pytest.fixture
def till(shop: Shop) -> TillClient:
    return TillClient(shop)


def _open(till: TillClient, amount: str = "100") -> str:
    request = str(uuid4())
    answer = till.post("/shift/open/", {"starting_float": amount, "request_id": request}, htmx=False)
    assert answer.status_code == 302, answer.content
    return request


def test_a_float_opens_a_shift_once(till: TillClient) -> None:
    request = _open(till)
    again = till.post("/shift/open/", {"starting_float": "100", "request_id": request}, htmx=False)
    assert again["Location"] == "/"
    assert Shift.objects.count() == 1
    assert till.client.get("/shift/open/")["Location"] == "/"


@pytest.mark.parametrize("amount", ["", "x", "-1", "NaN", "1e9999", "0.001", "99999999999", "\x00"])
def test_nonsense_is_no_float(till: TillClient, amount: str) -> None:
    answer = till.post("/shift/open/", {"starting_float": amount}, htmx=False)
    assert answer.status_code == 422 and 'role="alert"' in answer.content.decode()
    assert not Shift.objects.exists()


def test_pieces_are_counted_and_over_or_short_is_shown_only_afterwards(till: TillClient) -> None:
    _open(till)
    asked = till.client.get("/shift/close/").content.decode()
    assert "Expected" not in asked and ">£50<" in asked and ">50p<" in asked
    answer = till.post(
        "/shift/close/", {"pieces_50": "2", "pieces_0_5": "3", "counted_cash": "1"}, htmx=False
    )
    text = answer.content.decode()
    assert answer.status_code == 200 and text.count("is closed") == 1 and "Over" in text
    assert "settled__mark--asks" in text and "GBP" not in text
    declared = TenderDeclaration.objects.get()
    assert (declared.counted, declared.denominations) == (Decimal("101.50"), {"50": 2, "0.5": 3})
    assert till.client.get("/")["Location"] == "/sign-on/"


@pytest.mark.parametrize(
    "form", [{}, {"counted_cash": "x"}, {"pieces_50": "-1"}, {"pieces_50": "1.5"}, {"counted_cash": "-3"}]
)
def test_a_count_that_is_none_closes_nothing(till: TillClient, form: dict[str, str]) -> None:
    _open(till)
    answer = till.post("/shift/close/", form, htmx=False)
    assert answer.status_code == 422 and 'class="refusal"' in answer.content.decode()
    assert Shift.objects.get().status == "open"


def test_an_open_sale_keeps_the_shift_open(till: TillClient) -> None:
    _open(till)
    till.scan("85123A")
    assert "A sale with 1 line is open" in till.get("/shift/close/").content.decode()
    answer = till.post("/shift/close/", {"counted_cash": "100"}, htmx=False)
    assert answer.status_code == 422 and "A sale is open (lines: 1)." in answer.content.decode()


def test_sales_on_hold_are_named_before_the_shift_is_closed(till: TillClient) -> None:
    _open(till)
    till.scan("85123A")
    assert till.do("suspend", label="blue coat").status_code == 200
    assert "1 sale of this register is on hold." in till.get("/shift/close/").content.decode()
    assert "is closed" in till.post("/shift/close/", {"counted_cash": "100"}, htmx=False).content.decode()


def test_the_same_close_again_shows_the_same_end(till: TillClient) -> None:
    _open(till)
    request = str(uuid4())
    first = till.post(
        "/shift/close/", {"counted_cash": "100", "request_id": request}, htmx=False
    ).content.decode()
    till.client.cookies["tillhouse_worker"] = till.worker
    again = till.post(
        "/shift/close/", {"counted_cash": "100", "request_id": request}, htmx=False
    ).content.decode()
    assert "is closed" in first and "is closed" in again
    assert Shift.objects.count() == 1


def test_cash_in_and_out(till: TillClient) -> None:
    _open(till)
    form = {"kind": "safe_drop", "amount": "40", "reason": "full"}
    assert till.post("/shift/cash/", form, htmx=False)["Location"] == "/"
    too_much = till.post("/shift/cash/", {**form, "amount": "400"}, htmx=False)
    assert too_much.status_code == 422 and "in the drawer" in too_much.content.decode()
    assert CashMovement.objects.filter(kind="safe_drop").get().amount == Decimal("-40")
    for nonsense in ({}, {"kind": "gift", "amount": "1"}, {"kind": "float", "amount": "x"}):
        assert till.post("/shift/cash/", nonsense, htmx=False).status_code == 422


def test_an_x_report_is_paper_on_the_screen(till: TillClient) -> None:
    _open(till)
    text = till.post("/shift/x-report/", htmx=False).content.decode()
    assert "X report" in text and 'class="paper' in text and "100.00" in text


def test_a_cashier_without_the_right_asks_a_manager(shop: Shop) -> None:
    till = TillClient(shop)
    _open(till)
    cashier = TillClient(shop, as_manager=False)
    form = {"kind": "safe_drop", "amount": "40", "request_id": str(uuid4())}
    asked = cashier.post("/shift/cash/", form, htmx=False)
    assert asked.status_code == 403 and "Manager's PIN" in asked.content.decode()
    done = cashier.post(
        "/shift/cash/", {**form, "manager": shop.manager.staff_id, "manager_pin": "4711"}, htmx=False
    )
    assert done["Location"] == "/"
