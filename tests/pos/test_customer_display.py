"""What the customer reads at each step of a sale."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import msgspec
import pytest

from hardware.services import events
from hardware.services.profiles import station_profile
from hq import station_port
from pos.operations.lines import VoidLine
from pos.operations.product_sale import ProductSale
from pos.operations.sale import Pay
from pos.services.customer_display import rows_of, show_present
from tests.pos.till_client import TillClient
from tests.scenarios.store import Shop, a_shop
from tests.scenarios.terminal import with_device

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("scale_unit")]


class Glass(station_port.NoStation):
    """A port that remembers what it was to show."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, ...]] = []
        self.versions: list[int] = []

    def show(self, *, station_id: int, register: str, rows: tuple[str, ...], version: int) -> None:
        self.rows.append(tuple(rows))
        self.versions.append(version)


@pytest.fixture
def glass() -> Iterator[Glass]:
    before, glass = station_port.station(), Glass()
    station_port.provide(glass)
    yield glass
    station_port.provide(before)


@pytest.fixture
def shop() -> Shop:
    return a_shop()


def test_a_sale_line_by_line_to_the_change(shop: Shop, glass: Glass) -> None:
    with_device(shop, "display", "display_serial")
    till = TillClient(shop)
    assert glass.rows == [("Welcome to", shop.store.name)]
    shop.run(ProductSale(code="85123A"))
    shop.run(ProductSale(code="22961", quantity=Decimal(3)))
    shop.run(ProductSale(code="BANANA", quantity=Decimal("0.432000"), weighed=True))
    shop.run(Pay(method="cash", amount=Decimal(5)))
    shop.run(Pay(method="cash", amount=Decimal(5)))
    till.post("/sign-off/")
    assert glass.rows[1:] == [
        ("White hanging heart t-light holder\t£2.95", "Total\t£2.95"),
        ("3 x Jam making set printed\t£4.35", "Total\t£7.30"),
        ("0.432 kg Bananas\t£0.52", "Total\t£7.82"),
        ("Paid\t£5.00", "To pay\t£2.82"),
        ("Total\t£7.82", "Change\t£2.18"),
        ("This till is closed.", ""),
    ]
    assert glass.versions == sorted(glass.versions)


def test_exact_money_is_thanked_for_and_a_void_is_shown(shop: Shop, glass: Glass) -> None:
    with_device(shop, "display", "display_serial")
    shop.run(ProductSale(code="85123A"))
    shop.run(ProductSale(code="22961"))
    shop.run(VoidLine(line=shop.till().cart.lines[1].id))
    shop.run(Pay(method="cash", amount=Decimal("2.95")))
    assert glass.rows[-2:] == [
        ("Void Jam making set printed", "Total\t£2.95"),
        ("Total\t£2.95", "Thank you"),
    ]


def test_what_changes_no_line_shows_how_many_items_there_are(shop: Shop) -> None:
    answer = shop.run(ProductSale(code="22961", quantity=Decimal("20.000")))
    rows = rows_of(msgspec.structs.replace(answer, changed=()), lambda amount: f"£{amount}", "Quay")
    assert rows[0] == "Items\t20"


def test_a_station_that_starts_afresh_shows_how_the_register_stands(shop: Shop, glass: Glass) -> None:
    station = with_device(shop, "display", "display_serial")

    def after_a_restart() -> list[tuple[str, ...]]:
        glass.rows.clear()
        events.ask_for_displays(station_id=station.id, profile=station_profile(shop.register.station))
        return glass.rows

    assert after_a_restart() == [("This till is closed.", "")]
    till = TillClient(shop)
    assert after_a_restart() == [("Welcome to", shop.store.name)]
    shop.run(ProductSale(code="85123A"))
    shop.run(ProductSale(code="22961", quantity=Decimal(3)))
    shop.run(ProductSale(code="85123A"))
    shop.run(VoidLine(line=shop.till().cart.lines[-1].id))
    assert after_a_restart() == [("3 x Jam making set printed\t£4.35", "Total\t£7.30")]
    assert glass.versions[-1] == shop.till().cart.version
    shop.run(Pay(method="cash", amount=Decimal(5)))
    assert after_a_restart() == [("Paid\t£5.00", "To pay\t£2.30")]
    till.post("/sign-off/")
    assert after_a_restart() == [("This till is closed.", "")]


def test_a_station_without_the_registers_display_is_told_nothing(shop: Shop, glass: Glass) -> None:
    TillClient(shop)
    profile = station_profile(shop.register.station)
    events.ask_for_displays(station_id=shop.register.station_id, profile=profile)
    with_device(shop, "display", "display_serial")
    show_present(shop.till(), station_id=shop.register.station_id + 1)
    assert glass.rows == []


def test_a_register_without_a_display_rings_nobody(shop: Shop, glass: Glass) -> None:
    TillClient(shop)
    shop.run(ProductSale(code="85123A"))
    assert glass.rows == []
