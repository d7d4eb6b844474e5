"""Card terminals whose answers keep to ZVT and are none that the emulated one gives."""

import asyncio
import os
import threading
import tty
from contextlib import suppress
from pathlib import Path

import pytest

from hardware.agent import payments
from hardware.agent.config import StateFolder
from hardware.agent.devices import build_driver
from hardware.agent.drivers import zvt
from hardware.agent.drivers.base import DeviceRefused
from hardware.agent.drivers.transport import LineLost
from hardware.agent.drivers.zvt import ZvtTerminal
from hardware.agent.drivers.zvt_format import ACK, Apdu, is_merchants, read_apdu, text_line
from hardware.agent.drivers.zvt_serial import framed, take_frame
from hardware.agent.emulators.lines import Reply
from hardware.agent.journal import Journal
from hardware.agent.payments import TerminalWorker
from hardware.agent.protocol import Acknowledge, Device, Job, Outcome
from hardware.agent.station import STARTED_IS_NEWS_AFTER, HardwareStation
from tests.hardware.lab_bench import Bench, until
from tests.hardware.test_other_makers import another
from tests.hardware.test_payments import FakeStation, arm_before_payment, device


@pytest.fixture(autouse=True)
def sooner_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payments, "SURE_SECONDS", 0.02)
    monkeypatch.setattr(payments, "ASK_AGAIN_SECONDS", (0.01,))
    monkeypatch.setattr(zvt, "ABORT_SECONDS", 0.01)


def as_said(data: bytes, reply: Reply) -> None:
    reply(data)


def in_francs(data: bytes, reply: Reply) -> None:
    reply(data.replace(b"\x49\x09\x78", b"\x49\x07\x56") if data[:2] == b"\x04\x0f" else data)


def at_a_station(bench: Bench, path: Path, terminal) -> FakeStation:
    station = FakeStation(path / "journal", terminal)
    station.worker = TerminalWorker(device(terminal), station)
    station.worker.start()
    return station


def last_word(station: FakeStation, job: str) -> Outcome:
    """What is told of a job when the terminal need not be asked any more."""
    return until(
        lambda: [
            sent
            for sent in station.sent
            if isinstance(sent, Outcome) and sent.job == job and "asks" not in sent.data
        ]
    )[0]


def ended(station: FakeStation) -> None:
    station.worker.stop()
    station.worker.join(5)
    station.journal.close()


@pytest.mark.parametrize(
    ("code", "words"),
    [(0x83, "cannot do this"), (0x9C, "is busy"), (0xC5, "way to pay"), (0x4F, "code 4F")],
)
def test_a_payment_that_the_terminal_does_not_take_was_not_begun(bench: Bench, code: int, words: str) -> None:
    terminal = another(bench, as_said)
    obey = terminal._obey
    terminal._obey = lambda apdu: (
        terminal._reply(bytes((0x84, code, 0))) if apdu.code == 0x0601 else obey(apdu)
    )
    with pytest.raises(DeviceRefused, match=words):
        ZvtTerminal(device(terminal)).pay(994, begin=lambda: None, tell=lambda words: None)
    assert not terminal.book


def test_a_result_in_another_currency_says_so(bench: Bench, tmp_path: Path) -> None:
    terminal = another(bench, in_francs)
    station = at_a_station(bench, tmp_path, terminal)
    station.worker.add(Job(id="one", kind="payment", document={"do": "pay", "amount": 994}))
    told = last_word(station, "one")
    ended(station)
    assert (told.result, told.data["currency"]) == ("done", "CHF")


def test_a_terminal_set_up_for_another_currency_is_not_asked(bench: Bench, tmp_path: Path) -> None:
    terminal = another(bench, as_said)
    station = at_a_station(bench, tmp_path, terminal)
    document = {"do": "pay", "amount": 994, "currency": "GBP"}
    station.worker.add(Job(id="one", kind="payment", document=document))
    told = last_word(station, "one")
    ended(station)
    assert told.result == "failed" and "in GBP, and the terminal is set up for EUR" in told.detail
    assert not terminal.book


def test_an_abort_behind_an_approval_is_asked_about(bench: Bench, tmp_path: Path) -> None:
    terminal = another(bench, as_said)
    station = at_a_station(bench, tmp_path, terminal)
    until(lambda: station.worker.health)
    breaks = [True]

    def speak(data: bytes, reply: Reply) -> None:
        if data[:2] == b"\x06\x0f" and terminal.book and breaks:
            breaks.clear()
            data = b"\x06\x1e\x01\x6c"
        reply(data)

    terminal.speak = speak
    station.worker.add(Job(id="one", kind="payment", document={"do": "pay", "amount": 994}))
    told = last_word(station, "one")
    ended(station)
    assert not breaks and told.result == "done" and len(terminal.book) == 1


@pytest.mark.parametrize("books", [True, False])
def test_a_terminal_that_ends_without_a_result_is_asked_what_it_did(
    bench: Bench, tmp_path: Path, books: bool
) -> None:
    """It was called not charged, whatever had been booked, and the customer was asked for the money again."""
    terminal = another(bench, as_said)
    station = at_a_station(bench, tmp_path, terminal)
    station.worker.add(Job(id="before", kind="payment", document={"do": "pay", "amount": 100}))
    assert last_word(station, "before").result == "done"
    keeps_silent, obey = [True], terminal._obey

    def speak(data: bytes, reply: Reply) -> None:
        if data[:2] == b"\x04\x0f" and len(terminal.book) == 2 and keeps_silent:
            keeps_silent.clear()
            data = Apdu(0x04FF, b"\x0e").encoded()
        reply(data)

    terminal.speak = speak
    if not books:
        terminal._obey = lambda apdu: (
            terminal._reply(ACK + Apdu(0x060F, b"").encoded()) if apdu.code == 0x0601 else obey(apdu)
        )
        keeps_silent.clear()
    station.worker.add(Job(id="one", kind="payment", document={"do": "pay", "amount": 994}))
    told = last_word(station, "one")
    ended(station)
    assert told.result == ("done" if books else "failed")
    assert len(terminal.book) == 1 + books


@pytest.mark.parametrize("stage", ["booked", "read"])
def test_a_terminal_that_forgets_what_it_booked_is_not_believed(
    bench: Bench, tmp_path: Path, stage: str
) -> None:
    terminal = another(bench, as_said)
    terminal._repeat = lambda: terminal._say([Apdu(0x061E, b"\x64").encoded()])
    station = at_a_station(bench, tmp_path, terminal)
    station.worker.add(Job(id="one", kind="payment", document={"do": "pay", "amount": 994}))
    assert last_word(station, "one").result == "done"
    arm_before_payment(station, terminal, stage)
    station.worker.add(Job(id="two", kind="payment", document={"do": "pay", "amount": 994}))
    told = last_word(station, "two")
    ended(station)
    assert told.result == "unknown" and "Look into its journal" in told.detail


def test_after_its_day_is_closed_a_terminal_may_have_forgotten(bench: Bench, tmp_path: Path) -> None:
    terminal = another(bench, as_said)
    station = at_a_station(bench, tmp_path, terminal)
    station.worker.add(Job(id="one", kind="payment", document={"do": "pay", "amount": 994}))
    station.worker.add(Job(id="day", kind="payment", document={"do": "end_of_day"}, priority=9))
    assert last_word(station, "day").result == "done"
    arm_before_payment(station, terminal, "read")
    station.worker.add(Job(id="two", kind="payment", document={"do": "pay", "amount": 994}))
    told = last_word(station, "two")
    ended(station)
    assert told.result == "failed" and "no such payment" in told.detail


@pytest.mark.parametrize("result", [b"", b"\x27\x00"])
def test_a_day_is_closed_with_totals_and_with_or_without_a_result(bench: Bench, result: bytes) -> None:
    terminal = another(bench, as_said)
    totals = result + b"\x04\x00\x00\x00\x00\x09\x94\x60\xf0\xf0\xf3\x00\x01\x02"
    terminal._close_day = lambda: terminal._say(
        [Apdu(0x040F, totals).encoded(), Apdu(0x06D1, b"\x00DAY").encoded(), Apdu(0x060F, b"").encoded()]
    )
    obey = terminal._obey
    terminal._obey = lambda apdu: (
        (terminal._reply(ACK), terminal._close_day()) if apdu.code == 0x0650 else obey(apdu)
    )
    day = ZvtTerminal(device(terminal)).end_of_day()
    assert (day.approved, day.words, day.lines) == (True, "The terminal's day is closed.", ["DAY"])


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"\x00Summe", ["Summe"]),
        (b"\xff\x03", ["", "", ""]),
        (b"\xff", [""]),
        (b"", [""]),
        (b"\x40A\x1bB\x00", ["AB"]),
    ],
)
def test_lines_of_a_receipt(data: bytes, lines: list[str]) -> None:
    assert text_line(data) == lines


@pytest.mark.parametrize(
    ("printed", "kept"),
    [
        ("PAN 4111 1111 1111 1111", "PAN 4111 11** **** 1111"),
        ("4111111111111111", "411111******1111"),
        ("5500-0000-0000-0004 VISA", "5500-00**-****-0004 VISA"),
        ("4111 11** **** 1111", "4111 11** **** 1111"),
        ("Trace 000123456789012", "Trace 000123456789012"),  # no card's number
        ("Beleg 0007  29.11.2026 23:59", "Beleg 0007  29.11.2026 23:59"),
    ],
)
def test_no_card_number_is_kept_that_a_terminal_prints_whole(printed: str, kept: str) -> None:
    assert text_line(b"\x00" + printed.encode()) == [kept]


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (b"\x06\x09\x1f\x07\x01\x01\x25\x03\x07\x01x", True),
        (b"\x06\x09\x25\x03\x07\x01x\x1f\x07\x01\x01", True),  # told behind the lines
        (b"\x06\x09\x1f\x07\x01\x02\x25\x03\x07\x01x", False),
        (b"\x06\x06\x25\x04\x1f\x07\x01\x01", False),
        (b"", False),
    ],
)
def test_whose_copy_a_block_is(block: bytes, expected: bool) -> None:
    assert is_merchants(block) is expected


def test_the_terminal_s_letters_come_from_the_profile() -> None:
    assert text_line(b"\x00Gr\xfc\xdfe", "latin-1") == ["Grüße"]
    wanted = Device(
        id="t", kind="terminal", driver="zvt", address="tcp://127.0.0.1:9", settings={"letters": "no"}
    )
    with pytest.raises(DeviceRefused, match="no code table"):
        build_driver(wanted, ())


class Bare(threading.Thread):
    """A terminal on a serial line that sends frames and confirms none; after each it waits for 80 00 00."""

    RESULT = Apdu(0x040F, b"\x27\x00\x04\x00\x00\x00\x00\x09\x94\x49\x09\x78\x0b\x00\x00\x01\x87\x00\x01")

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._master, slave = os.openpty()
        tty.setraw(self._master)
        tty.setraw(slave)
        self.address, self._slave, self._pending = f"serial:{os.ttyname(slave)}", slave, b""

    def run(self) -> None:
        with suppress(OSError):
            while command := self._heard():
                said = {0x0601: [Apdu(0x04FF, b"\x0a"), self.RESULT]}.get(command.code, [])
                self._say(Apdu(0x8000, b""))
                for apdu in [*said, Apdu(0x060F, b"")]:
                    self._say(apdu)
                    assert self._heard().code == 0x8000

    def _say(self, apdu: Apdu) -> None:
        os.write(self._master, framed(apdu.encoded()))

    def _heard(self) -> Apdu:
        while True:
            apdu, used = take_frame(self._pending)
            self._pending = self._pending[used:]
            if apdu:
                return read_apdu(apdu)
            self._pending += os.read(self._master, 256)

    def close(self) -> None:
        os.close(self._slave)
        os.close(self._master)


def test_a_terminal_that_confirms_no_frames_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Bare()
    terminal.start()
    wanted = Device(id="terminal", kind="terminal", driver="zvt_serial", address=terminal.address)
    paid = build_driver(wanted, ()).pay(994, begin=lambda: None, tell=lambda words: None)
    terminal.close()
    assert (paid.approved, paid.amount, paid.trace) == (True, 994, 1)


def test_a_terminal_that_hangs_up_with_its_last_word_has_said_it(bench: Bench) -> None:
    """Its end comes with the result, and nobody is there for our acknowledgements."""
    said = [ACK, Bare.RESULT.encoded() + Apdu(0x060F, b"").encoded()]

    class HangsUp:
        answers = True

        def write(self, data: bytes) -> None:
            if not said:
                self.vain = getattr(self, "vain", 0) + 1
                if self.vain > 1:
                    raise LineLost("gone")

        def read(self, seconds: float) -> bytes:
            return said.pop(0)

    driver = ZvtTerminal(Device(id="t", kind="terminal", driver="zvt", address="tcp://127.0.0.1:9"))
    driver._line = HangsUp()
    assert driver._talk(Apdu(0x0601, b""), lambda words: None, 5).approved


def test_the_first_words_of_a_terminal_stay_until_it_says_others(tmp_path: Path) -> None:
    """That a job was started is told a moment later, and must not take the place of what came since."""
    told: list[Acknowledge] = []

    async def work() -> None:
        station = HardwareStation(StateFolder(tmp_path))
        station.start()
        station.outlet = told.append
        station.send(Acknowledge(job="one", step="started"))
        station.send(Acknowledge(job="one", step="started", words="Insert or tap the card."))
        await asyncio.sleep(3 * STARTED_IS_NEWS_AFTER)
        station.close()

    asyncio.run(work())
    assert [message.words for message in told if isinstance(message, Acknowledge)] == [
        "Insert or tap the card."
    ]


def test_a_terminal_in_the_place_of_another_is_not_asked_about_its_payments(
    bench: Bench, tmp_path: Path
) -> None:
    terminal = another(bench, as_said)
    journal = Journal(tmp_path / "journal")
    facts = {"device": "terminal", "address": "tcp://10.0.0.8:20007", "do": "pay", "amount": 994, "trace": 0}
    journal.begin("one", {"asks": facts})
    journal.close()
    station = at_a_station(bench, tmp_path, terminal)
    told = last_word(station, "one")
    ended(station)
    assert told.result == "unknown" and "begun at the terminal tcp://10.0.0.8:20007" in told.detail


@pytest.mark.parametrize("stage", ["read", "booked"])
def test_a_terminal_that_says_nothing_to_an_abort_is_asked_all_the_same(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    """Its payments were checked for ever, and it took no other; that it booked nothing is believed later."""
    monkeypatch.setattr(zvt, "ACK_SECONDS", 0.3)
    monkeypatch.setattr(payments, "SURE_UNHEARD_SECONDS", 0.2)
    terminal = another(bench, as_said)
    obey, asked = terminal._obey, []
    terminal._obey = lambda apdu: (
        asked.append(apdu.code),
        None if apdu.code == 0x06B0 else obey(apdu),
    )
    station = at_a_station(bench, tmp_path, terminal)
    station.worker.add(Job(id="first", kind="payment", document={"do": "pay", "amount": 100}))
    assert last_word(station, "first").result == "done"
    arm_before_payment(station, terminal, stage)
    station.worker.add(Job(id="one", kind="payment", document={"do": "pay", "amount": 994}))
    told = last_word(station, "one")
    ended(station)
    assert told.result == ("done" if len(terminal.book) == 2 else "failed")
    after = asked[asked.index(0x06B0) :]
    assert (after.count(0x0620) > 2) == (stage == "read")


def a_payment_lost(station: FakeStation, terminal, job: str) -> None:
    """A payment whose line breaks before the terminal has heard of it."""
    arm_before_payment(station, terminal, "before")
    station.worker.add(Job(id=job, kind="payment", document={"do": "pay", "amount": 994}))


@pytest.mark.parametrize("number", [b"", bytes.fromhex("60600001")], ids=["says nothing", "says another"])
def test_a_terminal_in_the_place_of_one_that_told_is_not_believed_for_that(
    bench: Bench, tmp_path: Path, number: bytes
) -> None:
    """What is remembered of a terminal is remembered under the number that it gives itself."""
    terminal = another(bench, as_said)
    station = at_a_station(bench, tmp_path, terminal)
    station.worker.add(Job(id="one", kind="payment", document={"do": "pay", "amount": 100}))
    until(lambda: station.outcome("one") == "done")
    station.worker.add(Job(id="close", kind="payment", document={"do": "end_of_day"}))
    until(lambda: station.outcome("close") == "done")
    terminal.number, obey = number, terminal._obey
    terminal._obey = lambda apdu: (
        terminal._reply(ACK + Apdu(0x060F, b"").encoded())
        if apdu.code == 0x0600 and not number
        else obey(apdu)
    )
    a_payment_lost(station, terminal, "two")
    told = last_word(station, "two")
    ended(station)
    assert told.result == "unknown" and "Look into its journal" in told.detail


def test_a_payment_begun_at_the_terminal_that_stood_here_before_is_for_a_person(
    bench: Bench, tmp_path: Path
) -> None:
    """The new one has no transactions either, and would be taken to say that nothing was booked."""
    terminal = another(bench, as_said)
    journal = Journal(tmp_path / "journal")
    address = device(terminal).address
    facts = {"device": "terminal", "address": address, "do": "pay", "amount": 994, "trace": 0}
    journal.begin("one", {"asks": facts | {"terminal": "60600001"}})
    journal.close()
    station = at_a_station(bench, tmp_path, terminal)
    told = last_word(station, "one")
    ended(station)
    assert told.result == "unknown" and "begun at the terminal 60600001" in told.detail


def test_a_terminal_that_hangs_up_after_each_completion_takes_payments(bench: Bench, tmp_path: Path) -> None:
    """Its registration holds beyond the line; to lose every payment's line would leave each of them unknown."""
    terminal = another(bench, as_said)
    receive, is_ended = terminal.receive, [False]

    def speak(data: bytes, reply: Reply) -> None:
        is_ended[0] = data[:2] == b"\x06\x0f"
        reply(data)

    def hang_up(data: bytes, reply: Reply) -> None:
        if is_ended[0] and data.startswith(ACK):  # whatever stands behind it is not heard any more
            is_ended[0] = False
            terminal.drop_line()
        else:
            receive(data, reply)

    terminal.speak, terminal.receive = speak, hang_up
    assert ZvtTerminal(device(terminal)).status().state == "ready"
    station = at_a_station(bench, tmp_path, terminal)
    for job in ("one", "two"):
        station.worker.add(Job(id=job, kind="payment", document={"do": "pay", "amount": 994}))
        until(lambda job=job: station.outcome(job) == "done")
    ended(station)
    assert terminal.charged == 2 * 994
    assert "unknown" not in [sent.result for sent in station.sent if isinstance(sent, Outcome)]


def test_a_second_result_adds_to_the_first(bench: Bench) -> None:
    """Some terminals send further fields behind the result, without saying the result again."""

    def in_two_results(data: bytes, reply: Reply) -> None:
        reply(data)
        if data[:2] == b"\x04\x0f":
            reply(Apdu(0x040F, b"\x06\x03\x45\x01\x00").encoded())

    terminal = another(bench, in_two_results)
    driver = ZvtTerminal(device(terminal))
    paid = driver.pay(994, begin=lambda: None, tell=lambda words: None)
    assert (paid.approved, paid.amount, paid.receipt) == (True, 994, 1)


@pytest.mark.parametrize("refusal", [b"\x84\x83\x00", ACK + Apdu(0x061E, b"\x9a").encoded()])
def test_a_terminal_that_does_not_register_the_till_has_its_password_named(
    bench: Bench, refusal: bytes
) -> None:
    terminal = another(bench, as_said)
    terminal._obey = lambda apdu: terminal._reply(refusal)
    health = ZvtTerminal(device(terminal)).status()
    assert health.state == "attention" and "Check its password in the hardware profile" in health.words


def test_what_a_terminal_took_back_by_itself_is_not_taken_for_the_payment(
    bench: Bench, tmp_path: Path
) -> None:
    """After its line was lost it books the payment, and then a reversal of it: of that amount, and approved."""
    terminal = another(bench, as_said)
    station = at_a_station(bench, tmp_path, terminal)
    station.worker.add(Job(id="one", kind="payment", document={"do": "pay", "amount": 100}))
    until(lambda: station.outcome("one") == "done")
    fields = terminal._fields
    terminal._fields = lambda booking: fields(booking) + b"\x37" + bytes.fromhex("000002")
    arm_before_payment(station, terminal, "booked")
    station.worker.add(Job(id="two", kind="payment", document={"do": "pay", "amount": 994}))
    told = last_word(station, "two")
    ended(station)
    assert told.result == "unknown" and "Look into its journal" in told.detail


@pytest.mark.parametrize("acknowledges_never", [True, False])
def test_a_terminal_that_is_at_work_for_ever_is_asked_later_what_it_did(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, acknowledges_never: bool
) -> None:
    """Each word that it is at work had renewed the wait: the sale and the register stood until it was unplugged."""
    terminal = another(bench, as_said)
    station = at_a_station(bench, tmp_path, terminal)
    station.worker.add(Job(id="before", kind="payment", document={"do": "pay", "amount": 100}))
    assert last_word(station, "before").result == "done"
    monkeypatch.setattr(zvt, "PAYMENT_SECONDS", 0.3)
    monkeypatch.setattr(zvt, "ACK_SECONDS", 0.3)
    at_work, paying = Apdu(0x04FF, b"\x0e").encoded(), []
    obey, go_on = terminal._obey, terminal._next

    def begin(apdu: Apdu) -> None:
        if apdu.code != 0x0601:
            obey(apdu)
            return
        paying.append(apdu)
        terminal._reply(at_work if acknowledges_never else ACK + at_work)

    terminal._obey = begin
    terminal._next = lambda: terminal._reply(at_work) if paying else go_on()
    station.worker.add(Job(id="one", kind="payment", document={"do": "pay", "amount": 994}))
    first = until(lambda: [sent for sent in station.sent if isinstance(sent, Outcome) and sent.job == "one"])[
        0
    ]
    assert first.result == "unknown" and "comes to no end" in first.detail and "is asked" in first.detail
    paying.clear()
    monkeypatch.setattr(zvt, "ACK_SECONDS", 5.0)
    told = last_word(station, "one")
    ended(station)
    assert (told.result, told.detail) == ("failed", payments.NOT_BOOKED)
