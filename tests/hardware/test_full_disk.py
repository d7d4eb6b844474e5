"""A station whose own disk is full, read-only or broken: it is told, nothing is lost and nothing comes out twice."""

import os
import resource
import shutil
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

import pytest
from django.utils import timezone

from hardware.agent import worker
from hardware.agent.check import check_devices
from hardware.agent.config import Identity, StateFolder
from hardware.agent.drivers.base import DeviceUnavailable
from hardware.agent.drivers.escpos import load_library
from hardware.agent.emulators.paper import Cut
from hardware.agent.link import Link
from hardware.agent.patient_journal import PatientJournal, is_trouble, words_for
from hardware.agent.protocol import Acknowledge, Job, Outcome, Profile, Status
from hardware.alerts import alerts
from hardware.models import DeviceJob
from hardware.port import HardwareStationPort
from hardware.services.jobs import queue_job
from hardware.services.standings import standings
from hardware.states import JobState
from hq.models import HardwareStation, Register
from pos.pages.context import device_marks
from tests.hardware.company import a_store_with_a_station
from tests.hardware.lab_bench import Bench, printer_device, receipt, until
from tests.hardware.stations import Server, StationProgram, settled
from tests.hardware.test_faults import PrintingStation
from tests.hardware.test_station import counter, print_one, start_station

NO_MORE, NO_LIMIT = 0, resource.RLIM_INFINITY


def write_at_most(program: StationProgram, size: int) -> None:
    """From now on no file of the program may grow beyond this: every write fails, as on a disk that is full."""
    resource.prlimit(program.process.pid, resource.RLIMIT_FSIZE, (size, NO_LIMIT))


def stop_writing(journal: PatientJournal, stop: bool = True) -> None:
    """SQLite itself refuses each write, as it does on a disk that can only be read."""
    journal._db.execute(f"PRAGMA query_only={'ON' if stop else 'OFF'}")


def that_has_printed(
    server: Server, devices: list[dict], state: Path
) -> tuple[HardwareStation, Register, StationProgram]:
    """A station of one register, and its program, which has printed one receipt."""
    station = a_store_with_a_station(devices=devices)
    register = Register.objects.get()
    program = start_station(server, station, state)
    print_one(register)
    settled(1)
    return station, register, program


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def journal(tmp_path: Path, told: list[str]) -> PatientJournal:
    journal = PatientJournal(tmp_path / "journal.sqlite3", told.append)
    yield journal
    journal.close()


def test_nothing_is_begun_that_cannot_be_written_down(journal: PatientJournal, told: list[str]) -> None:
    stop_writing(journal)
    for _ in range(2):
        with pytest.raises(DeviceUnavailable, match="cannot be written") as refused:
            journal.begin("a")
    assert refused.value.health.state == "stopped"
    assert isinstance(journal.begin_aside("a").exception(), DeviceUnavailable)
    assert journal.state_of("a") is None
    assert len(told) == 1 and "Use another station, or mend the disk." in told[0]
    stop_writing(journal, stop=False)
    assert journal.begin("a") and not journal.begin("a")
    assert told[1:] == [""]


def test_what_ended_meanwhile_is_known_and_written_later(journal: PatientJournal) -> None:
    for job in ("printed", "doubted"):
        journal.begin(job)
    stop_writing(journal)
    journal.finish(Outcome(job="printed", result="done", detail="Printed."))
    journal.finish(Outcome(job="printed", result="unknown"))
    journal.finish(Outcome(job="doubted", result="unknown", data={"asks": {}}))
    journal.finish(Outcome(job="late", result="failed"))
    assert [journal.state_of(job) for job in ("printed", "doubted", "late")] == ["done", "unknown", "failed"]
    assert journal.outcome_of("printed").detail == "Printed."
    assert {one.job for one in journal.unanswered_outcomes()} == {"printed", "doubted", "late"}
    assert [one.job for one in journal.unknown_with_data()] == ["doubted"]
    journal.finish(Outcome(job="doubted", result="done"))
    journal.answered("printed", "done")
    stop_writing(journal, stop=False)
    journal.probe()
    rows = dict(journal._db.execute("SELECT id, state FROM job").fetchall())
    assert rows == {"printed": "done", "doubted": "done", "late": "failed"}
    assert journal.trouble == ""


def test_what_was_not_begun_after_all_may_begin_when_the_disk_has_healed(journal: PatientJournal) -> None:
    assert journal.begin("a")
    stop_writing(journal)
    journal.take_back("a")
    assert journal.state_of("a") is None
    with pytest.raises(DeviceUnavailable):
        journal.begin("a")
    stop_writing(journal, stop=False)
    assert journal.begin("a") and journal.state_of("a") == "begun"


def test_scans_go_on_without_the_disk(journal: PatientJournal) -> None:
    before = journal.keep_event("scanner", "scan", {"code": "1"})
    stop_writing(journal)
    meanwhile = [journal.keep_event("scanner", "scan", {"code": str(n)}) for n in range(600)]
    held = journal.unanswered_events(1000)
    assert held[0].event_id == before.event_id
    assert [event.data["code"] for event in held[-2:]] == ["598", "599"] and len(held) == 501
    journal.forget_events([event.event_id for event in [before, *meanwhile]])
    stop_writing(journal, stop=False)
    assert [event.event_id for event in journal.unanswered_events()] == [before.event_id]


@pytest.mark.parametrize("hours", [-7, 7])
def test_a_scan_is_as_old_as_it_is_when_the_clock_is_set_meanwhile(
    journal: PatientJournal, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    journal.keep_event("scanner", "scan", {"code": "1"})
    stop_writing(journal)
    journal.keep_event("scanner", "scan", {"code": "2"})
    wall, steady = time.time, time.monotonic
    monkeypatch.setattr(time, "time", lambda: wall() + hours * 3600)
    monkeypatch.setattr(time, "monotonic", lambda: steady() + 60)
    assert [60 <= event.age < 65 for event in journal.unanswered_events()] == [True, True]


def test_an_error_of_ours_is_not_taken_for_the_disk(journal: PatientJournal, told: list[str]) -> None:
    with pytest.raises(sqlite3.ProgrammingError):
        journal._write(lambda: journal._db.execute("SELECT ?"))
    assert told == []


class Holder:
    """What a link needs of a station here."""

    def __init__(self, folder: StateFolder) -> None:
        self.folder = folder


def test_a_profile_that_cannot_be_kept_is_driven_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    link = Link(Holder(StateFolder(tmp_path)), Identity(server="http://x", key="first", station=1))
    profile = Profile(version="1", station="Harbour Street", devices=[])
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", lambda descriptor: (_ for _ in ()).throw(OSError(28, "No space left")))
        link._keep(profile)
    assert "No space left" in caplog.text and StateFolder(tmp_path).profile() is None
    link._keep(profile)
    assert StateFolder(tmp_path).profile() == profile


def test_check_says_that_the_folder_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    StateFolder(tmp_path).keep_profile(Profile(version="1", station="Harbour Street", devices=[]))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (NO_MORE, hard))
    try:
        broken = check_devices(StateFolder(tmp_path), "")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert broken == 1 and "cannot be written (File too large). Make room" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["profile.json"]
    assert check_devices(StateFolder(tmp_path), "") == 0


def test_a_printer_does_not_go_up_and_down_with_its_station_s_disk(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice a second it was stopped and ready again, at headquarters, at the till and in the log of that full disk."""
    monkeypatch.setattr(worker, "WATCH_SECONDS", 0.05)
    _, line = bench.printer()
    station, told = PrintingStation(tmp_path / "other"), []
    station.journal = PatientJournal(tmp_path / "journal")
    monkeypatch.setattr(station, "send", lambda message: told.append(message))
    stop_writing(station.journal)
    thread = worker.JobWorker(printer_device(line), station)
    thread.add(Job(id="receipt", kind="print", document=receipt()))
    thread.start()
    until(
        lambda: [
            one for one in told if isinstance(one, Acknowledge) and "disk cannot be written" in one.words
        ]
    )
    asked = thread._asked_at
    until(lambda: thread._asked_at > asked)
    stop_writing(station.journal, stop=False)
    until(lambda: [one for one in told if isinstance(one, Outcome)])
    thread.stop()
    thread.join(5)
    station.journal.close()
    assert {one.state for one in told if isinstance(one, Status)} == {"ready"}


def test_a_receipt_waits_where_the_library_of_printers_finds_no_room(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It writes a file when it is loaded; a program that started on a full disk called the receipt failed."""
    printer, line = bench.printer()
    station = PrintingStation(tmp_path / "journal")
    thread = worker.JobWorker(printer_device(line), station)
    with monkeypatch.context() as full:
        load_library.cache_clear()
        no_room = OSError(28, "No space left on device")
        full.setattr(tempfile, "TemporaryDirectory", lambda **where: (_ for _ in ()).throw(no_room))
        thread.start()
        until(lambda: thread.health and thread.health.state == "ready")
        thread.add(Job(id="receipt", kind="print", document=receipt()))
        until(lambda: "No space left on device" in station.said.get("receipt", ""))
        assert not station.outcomes and thread.health.state == "ready"
    until(lambda: station.outcomes)
    thread.stop()
    thread.join(5)
    assert station.outcomes[0].result == "done" and printer.cuts == 1


@pytest.mark.parametrize("part", ["journal", "job", "unanswered_job", "event", "answered"])
def test_a_journal_with_damage_anywhere_is_not_opened(tmp_path: Path, part: str) -> None:
    """It was, and ended the program, or one receipt's turn, wherever that part was read first."""
    path = tmp_path / "journal.sqlite3"
    PatientJournal(path).close()
    with closing(sqlite3.connect(path)) as looked_into:
        (size,) = looked_into.execute("PRAGMA page_size").fetchone()
        find = "SELECT rootpage FROM sqlite_schema WHERE name = ?"
        (page,) = looked_into.execute(find, (part,)).fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xa5" * size)
    with pytest.raises(sqlite3.DatabaseError) as damaged:
        PatientJournal(path)
    assert is_trouble(damaged.value) and "journal is damaged" in words_for(damaged.value)


@pytest.mark.system
def test_a_log_that_cannot_be_written_stops_nothing(server: Server, bench: Bench, tmp_path: Path) -> None:
    printer, _, devices = counter(bench)
    station = a_store_with_a_station(devices=devices)
    program = start_station(server, station, tmp_path)
    program.stop()
    shutil.rmtree(tmp_path / "log")
    (tmp_path / "log").write_text("in the way, as a disk that can only be read is")
    program.start()
    print_one(Register.objects.get())
    settled(1)
    program.stop()
    assert printer.cuts == 1


@pytest.mark.system
def test_receipts_wait_for_a_full_disk_and_come_out_once(
    server: Server, bench: Bench, tmp_path: Path
) -> None:
    printer, scanner, devices = counter(bench)
    station, register, program = that_has_printed(server, devices, tmp_path)
    port = HardwareStationPort()
    write_at_most(program, NO_MORE)
    print_one(register, 2)
    waits = until(lambda: DeviceJob.objects.filter(state=JobState.ACKNOWLEDGED).first())
    until(lambda: port.view(register.pk).words)
    waits.refresh_from_db()
    view, standing = port.view(register.pk), standings()[station.pk]
    assert (
        view.connected
        and "receipts wait. Use another station" in view.words == waits.words == standing.trouble
    )
    assert [mark.before_sale for mark in device_marks(view) if mark.before_sale] == [view.words]
    assert view.words in port.stations(register.pk)[0].words and port.printers(register.pk) == []
    assert alerts(standing, timezone.now())[0].sentence == standing.trouble and not standing.is_calm
    bench.do(scanner.scan, "5000159461122")
    queue_job(register_id=register.pk, kind="drawer", document={"connector": 1}, title="Open", lives_for=None)
    assert printer.cuts == 1
    write_at_most(program, NO_LIMIT)
    assert {job.state for job in settled(3)} <= {JobState.DONE, JobState.FAILED}
    until(lambda: port.view(register.pk).words == "")
    assert DeviceJob.objects.get(title="Receipt 2").state == JobState.DONE
    program.kill()
    program.start()
    print_one(register, 3)
    settled(4)
    program.stop()
    assert [printer.cuts, sum(isinstance(mark, Cut) for mark in printer.marks)] == [3, 3]
    assert "printer is stopped" not in program.log.read_text(), (
        "it was well, and went up and down all the while"
    )


@pytest.mark.system
def test_a_station_that_starts_on_a_broken_disk_says_so_and_begins_when_it_has_healed(
    server: Server, bench: Bench, tmp_path: Path
) -> None:
    printer, _, devices = counter(bench)
    _, register, program = that_has_printed(server, devices, tmp_path)
    port = HardwareStationPort()
    program.stop()
    good = (tmp_path / "journal.sqlite3").read_bytes()
    (tmp_path / "journal.sqlite3").write_bytes(b"no database " * 400)
    print_one(register, 2)
    program.start()
    view = until(lambda: (view := port.view(register.pk)).words and view.connected and view)
    assert "or move journal.sqlite3 away." in view.words
    assert DeviceJob.objects.get(title="Receipt 2").state == JobState.QUEUED
    (tmp_path / "journal.sqlite3").write_bytes(good)
    assert {job.state for job in settled(2)} == {JobState.DONE}
    until(lambda: port.view(register.pk).words == "")
    program.stop()
    assert printer.cuts == 2
