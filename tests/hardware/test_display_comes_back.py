"""A station is switched off in the middle of a sale: when it is back, the customer reads again what the till shows."""

from pathlib import Path

import pytest

from hardware.agent.emulators.display import EmulatedDisplay
from pos.operations.product_sale import ProductSale
from tests.hardware.company import change_device
from tests.hardware.lab_bench import Bench, until
from tests.hardware.stations import Server
from tests.hardware.test_station import start_station
from tests.pos.till_client import TillClient
from tests.scenarios.store import a_shop
from tests.scenarios.terminal import with_device


@pytest.mark.system
def test_a_display_shows_the_sale_again_after_its_station_was_off(
    server: Server, bench: Bench, tmp_path: Path
) -> None:
    shop, display = a_shop(), EmulatedDisplay()
    with_device(shop, "display", "display_serial").leave()
    change_device(shop.register.station, "display", address=bench.pty(display).path)
    TillClient(shop)
    program = start_station(server, shop.register.station, tmp_path)
    until(lambda: display.rows[0] == "Welcome to          ")
    shop.run(ProductSale(code="22961"))
    sale = ["Jam making set £1.45", "Total          £1.45"]
    until(lambda: display.rows == sale)
    program.kill()
    display.rows = [" " * 20, " " * 20]  # the power is back, and the display is dark
    program.start()
    until(lambda: display.rows == sale, 30)
    program.stop()
