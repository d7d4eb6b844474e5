"""The whole way: a row on the server, a station program, bytes at a printer, and the word back."""

import signal
import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from websockets.sync.client import connect

from hardware import consumers
from hardware.agent import clock
from hardware.agent.config import StateFolder
from hardware.agent.emulators.display import EmulatedDisplay
from hardware.agent.emulators.lines import TcpLine
from hardware.agent.emulators.scale import EmulatedScale
from hardware.agent.emulators.terminal import EmulatedTerminal
from hardware.agent.link import TICK_SECONDS
from hardware.agent.protocol import Take
from hardware.alerts import alerts
from hardware.models import DeviceJob, PairingAttempt, StationEvent, StationStatus
from hardware.port import HardwareStationPort
from hardware.services.jobs import queue_job
from hardware.services.pairing import issue_code, revoke_station
from hardware.services.standings import standings
from hardware.states import JobState
from hq import station_events
from hq.models import HardwareStation, Register
from hq.station_port import JobRequest
from tests.hardware.company import a_store_with_a_station, change_device
from tests.hardware.lab_bench import Bench, receipt, until
from tests.hardware.stations import Server, StationProgram, settled

pytestmark = pytest.mark.system


def counter(bench: Bench) -> tuple:
    """A printer with a drawer and a scanner, and the profile rows that name them."""
    printer, line = bench.printer()
    scanner, pty = bench.scanner()
    return (
        printer,
        scanner,
        [
            {
                "name": "printer",
                "kind": "printer",
                "driver": "escpos_network",
                "address": f"127.0.0.1:{line.port}",
            },
            {"name": "drawer", "kind": "drawer", "driver": "drawer", "address": "printer"},
            {"name": "scanner", "kind": "scanner", "driver": "scanner_serial", "address": pty.path},
        ],
    )


def start_station(server: Server, station: HardwareStation, state: Path) -> StationProgram:
    program = StationProgram(server.address, state, "--pair", issue_code(station=station))
    program.start()
    until(lambda: StationStatus.objects.filter(station=station, connection__isnull=False).exists(), 15)
    return program


def print_one(register: Register, number: int = 1, **changes) -> None:
    queue_job(
        register_id=register.pk, kind="print", document=receipt(number), title=f"Receipt {number}", **changes
    )


@pytest.fixture
def heard(monkeypatch) -> list:
    """What the till's handlers would be told; the till itself is not here."""
    events: list = []
    monkeypatch.setattr(station_events, "_handlers", {})
    for kind in ("scan", "drawer", "status", "job", "station", "weight"):
        station_events.register_handler(kind, events.append)
    return events


def test_a_station_pairs_prints_kicks_the_drawer_and_scans(server, bench, tmp_path, heard) -> None:
    printer, scanner, devices = counter(bench)
    station = a_store_with_a_station(devices=devices)
    register = Register.objects.get()
    port = HardwareStationPort()
    assert "not paired" in port.view(register.pk).words
    program = start_station(server, station, tmp_path)
    try:
        print_one(register)
        queue_job(register_id=register.pk, kind="drawer", document={"connector": 1}, title="Open drawer")
        assert {job.state for job in settled(2)} == {JobState.DONE}
        assert printer.cuts == 1
        assert printer.drawers[0].kicks == 1
        until(lambda: scanner.scans or bench.do(scanner.scan, "5000159461122"))
        until(lambda: [event for event in heard if event.kind == "scan"])
        scans = [event for event in heard if event.kind == "scan"]
        assert [(event.register_id, event.data["code"]) for event in scans] == [
            (register.pk, "5000159461122")
        ]
        bench.do(printer.drawers[0].push_shut)
        until(lambda: [event for event in heard if event.kind == "drawer" and event.data == {"open": False}])
        view = until(lambda: (view := port.view(register.pk)).devices[0].state != "unknown" and view)
        assert view.connected
        assert {device.name for device in view.devices} == {"Receipt printer", "Cash drawer", "Scanner"}
        assert program.memory_mb() < 60
    finally:
        program.stop()
    until(lambda: not port.view(register.pk).connected)
    assert "away" in port.view(register.pk).words


def test_a_drawer_of_a_connector_that_there_is_not_stays_shut_and_says_why(server, bench, tmp_path) -> None:
    """Such a value is older than the check of the form; it opened whatever hung on the first connector."""
    printer, _, devices = counter(bench)
    devices[1]["options"] = {"connector": "left"}
    station = a_store_with_a_station(devices=devices)
    register = Register.objects.get()
    program = start_station(server, station, tmp_path)
    queue_job(register_id=register.pk, kind="drawer", document={"connector": 1}, title="Open drawer")
    (job,) = settled(1)
    what_to_enter = "connector: enter 1 or 2, not left."
    assert (job.state, job.words) == (JobState.FAILED, what_to_enter)
    until(
        lambda: (
            (told := StationStatus.objects.get().devices.get("drawer"))
            and (told["state"], told["words"]) == ("absent", what_to_enter)
        )
    )
    program.stop()
    assert not any(drawer.kicks for drawer in printer.drawers)


def stands_still(process: int) -> bool:
    """Whether each thread of the process has been stopped."""
    threads = Path(f"/proc/{process}/task").glob("*/stat")
    return all(thread.read_text().rpartition(") ")[2].startswith("T") for thread in threads)


def test_what_came_while_the_program_stood_still_is_too_late(server, bench, tmp_path, heard) -> None:
    """As on a computer that slept: the drawer opened when it woke, and a scan went into the next customer's sale."""
    printer, scanner, devices = counter(bench)
    station = a_store_with_a_station(devices=devices)
    register = Register.objects.get()
    program = start_station(server, station, tmp_path)
    print_one(register)
    settled(1)
    bench.do(scanner.scan, "5000159461122")
    until(lambda: [event for event in heard if event.kind == "scan"])
    program.process.send_signal(signal.SIGSTOP)
    until(lambda: stands_still(program.process.pid))  # until then scans are heard
    asleep = clock.now()
    bench.do(scanner.scan, "5000159461139")
    for kind, document, most in (
        ("drawer", {"connector": 1}, timedelta(seconds=2)),
        ("print", receipt(), None),
    ):
        queue_job(register_id=register.pk, kind=kind, document=document, title=kind, lives_for=most)
    until(lambda: clock.now() - asleep > clock.STOOD_STILL_SECONDS + 2 * TICK_SECONDS)
    program.process.send_signal(signal.SIGCONT)
    states = {job.kind: job.state for job in settled(3)}
    bench.do(scanner.scan, "5000159461146")
    until(lambda: [event for event in heard if event.kind == "scan" and event.data["code"].endswith("46")])
    program.stop()
    assert states == {"drawer": JobState.CANCELLED, "print": JobState.DONE}
    assert (printer.cuts, printer.drawers[0].kicks) == (2, 0)
    codes = [event.data["code"] for event in heard if event.kind == "scan"]
    assert codes == ["5000159461122", "5000159461146"]


def test_what_was_asked_while_the_station_was_away_comes_out_once(server, bench, tmp_path) -> None:
    printer, _, devices = counter(bench)
    station = a_store_with_a_station(devices=devices)
    register = Register.objects.get()
    program = start_station(server, station, tmp_path)
    program.stop()
    for number in range(3):
        print_one(register, number)
    assert HardwareStationPort().view(register.pk).waiting == 3
    assert printer.cuts == 0
    program.start()
    assert {job.state for job in settled(3)} == {JobState.DONE}
    program.stop()
    program.start()
    until(lambda: HardwareStationPort().view(register.pk).connected)
    print_one(register, 9)
    settled(4)
    program.stop()
    assert printer.cuts == 4


def test_a_station_that_had_more_jobs_than_one_answer_holds_gets_them_all_when_it_is_back(
    server, bench, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(consumers, "HEARTBEAT_SECONDS", 3600)
    printer, _, devices = counter(bench)
    bench.do(printer.set, has_paper=False)
    station = a_store_with_a_station(devices=devices)
    register = Register.objects.get()
    program = start_station(server, station, tmp_path)
    count = 2 * Take().limit + 5
    for number in range(count):
        print_one(register, number)
    until(lambda: not DeviceJob.objects.filter(state=JobState.QUEUED).exists())
    program.kill()
    bench.do(printer.set, has_paper=True)
    program.start()
    states = [job.state for job in settled(count)]
    assert states.count(JobState.DONE) >= count - 1, "the one that had begun may be unknown"
    program.stop()


def test_a_job_that_is_rung_while_the_first_question_is_answered_is_not_left_for_the_heartbeat(
    server, bench, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(consumers, "HEARTBEAT_SECONDS", 3600)
    _, _, devices = counter(bench)
    station = a_store_with_a_station(devices=devices)
    register = Register.objects.get()
    take, asked = consumers.jobs.take_jobs, []

    def take_late(**question):
        found = take(**question)
        if not asked:
            asked.append(question)
            print_one(register)
            time.sleep(0.5)
        return found

    monkeypatch.setattr(consumers.jobs, "take_jobs", take_late)
    program = start_station(server, station, tmp_path)
    assert settled(1)[0].state == JobState.DONE
    program.stop()


def test_a_receipt_that_the_printer_would_not_begin_is_not_unknown_after_a_power_cut(
    server, bench, tmp_path
) -> None:
    printer, _, devices = counter(bench)
    station = a_store_with_a_station(devices=devices)
    register = Register.objects.get()
    program = start_station(server, station, tmp_path)
    print_one(
        register
    )  # from now on the printer counts as ready, and the journal is written while it is asked
    settled(1)
    bench.do(printer.set, has_paper=False)
    print_one(register, 2)
    until(lambda: DeviceJob.objects.filter(words__contains="out of paper").exists())
    program.kill()
    bench.do(printer.set, has_paper=True)
    program.start()
    assert {job.state for job in settled(2)} == {JobState.DONE}
    assert printer.cuts == 2
    program.stop()


def test_paper_that_is_out_keeps_the_receipt_and_lets_the_drawer_open(server, bench, tmp_path) -> None:
    printer, _, devices = counter(bench)
    bench.do(printer.set, has_paper=False)
    station = a_store_with_a_station(devices=devices)
    register = Register.objects.get()
    program = start_station(server, station, tmp_path)
    try:
        told = DeviceJob.objects.filter(kind="print", words__contains="out of paper")
        print_one(register)
        print_one(register, 2)  # it may come before the printer has been asked: it waits for the same
        until(lambda: told.count() == 2)
        queue_job(register_id=register.pk, kind="drawer", document={}, title="Open drawer", priority=1)
        until(lambda: printer.drawers[0].kicks == 1)
        print_one(register, 3)  # the next sale is told at once what its receipt waits for, too
        until(lambda: told.count() == 3)
        assert printer.cuts == 0
        bench.do(printer.set, has_paper=True)
        assert {job.state for job in settled(4)} == {JobState.DONE}
        assert printer.cuts == 3
    finally:
        program.stop()


def test_a_job_that_may_have_come_out_is_called_unknown_and_copied_as_copy(server, bench, tmp_path) -> None:
    printer, _, devices = counter(bench)
    printer.faults.power_off_after = 300
    station = a_store_with_a_station(devices=devices)
    register = Register.objects.get()
    program = start_station(server, station, tmp_path)
    try:
        print_one(register)
        job = settled(1)[0]
        assert job.state == JobState.UNKNOWN
        assert "Look at the paper" in job.words
        port = HardwareStationPort()
        assert port.view(register.pk).unknown == 1
        bench.do(printer.switch, True)
        request = uuid4()
        copy = port.reprint(register_id=register.pk, job_id=job.pk, request_id=request)
        assert port.reprint(register_id=register.pk, job_id=job.pk, request_id=request) == copy
        until(lambda: DeviceJob.objects.get(pk=copy).state == JobState.DONE, 15)
        assert printer.cuts == 1
        assert DeviceJob.objects.get(pk=copy).document["marks"] == ["COPY"]
        assert port.view(register.pk).unknown == 0
    finally:
        program.stop()


def test_servers_may_restart_twice(server, bench, tmp_path) -> None:
    printer, _, devices = counter(bench)
    station = a_store_with_a_station(devices=devices)
    register = Register.objects.get()
    program = start_station(server, station, tmp_path)
    try:
        for number in range(2):
            server.stop()
            print_one(register, number)
            server.start()
        assert {job.state for job in settled(2)} == {JobState.DONE}
        assert printer.cuts == 2
    finally:
        program.stop()


def test_a_killed_station_never_prints_twice_and_says_what_it_does_not_know(server, bench, tmp_path) -> None:
    printer, line = bench.printer(line_seconds=0.004)
    station = a_store_with_a_station(
        devices=[
            {
                "name": "printer",
                "kind": "printer",
                "driver": "escpos_network",
                "address": f"127.0.0.1:{line.port}",
            }
        ]
    )
    register = Register.objects.get()
    program = start_station(server, station, tmp_path)
    for number in range(12):
        for extra in range(3):
            print_one(register, 100 * number + extra)
        until(
            lambda number=number: DeviceJob.objects.filter(is_settled=True).count() > 3 * number + number % 3,
            20,
        )
        program.kill()
        program.start()
    jobs = settled(36, 60)
    program.stop()
    done = sum(job.state == JobState.DONE for job in jobs)
    unknown = sum(job.state == JobState.UNKNOWN for job in jobs)
    assert done + unknown == 36
    assert done <= printer.cuts <= done + unknown
    assert unknown <= 12


def test_a_scan_made_while_the_line_is_down_arrives_once_and_a_stale_one_is_refused(
    server, bench, tmp_path, heard
) -> None:
    _, scanner, devices = counter(bench)
    station = a_store_with_a_station(devices=devices)
    program = start_station(server, station, tmp_path)
    try:
        until(lambda: StationStatus.objects.get().devices.get("scanner", {}).get("state") == "ready")
        server.stop()
        for code in ("111", "222", "333"):
            assert bench.do(scanner.scan, code)
        server.start()
        until(lambda: StationEvent.objects.filter(kind="scan").count() == 3, 15)
        codes = [event.data["code"] for event in heard if event.kind == "scan"]
        assert codes == ["111", "222", "333"]
    finally:
        program.stop()


def test_a_revoked_station_is_cut_off_and_may_be_paired_anew(server, bench, tmp_path) -> None:
    printer, _, devices = counter(bench)
    station = a_store_with_a_station(devices=devices)
    register = Register.objects.get()
    program = start_station(server, station, tmp_path)
    revoke_station(station_id=station.pk)
    until(lambda: not HardwareStationPort().view(register.pk).connected)
    print_one(register)
    until(lambda: "Not paired anew" in program.log.read_text())  # the code that it has brought is used up
    program.stop()
    assert program.log.read_text().count("does not know this station's key") == 1
    assert PairingAttempt.objects.get().failures == 1
    assert DeviceJob.objects.get().state == JobState.QUEUED
    again = StationProgram(server.address, tmp_path, "--pair", issue_code(station=station))
    again.start()
    settled(1, 20)
    again.stop()
    assert printer.cuts == 1


def test_the_line_lives_through_idle_time_and_the_profile_changes_without_a_restart(
    server, bench, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr("hardware.consumers.HEARTBEAT_SECONDS", 1.0)
    _, _, devices = counter(bench)
    second, line = bench.printer()
    station = a_store_with_a_station(devices=devices)
    register = Register.objects.get()
    program = start_station(server, station, tmp_path)
    try:
        connection = StationStatus.objects.get().connection
        change_device(station, "printer", address=f"127.0.0.1:{line.port}")
        until(lambda: StationStatus.objects.get().connected_at and _idle_since_connected() > 7, 12)
        assert StationStatus.objects.get().connection == connection
        print_one(register)
        settled(1)
        assert second.cuts == 1
    finally:
        program.stop()


def _idle_since_connected() -> float:
    status = StationStatus.objects.get()
    return (status.seen_at - status.connected_at).total_seconds()


def test_a_scale_weighs_for_the_till_and_a_display_shows(server, bench, tmp_path, heard) -> None:
    scale, display = EmulatedScale(), EmulatedDisplay()
    scale_line, display_line = bench.pty(scale), bench.pty(display)
    station = a_store_with_a_station(
        devices=[
            {"name": "scale", "kind": "scale", "driver": "scale_8217", "address": scale_line.path},
            {"name": "display", "kind": "display", "driver": "display", "address": display_line.path},
        ]
    )
    register = Register.objects.get()
    program = start_station(server, station, tmp_path)
    try:
        scale.put(Decimal("0.432"), moving=True)
        job = queue_job(register_id=register.pk, kind="weigh", document={"seconds": 5}, title="Weigh")
        until(
            lambda: [event for event in heard if event.kind == "weight" and event.data["state"] == "moving"]
        )
        scale.put(Decimal("0.432"))
        done = settled(1)[0]
        assert (done.pk, done.state) == (job, JobState.DONE)
        assert (done.answer["weight"], done.answer["unit"]) == ("0.432", "kg")
        scale.put(Decimal("0.500"), moving=True)
        queue_job(register_id=register.pk, kind="weigh", document={"seconds": 0.3}, title="Weigh")
        settled(2)
        assert DeviceJob.objects.get(state=JobState.FAILED).words.startswith("The weight is still moving")
        HardwareStationPort().show(
            station_id=station.pk, register=register.number, rows=["Bananas", "Total\t9.94"], version=1
        )
        until(lambda: display.rows == ["Bananas             ", "Total           9.94"])
    finally:
        program.stop()


def test_a_card_is_charged_once_whatever_the_line_does(server, bench, tmp_path, heard) -> None:
    terminal = EmulatedTerminal()
    line = bench.do(TcpLine, terminal)
    bench.do(line.open)
    bench._lines.append(line)
    terminal.drop_line = line.drop
    station = a_store_with_a_station(
        devices=[
            {"name": "terminal", "kind": "terminal", "driver": "zvt", "address": f"127.0.0.1:{line.port}"}
        ]
    )
    register = Register.objects.get()
    program = start_station(server, station, tmp_path)
    try:
        intent = uuid4()
        ask = HardwareStationPort().ask
        for _ in range(3):
            ask(a_payment(intent, register, do="pay", amount=994))
        assert settled(1)[0].answer["card"] == "402000******1234"
        until(lambda: [event for event in heard if event.data.get("words") == "Insert or tap the card."])
        terminal.step_seconds = 0.3
        ask(a_payment(uuid4(), register, do="pay", amount=500))
        until(lambda: len(terminal.book) == 2 or None)
        program.kill()
        program.start()
        until(lambda: DeviceJob.objects.filter(state=JobState.DONE).count() == 2, 15)
        assert terminal.charged == 1494
        receipt = DeviceJob.objects.get(pk=intent).answer["receipt"]
        ask(a_payment(uuid4(), register, do="reverse", receipt=receipt, amount=994))
        until(lambda: DeviceJob.objects.filter(state=JobState.DONE).count() == 3, 15)
        assert terminal.charged == 500
        ask(a_payment(uuid4(), register, do="end_of_day"))
        until(lambda: DeviceJob.objects.filter(state=JobState.DONE).count() == 4, 15)
        slip, report = DeviceJob.objects.filter(kind="print", register=register).order_by("created_at")
        assert slip.document["title"] == "Card payment"  # of the reversal
        assert [block.get("text") for block in report.document["blocks"][4:6]] == [
            "End of day, 3 transactions", "Total 5.00",
        ]  # fmt: skip
    finally:
        program.stop()


def test_a_payment_is_called_back_while_the_card_is_not_there(server, bench, tmp_path, heard) -> None:
    terminal = EmulatedTerminal(decision="wait")
    line = bench.do(TcpLine, terminal)
    bench.do(line.open)
    bench._lines.append(line)
    station = a_store_with_a_station(
        devices=[
            {"name": "terminal", "kind": "terminal", "driver": "zvt", "address": f"127.0.0.1:{line.port}"}
        ]
    )
    register = Register.objects.get()
    program = start_station(server, station, tmp_path)
    try:
        port, intent = HardwareStationPort(), uuid4()
        port.ask(a_payment(intent, register, do="pay", amount=994))
        until(lambda: port.payment(intent).words == "Insert or tap the card.")
        assert not port.cancel(register_id=register.pk, job_id=intent)
        until(lambda: port.payment(intent).state == "cancelled")
        assert not terminal.book and terminal.charged == 0
        port.ask(a_payment(second := uuid4(), register, do="pay", amount=500))
        until(lambda: port.payment(second).words == "Insert or tap the card.")
        bench.do(terminal.person, "approve")
        until(lambda: port.payment(second).state == "approved")
        assert terminal.charged == 500
    finally:
        program.stop()


def a_payment(intent: UUID, register: Register, **document) -> JobRequest:
    return JobRequest(
        id=intent,
        station_id=register.station_id,
        register_id=register.pk,
        kind="payment",
        document=document,
        title="Card payment",
    )


def test_headquarters_is_told_that_another_program_uses_a_station_s_key(server, bench, tmp_path) -> None:
    station = a_store_with_a_station()
    program = start_station(server, station, tmp_path)
    key = StateFolder(tmp_path).identity("").key
    address = server.address.replace("http", "ws") + "/ws/station/"
    headers = {"Authorization": f"Station {station.pk}:{key}"}
    with connect(address, additional_headers=headers, proxy=None, close_timeout=1):
        until(lambda: "Another program" in program.log.read_text())
    standing = until(lambda: (found := standings()[station.pk]).warning and found, 60)
    (alert,) = [one for one in alerts(standing, timezone.now()) if one.sentence == standing.warning]
    assert standing.connected and "pair the right one with a new code" in alert.sentence
    assert not HardwareStationPort().view(Register.objects.get().pk).words
    program.stop()
