"""Line displays over ptys, and on the printer's line."""

import os

import pytest

from hardware.agent import display_worker
from hardware.agent.devices import build_driver
from hardware.agent.document import read_document
from hardware.agent.drivers import display as display_driver
from hardware.agent.drivers.base import DeviceRefused, DeviceUnavailable
from hardware.agent.drivers.printer import EscPosPrinter
from hardware.agent.emulators.display import EmulatedDisplay
from hardware.agent.protocol import Device
from tests.hardware.lab_bench import Bench, printer_device, receipt, until


def a_display(bench: Bench, **settings):
    display = EmulatedDisplay()
    line = bench.pty(display)
    return (
        display,
        line,
        build_driver(
            Device(id="d", kind="display", driver="display", address=line.path, settings=settings), ()
        ),
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"family": "epson", "table": "19=cp858"},
        {"family": "cd5220"},
        {"family": "epson", "on_printer_line": True, "table": "19=cp858"},
    ],
)
def test_two_rows_are_shown_and_cut_and_never_cleared_again(bench: Bench, settings: dict) -> None:
    display, _, driver = a_display(bench, **settings)
    driver.show(["Bananas 0.432 kg that is much too long", "Total\t£9.94"])
    until(lambda: display.rows == ["Bananas 0.432 kg tha", "Total          £9.94"])
    cleared = display.clears
    driver.show(["Thank you", ""])
    until(lambda: display.rows == ["Thank you           ", " " * 20])
    assert display.clears == cleared
    driver.close()


def test_the_same_again_sends_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display_driver, "STANDS_SECONDS", 600.0)
    told: list[int] = []
    display, _, driver = a_display(bench)
    display.tell = lambda: told.append(1)
    driver.show(["a", "b"])
    until(lambda: display.rows[0].strip() == "a")
    count = len(told)
    driver.show(["a", "b"])
    driver.show(["c", "b"])
    until(lambda: display.rows[0].strip() == "c")
    assert len(told) == count + 1
    driver.close()


def test_a_display_that_had_no_power_shows_what_stands(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its line may be up all the while, as behind a converter: nobody but the customer sees that it is dark."""
    monkeypatch.setattr(display_driver, "STANDS_SECONDS", 0.0)
    display, _, driver = a_display(bench, table="19=cp858")
    rows, shown = ["Café\t€2.95", "Total\t€2.95"], ["Café           €2.95", "Total          €2.95"]
    driver.show(rows)
    until(lambda: display.rows == shown)
    display.__post_init__()  # dark, and with its own code table
    assert display.rows == [" " * 20] * 2
    driver.show(rows)
    until(lambda: display.rows == shown)
    driver.close()


def test_a_figure_stands_behind_letters_that_take_more_than_one_place(bench: Bench) -> None:
    display, _, driver = a_display(bench, table="0=cp437")
    for name, shown in (
        ("Cafe\u0301 cre\u0300me", "Café crème     £2.95"),
        ("ﬁne ﬂour 1㎏", "fine flour 1kg £2.95"),
    ):
        driver.show([f"{name}\t£2.95", "Total\t£2.95"])
        until(lambda shown=shown: display.rows == [shown, "Total          £2.95"])
    driver.close()


def test_letters_that_the_table_lacks_keep_their_places(bench: Bench) -> None:
    display, _, driver = a_display(bench, table="0=cp437")
    driver.show(["5 € 東", "Total\t5.00 €"])
    until(lambda: display.rows == ["5 E ?               ", "Total         5.00 E"])
    driver.close()


def test_a_display_that_is_gone_or_unknown(bench: Bench) -> None:
    _, line, driver = a_display(bench)
    assert driver.status().state == "ready"
    bench.do(line.close)
    bench.pty(EmulatedDisplay())  # which is not found in the place of the one that is gone
    assert driver.status().state == "absent"
    with pytest.raises(DeviceUnavailable):
        driver.show(["a", "b"])
    for settings in ({"family": "nixie"}, {"width": -3}, {"scroll": "no"}):
        (name,) = settings
        with pytest.raises(DeviceRefused, match=f"{name}: enter "):
            a_display(bench, **settings)


def test_a_line_that_is_unplugged_twice_closes_nothing_of_others(bench: Bench) -> None:
    _, line, _ = a_display(bench)
    bench.do(line.close)
    reading, writing = os.pipe()  # which takes the number that was given back
    bench.do(line.close)
    line.send(b"for nobody")
    os.write(writing, b"mine")
    assert os.read(reading, 99) == b"mine"
    os.close(reading)
    os.close(writing)


def test_a_text_that_is_too_long_goes_by_twice_and_then_stands(bench: Bench) -> None:
    display, _, driver = a_display(bench)
    rows = ["White hanging heart t-light holder\t£2.95", "Total\t£2.95"]
    seen = []
    step = 0
    while driver.scrolls(rows, step):
        driver.show(rows, step)
        wanted = driver._shown[0]
        until(lambda wanted=wanted: display.rows[0].encode("cp437") == wanted.encode("cp437"))
        seen.append(display.rows[0][:14])
        step += 1
    driver.show(rows, step)
    assert seen[0] == "White hanging " and seen[5] == "hite hanging h"
    assert sum("t-light holder" in part for part in seen) == 2
    assert all(len(row) == 20 for row in display.rows)
    until(lambda: display.rows == ["White hanging  £2.95", "Total          £2.95"])
    assert not driver.scrolls(["Milk\t£1.45", "Total\t£1.45"], 0)
    _, _, still = a_display(bench, scroll=False)
    assert not still.scrolls(rows, 0)
    driver.close()


def test_the_worker_moves_what_is_too_long(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display_worker, "SCROLL_SECONDS", 0.01)
    display, line, _ = a_display(bench)
    device = Device(id="d", kind="display", driver="display", address=line.path)

    class Station:
        def send(self, message) -> None:
            return

        def build(self, wanted):
            return build_driver(wanted, ())

    worker = display_worker.DisplayWorker(device, Station())
    worker.start()
    worker.show(["White hanging heart t-light holder\t£2.95", "Total\t£2.95"])
    until(lambda: display.rows[0].startswith("t-light holder"))
    until(lambda: display.rows[0].startswith("White hanging  £2.95"))
    worker.show(["Milk\t£1.45", "Total\t£4.40"])
    until(lambda: display.rows == ["Milk           £1.45", "Total          £4.40"])
    worker.stop()
    worker.join(5)


def test_a_display_on_the_printer_s_line_leaves_it_to_the_printer(bench: Bench) -> None:
    """A printer takes one line at a time, so the display holds it for no longer than it needs."""
    printer, line = bench.printer()
    selected: list[str] = []
    printer.tell = lambda what, value: selected.append(what) if what == "display" else None
    settings = {"on_printer_line": True, "table": "19=cp858"}
    driver = build_driver(
        Device(
            id="d",
            kind="display",
            driver="display_serial",
            address=f"tcp://127.0.0.1:{line.port}",
            settings=settings,
        ),
        (),
    )
    till = EscPosPrinter(printer_device(line))
    for number, rows in enumerate((["Milk\t£1.45", "Total\t£1.45"], ["Thank you", ""]), 1):
        driver.show(rows)
        assert driver.status().state == "ready" and driver._line is None
        assert till.print_document(read_document(receipt(number)), begin=lambda: None) == "Printed."
        till.close()
    assert printer.cuts == 2 and selected
    assert printer.received.count(b"\x1b=\x02") == printer.received.count(b"\x1b=\x01") == 2
    assert printer.received.count(b"\x1b=\x02\x1b@") == 1  # initialised once: that makes it dark for a moment
