"""Card payments on an emulated ZVT terminal: charged once, or known not to be."""

import os
import random
import time
from pathlib import Path

import pytest

from hardware.agent import payments
from hardware.agent import worker as worker_module
from hardware.agent.drivers import zvt
from hardware.agent.drivers.base import DeviceUnavailable, OutcomeUnknown
from hardware.agent.drivers.zvt import ZvtTerminal
from hardware.agent.drivers.zvt_format import (
    Apdu,
    bcd,
    masked_card,
    read_apdu,
    read_fields,
    text_block,
    whole,
)
from hardware.agent.emulators.lines import TcpLine
from hardware.agent.emulators.terminal import EmulatedTerminal
from hardware.agent.journal import Journal
from hardware.agent.payments import TerminalWorker
from hardware.agent.protocol import Device, Job, Message, Outcome
from tests.hardware.lab_bench import Bench, until

PAYMENTS = int(os.environ.get("PAYMENTS", "300"))
STAGES = ["before", "progress", "read", "booked", "result", "completion"]


@pytest.fixture
def terminal(bench: Bench) -> EmulatedTerminal:
    return a_terminal(bench)


def a_terminal(bench: Bench, **settings) -> EmulatedTerminal:
    terminal = EmulatedTerminal(**settings)
    line = bench.do(TcpLine, terminal)
    bench.do(line.open)
    terminal.drop_line, terminal.line = line.drop, line
    bench._lines.append(line)
    return terminal


def device(terminal: EmulatedTerminal) -> Device:
    return Device(
        id="terminal", kind="terminal", driver="zvt", address=f"tcp://127.0.0.1:{terminal.line.port}"
    )


class FakeStation:
    """Journal and driver of a station, without its link."""

    def __init__(self, path: Path, terminal: EmulatedTerminal) -> None:
        self.journal, self._terminal, self.sent = Journal(path), terminal, []

    def send(self, message: Message) -> None:
        self.sent.append(message)

    def build(self, wanted: Device) -> ZvtTerminal:
        return ZvtTerminal(wanted)

    def outcome(self, job: str) -> str:
        return self.journal.state_of(job)


@pytest.fixture(autouse=True)
def sooner_sure(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as the emulated cardholder needs by himself, and not as long as a real one."""
    monkeypatch.setattr(payments, "SURE_SECONDS", 0.02)
    monkeypatch.setattr(zvt, "ABORT_SECONDS", 0.01)
    monkeypatch.setattr(payments, "ASK_AGAIN_SECONDS", (0.01, 0.02, 0.05, 0.1))


@pytest.fixture
def station(tmp_path: Path, terminal: EmulatedTerminal):
    station = FakeStation(tmp_path / "journal", terminal)
    station.worker = TerminalWorker(device(terminal), station)
    station.worker.start()
    yield station
    station.worker.stop()
    station.worker.join(5)
    station.journal.close()


def pay(station: FakeStation, job: str, amount: int = 994, **document) -> None:
    station.worker.add(
        Job(id=job, kind="payment", document={"do": "pay", "amount": amount} | document, expires_in=20)
    )


def known(station: FakeStation, job: str, seconds: float = 8) -> str:
    return until(
        lambda: (state := station.outcome(job)) in ("done", "failed", "cancelled") and state, seconds
    )


def test_the_frames_of_the_document() -> None:
    assert Apdu(0x0601, b"\x04" + bcd("994", 6)).encoded() == bytes.fromhex("06010704000000000994")
    long = Apdu(0x040F, bytes(300))
    assert long.encoded()[:5] == bytes.fromhex("040fff2c01")
    assert whole(long.encoded()) == 305
    assert whole(long.encoded()[:304]) == 0
    assert read_apdu(long.encoded()) == long
    fields = read_fields(bytes.fromhex("04000000000994270022f0f34020ff8bf0f3414243060345010c87000f99"))
    assert (fields[0x04].hex(), fields[0x27], fields[0x8B]) == ("000000000994", b"\x00", b"ABC")
    assert 0x99 not in fields


@pytest.mark.parametrize(
    ("digits", "kept"),
    [
        ("4020001234561234", "402000******1234"),
        ("5413330089020011ff", "541333******0011"),
        ("4020eeeeeeee1234", "402000"[:4] + "******"[:2] + "******1234"),
        ("1234", "****"),
    ],
)
def test_of_a_card_number_only_six_and_four_are_kept(digits: str, kept: str) -> None:
    assert masked_card(bytes.fromhex(digits)) == kept


def test_a_payment_is_approved_with_its_reference_and_its_receipt(terminal: EmulatedTerminal) -> None:
    told: list[str] = []
    begun: list[int] = []
    result = ZvtTerminal(device(terminal)).pay(994, begin=lambda: begun.append(1), tell=told.append)
    assert (result.approved, result.amount, result.trace, result.receipt) == (True, 994, 1, 1)
    assert (result.card, result.card_name, result.authorisation) == ("402000******1234", "VISA", "A1B2C3")
    assert result.lines[0] == "** CUSTOMER COPY **" and result.lines[-1] == "APPROVED"
    assert result.merchant_lines[0] == "** MERCHANT COPY **"
    assert told == ["Insert or tap the card.", "Please wait."]
    assert begun == [1]


@pytest.mark.parametrize(
    ("decision", "words"), [("decline", "no credit"), ("cancel", "Cancelled at the terminal")]
)
def test_no_approval_is_said_why(terminal: EmulatedTerminal, decision: str, words: str) -> None:
    terminal.decision = decision
    result = ZvtTerminal(device(terminal)).pay(994, begin=lambda: None, tell=lambda words: None)
    assert not result.approved
    assert words in result.words
    assert terminal.charged == 0


def test_a_completion_with_a_receipt_but_without_a_result_is_no_approval(bench: Bench) -> None:
    class Silent(EmulatedTerminal):
        def _transaction(self, kind: str, amount: int) -> None:
            self._say([Apdu(0x06D1, b"\x00NOT AUTHORISED").encoded(), Apdu(0x060F, b"\x27\x00").encoded()])

    terminal = Silent()
    line = bench.do(TcpLine, terminal)
    bench.do(line.open)
    terminal.drop_line, terminal.line = line.drop, line
    bench._lines.append(line)
    with pytest.raises(OutcomeUnknown, match=r"without a result\. It is asked"):
        ZvtTerminal(device(terminal)).pay(994, begin=lambda: None, tell=lambda words: None)


@pytest.mark.parametrize("decision", ["decline", "cancel"])
def test_the_slip_of_what_was_not_approved_is_told(
    station: FakeStation, terminal: EmulatedTerminal, decision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it comes before an abort."""
    terminal.decision, say = decision, terminal._say
    slip = Apdu(0x06D1, b"\x00BROKEN OFF").encoded()

    def say_with_slip(script: list[bytes], *booking) -> None:
        say([slip, *script] if script[-1][:2] == b"\x06\x1e" and len(script) > 1 else script, *booking)

    monkeypatch.setattr(terminal, "_say", say_with_slip)
    pay(station, "no")
    assert known(station, "no") == "failed"
    told = station.journal.outcome_of("no")
    assert told in station.sent
    if decision == "cancel":
        assert told.data == {"lines": ["BROKEN OFF"]}
    else:
        assert told.data["lines"][-1] == told.data["merchant_lines"][-1] == "DECLINED"
        assert set(told.data) == {"lines", "merchant_lines"}


def test_a_cashier_who_cancels_before_the_terminal_is_awake_is_heard(bench: Bench) -> None:
    """A terminal obeys an abort only while it waits for the card, so that it is asked until it does."""
    terminal = a_terminal(bench, decision="wait", step_seconds=0.3)
    result = ZvtTerminal(device(terminal)).pay(
        994, begin=lambda: None, tell=lambda words: None, is_cancelled=lambda: True
    )
    assert not result.approved and "Cancelled at the terminal" in result.words
    assert terminal.book == []


def test_a_till_that_the_terminal_does_not_register_is_told(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = a_terminal(bench)
    say = terminal._say
    monkeypatch.setattr(
        terminal, "_say", lambda script, *booking: say([Apdu(0x061E, b"\x6f").encoded()], *booking)
    )
    with pytest.raises(DeviceUnavailable, match="does not take this currency"):
        ZvtTerminal(device(terminal)).pay(994, begin=lambda: None, tell=lambda words: None)
    assert "currency" in ZvtTerminal(device(terminal)).status().words


def test_a_result_that_cannot_be_read_is_asked_for_and_not_taken_for_a_refusal(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = a_terminal(bench)
    fields = terminal._fields
    monkeypatch.setattr(terminal, "_fields", lambda booking: b"\x77\x01" + fields(booking))
    with pytest.raises(OutcomeUnknown, match="could not be read"):
        ZvtTerminal(device(terminal)).pay(994, begin=lambda: None, tell=lambda words: None)


@pytest.mark.parametrize(
    "optional",
    ["88000123", "8af0", "8c05", "92f0f0f2aabb", "9af0f0f1cc", "a7f0f2aabb", "aff0f0f1cc", "ba0102030405",
     "3cf0f1f2" + "41" * 12, "06820003450100", "0604df010101", "d1f0f1aa", "e1f0f241 42", "a000", "aa261129"],
)  # fmt: skip
def test_whatever_fields_come_before_it_the_result_is_read(optional: str) -> None:
    fields = read_fields(bytes.fromhex(optional + "2700" + optional + "0b000017"))
    assert (fields[0x27], fields[0x0B]) == (b"\x00", b"\x00\x00\x17")


def test_a_terminal_may_send_byte_by_byte_and_two_frames_at_once(bench: Bench) -> None:
    terminal = a_terminal(bench)
    driver = ZvtTerminal(device(terminal))
    opened, pieces = driver._opened, []

    def slow() -> object:
        line = opened()
        read = line.read

        def byte_by_byte(seconds: float) -> bytes:
            pieces.extend(read(seconds if not pieces else 0))
            return bytes((pieces.pop(0),)) if pieces else b""

        line.read = byte_by_byte
        return line

    driver._opened = slow
    assert driver.pay(994, begin=lambda: None, tell=lambda words: None).approved
    assert terminal.charged == 994


def test_what_a_terminal_still_had_to_say_comes_before_its_acknowledgement(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = a_terminal(bench)
    connected = terminal.connected

    def with_a_rest(reply) -> None:
        connected(reply)
        reply(Apdu(0x04FF, b"\x0c").encoded())

    monkeypatch.setattr(terminal, "connected", with_a_rest)
    assert ZvtTerminal(device(terminal)).pay(994, begin=lambda: None, tell=lambda words: None).approved


def test_a_terminal_that_is_well_is_not_registered_at_again_and_again(
    tmp_path: Path, terminal: EmulatedTerminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "POLL_SECONDS", 0.01)
    obey, obeyed = terminal._obey, []
    monkeypatch.setattr(terminal, "_obey", lambda apdu: (obeyed.append(apdu.code), obey(apdu)))
    station = FakeStation(tmp_path / "journal", terminal)
    worker = TerminalWorker(device(terminal), station)
    worker.start()
    until(lambda: worker.health)
    time.sleep(0.3)
    worker.stop()
    worker.join(5)
    station.journal.close()
    assert obeyed.count(0x0600) == 1


@pytest.mark.parametrize("stage", STAGES)
def test_a_line_that_breaks_is_unknown_from_the_first_byte_on(terminal: EmulatedTerminal, stage: str) -> None:
    driver = ZvtTerminal(device(terminal))
    driver.last_mark()

    def begin() -> None:
        terminal.cut_at = stage

    with pytest.raises(OutcomeUnknown, match="is asked"):
        driver.pay(994, begin=begin, tell=lambda words: None)


def test_a_terminal_that_is_away_is_not_begun(bench: Bench, terminal: EmulatedTerminal) -> None:
    bench.do(terminal.line.close)
    begun: list[int] = []
    with pytest.raises(DeviceUnavailable):
        ZvtTerminal(device(terminal)).pay(994, begin=lambda: begun.append(1), tell=lambda words: None)
    assert begun == []
    assert ZvtTerminal(device(terminal)).status().state == "absent"


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("decision", ["approve", "decline"])
def test_wherever_the_line_breaks_the_terminal_is_asked_and_nothing_is_charged_twice(
    station: FakeStation, terminal: EmulatedTerminal, stage: str, decision: str
) -> None:
    pay(station, "first", 100)
    assert known(station, "first") == "done"
    terminal.decision, terminal.cut_at = decision, ""
    arm_before_payment(station, terminal, stage)
    pay(station, "second")
    state = known(station, "second")
    booked = [booking for booking in terminal.book if booking.amount == 994 and booking.approved]
    assert (state == "done") == (len(booked) == 1)
    pay(station, "second")
    time.sleep(0.2)
    assert len([booking for booking in terminal.book if booking.amount == 994 and booking.approved]) == len(
        booked
    )


def arm_before_payment(station: FakeStation, terminal: EmulatedTerminal, stage: str) -> None:
    """Cut the line in the next payment, not in the questions before it."""
    begin = station.worker._begin

    def begin_and_cut(job, begun, data=None) -> None:
        begin(job, begun, data)
        terminal.cut_at = stage

    station.worker._begin = begin_and_cut


def test_a_killed_station_asks_when_it_is_back(
    bench: Bench, tmp_path: Path, terminal: EmulatedTerminal
) -> None:
    driver = ZvtTerminal(device(terminal))
    for job, decision in (("paid", "approve"), ("declined", "decline"), ("never", "approve")):
        journal = Journal(tmp_path / "journal")
        facts = {"device": "terminal", "do": "pay", "amount": 994, "trace": driver.last_mark()}
        driver.close()
        journal.begin(job, {"asks": facts})
        terminal.decision = decision
        if job != "never":
            driver.pay(994, begin=lambda: None, tell=lambda words: None)
        journal.close()  # killed: nothing was written about the end
        station = FakeStation(tmp_path / "journal", terminal)
        assert station.outcome(job) == "unknown"
        worker = TerminalWorker(device(terminal), station)
        worker.start()
        assert known(station, job) == ("done" if job == "paid" else "failed")
        worker.stop()
        worker.join(5)
        station.journal.close()
    assert terminal.charged == 994


def test_a_reversal_gives_the_money_back_once(station: FakeStation, terminal: EmulatedTerminal) -> None:
    pay(station, "sale")
    assert known(station, "sale") == "done"
    receipt = station.journal.outcome_of("sale").data["receipt"]
    for job in ("undo", "undo again"):
        pay(station, job, do="reverse", receipt=receipt)
        known(station, job)
    assert (station.outcome("undo"), station.outcome("undo again")) == ("done", "done")
    assert station.journal.outcome_of("undo again").detail == "It was reversed before."
    assert terminal.charged == 0


@pytest.mark.parametrize("amount", [0, -5, "ten", 1.5, True])
def test_nonsense_amounts_never_reach_the_terminal(
    station: FakeStation, terminal: EmulatedTerminal, amount
) -> None:
    pay(station, "odd", amount)
    assert known(station, "odd") == "failed"
    assert terminal.book == []


def test_another_transaction_in_between_stays_unknown(
    bench: Bench, tmp_path: Path, terminal: EmulatedTerminal
) -> None:
    journal = Journal(tmp_path / "journal")
    journal.begin("mine", {"asks": {"device": "terminal", "do": "pay", "amount": 994, "trace": 0}})
    journal.close()
    ZvtTerminal(device(terminal)).pay(100, begin=lambda: None, tell=lambda words: None)
    station = FakeStation(tmp_path / "journal", terminal)
    worker = TerminalWorker(device(terminal), station)
    worker.start()
    told = until(lambda: [message for message in station.sent if isinstance(message, Outcome)])
    assert told[-1].result == "unknown"
    assert "another one" in told[-1].detail
    worker.stop()
    worker.join(5)
    station.journal.close()


@pytest.mark.parametrize("stage", ["before", "progress", "read", "booked"])
def test_a_terminal_that_goes_on_alone_after_its_line_was_lost_charges_nobody_unseen(
    station: FakeStation, terminal: EmulatedTerminal, stage: str
) -> None:
    terminal.goes_on = True
    for job in ("earlier", "and another"):  # by the second it has told of the first
        pay(station, job, 50)
        assert known(station, job) == "done"
    arm_before_payment(station, terminal, stage)
    pay(station, "first")
    state = known(station, "first")
    pay(station, "second", 100)
    known(station, "second")
    booked = [booking for booking in terminal.book if booking.amount == 994 and booking.approved]
    assert (state == "done") == (len(booked) == 1), (state, terminal.book)
    assert state == ("done" if stage in ("read", "booked") else "failed")


def test_the_day_is_closed_with_its_report(station: FakeStation, terminal: EmulatedTerminal) -> None:
    pay(station, "sale")
    assert known(station, "sale") == "done"
    pay(station, "close", do="end_of_day", amount=0)
    assert known(station, "close") == "done"
    assert station.journal.outcome_of("close").data == {
        "report": ["End of day, 1 transactions", "Total 9.94"]
    }
    assert terminal.settled == 994
    assert terminal.book == []


@pytest.mark.parametrize(
    ("status", "state", "words"),
    [
        (0, "ready", "Ready"),
        (0x51, "attention", "day must be closed"),
        (0xDC, "attention", "Take the card out"),
    ],
)
def test_a_terminal_says_how_it_is(terminal: EmulatedTerminal, status: int, state: str, words: str) -> None:
    terminal.status = status
    health = ZvtTerminal(device(terminal)).status()
    assert health.state == state
    assert words in health.words


@pytest.mark.parametrize("do", ["pay", "reverse"])
def test_a_terminal_that_will_not_say_is_asked_until_it_does(
    bench: Bench, tmp_path: Path, terminal: EmulatedTerminal, monkeypatch: pytest.MonkeyPatch, do: str
) -> None:
    ZvtTerminal(device(terminal)).pay(994, begin=lambda: None, tell=lambda words: None)
    refusals, repeat = [0x9C, 0xFF, 0xA0], terminal._repeat

    def refuse_at_first() -> None:
        terminal._say([Apdu(0x061E, bytes((refusals.pop(),))).encoded()]) if refusals else repeat()

    monkeypatch.setattr(terminal, "_repeat", refuse_at_first)
    journal = Journal(tmp_path / "journal")
    journal.begin("mine", {"asks": {"device": "terminal", "do": do, "amount": 994, "trace": 0}})
    journal.close()
    station = FakeStation(tmp_path / "journal", terminal)
    worker = TerminalWorker(device(terminal), station)
    worker.start()
    assert known(station, "mine") == "done"
    assert refusals == []
    worker.stop()
    worker.join(5)
    station.journal.close()


def test_a_text_block_with_the_kind_of_its_receipt() -> None:
    """Tags such as 1F 07 take two bytes, and lengths may take two."""
    inner = bytes.fromhex("0901040703414243") + bytes.fromhex("09010407014409010407") + b"\x81\x03E F"
    block = b"\x1f\x07\x01\x02" + b"\x25\x81" + bytes((len(inner),)) + inner + b"\x1f\x37\x01\x00"
    assert text_block(b"\x06\x81" + bytes((len(block),)) + block) == ["ABC", "D", "E F"]


def test_a_text_block_may_be_nested_as_deeply_as_a_packet_is_long() -> None:
    """A terminal gone mad must not end the station: 16,000 containers, one in the other."""
    block = b"\x07\x02HI"
    while len(block) < 0xFFF0:
        block = b"\x06\x82" + len(block).to_bytes(2, "big") + block
    assert text_block(block) == ["HI"]


def test_text_blocks_that_are_cut_short_end_early() -> None:
    block = bytes.fromhex("060a2508070341424307014400")
    assert text_block(block) == ["ABC", "D"]
    for size in range(len(block)):
        assert all(line in ("ABC", "AB", "A", "D", "") for line in text_block(block[:size]))


@pytest.mark.timeout(4 * 3600 if PAYMENTS > 1000 else 120)
def test_payments_of_which_one_in_ten_goes_wrong(
    bench: Bench, station: FakeStation, terminal: EmulatedTerminal, tmp_path: Path
) -> None:
    """PAYMENTS=100000 is the long form. None charged twice; each approved one is a sale or was reversed."""
    dice, sold, owed = random.Random(7), 0, 0
    plan: dict[str, str] = {}
    terminal.goes_on = True

    def cut_where_planned(worker: TerminalWorker) -> None:
        begin = worker._begin

        def begin_and_cut(job, begun, data=None) -> None:
            begin(job, begun, data)
            terminal.cut_at = plan.pop(job.id, "")

        worker._begin = begin_and_cut

    cut_where_planned(station.worker)
    for number in range(PAYMENTS):
        job, amount = f"job-{number}", 1000 + number
        if dice.random() < 1 / 10:
            plan[job] = dice.choice(STAGES)
        terminal.decision = dice.choices(["approve", "decline", "cancel"], [8, 1, 1])[0]
        before = len(terminal.book)
        pay(station, job, amount)
        state = known(station, job, 30)
        booked = [booking for booking in terminal.book[before:] if booking.approved]
        assert [booking.amount for booking in booked] == ([amount] if state == "done" else []), (job, state)
        if state == "done" and dice.random() < 1 / 50:  # the sale was given up: the money goes back
            terminal.decision = "approve"
            pay(
                station,
                f"undo-{number}",
                do="reverse",
                receipt=station.journal.outcome_of(job).data["receipt"],
            )
            assert known(station, f"undo-{number}", 30) == "done"
        elif state == "done":
            sold, owed = sold + 1, owed + amount
        if dice.random() < 1 / 200:  # the station is killed and started again
            station.worker.stop()
            station.worker.join(10)
            station.journal.close()
            station.journal = Journal(tmp_path / "journal")
            station.worker = TerminalWorker(device(terminal), station)
            cut_where_planned(station.worker)
            station.worker.start()
        if number % 1000 == 999:
            terminal.forget_settled()
            station.sent.clear()
    assert terminal.charged + terminal.settled == owed
    assert sold > PAYMENTS // 2
