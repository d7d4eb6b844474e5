"""ZVT over a serial line: frames, checksums and confirmations, on a real pty and through the same driver."""

from __future__ import annotations

from pathlib import Path

import pytest

from hardware.agent import payments
from hardware.agent.devices import build_driver
from hardware.agent.drivers import zvt, zvt_serial
from hardware.agent.drivers.base import OutcomeUnknown
from hardware.agent.drivers.zvt import ZvtTerminal
from hardware.agent.drivers.zvt_serial import checksum, framed, take_frame
from hardware.agent.emulators.terminal import EmulatedTerminal
from hardware.agent.emulators.zvt_serial import SerialZvt
from hardware.agent.payments import TerminalWorker
from hardware.agent.protocol import Device
from tests.hardware.lab_bench import Bench
from tests.hardware.test_payments import FakeStation, known, pay


@pytest.fixture(autouse=True)
def quicker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for a line that is dead costs as little as it can on a busy machine."""
    monkeypatch.setattr(zvt_serial, "CONFIRM_SECONDS", 0.5)
    monkeypatch.setattr(zvt, "ABORT_SECONDS", 0.05)
    monkeypatch.setattr(zvt, "PAYMENT_SECONDS", 1.0)
    monkeypatch.setattr(payments, "SURE_SECONDS", 0.1)
    monkeypatch.setattr(payments, "ASK_AGAIN_SECONDS", (0.05, 0.1, 0.2))


class SerialTerminal:
    """A terminal on a pty."""

    def __init__(self, bench: Bench) -> None:
        self.terminal = EmulatedTerminal()
        self.frames = SerialZvt(self.terminal, unplugged_seconds=0.3)
        self.terminal.drop_line = self.frames.drop
        self.line = bench.pty(self.frames)
        self.device = Device(
            id="terminal", kind="terminal", driver="zvt_serial", address=f"serial:{self.line.path}"
        )

    def driver(self) -> ZvtTerminal:
        return build_driver(self.device, ())

    def pay(self, amount: int = 994):
        said: list[str] = []
        return self.driver().pay(amount, begin=lambda: None, tell=said.append), said


@pytest.fixture
def serial(bench: Bench) -> SerialTerminal:
    return SerialTerminal(bench)


def test_the_frame_of_the_document() -> None:
    apdu = bytes.fromhex("060F0BF0F0F7322E31342E313500")
    assert checksum(apdu + b"\x03").to_bytes(2, "little") == bytes.fromhex("B111")
    assert framed(apdu) == bytes.fromhex("1002" + apdu.hex() + "1003B111")


@pytest.mark.parametrize("apdu", [b"\x06\x10\x02\x10\x10", bytes(range(256)), b"\x10" * 20, b"\x80\x00\x00"])
def test_every_frame_comes_out_as_it_went_in_and_is_whole_only_at_its_end(apdu: bytes) -> None:
    frame = framed(apdu)
    assert take_frame(b"noise" + frame + b"\x06") == (apdu, 5 + len(frame))
    assert all(take_frame(frame[:end])[0] is None for end in range(len(frame)))
    broken = frame[:-1] + bytes((frame[-1] ^ 1,))
    assert take_frame(broken) == (b"", len(broken))


def test_a_payment_is_approved_and_reversed(serial: SerialTerminal) -> None:
    result, said = serial.pay()
    assert result.approved and result.amount == 994 and said
    back = serial.driver().reverse(result.receipt, begin=lambda: None, tell=lambda words: None)
    assert back.approved and serial.terminal.charged == 0
    assert serial.driver().status().state == "ready"


@pytest.mark.parametrize("fault", ["breaks", "mishears", "forgets"])
def test_what_comes_broken_is_sent_again_and_counts_once(serial: SerialTerminal, fault: str) -> None:
    for _ in range(4):
        setattr(serial.frames, fault, 1)
        result, _ = serial.pay()
        assert result.approved
    assert [booking.amount for booking in serial.terminal.book] == [994] * 4


def test_a_line_that_is_only_noise_is_unknown_once_the_payment_was_sent(serial: SerialTerminal) -> None:
    def begin() -> None:
        serial.frames.breaks = 10_000

    with pytest.raises(OutcomeUnknown):
        serial.driver().pay(994, begin=begin, tell=lambda words: None)


@pytest.mark.parametrize("stage", ["before", "progress", "booked", "result", "completion"])
def test_wherever_the_plug_is_pulled_the_terminal_is_asked_and_nothing_is_charged_twice(
    serial: SerialTerminal, tmp_path: Path, stage: str
) -> None:
    station = FakeStation(tmp_path / "journal", serial.terminal)
    station.worker = TerminalWorker(serial.device, station)
    station.worker.start()
    try:
        for job in ("earlier", "and another"):  # by the second it has told of the first
            pay(station, job, 50)
            assert known(station, job, 20) == "done"
        serial.terminal.cut_at = stage
        pay(station, "first")
        outcome = known(station, "first", 20)
        booked = [booking for booking in serial.terminal.book if booking.approved and booking.amount != 50]
        assert (outcome == "done") == (len(booked) == 1)
        assert len(booked) <= 1
    finally:
        station.worker.stop()
        station.worker.join(10)
        station.journal.close()
