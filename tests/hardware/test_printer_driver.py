"""The ESC/POS driver against the emulated printer, over real sockets and ptys."""

import os
import socket
import termios
import time
from pathlib import Path
from typing import Any

import pytest

from hardware.agent.document import read_document
from hardware.agent.drivers import printer as printer_driver
from hardware.agent.drivers import printer_talk, transport
from hardware.agent.drivers.base import DeviceRefused, DeviceUnavailable, OutcomeUnknown
from hardware.agent.drivers.escpos import PrinterSettings, compile_receipt
from hardware.agent.drivers.printer import EscPosPrinter, read_health
from hardware.agent.drivers.printer_talk import ASK_PAPER_IN_STREAM, QUESTIONS, PrinterTalk, as_answers
from hardware.agent.drivers.transport import LineLost, open_transport
from hardware.agent.emulators.lines import Reply
from hardware.agent.emulators.paper import Bars, Cut, Line, Pulse, Qr
from hardware.agent.emulators.printer import EmulatedPrinter
from hardware.agent.protocol import Device
from tests.hardware.lab_bench import Bench, printer_device, receipt, until


class Begun:
    """Counts how often a driver passed the point of no return."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


def words_on(printer: EmulatedPrinter) -> str:
    return "\n".join(
        "".join(run.text for run in mark.runs) for mark in printer.marks if isinstance(mark, Line)
    )


def test_a_receipt_comes_out_once_and_is_confirmed(bench: Bench) -> None:
    printer, line = bench.printer()
    begun = Begun()
    answer = EscPosPrinter(printer_device(line)).print_document(read_document(receipt()), begin=begun)
    assert answer == "Printed."
    assert begun.times == 1
    assert printer.cuts == 1
    assert "Harbour Street" in words_on(printer)
    assert "£7.97" in words_on(printer)
    assert [type(mark) for mark in printer.marks if isinstance(mark, Bars | Qr | Cut)] == [Bars, Qr, Cut]


def test_over_a_serial_line_too(bench: Bench) -> None:
    printer = EmulatedPrinter()
    line = bench.pty(printer)
    driver = EscPosPrinter(
        Device(id="p", kind="printer", driver="escpos", address=f"serial:{line.path}?baud=38400")
    )
    assert driver.print_document(read_document(receipt()), begin=Begun()) == "Printed."
    assert driver.print_document(read_document(receipt(2)), begin=Begun()) == "Printed."
    driver.close()
    assert printer.cuts == 2


def test_a_serial_printer_may_say_when_its_buffer_is_full(bench: Bench) -> None:
    line = bench.pty(EmulatedPrinter())
    transport = open_transport(f"serial:{line.path}?baud=38400&flow=xonxoff")
    input_modes = termios.tcgetattr(transport._serial.fileno())[0]
    transport.close()
    assert input_modes & termios.IXON
    with pytest.raises(DeviceRefused, match="flow is one of none, rtscts, dsrdtr, xonxoff, not hardware"):
        open_transport(f"serial:{line.path}?flow=hardware")


def test_a_file_takes_the_bytes_and_confirms_nothing(tmp_path) -> None:
    path = tmp_path / "receipts"
    driver = EscPosPrinter(Device(id="p", kind="printer", driver="escpos", address=f"file:{path}"))
    assert "cannot confirm" in driver.print_document(read_document(receipt()), begin=Begun())
    driver.close()
    assert path.read_bytes() == compile_receipt(read_document(receipt()), PrinterSettings())


@pytest.mark.parametrize(
    ("hands", "words"),
    [
        ({"has_paper": False}, "out of paper"),
        ({"cover_open": True}, "cover is open"),
    ],
    ids=["paper", "cover"],
)
def test_nothing_is_begun_on_a_printer_that_cannot_finish(bench: Bench, hands: dict, words: str) -> None:
    printer, line = bench.printer()
    bench.do(printer.set, **hands)
    begun, driver = Begun(), EscPosPrinter(printer_device(line))
    with pytest.raises(DeviceUnavailable, match=words) as refusal:
        driver.print_document(read_document(receipt()), begin=begun)
    assert refusal.value.health.state == "stopped"
    assert begun.times == 0
    assert printer.marks == []
    bench.do(printer.set, has_paper=True, cover_open=False)
    assert driver.print_document(read_document(receipt()), begin=begun) == "Printed."


def test_silence_is_a_state_of_its_own(bench: Bench) -> None:
    printer, line = bench.printer()
    printer.faults.lose_answers = True
    driver = EscPosPrinter(printer_device(line))
    with pytest.raises(DeviceUnavailable, match="does not answer"):
        driver.print_document(read_document(receipt()), begin=Begun())
    assert driver.status().state == "silent"
    bench.do(line.close)
    assert driver.status().state == "absent"
    assert printer.marks == []


def test_a_printer_that_never_answers_is_taken_at_its_word(bench: Bench) -> None:
    printer, line = bench.printer()
    printer.faults.lose_answers = True
    driver = EscPosPrinter(printer_device(line, answers=False))
    assert "cannot confirm" in driver.print_document(read_document(receipt()), begin=Begun())
    until(lambda: printer.cuts == 1)


@pytest.mark.parametrize("knows", [(1, 2, 4), (1,), ()], ids=["three of four", "one", "none"])
def test_printers_that_know_fewer_questions(bench: Bench, knows: tuple[int, ...]) -> None:
    """Without any, automatic status says the same, as long as the line stays open."""
    printer, line = bench.printer(knows=knows)
    driver = EscPosPrinter(printer_device(line, keep_open=True))
    assert driver.print_document(read_document(receipt()), begin=Begun()) == "Printed."
    bench.do(printer.set, paper_low=True)
    assert driver.status().flags["paper_low"] is (4 in knows or not knows)
    bench.do(printer.set, cover_open=True)
    health = driver.status()
    assert (health.state, health.flags["cover_open"]) == ("stopped", 2 in knows or not knows)
    bench.do(printer.set, cover_open=False, paper_low=False)
    assert driver.print_document(read_document(receipt(2)), begin=Begun()) == "Printed."
    assert printer.cuts == 2
    driver.close()


def test_a_printer_that_proves_nothing_is_only_asked_how_it_is(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printer_talk, "ANSWER_SECONDS", 0.1)
    printer, line = bench.printer(proves=False)
    driver = EscPosPrinter(printer_device(line))
    begun = Begun()
    for _ in range(2):  # it might be busy with something else
        with pytest.raises(DeviceUnavailable, match="busy"):
            driver.print_document(read_document(receipt()), begin=begun)
    assert begun.times == 0
    assert "cannot confirm" in driver.print_document(read_document(receipt()), begin=begun)
    until(lambda: printer.cuts == 1)
    printer.faults.paper_out_after = 200
    with pytest.raises(OutcomeUnknown, match="out of paper"):
        driver.print_document(read_document(receipt(2)), begin=begun)
    with pytest.raises(DeviceUnavailable, match="out of paper"):
        driver.print_document(read_document(receipt(3)), begin=begun)
    assert begun.times == 2


def test_automatic_status_says_what_the_four_answers_say() -> None:
    for status in (b"\x10\0\0\0", b"\x3c\0\0\0", b"\x18\0\x0f\0", b"\x18\x08\0\0", b"\x10\0\x03\0"):
        health = read_health(*as_answers(status))
        assert health.flags == {
            "online": not status[0] & 0x08,
            "cover_open": bool(status[0] & 0x20),
            "error": bool(status[1]),
            "paper": not status[2] & 0x0C,
            "paper_low": bool(status[2] & 0x03),
            "drawer_open": bool(status[0] & 0x04),
        }


class Scripted:
    """A line that gives these pieces, one for each reading."""

    answers = True

    def __init__(self, *pieces: bytes) -> None:
        self._script = list(pieces)

    def write(self, data: bytes) -> None:
        return

    def read(self, seconds: float) -> bytes:
        return self._script.pop(0) if self._script else b""

    def close(self) -> None:
        return


def test_a_status_that_comes_in_pieces_proves_no_receipt() -> None:
    talk = PrinterTalk()
    talk.begin(Scripted(*(bytes((byte,)) for byte in b"\x18\x00\x0c\x00\x12\x10\x12\x00")))
    answers = [answer for _ in range(8) for answer in talk.read(0)]
    assert answers == [0x12, 0x12]
    assert talk.proofs == 1


def test_answers_that_come_twice_in_pieces_open_no_cover() -> None:
    """The drawer's pin is b2 of the first answer, the cover b2 of the second."""
    talk = PrinterTalk()
    talk.begin(Scripted(b"", b"\x16\x16\x12\x12", b"\x12\x12\x12\x12"))
    health = read_health(*talk.ask())
    assert health.state == "ready" and health.flags["drawer_open"] and not health.flags["cover_open"]


@pytest.mark.parametrize("fault", ["double_answers", "garbage"])
def test_noise_on_the_line_prints_neither_twice_nor_never(bench: Bench, fault: str) -> None:
    printer, line = bench.printer()
    setattr(printer.faults, fault, True)
    driver = EscPosPrinter(printer_device(line))
    for number in range(5):
        assert driver.print_document(read_document(receipt(number)), begin=Begun()) == "Printed."
    assert printer.cuts == 5


def test_paper_that_ends_in_mid_receipt_is_unknown_until_it_is_refilled(bench: Bench) -> None:
    printer, line = bench.printer()
    printer.faults.paper_out_after = 200
    driver = EscPosPrinter(printer_device(line))
    started = time.monotonic()
    with pytest.raises(OutcomeUnknown, match="out of paper"):
        driver.print_document(read_document(receipt()), begin=Begun())
    assert time.monotonic() - started < 5
    assert driver.status().flags["paper"] is False
    assert driver.settle() is False
    bench.do(printer.set, has_paper=True)
    assert until(driver.settle)
    assert printer.cuts == 1
    assert driver.print_document(read_document(receipt()), begin=Begun()) == "Printed."


def test_a_line_cut_at_any_byte_is_told_and_never_repeated(bench: Bench) -> None:
    printer, line = bench.printer()
    size = len(compile_receipt(read_document(receipt()), PrinterSettings()))
    driver = EscPosPrinter(printer_device(line))
    questions = 4 * 3 + 3  # what is asked before the first byte of the receipt
    for position in range(0, size + questions, 7):
        before, begun = printer.cuts, Begun()
        bench.do(setattr, printer.faults, "drop_after", position)
        try:
            driver.print_document(read_document(receipt()), begin=begun)
        except DeviceUnavailable:
            assert begun.times == 0
            assert printer.cuts == before
        except OutcomeUnknown:
            assert begun.times == 1
        else:
            assert begun.times == 1
            assert printer.cuts == before + 1
        assert printer.cuts <= before + 1
        bench.do(setattr, printer.faults, "drop_after", None)
        bench.do(printer.switch, False)
        bench.do(printer.switch, True)
        until(lambda: line._server is not None)


def test_a_power_cut_in_the_middle_is_unknown(bench: Bench) -> None:
    printer, line = bench.printer()
    printer.faults.power_off_after = 150
    with pytest.raises(OutcomeUnknown, match="Look at the paper"):
        EscPosPrinter(printer_device(line)).print_document(read_document(receipt()), begin=Begun())
    assert printer.cuts == 0


def test_the_drawer_opens_once_also_without_paper_and_never_twice_in_a_second(bench: Bench) -> None:
    printer, line = bench.printer()
    driver = EscPosPrinter(printer_device(line))
    assert driver.open_drawer(1, begin=Begun()) == "Opened."
    assert [mark.connector for mark in printer.marks if isinstance(mark, Pulse)] == [1]
    assert printer.drawers[0].is_open
    bench.do(printer.drawers[0].push_shut)
    bench.do(printer.set, has_paper=False)
    started = time.monotonic()
    assert "cannot confirm" in driver.open_drawer(1, begin=Begun())
    until(lambda: printer.drawers[0].kicks == 2)
    assert time.monotonic() - started > 0.9
    assert driver.status().flags["drawer_open"]


def test_which_way_round_the_drawers_sensor_is_shows_when_it_is_opened(bench: Bench) -> None:
    printer, line = bench.printer(drawer_open_is_high=False)
    driver = EscPosPrinter(printer_device(line))
    assert driver.status().flags["drawer_open"]  # taken for open, as long as nobody knows better
    driver.open_drawer(1, begin=Begun())
    assert driver.status().flags["drawer_open"]
    bench.do(printer.drawers[0].push_shut)
    assert not driver.status().flags["drawer_open"]
    driver.close()
    told = EscPosPrinter(printer_device(line, drawer_open_is_high=True))
    told.open_drawer(1, begin=Begun())
    assert not told.status().flags["drawer_open"]  # what the profile says is not learnt anew


def test_only_the_allowed_ranges_are_dialled(bench: Bench) -> None:
    printer, line = bench.printer()
    driver = EscPosPrinter(printer_device(line), networks=["10.0.0.0/8"])
    with pytest.raises(DeviceRefused, match="outside the address ranges"):
        driver.print_document(read_document(receipt()), begin=Begun())
    assert EscPosPrinter(printer_device(line), networks=["127.0.0.0/8"]).status().state == "ready"
    assert printer.marks == []


def test_a_printer_that_was_left_in_the_middle_of_a_command_is_brought_back(bench: Bench) -> None:
    printer, line = bench.printer()
    data = compile_receipt(read_document(receipt()), PrinterSettings())
    driver = EscPosPrinter(printer_device(line))
    printer.faults.drop_after = 4 * 3 + 3 + data.index(b"https") + 3
    with pytest.raises(OutcomeUnknown):
        driver.print_document(read_document(receipt(1)), begin=Begun())
    assert printer._stream.waiting > 0

    def tried_again() -> str:
        try:
            return driver.print_document(read_document(receipt(2)), begin=Begun())
        except DeviceUnavailable:  # not begun: the filling takes its time, and a station tries again
            return ""

    assert until(tried_again) == "Printed."
    assert printer.cuts == 1


@pytest.mark.parametrize("data", ["16040001", "1620010000", "0116051234", "1604"])
def test_no_barcode_spells_a_command_that_is_obeyed_at_once(bench: Bench, data: str) -> None:
    """Pairs of digits are single bytes in code set C: store 16, register 20 would open the drawer."""
    printer, line = bench.printer()
    block = {"kind": "barcode", "symbology": "code128", "data": data}
    compiled = compile_receipt(read_document(receipt(blocks=[block, {"kind": "cut"}])), PrinterSettings())
    assert not any(bytes((0x10, letter)) in compiled for letter in (0x04, 0x05, 0x14))
    document = read_document(receipt(blocks=[block, {"kind": "cut"}]))
    assert EscPosPrinter(printer_device(line)).print_document(document, begin=Begun()) == "Printed."
    assert [mark.data for mark in printer.marks if isinstance(mark, Bars)] == [b"{B" + data.encode()]
    assert printer.pulses == 0


def test_a_printer_that_takes_no_more_is_asked_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long report, a small buffer and no paper: nothing broke, and over a line of its own it says what it lacks."""

    class Full:
        answers, bytes_a_second = True, float("inf")

        def __init__(self, paper: int) -> None:
            self.says = dict(zip(QUESTIONS, (0x12, 0x12, 0x12, paper), strict=True)) | {
                ASK_PAPER_IN_STREAM: 0
            }
            self.ready = b""

        def write(self, data: bytes) -> None:
            if len(data) > 100:
                raise LineLost("timed out", 100, is_stalled=True)
            self.ready += bytes(self.says[data[at : at + 3]] for at in range(0, len(data), 3))

        def read(self, seconds: float) -> bytes:
            ready, self.ready = self.ready, b""
            return ready

        def close(self) -> None:
            return

    lines = [Full(0x12), Full(0x72)]
    monkeypatch.setattr(printer_driver, "open_transport", lambda address, networks: lines.pop(0))
    driver = EscPosPrinter(Device(id="p", kind="printer", driver="escpos", address="tcp://10.0.0.7:9100"))
    with pytest.raises(OutcomeUnknown, match=r"out of paper\. Put in a new roll\. Look at the paper"):
        driver.print_document(read_document(receipt()), begin=Begun())
    assert not lines


@pytest.mark.parametrize("kind", ["tcp", "serial"])
def test_a_line_whose_other_end_reads_nothing_is_stalled_and_not_broken(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(transport, "WRITE_SECONDS", 0.2)
    ours, theirs = os.openpty()
    with socket.create_server(("127.0.0.1", 0)) as printer:
        place = printer.getsockname()[1]
        line = open_transport(f"tcp://127.0.0.1:{place}" if kind == "tcp" else f"serial:{os.ttyname(theirs)}")
        with pytest.raises(LineLost) as stalled:
            line.write(bytes(64_000_000))
        assert stalled.value.is_stalled and 0 < stalled.value.sent < 64_000_000
        line.close()
    os.close(ours)
    os.close(theirs)


def test_of_a_name_with_several_addresses_the_one_that_may_be_dialled_is(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many a network gives every name an address of IPv6 first, and a store names its range of IPv4."""
    _, line = bench.printer()

    really = socket.getaddrinfo

    def known(host: str, port: int, *more: Any, **how: Any) -> list[tuple]:
        names = ["2001:db8::7", "127.0.0.1"] if host == "printer.shop" else [host]
        return [found for name in names for found in really(name, port, *more, **how)]

    monkeypatch.setattr(transport.socket, "getaddrinfo", known)
    open_transport(f"tcp://printer.shop:{line.port}", ["127.0.0.0/8"]).close()
    with pytest.raises(DeviceRefused, match="outside the address ranges"):
        open_transport(f"tcp://printer.shop:{line.port}", ["10.0.0.0/8"])


def test_a_converter_whose_name_is_asked_for_again_leads_nowhere_else(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name was looked up once to be checked and once more to be dialled."""
    _, line = bench.printer()
    answers = ["127.0.0.1", "198.51.100.9"]
    really = socket.getaddrinfo

    def known(host: str, port: int, *more: Any, **how: Any) -> list[tuple]:
        return really(answers.pop(0) if host == "box.shop" else host, port, *more, **how)

    monkeypatch.setattr(transport.socket, "getaddrinfo", known)
    open_transport(f"serial:socket://box.shop:{line.port}", ["127.0.0.0/8"]).close()
    assert len(answers) == 1


def test_a_converter_s_port_that_is_none_is_said() -> None:
    with pytest.raises(DeviceRefused, match="are not possible"):
        open_transport("serial:socket://10.0.0.9:abc", ["10.0.0.0/8"])


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("tcp://10.0.0..7:9100", "The name 10.0.0..7 is not known in this network"),
        (f"tcp://{'x' * 70}:9100", "is not known in this network"),
        ("tcp://[::1", "has no valid host and port"),
        ("tcp://[x]:9100", "has no valid host and port"),
        ("file:usb/lp0", "usb/lp0 is no full path"),
        ("file:", "is no full path"),
    ],
)
def test_an_address_with_a_slip_of_the_hand_is_said_to_have_one(address: str, words: str) -> None:
    """It was an error of the program: of the worker each second, and the end of a look at the devices."""
    with pytest.raises((DeviceRefused, DeviceUnavailable), match=words):
        open_transport(address, ["10.0.0.0/8"])


def test_of_a_device_that_is_switched_off_no_file_is_made_in_its_place() -> None:
    """Whoever may write there got a file that took the receipts; anybody else was sent to the rights of the port."""
    path = f"/dev/shm/tillhouse-lp-{os.getpid()}"
    with pytest.raises(DeviceUnavailable, match=r"is not there\. Check the cable"):
        open_transport(f"file:{path}")
    assert not Path(path).exists()


def test_what_answers_otherwise_than_a_printer_is_not_called_silent(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The remedy is its address or its speed, and not its cable."""
    monkeypatch.setattr(printer_talk, "ANSWER_SECONDS", 0.1)
    line = bench.pty(Echo())
    driver = EscPosPrinter(Device(id="p", kind="printer", driver="escpos", address=f"serial:{line.path}"))
    with pytest.raises(DeviceUnavailable, match="is no receipt printer, or speaks at another speed") as told:
        driver.print_document(read_document(receipt()), begin=Begun())
    assert told.value.health.state == "silent"
    driver.close()


class Echo:
    """Says whatever it is told, as a line with its two ends joined does."""

    def receive(self, data: bytes, reply: Reply) -> None:
        reply(data)

    def connected(self, reply: Reply) -> None:
        return

    def disconnected(self) -> None:
        return
