"""Orders at the till: its panel, its receipt, its API. Headquarters is played; channels_app/test_orders has both."""

from __future__ import annotations

from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from channels_app.errors import Unavailable
from pos.errors import OrderElsewhere
from pos.headquarters import CalledUp, OrderedLine, WaitingOrder
from pos.models import RetailTransaction
from tests.pos.till_client import TillClient
from tests.scenarios.store import Shop, a_shop
from tests.scenarios.till_client import a_till

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scale_unit")]


class Played:
    """Headquarters with one order in it; `problem` is what it refuses with."""

    problem: Exception | None = None
    at_register = ""

    def waiting_orders(self, *, store: int, text: str) -> tuple[WaitingOrder, ...]:
        if self.problem:
            raise self.problem
        found = WaitingOrder(
            "000017", "Zoë & Co", "020 7946 0018", Decimal("5.90"), 1, timezone.now(),
            "Wrap <it>", 99 if self.at_register else None, self.at_register,
        )  # fmt: skip
        return (found,) if text in ("", "zoë") else ()

    def call_up_order(self, *, number: str, again: bool, **said: Any) -> CalledUp:
        if self.at_register and not again:
            raise OrderElsewhere(number=number, register=self.at_register)
        lines = (OrderedLine("85123A", Decimal(2)),)
        return CalledUp(number, lines, "C9", "Zoë & Co", timezone.now(), Decimal("5.90"), note="Wrap <it>")


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Played:
    headquarters = Played()
    for module in ("pos.operations.orders", "pos.pages.panels", "api.v1.views"):
        monkeypatch.setattr(f"{module}.headquarters", lambda: headquarters)
    return headquarters


@pytest.fixture
def shop(played: Played) -> Shop:
    return a_shop(registers=2)


@pytest.fixture
def till(shop: Shop) -> TillClient:
    return TillClient(shop)


def panel(till: TillClient, **asked: str) -> str:
    return unescape(till.get("/orders/", asked).content.decode())


def test_it_lists_what_waits_and_calls_it_up(shop: Shop, till: TillClient) -> None:
    listed = panel(till)
    assert "Zoë & Co" in listed and "000017" in listed and "Wrap <it>" in listed and "Call up" in listed
    assert "No order for “nobody” waits here" in panel(till, q="nobody")
    answer = unescape(till.post("/cart/do/call_up_order/", {"number": "000017"}).content.decode())
    assert "Order 000017 is in the cart. Wrap <it>" in answer and "Zoë & Co" in answer
    cart = shop.till().cart
    assert cart.total == Decimal("5.90") and cart.head.order == "000017"
    assert "Call up" not in panel(till) and "Finish or hold the sale" in panel(till)


def test_another_register_has_it(till: TillClient, played: Played) -> None:
    played.at_register = "Till 2"
    assert "at Till 2" in panel(till) and "Take it here" in panel(till)
    refused = unescape(till.post("/cart/do/call_up_order/", {"number": "000017"}).content.decode())
    assert "Order 000017 is called up at Till 2. Finish or void that sale" in refused
    taken = till.post("/cart/do/call_up_order/", {"number": "000017", "again": "on"}).content.decode()
    assert "Order 000017 is in the cart" in taken


def test_headquarters_cannot_be_reached(till: TillClient, played: Played) -> None:
    played.problem = Unavailable(what="Headquarters")
    assert "Headquarters cannot be reached" in panel(till) and "scan the goods" in panel(till)


def test_the_receipt_names_the_order(shop: Shop, till: TillClient) -> None:
    till.post("/cart/do/call_up_order/", {"number": "000017"})
    till.post("/cart/do/pay/", {"method": "cash"})
    sale = RetailTransaction.objects.get(kind="sale")
    assert '"comment":"Order 000017"' in sale.document and sale.customer_account == "C9"
    assert "Order 000017" in till.get(f"/journal/{sale.pk}/").content.decode()


def test_the_api_lists_them_and_calls_one_up(shop: Shop, played: Played) -> None:
    client = a_till(shop)
    (order,) = client.get("orders/?q=zoë").json()
    assert (order["number"], order["total"], order["at_register"]) == ("000017", "5.90", "")
    cart = client.commands({"operation": "call_up_order", "number": "000017"}).json()
    assert (cart["order"], cart["total"]) == ("000017", "5.90")
    played.problem = Unavailable(what="Headquarters")
    assert client.get("orders/").status_code == 503
