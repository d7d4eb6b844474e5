"""Devices that keep to their protocol and not to our emulators' habits."""

import itertools
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from hardware.agent import payments
from hardware.agent import worker as worker_module
from hardware.agent.devices import build_driver
from hardware.agent.document import read_document
from hardware.agent.drivers import printer as printer_module
from hardware.agent.drivers import printer_talk
from hardware.agent.drivers.base import DeviceUnavailable
from hardware.agent.drivers.printer import EscPosPrinter
from hardware.agent.drivers.scale import Reading, ScaleLine
from hardware.agent.drivers.scale_8217 import Toledo8217
from hardware.agent.drivers.scale_cas import Cas, check
from hardware.agent.drivers.scale_dialog06 import Dialog06
from hardware.agent.drivers.scanner import read_scan
from hardware.agent.drivers.zvt import CannotRepeat, ZvtTerminal
from hardware.agent.drivers.zvt_format import Apdu, read_status
from hardware.agent.emulators.lines import Reply, TcpLine
from hardware.agent.emulators.printer import EmulatedPrinter
from hardware.agent.emulators.terminal import EmulatedTerminal
from hardware.agent.journal import Journal
from hardware.agent.payments import TerminalWorker
from hardware.agent.protocol import Device, Job, Outcome
from hardware.agent.worker import JobWorker
from tests.hardware.lab_bench import Bench, printer_device, receipt, until
from tests.hardware.test_faults import PrintingStation
from tests.hardware.test_payments import FakeStation, arm_before_payment, device
from tests.hardware.test_scales import Script


class OtherTerminal(EmulatedTerminal):
    """The same terminal; `speak` changes what goes over its line."""

    speak: Callable[[bytes, Reply], None]

    def connected(self, reply: Reply) -> None:
        super().connected(lambda data: self.speak(data, reply))


def another(bench: Bench, speak: Callable[[bytes, Reply], None], **settings) -> OtherTerminal:
    terminal = OtherTerminal(**settings)
    terminal.speak = speak
    line = bench.do(TcpLine, terminal)
    bench.do(line.open)
    terminal.drop_line, terminal.line = line.drop, line
    bench._lines.append(line)
    return terminal


def byte_by_byte(data: bytes, reply: Reply) -> None:
    for byte in data:
        reply(bytes((byte,)))
        time.sleep(0.0005)


def old_acknowledgement(data: bytes, reply: Reply) -> None:
    reply(b"\x84\x00\x00" if data == b"\x80\x00\x00" else data)


def long_lengths(data: bytes, reply: Reply) -> None:
    """Every length in its long form, which is legal for short data, too."""
    reply(data[:2] + b"\xff" + bytes((data[2], 0)) + data[3:] if data[2] != 0xFF else data)


def more_tags(data: bytes, reply: Reply) -> None:
    """A result with a container of nested tags in front, and one behind of which we know nothing."""
    if data[:2] == b"\x04\x0f":
        container = b"\x06\x0c\x60\x08\x43\x06\xa0\x00\x00\x00\x03\x10\x45\x00"
        data = Apdu(0x040F, container + data[3:] + b"\x99\x01\x02").encoded()
    reply(data)


@pytest.mark.parametrize("speak", [byte_by_byte, old_acknowledgement, long_lengths, more_tags])
def test_a_payment_at_a_terminal_with_other_habits(
    bench: Bench, speak: Callable[[bytes, Reply], None]
) -> None:
    terminal = another(bench, speak, status=0xDC)
    driver = ZvtTerminal(device(terminal))
    assert "Take the card out" in driver.status().words
    said: list[str] = []
    paid = driver.pay(994, begin=lambda: None, tell=said.append)
    assert (paid.approved, paid.amount, paid.trace, paid.card) == (True, 994, 1, "402000******1234")
    assert said == ["Insert or tap the card.", "Please wait."]
    assert driver.last_mark() == 1
    driver.close()
    assert terminal.charged == 994


@pytest.mark.parametrize(
    ("completion", "status"),
    [
        ("", 0),
        ("dc", 0xDC),
        ("dc0600", 0xDC),
        ("f0f0f7322e31342e313500", 0),
        ("f0f0f7322e31342e31359c", 0x9C),
        ("279c", 0x9C),
        ("f0f0f732", 0),
    ],
)
def test_the_status_stands_behind_the_version_where_the_terminal_tells_that(
    completion: str, status: int
) -> None:
    assert read_status(bytes.fromhex(completion)) == status


@pytest.mark.parametrize("code", [0x64, 0x66, 0x83])
def test_a_terminal_that_has_nothing_to_repeat_takes_its_first_payment(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """It says so in one way or another; where it still says so after it has booked, nobody knows."""
    monkeypatch.setattr(payments, "SURE_SECONDS", 0.02)
    monkeypatch.setattr(payments, "ASK_AGAIN_SECONDS", (0.01,))
    terminal = another(bench, lambda data, reply: reply(data))
    terminal._repeat = lambda: terminal._say([Apdu(0x061E, bytes((code,))).encoded()])
    station = FakeStation(tmp_path / "journal", terminal)
    station.worker = TerminalWorker(device(terminal), station)
    station.worker.start()
    station.worker.add(Job(id="first", kind="payment", document={"do": "pay", "amount": 994}))
    assert until(lambda: station.outcome("first") == "done")
    arm_before_payment(station, terminal, "read")
    station.worker.add(Job(id="second", kind="payment", document={"do": "pay", "amount": 100}))
    told = until(lambda: [sent for sent in station.sent if isinstance(sent, Outcome) and not sent.data][:1])
    assert told[0].result == "unknown" and "Look into its journal" in told[0].detail
    del station.worker._begin  # the line is cut no more
    station.worker.add(Job(id="third", kind="payment", document={"do": "pay", "amount": 200}))
    assert until(lambda: station.outcome("third") == "done")
    station.worker.stop()
    station.worker.join(5)
    station.journal.close()


@pytest.mark.parametrize("stage", ["before", "booked"])
def test_of_the_first_payment_at_a_terminal_that_tells_of_none_a_person_decides(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    """Code 64 may mean that it has booked nothing yet, or that it never tells: from outside both look the same."""
    monkeypatch.setattr(payments, "SURE_SECONDS", 0.02)
    monkeypatch.setattr(payments, "ASK_AGAIN_SECONDS", (0.01,))
    terminal = another(bench, lambda data, reply: reply(data))
    terminal._repeat = lambda: terminal._say([Apdu(0x061E, b"\x64").encoded()])
    station = FakeStation(tmp_path / "journal", terminal)
    station.worker = TerminalWorker(device(terminal), station)
    station.worker.start()
    arm_before_payment(station, terminal, stage)
    station.worker.add(Job(id="first", kind="payment", document={"do": "pay", "amount": 994}))
    told = until(lambda: [sent for sent in station.sent if isinstance(sent, Outcome) and not sent.data])[0]
    station.worker.stop()
    station.worker.join(5)
    station.journal.close()
    assert len(terminal.book) == (stage == "booked")
    assert told.result == "unknown" and "Look into its journal" in told.detail


def test_a_terminal_that_tells_and_has_closed_its_day_is_believed_to_have_booked_nothing(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payments, "SURE_SECONDS", 0.02)
    monkeypatch.setattr(payments, "ASK_AGAIN_SECONDS", (0.01,))
    terminal = another(bench, lambda data, reply: reply(data))
    for start in (1, 2):  # it is remembered, also by the station's next start
        station = FakeStation(tmp_path / "journal", terminal)
        station.worker = TerminalWorker(device(terminal), station)
        station.worker.start()
        if start == 1:
            for job in ("one", "two"):
                station.worker.add(Job(id=job, kind="payment", document={"do": "pay", "amount": 100}))
                until(lambda job=job, station=station: station.outcome(job) == "done")
            station.worker.add(Job(id="close", kind="payment", document={"do": "end_of_day"}))
            until(lambda station=station: station.outcome("close") == "done")
        else:
            arm_before_payment(station, terminal, "before")
            station.worker.add(Job(id="lost", kind="payment", document={"do": "pay", "amount": 994}))
            until(lambda station=station: station.outcome("lost") == "failed")
        station.worker.stop()
        station.worker.join(5)
        station.journal.close()
    assert terminal.book == []


def test_a_terminal_that_has_told_before_is_asked_again(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payments, "ASK_AGAIN_SECONDS", (0.01,))
    terminal = another(bench, lambda data, reply: reply(data))
    driver = ZvtTerminal(device(terminal))
    driver.pay(100, begin=lambda: None, tell=lambda words: None)
    journal = Journal(tmp_path / "journal")
    journal.begin("mine", {"asks": {"device": "terminal", "do": "pay", "amount": 994, "trace": 1}})
    journal.close()
    driver.pay(994, begin=lambda: None, tell=lambda words: None)
    refusals, repeat = [0x83, 0x66], terminal._repeat
    terminal._repeat = lambda: (
        terminal._say([Apdu(0x061E, bytes((refusals.pop(),))).encoded()]) if refusals else repeat()
    )
    station = FakeStation(tmp_path / "journal", terminal)
    worker = TerminalWorker(device(terminal), station)
    worker.start()
    assert until(lambda: station.outcome("mine") == "done")
    worker.stop()
    worker.join(5)
    station.journal.close()


def without(data: bytes, *tags: tuple[int, int], zeros: bool = False) -> bytes:
    """A result that lacks some fields, or has zeros in them, each named with the size of its value."""
    if data[:2] != b"\x04\x0f":
        return data
    body = data[3:]
    for tag, size in tags:
        at = body.index(tag, 7)  # the amount stands first
        body = body[:at] + (body[at : at + 1] + bytes(size) if zeros else b"") + body[at + 1 + size :]
    return Apdu(0x040F, body).encoded()


@pytest.mark.parametrize("zeros", [False, True])
@pytest.mark.parametrize("missing", [[(0x0B, 3)], [(0x0B, 3), (0x87, 2)]])
@pytest.mark.parametrize("stage", ["read", "booked", "result"])
def test_a_terminal_that_does_not_number_its_transactions_is_not_believed_to_have_charged_nothing(
    bench: Bench,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    missing: list[tuple[int, int]],
    stage: str,
    zeros: bool,
) -> None:
    monkeypatch.setattr(payments, "SURE_SECONDS", 0.02)
    monkeypatch.setattr(payments, "ASK_AGAIN_SECONDS", (0.01,))
    terminal = another(bench, lambda data, reply: reply(without(data, *missing, zeros=zeros)))
    station = FakeStation(tmp_path / "journal", terminal)
    station.worker = TerminalWorker(device(terminal), station)
    station.worker.start()
    station.worker.add(Job(id="first", kind="payment", document={"do": "pay", "amount": 994}))
    assert until(lambda: station.outcome("first") == "done")
    arm_before_payment(station, terminal, stage)
    station.worker.add(Job(id="second", kind="payment", document={"do": "pay", "amount": 994}))
    told = until(
        lambda: [one for one in station.sent if isinstance(one, Outcome) and "asks" not in one.data][1:]
    )[0]
    station.worker.stop()
    station.worker.join(5)
    station.journal.close()
    is_booked = len(terminal.book) == 2
    if len(missing) == 2:
        assert (told.result, told.data) == ("unknown", {}) and "Look into its journal" in told.detail
    else:
        assert told.result == ("done" if is_booked else "failed")


def test_a_terminal_whose_results_cannot_be_read_is_asked_three_times_and_then_a_person_is(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payments, "ASK_AGAIN_SECONDS", (0.01,))
    terminal = another(bench, lambda data, reply: reply(without(data, (0x27, 1))))
    asked, repeat = [], terminal._repeat
    terminal._repeat = lambda: (asked.append(1), repeat())
    station = FakeStation(tmp_path / "journal", terminal)
    worker = TerminalWorker(device(terminal), station)
    worker.start()
    worker.add(Job(id="first", kind="payment", document={"do": "pay", "amount": 994}))
    told = until(lambda: [one for one in station.sent if isinstance(one, Outcome) and not one.data])[0]
    worker.stop()
    worker.join(5)
    station.journal.close()
    assert told.result == "unknown" and "Look into its journal" in told.detail
    assert (
        len(asked) == 1 + payments.UNREADABLE_TIMES + 1
    )  # before the payment, and then until a person decides


def test_a_terminal_that_refuses_the_question_cannot_repeat(bench: Bench) -> None:
    terminal = another(bench, lambda data, reply: reply(data))
    obey = terminal._obey
    terminal._obey = lambda apdu: terminal._reply(b"\x84\x83\x00") if apdu.code == 0x0620 else obey(apdu)
    driver = ZvtTerminal(device(terminal))
    with pytest.raises(CannotRepeat):
        driver.last_result()
    assert driver.last_mark() == 0
    driver.close()


def type_6(lead: str, digits: str, unit: str) -> bytes:
    body = f"{lead}{digits}{unit}".encode()
    return b"\x01\x02" + body + bytes((check(body),)) + b"\x03\x04"


@pytest.mark.parametrize(
    ("protocol", "frames", "reading"),
    [
        (Cas(), [b"\x06", type_6("S ", "001234", "kg")], Reading("stable", Decimal("1.234"), "kg")),
        (Cas(decimals=2), [b"\x06", type_6("S ", "001234", "LB")], Reading("stable", Decimal("12.34"), "lb")),
        (Cas(), [b"\x06", type_6("S ", "000432", " g")], Reading("stable", Decimal("432"), "g")),
        (Cas(), [b"\x06", type_6("S ", "000432", "g ")], Reading("stable", Decimal("432"), "g")),
        (Cas(), [b"\x06", type_6("S-", "000432", "kg")], Reading("below_zero")),
        (Toledo8217(), [b"\x020.432\r\n"] * 2, Reading("stable", Decimal("0.432"), "kg")),
        (Toledo8217(), [b"W\x0200.432\r"], Reading("stable", Decimal("0.432"), "kg")),
        (Toledo8217(), [b"\x02  0.43\r"], Reading("stable", Decimal("0.43"), "lb")),
    ],
)  # fmt: skip
def test_scales_that_write_without_a_point_or_without_leading_zeros(protocol, frames, reading) -> None:
    line = ScaleLine(Script(*frames))
    assert (protocol.ask(line) or protocol.ask(line)) == reading


def test_a_price_of_five_digits_and_the_scale_s_own_checksums_come_from_the_profile() -> None:
    device = Device(
        id="s",
        kind="scale",
        driver="scale_dialog06",
        address="/dev/null",
        settings={"digits": 5, "checksums": "1234,ABCD"},
    )
    protocol = build_driver(device, ())._protocol
    assert isinstance(protocol, Dialog06) and protocol._checksums == (0x1234, 0xABCD)
    protocol.price = 179
    script = Script(b"\x06", b"\x0202\x1b3\x1b01234\x1b00179\x1b00221\x03")
    assert protocol.ask(ScaleLine(script)) == Reading("stable", Decimal("1.234"), "kg")
    assert b"\x0201\x1b00179\x1b\x03" in script.written


def test_a_number_with_its_add_on_in_one_piece() -> None:
    assert read_scan(b"]E3978020137962451995") == {
        "symbology": "]E3", "code": "9780201379624", "addon": "51995"
    }  # fmt: skip
    assert read_scan(b"]E301234567890512")["addon"] == "12"
    assert read_scan(b"]E3012345678905")["code"] == "012345678905"


def jobs_on(station: PrintingStation, line: TcpLine, **settings) -> JobWorker:
    return JobWorker(printer_device(line, **settings), station)


def test_a_printer_that_never_says_a_word_prints(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked a few times; then its receipts are sent, and nobody is told that they were confirmed."""
    monkeypatch.setattr(printer_talk, "ANSWER_SECONDS", 0.05)
    printer, line = bench.printer(knows=(), proves=False)
    printer.faults.lose_answers = True
    station = PrintingStation(tmp_path / "journal")
    worker = jobs_on(station, line)
    for number in (1, 2):
        worker.add(Job(id=f"job {number}", kind="print", document=receipt(number)))
    worker.add(Job(id="drawer", kind="drawer", document={"connector": 1}))
    worker.start()
    try:
        until(lambda: len(station.outcomes) == 3)
        assert {(told.result, told.detail) for told in station.outcomes if told.job != "drawer"} == {
            ("done", "Sent; this printer cannot confirm it.")
        }
        until(lambda: printer.cuts == 2 and printer.pulses == 1)
        until(lambda: worker.health and worker.health.state == "attention")
        assert "never says how it is" in worker.health.words
        printer.knows, printer.proves, printer.faults.lose_answers = (1, 2, 3, 4), True, False
        worker.add(Job(id="job 3", kind="print", document=receipt(3)))
        until(lambda: len(station.outcomes) == 4)
        assert station.outcomes[-1].detail == "Printed."
    finally:
        worker.stop()
        worker.join(5)
        station.journal.close()


def test_a_printer_that_has_ever_answered_is_silent_and_not_mute_also_after_a_restart(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printer_talk, "ANSWER_SECONDS", 0.05)
    monkeypatch.setattr(worker_module, "RETRY_SECONDS", (0.02,))
    printer, line = bench.printer()
    for start in (1, 2):
        station = PrintingStation(tmp_path / "journal")
        worker = jobs_on(station, line)
        worker.start()
        if start == 1:
            until(lambda worker=worker: worker.health and worker.health.state == "ready")
        printer.faults.lose_answers = True
        worker.add(Job(id=f"job {start}", kind="print", document=receipt(start)))
        until(lambda worker=worker: worker.health and worker.health.state == "silent")
        time.sleep(1.5)  # many rounds
        assert printer.cuts == 0 and not station.outcomes
        worker.stop()
        worker.join(5)
        station.journal.close()


def connections(line: TcpLine) -> list[int]:
    """A list that grows with each line that is opened."""
    found: list[int] = []
    connected = line._device.connected
    line._device.connected = lambda reply: (found.append(1), connected(reply))[1]
    return found


def test_receipts_one_behind_the_other_share_a_line_and_others_get_at_the_printer_soon(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printer_module, "LINGER_SECONDS", 0.3)
    printer, line = bench.printer()
    opened = connections(line)
    station = PrintingStation(tmp_path / "journal")
    worker = jobs_on(station, line)
    worker.start()
    until(lambda: worker.health)
    before = len(opened)
    for number in (1, 2, 3):
        worker.add(Job(id=f"job {number}", kind="print", document=receipt(number)))
        until(lambda number=number: len(station.outcomes) == number)
    assert len(opened) == before + 1 and worker._driver._line is not None
    until(lambda: worker._driver._line is None, 1)
    bench.do(printer.switch, False)
    bench.do(printer.switch, True)
    worker.add(Job(id="job 4", kind="print", document=receipt(4)))
    until(lambda: len(station.outcomes) == 4)
    bench.do(printer.drop_line)  # while it is kept
    worker.add(Job(id="job 5", kind="print", document=receipt(5)))
    until(lambda: len(station.outcomes) == 5)
    assert {told.detail for told in station.outcomes} == {"Printed."}
    assert printer.cuts == 5
    worker.stop()
    worker.join(5)
    station.journal.close()


def test_a_printer_that_cannot_be_asked_gets_nothing_on_a_line_that_it_has_closed(bench: Bench) -> None:
    printer, line = bench.printer()
    driver = EscPosPrinter(printer_device(line, answers=False, keep_open=True))
    driver.print_document(read_document(receipt(1)), begin=lambda: None)
    until(lambda: printer.cuts == 1)
    bench.do(printer.drop_line)
    time.sleep(0.05)
    driver.print_document(read_document(receipt(2)), begin=lambda: None)
    until(lambda: printer.cuts == 2)
    driver.close()


def split(data: bytes, reply: Reply) -> None:
    for byte in data:
        reply(bytes((byte,)))


def status_unasked(data: bytes, reply: Reply) -> None:
    """Automatic status that a test page or another computer has left switched on, between and behind the answers."""
    reply(b"\x10\x00\x00\x00" + data + b"\x14\x00\x00\x00")


def flow_control(data: bytes, reply: Reply) -> None:
    """XOFF and XON of a serial line that goes through a converter which passes them on."""
    reply(b"\x13" + data + b"\x11")


@pytest.mark.parametrize("speak", [split, status_unasked, flow_control])
def test_a_printer_that_says_more_than_it_is_asked(
    bench: Bench, speak: Callable[[bytes, Reply], None]
) -> None:
    printer, line = bench.printer()
    answer = printer._answer
    printer._answer = lambda data, reply: answer(data, lambda said: speak(said, reply))
    driver = EscPosPrinter(printer_device(line))
    for number in range(3):
        assert driver.print_document(read_document(receipt(number)), begin=lambda: None) == "Printed."
    bench.do(printer.set, cover_open=True)
    health = driver.status()
    assert (health.state, health.flags["cover_open"]) == ("stopped", True)
    bench.do(printer.set, cover_open=False, has_paper=False)
    with pytest.raises(DeviceUnavailable, match="out of paper"):
        driver.print_document(read_document(receipt(4)), begin=lambda: None)
    driver.close()
    assert printer.cuts == 3


@pytest.mark.parametrize("seconds", [[0.64], [0.0, 0.64, 0.45]])
def test_a_printer_that_answers_late_is_understood(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, seconds: list[float]
) -> None:
    """As behind radio, always or now and then. No answer is taken for that of another question."""
    # so long that a busy machine makes no answer later than it is
    monkeypatch.setattr(printer_talk, "ANSWER_SECONDS", 0.4)
    monkeypatch.setattr(printer_module, "LINGER_SECONDS", 0.0)
    printer, line = bench.printer()
    answer, pauses, due = printer._answer, itertools.cycle(seconds), [0.0]

    def late(said: bytes, reply: Reply) -> None:
        due[0] = max(due[0] + 0.001, bench.loop.time() + next(pauses))  # behind an earlier one
        bench.loop.call_at(due[0], reply, said)

    printer._answer = lambda data, reply: answer(data, lambda said: late(said, reply))
    driver = EscPosPrinter(printer_device(line))
    driver.warm_up()
    for number in range(3):
        assert driver.print_document(read_document(receipt(number)), begin=lambda: None) == "Printed."
    for state, words in (
        ({"cover_open": True}, "cover is open"),
        ({"has_paper": False, "cover_open": False}, "out of paper"),
        ({"has_paper": True, "paper_low": True}, "nearly at its end"),
    ):
        bench.do(printer.set, **state)
        assert words in driver.status().words
    driver.close()
    assert printer.cuts == 3


def at_a_pace(bench: Bench, printer: EmulatedPrinter, seconds: float) -> None:
    """Whatever it says takes so long, one answer behind the other."""
    answer, free_at = printer._answer, [0.0]

    def late(said: bytes, reply: Reply) -> None:
        free_at[0] = max(free_at[0], bench.loop.time()) + seconds
        bench.loop.call_at(free_at[0], reply, said)

    printer._answer = lambda data, reply: answer(data, lambda said: late(said, reply))


def test_a_printer_that_takes_its_time_for_each_answer_prints_at_that_pace(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All four answers together take longer than a silent printer is waited for: it speaks, and is heard out."""
    monkeypatch.setattr(printer_talk, "ANSWER_SECONDS", 0.4)
    printer, line = bench.printer()
    at_a_pace(bench, printer, 0.33)
    driver = EscPosPrinter(printer_device(line))
    driver.warm_up()
    started = time.monotonic()
    for number in range(3):  # the second and third on the same line
        assert driver.print_document(read_document(receipt(number)), begin=lambda: None) == "Printed."
    assert time.monotonic() - started < 3 * 6 * 0.33 + 1.5 and driver.is_slow
    bench.do(printer.set, cover_open=True)
    with pytest.raises(DeviceUnavailable, match="cover is open"):
        driver.print_document(read_document(receipt(4)), begin=lambda: None)
    bench.do(printer.set, cover_open=False, paper_low=True)
    assert "nearly at its end" in driver.status().words
    bench.do(printer.switch, False)
    started = time.monotonic()
    assert driver.status().state == "absent" and time.monotonic() - started < 2
    driver.close()
    assert printer.cuts == 3


def test_a_slow_printer_s_receipt_is_with_the_station_at_once(bench: Bench, tmp_path: Path) -> None:
    """Before the printer has said how it is the server would take the station for silent."""
    printer, line = bench.printer()
    at_a_pace(bench, printer, 0.4)
    station = PrintingStation(tmp_path / "journal")
    worker = jobs_on(station, line)
    worker.start()
    try:
        until(lambda: worker.health and worker.health.state == "ready")
        assert worker._poll_seconds() > 7.9  # asked less often, it is free for receipts
        worker.add(Job(id="job 1", kind="print", document=receipt(1)))
        assert station.said == {"job 1": ""} and printer.cuts == 0
        until(lambda: station.outcomes)
        assert station.outcomes[0].detail == "Printed." and printer.cuts == 1
    finally:
        worker.stop()
        worker.join(5)
        station.journal.close()


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_printer_that_hangs_up_after_each_answer_or_receipt(bench: Bench, which: int) -> None:
    """Print servers do: some when nothing comes for a moment, some behind each cut."""
    printer, line = bench.printer()
    driver = EscPosPrinter(printer_device(line))
    for number in range(3):
        assert driver.print_document(read_document(receipt(number)), begin=lambda: None) == "Printed."
        if number == which:
            bench.do(printer.drop_line)
    driver.close()
    assert printer.cuts == 3


def test_a_printer_whose_full_buffer_keeps_it_from_hearing_the_question_is_waited_for(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without paper it takes no more bytes, and a question stands behind them: the receipt comes out nevertheless."""
    monkeypatch.setattr(printer_module, "PROOF_SECONDS", 0.2)
    printer, line = bench.printer()
    receive, held = printer.receive, []

    def with_a_small_buffer(data: bytes, reply: Reply) -> None:
        if printer.online:
            receive(data, reply)
        else:
            held.append((data, reply))

    def refill() -> None:
        printer.set(has_paper=True)
        while held:
            receive(*held.pop(0))

    printer.receive = with_a_small_buffer
    station = PrintingStation(tmp_path / "journal")
    worker = jobs_on(station, line)
    worker.start()
    try:
        until(lambda: worker.health and worker.health.state == "ready")
        printer.faults.paper_out_after = 100
        worker.add(Job(id="one", kind="print", document=receipt(1)))
        until(lambda: station.outcomes)
        assert station.outcomes[0].result == "unknown" and "Look at its paper" in station.outcomes[0].detail
        bench.do(refill)
        until(lambda: station.outcomes[-1].result == "done")
        assert station.outcomes[-1].detail == "Printed, after a pause." and printer.cuts == 1
    finally:
        worker.stop()
        worker.join(5)
        station.journal.close()


def test_a_receipt_has_the_time_that_its_serial_line_takes(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 1200 baud it is under way for seconds, and what asks how the printer is stands behind it."""
    monkeypatch.setattr(printer_module, "PROOF_SECONDS", 0.2)
    monkeypatch.setattr(printer_talk, "ANSWER_SECONDS", 0.2)
    printer, is_slow = EmulatedPrinter(), []
    receive = printer.receive

    def over_a_slow_line(data: bytes, reply: Reply) -> None:
        bench.loop.call_later(2.0 if is_slow else 0.0, receive, data, reply)

    printer.receive = over_a_slow_line
    address = f"serial:{bench.pty(printer).path}?baud=1200"
    driver = EscPosPrinter(Device(id="p", kind="printer", driver="escpos", address=address))
    printed = driver.print_document(read_document(receipt()), begin=lambda: is_slow.append(True))
    driver.close()
    assert printed == "Printed." and printer.cuts == 1


def test_a_printer_that_speaks_again_and_owes_an_answer_that_got_lost_holds_nobody_up(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printer_module, "PROOF_SECONDS", 0.2)
    monkeypatch.setattr(printer_module, "SPEAKS_AGAIN_SECONDS", 0.5)
    printer, line = bench.printer()
    station = PrintingStation(tmp_path / "journal")
    worker = jobs_on(station, line)
    begin = worker._begin

    def begin_and_lose(*arguments, **named) -> None:
        begin(*arguments, **named)
        printer.faults.lose_answers = True

    worker._begin = begin_and_lose
    worker.start()
    try:
        worker.add(Job(id="one", kind="print", document=receipt(1)))
        until(lambda: station.outcomes)
        worker._begin, printer.faults.lose_answers = begin, False
        worker.add(Job(id="two", kind="print", document=receipt(2)))
        until(lambda: station.outcomes[-1].job == "two", 10)
        assert [told.result for told in station.outcomes] == ["unknown", "done"] and printer.cuts == 2
    finally:
        worker.stop()
        worker.join(5)
        station.journal.close()
