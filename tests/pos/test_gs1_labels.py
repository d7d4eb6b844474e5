"""Labels that say more than a number: GS1-128, DataBar and DataMatrix, from a scanner on the station and typed."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from catalog import models as catalog
from channels_app.roles import applying_package
from hardware.agent.drivers.scanner import read_scan
from hardware.agent.protocol import Event
from hardware.services import events
from hq import models as hq
from pos.models import SalesLine
from pos.operations.sale import Pay
from pos.services.simulate import Asked, AskedLine, simulate
from tests.pos.till_client import TillClient
from tests.scenarios.store import Shop, a_shop, new_data_version
from tests.scenarios.terminal import with_device

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scale_unit")]
BANANAS, HEART = "90501234567893", "05012345678900"


@pytest.fixture
def shop() -> Shop:
    found = a_shop()
    with applying_package():
        for number, code in (("BANANA", BANANAS), ("85123A", HEART)):
            product = catalog.Product.objects.get(number=number)
            catalog.Barcode.objects.create(code=code, product=product)
    new_data_version()
    return found


@pytest.mark.parametrize(
    ("raw", "quantity", "total"),
    [
        (f"]C101{BANANAS}3103000432", "0.432", None),
        (f"]e001{BANANAS}3103000432", "0.432", None),
        (f"]d201{BANANAS}10AB1\x1d3102000043", "0.43", None),
        (f"]C101{BANANAS}31030004323922123", "0.432", "1.23"),
        (f"]C101{BANANAS}3922123", "1.025", "1.23"),
        (f"]C101{HEART}3103000250", "1", "2.95"),
        (f"]Q301{HEART}302", "2", "5.90"),
        (f"]d2\x1d01{HEART}17271231", "1", "2.95"),
    ],
    ids=[
        "GS1-128",
        "DataBar",
        "DataMatrix with a batch",
        "a price with its weight",
        "a price",
        "a piece with its weight",
        "two",
        "a date",
    ],
)
def test_a_label_is_sold_as_what_it_says(shop: Shop, raw: str, quantity: str, total: str | None) -> None:
    """Fields of a fixed length have no separator between them: the scanner's identifier alone says what it is."""
    scanner = with_device(shop, "scanner", "scanner_serial")
    TillClient(shop)  # somebody is signed on
    scan = Event(
        event_id=str(uuid4()),
        device=f"scanner@{shop.register.number}",
        kind="scan",
        data=read_scan(raw.encode()),
    )
    station = hq.HardwareStation.objects.get(pk=scanner.id)
    assert events.take_event(station=station, message=scan) == ""
    cart = shop.till().cart
    assert [line.quantity for line in cart.lines] == [Decimal(quantity)]
    assert total is None or cart.total == Decimal(total)


@pytest.mark.parametrize(
    ("code", "quantity"),
    [(f"01{BANANAS}3103000432", "0.432"), (f"01{HEART}17271231", "1"), (f"01{HEART}", "1")],
)
def test_a_scanner_that_does_not_say_what_it_reads_is_understood(
    shop: Shop, code: str, quantity: str
) -> None:
    TillClient(shop).scan(code)
    shop.run(Pay(method="cash", amount=Decimal("50")))
    line = SalesLine.objects.get()
    assert (line.quantity, line.barcode) == (Decimal(quantity), code[2:16])


@pytest.mark.parametrize(
    "code",
    [f"01{BANANAS[:-1]}43103000432", f"01{BANANAS}3103", "0109501101530003", f"02{HEART}"],
    ids=["check digit", "cut off", "nothing of ours", "of a carton"],
)
def test_what_only_looks_like_a_label_is_an_unknown_code(shop: Shop, code: str) -> None:
    answer = TillClient(shop).scan(code).content.decode()
    assert "Unknown code" in answer and code in answer
    assert not shop.till().cart.lines


def test_a_code_of_ours_goes_before_what_it_could_be_as_a_label(shop: Shop) -> None:
    with applying_package():
        product = catalog.Product.objects.get(number="MILK")
        catalog.Barcode.objects.create(code=f"01{HEART}", product=product)
    new_data_version()
    TillClient(shop).scan(f"01{HEART}")
    assert shop.till().cart.lines[0].article.product == product.pk


@pytest.mark.parametrize("code", [f"]C101{BANANAS}3922123", f"]C101{BANANAS}31030002063922999"])
def test_the_simulator_reads_a_label_as_the_till_does(shop: Shop, code: str) -> None:
    TillClient(shop).scan(code)
    [sold] = shop.till().cart.priced.lines
    answer = simulate(Asked(store=shop.store, at=timezone.now(), lines=[AskedLine(code, None)]))
    simulated = answer.lines[0].priced
    assert (simulated.quantity, simulated.unit_price, simulated.total) == (
        sold.quantity,
        sold.unit_price,
        sold.total,
    )


def test_a_label_with_a_price_of_nothing_is_not_sold(shop: Shop) -> None:
    answer = TillClient(shop).scan(f"]C101{BANANAS}31030004323922000").content.decode()
    assert "the price on its label is zero" in answer
    assert not shop.till().cart.lines


def test_the_product_s_number_alone_is_kept_with_the_sale(shop: Shop) -> None:
    TillClient(shop).scan(f"]C101{BANANAS}3103000432\x1d10LONG-BATCH-NUMBER-01\x1d21SERIAL-NUMBER-000001")
    assert shop.till().cart.lines[0].quantity == Decimal("0.432")
    shop.run(Pay(method="cash", amount=Decimal("50")))
    assert SalesLine.objects.get().barcode == BANANAS


def test_a_label_that_names_no_product_of_ours_is_refused_as_any_code(shop: Shop) -> None:
    till = TillClient(shop)
    for code in ("]C10109501101530003", "]C110AB", "]C1nonsense", "]C1"):
        assert "danger" in till.scan(code).content.decode()
    assert not shop.till().cart.lines
