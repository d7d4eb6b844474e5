"""Printing while everything goes wrong: nothing lost in silence, nothing twice, every unknown told.

FAULT_JOBS=10000 runs the long form.
"""

import os
import random
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from hardware.agent import worker as workers
from hardware.agent.drivers import printer as printer_driver
from hardware.agent.drivers import printer_talk
from hardware.agent.drivers.base import Health
from hardware.agent.drivers.printer import EscPosPrinter
from hardware.agent.emulators.paper import Cut, Line
from hardware.agent.emulators.printer import EmulatedPrinter
from hardware.agent.journal import Journal
from hardware.agent.protocol import Acknowledge, Device, Job, Message, Outcome
from hardware.agent.worker import JobWorker
from tests.hardware.lab_bench import Bench, printer_device, receipt, until

JOBS = int(os.environ.get("FAULT_JOBS", "80"))
BYTES = 900


class PrintingStation:
    """Journal and driver of a station, without its link."""

    def __init__(self, path: Path) -> None:
        self.journal = Journal(path)
        self.outcomes: list[Outcome] = []
        self.said: dict[str, str] = {}

    def send(self, message: Message) -> None:
        if isinstance(message, Acknowledge):
            self.said[message.job] = message.words
        if isinstance(message, Outcome):
            self.outcomes.append(message)

    def build(self, device: Device) -> EscPosPrinter:
        return EscPosPrinter(device)


def receipts_on(printer: EmulatedPrinter) -> Counter:
    """How often each receipt came out whole: its last line and the cut behind it."""
    found: Counter = Counter()
    last = ""
    for mark in printer.marks:
        if isinstance(mark, Line):
            last = "".join(run.text for run in mark.runs).strip()
        elif isinstance(mark, Cut) and last.startswith("Receipt "):
            found[last] += 1
            last = ""
    return found


def strike(dice: random.Random, printer: EmulatedPrinter) -> None:
    """One fault, at a random byte of the next receipt."""
    at = dice.randrange(BYTES)
    match dice.choice(["paper", "cover", "power", "line", "answers", "doubled", "noise"]):
        case "paper":
            printer.faults.paper_out_after = at
        case "cover":
            printer.faults.cover_after = at
        case "power":
            printer.faults.power_off_after = at
        case "line":
            printer.faults.drop_after = at
        case "answers":
            printer.faults.lose_answers = True
        case "doubled":
            printer.faults.double_answers = True
        case "noise":
            printer.faults.garbage = True


def mend(bench: Bench, printer: EmulatedPrinter) -> None:
    """Somebody comes and puts everything right."""
    faults = printer.faults
    faults.paper_out_after = faults.cover_after = faults.power_off_after = faults.drop_after = None
    faults.lose_answers = faults.double_answers = faults.garbage = False
    bench.do(printer.set, has_paper=True, cover_open=False)
    if not printer.power:
        bench.do(printer.switch, True)


@pytest.mark.timeout(3600 if JOBS > 1000 else 180)
def test_a_fault_in_every_second_job(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printer_driver, "PROOF_SECONDS", 0.25)
    monkeypatch.setattr(printer_talk, "ANSWER_SECONDS", 0.15)
    dice = random.Random(11)
    printer, line = bench.printer()
    station = PrintingStation(tmp_path / "journal")
    worker = JobWorker(printer_device(line), station)
    worker.start()
    for number in range(JOBS):
        if number % 2:
            bench.do(strike, dice, printer)
        job = Job(id=f"job-{number}", kind="print", document=receipt(number), expires_in=30)
        worker.add(job)
        if dice.random() < 0.2:
            worker.add(job)  # sent twice
        if number % 2:
            until(partial(told_or_stuck, station, job, printer), 20)
            mend(bench, printer)
        until(partial(is_told, station, job), 20)
        until(partial(owes_nothing, worker), 40)
        if dice.random() < 0.05:  # killed and started again
            worker.stop()
            worker.join(10)
            station.journal.close()
            station = PrintingStation(tmp_path / "journal")
            worker = JobWorker(printer_device(line), station)
            worker.start()
    worker.stop()
    worker.join(10)
    came_out = receipts_on(printer)
    states = {number: station.journal.state_of(f"job-{number}") for number in range(JOBS)}
    assert set(states.values()) <= {"done", "unknown"}
    for number, state in states.items():
        times = came_out[f"Receipt {number}"]
        assert times <= 1, f"Receipt {number} came out {times} times"
        assert state == "unknown" or times == 1, f"Receipt {number} is {state} and came out {times} times"
    counted = Counter(states.values())
    assert counted["done"] >= JOBS // 2
    assert counted["unknown"] > 0, "the faults have struck nothing"
    station.journal.close()


def test_receipts_come_out_while_a_drawer_rests_between_two_pulses(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # two receipts take less on a busy machine, too
    monkeypatch.setattr(printer_driver, "PULSE_APART_SECONDS", 5.0)
    printer, line = bench.printer()
    station = PrintingStation(tmp_path / "journal")
    worker = JobWorker(printer_device(line), station)
    for name in ("first", "second"):
        worker.add(Job(id=name, kind="drawer", document={}, priority=1, expires_in=30))
    for number in (1, 2):
        worker.add(Job(id=f"receipt-{number}", kind="print", document=receipt(number), expires_in=30))
    worker.start()
    until(lambda: len(station.outcomes) == 4)
    worker.stop()
    worker.join(10)
    assert [outcome.job for outcome in station.outcomes] == ["first", "receipt-1", "receipt-2", "second"]
    assert printer.drawers[0].kicks == 2
    station.journal.close()


def test_a_receipt_behind_a_drawer_that_the_printer_cannot_open_is_told_why(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printer_talk, "ANSWER_SECONDS", 0.05)
    printer, line = bench.printer()
    printer.faults.lose_answers = True
    station = PrintingStation(tmp_path / "journal")
    worker = JobWorker(printer_device(line), station)
    worker.add(Job(id="drawer", kind="drawer", document={}, priority=1, expires_in=20))
    worker.add(Job(id="receipt", kind="print", document=receipt(), expires_in=30))
    worker.start()
    until(lambda: "does not answer" in station.said.get("receipt", ""), 5)
    printer.faults.lose_answers = False
    until(lambda: len(station.outcomes) == 2)
    worker.stop()
    worker.join(10)
    assert {outcome.result for outcome in station.outcomes} == {"done"}
    station.journal.close()


def is_told(station: PrintingStation, job: Job) -> bool:
    return station.journal.state_of(job.id) not in (None, "begun")


def told_or_stuck(station: PrintingStation, job: Job, printer: EmulatedPrinter) -> bool:
    return is_told(station, job) or not printer.online or printer.faults.lose_answers


def owes_nothing(worker: JobWorker) -> bool:
    return worker._owed is None


def test_a_fault_of_the_program_is_logged_once_and_the_device_said_not_to_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Each turn wrote where it happened, until the log had turned over; the device had no state."""
    turns: list[str] = []

    class Faulty(PrintingStation):
        def build(self, device: Device) -> EscPosPrinter:
            turns.append(device.id)
            raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr(workers, "FAULT_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(workers, "POLL_SECONDS", 0.01)
    printer = Device(id="printer", kind="printer", driver="escpos", address="tcp://127.0.0.1:9")
    thread = JobWorker(printer, Faulty(tmp_path / "journal"))
    thread.start()
    until(lambda: len(turns) > 3)
    thread.stop()
    thread.join(5)
    assert thread.health.state == "absent" and "See its log." in thread.health.words
    once = ["The driver of printer failed"]
    assert [record.getMessage() for record in caplog.records if record.exc_info] == once
    thread.say(Health("ready", "Ready."))
    thread.note_fault(ZeroDivisionError("a fault of ours"))  # a day later it is news again
    assert [record.getMessage() for record in caplog.records if record.exc_info] == 2 * once
