"""What headquarters asks reaches a real station program: its log, a search, a test print, a restart, a new profile."""

import json
import logging
import os
import shutil
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError

from channels_app.announcements import announce
from channels_app.roles import applying_package
from hardware.agent import logs
from hardware.agent.__main__ import RESTART_CODE, parse, read_codes
from hardware.agent.logs import MOST_BYTES, log_end
from hardware.agent.pairing import read_link
from hardware.models import StationStatus
from hardware.services.obey import Asked, obey
from hardware.services.pairing import issue_code
from hardware.services.profiles import station_profile
from hq.models import HardwareDevice, HardwareProfile, HardwareStation, Store
from tests.hardware.company import a_store_with_a_station, change_device
from tests.hardware.lab_bench import Bench, until
from tests.hardware.stations import Server, StationProgram, settled


def ask(station: HardwareStation, what: str, **more: Any) -> dict:
    return obey(Asked(id=uuid4(), what=what, stations=[station.pk], by="ada", **more))


def connected(station: HardwareStation) -> bool:
    return (
        StationStatus.objects.filter(station=station, connection__isnull=False).exclude(journal="").exists()
    )


def test_a_code_that_is_refused_ends_the_program_with_what_to_do(server: Server, tmp_path: Path) -> None:
    program = StationProgram(server.address, tmp_path, "--pair", "AAAA-9999")
    program.start()
    assert program.process.wait(20) == 2
    assert "The code was refused: This pairing code is not valid." in program.log.read_text()


@pytest.fixture
def running(server: Server, bench: Bench, tmp_path: Path):
    """A station with one printer, paired by its link and connected."""
    printer, line = bench.printer()
    devices = [
        {
            "name": "printer",
            "kind": "printer",
            "driver": "escpos_network",
            "address": f"127.0.0.1:{line.port}",
        }
    ]
    station = a_store_with_a_station(devices=devices)
    program = StationProgram("", tmp_path, "--pair", f"{server.address}/#{issue_code(station=station)}")
    program._command = [part for part in program._command if part not in ("--server", "")]
    program.start()
    until(lambda: connected(station), 30)
    yield station, printer, program, line
    program.stop()


@pytest.mark.system
def test_log_test_print_and_search_of_a_running_station(running: Any) -> None:
    station, printer, *_ = running
    log = ask(station, "log")
    assert "Connected as Harbour Street with 1 devices" in log["text"]
    assert log["text"] == StationStatus.objects.get(station=station).log

    job = ask(station, "test_print", device="printer")["job"]
    (done,) = settled(1)
    assert (str(done.pk), done.state) == (job, "done")
    assert printer.cuts == 1

    with applying_package():
        HardwareDevice.objects.all().delete()  # the station may have none: it searches all the same
    announce(1, frozenset({HardwareDevice}))
    ask(station, "discover")
    until(lambda: StationStatus.objects.get(station=station).found_at, 60)


@pytest.mark.system
def test_a_restart_ends_the_program_for_the_service_manager_to_start_again(running: Any) -> None:
    station, _, program, _ = running
    ask(station, "restart")
    assert program.process.wait(20) == RESTART_CODE
    until(lambda: not connected(station))
    program.start()
    until(lambda: connected(station), 30)


@pytest.mark.system
def test_a_changed_profile_is_driven_at_once_and_without_a_restart(
    running: Any, bench: Bench, tmp_path: Path
) -> None:
    station, printer, program, _ = running
    other, line = bench.printer()
    change_device(station, "printer", address=f"127.0.0.1:{line.port}")
    announce(2, frozenset({HardwareDevice}))
    until(lambda: other.received, 10)  # sooner than the next beat: it was the ring
    process = program.process.pid
    ask(station, "test_print")
    settled(1)
    assert (printer.cuts, other.cuts, program.process.pid) == (0, 1, process)

    with applying_package():  # the printer is in none of these ranges
        Store.objects.filter(pk=station.store_id).update(station_networks="10.20.3.0/24\n10.20.4.0/24")
    announce(3, frozenset({Store}))
    until(lambda: kept_profile(tmp_path)["networks"] == ["10.20.3.0/24", "10.20.4.0/24"], 10)
    until(lambda: "outside the address ranges" in told_of_printer(station), 10)

    with applying_package():  # another profile altogether
        empty = HardwareProfile.objects.create(name="Empty")
        HardwareStation.objects.filter(pk=station.pk).update(hardware_profile=empty)
    announce(4, frozenset({HardwareStation}))
    until(lambda: kept_profile(tmp_path)["devices"] == [], 10)


def kept_profile(state: Path) -> dict[str, Any]:
    return json.loads((state / "profile.json").read_text())


def told_of_printer(station: HardwareStation) -> str:
    return StationStatus.objects.get(station=station).devices["printer"]["words"]


def test_ranges_that_are_none_are_refused_where_they_are_entered(db: None, scale_unit: Any) -> None:
    store = a_store_with_a_station().store
    store.station_networks = "10.20.3.0/24\n10.20.3.7/24"
    with pytest.raises(ValidationError, match=r"10\.20\.3\.7/24 is no address range") as refused:
        store.clean_fields()
    assert list(refused.value.message_dict) == ["station_networks"]
    assert station_profile(a_store_with_a_station("02")).networks == settings.STATION_NETWORKS


@pytest.mark.parametrize(("options", "currency"), [({}, "GBP"), ({"currency": "EUR"}, "EUR")])
def test_a_terminal_takes_the_money_of_its_store(
    db: None, scale_unit: Any, options: dict[str, str], currency: str
) -> None:
    terminal = {"name": "t", "kind": "terminal", "driver": "zvt_network", "address": "10.0.0.8"}
    (told,) = station_profile(a_store_with_a_station(devices=[terminal | {"options": options}])).devices
    assert told.settings["currency"] == currency


# the log's end


def test_the_end_of_the_log_is_bounded_and_begins_with_a_whole_line(tmp_path: Path) -> None:
    (tmp_path / "station.log").write_text("".join(f"{number} line\n" for number in range(100_000)))
    end = log_end(tmp_path)
    assert len(end.encode()) <= MOST_BYTES
    assert end.endswith("99999 line\n")
    assert end.splitlines()[0].endswith(" line") and end.splitlines()[0].split()[0].isdigit()


def test_a_log_that_was_just_turned_over_goes_on_in_its_former_file(tmp_path: Path) -> None:
    (tmp_path / "station.log.1").write_text("before\n")
    (tmp_path / "station.log").write_text("after\n")
    assert log_end(tmp_path) == "before\nafter\n"


def test_what_cannot_be_shown_in_a_log_is_replaced_and_a_missing_one_is_empty(tmp_path: Path) -> None:
    assert log_end(tmp_path) == ""
    (tmp_path / "station.log").write_bytes(b"\x1b[31mred\x00\xff\n")
    assert log_end(tmp_path) == "·[31mred·\ufffd\n"


@pytest.mark.usefixtures("log_of_its_own")
def test_the_log_is_turned_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "TURNED_OVER_AT", 2000)
    logs.set_up_log(tmp_path, verbose=False)
    for number in range(400):
        logging.getLogger("hardware.agent").info("Line %d", number)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["station.log", *(f"station.log.{number}" for number in range(1, 6))]
    assert all(path.stat().st_size <= 2000 for path in tmp_path.iterdir())


@pytest.mark.usefixtures("log_of_its_own")
def test_whatever_is_logged_is_in_the_file(tmp_path: Path) -> None:
    logs.set_up_log(tmp_path, verbose=False)
    logging.getLogger("hardware.agent").info("The folder Kasse \udcfc is not there")
    assert log_end(tmp_path).endswith("The folder Kasse \\udcfc is not there\n")


@pytest.mark.usefixtures("log_of_its_own")
def test_a_log_whose_folder_was_cleared_away_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody made room: nothing was found of what was logged from then on, and later each line was a traceback."""
    logs.set_up_log(tmp_path / "log", verbose=False)
    for number in range(3):
        shutil.rmtree(tmp_path / "log")
        logging.getLogger("hardware.agent").info("Line %d", number)
        assert log_end(tmp_path / "log").endswith(f"Line {number}\n")
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.usefixtures("log_of_its_own")
def test_that_the_log_cannot_be_written_is_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "station.log").symlink_to("/dev/full")
    logs.set_up_log(tmp_path, verbose=False)
    for number in range(400):
        logging.getLogger("hardware.agent").info("Line %d", number)
    said = capsys.readouterr().err
    assert said.count("The log file cannot be written") == 1 and "No space left" in said
    assert "Traceback" not in said and "Line 399" in said
    (tmp_path / "station.log").unlink()
    logging.getLogger("hardware.agent").info("There is room again")
    assert log_end(tmp_path).endswith("There is room again\n")


@pytest.mark.usefixtures("log_of_its_own")
def test_a_log_that_cannot_be_turned_over_goes_on_in_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another program has it open, on Windows: it stayed at its megabyte, and the former files were turned away."""
    monkeypatch.setattr(logs, "TURNED_OVER_AT", 2000)
    logs.set_up_log(tmp_path, verbose=False)
    (tmp_path / "station.log.1").write_text("of yesterday")
    with monkeypatch.context() as held:
        held.setattr(os, "rename", lambda *names: (_ for _ in ()).throw(PermissionError(13, "Held")))
        for number in range(60):
            logging.getLogger("hardware.agent").info("Line %d", number)
    assert log_end(tmp_path).endswith("Line 59\n") and "Traceback" not in capsys.readouterr().err
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["station.log", "station.log.1"]
    for number in range(60):
        logging.getLogger("hardware.agent").info("Line %d", number)
    assert (tmp_path / "station.log.2").read_text() == "of yesterday"


# pairing by link and by file


@pytest.mark.parametrize(
    ("text", "server", "code"),
    [
        ("https://shop.example/#7K4P-W9QX", "https://shop.example", "7K4P-W9QX"),
        ("http://10.0.0.5:8001/x/#7K4P-W9QX ", "http://10.0.0.5:8001/x", "7K4P-W9QX"),
        ("7K4P-W9QX", "", "7K4P-W9QX"),
        ("", "", ""),
    ],
)
def test_a_pairing_link_names_server_and_code(text: str, server: str, code: str) -> None:
    assert read_link(text) == (server, code)


@pytest.mark.system
def test_a_file_for_many_pairs_on_each_computer_only_its_own_station(server: Server, tmp_path: Path) -> None:
    stations = [a_store_with_a_station(number) for number in ("01", "02")]
    file = tmp_path / "pairing.txt"
    program = StationProgram(server.address, tmp_path / "state", "--pair-file", str(file), "--station", "S02")
    program.start()
    try:
        until(lambda: program.log.exists() and "code for station S02 in" in program.log.read_text(), 30)
        lines = [f"{issue_code(station=station)} {station.number} {station.name}\n" for station in stations]
        file.write_text("".join(lines))
        assert list(read_codes(file)) == ["S01", "S02"]
        until(lambda: connected(stations[1]), 30)
        assert not StationStatus.objects.filter(station=stations[0]).exists()
        program.stop()
        until(lambda: not connected(stations[1]))
        program = StationProgram(
            server.address, tmp_path / "state"
        )  # from then on, as a station that is one of its own
        program.start()
        until(lambda: connected(stations[1]), 30)
    finally:
        program.stop()
        cache.clear()


@pytest.mark.system
def test_what_is_logged_of_several_stations_names_the_one_that_it_is_about(
    server: Server, tmp_path: Path
) -> None:
    nobody = {"kind": "printer", "driver": "escpos_network", "address": "127.0.0.1:9"}
    stations = [
        a_store_with_a_station(number, devices=[nobody | {"name": f"printer-{number}"}])
        for number in ("01", "02")
    ]
    file = tmp_path / "pairing.txt"
    file.write_text("".join(f"{issue_code(station=station)} {station.number} x\n" for station in stations))
    program = StationProgram(server.address, tmp_path / "state", "--pair-file", str(file))

    def everything_is_said() -> bool:
        lines = program.log.read_text().splitlines() if program.log.exists() else []
        return all(
            any(f" S{number} " in line and words in line for line in lines)
            for number in ("01", "02")
            for words in ("Paired as", "Connected as", f"printer-{number} is absent")
        )

    program.start()
    try:
        until(everything_is_said, 30)  # in any order, by threads
        assert program.log.read_text().count("printer-01") == 1
    finally:
        program.stop()
        cache.clear()
    program = StationProgram("", tmp_path / "state" / "S01")  # alone it need not say who it is
    program.start()
    try:
        until(lambda: program.log.exists() and "Connected as" in program.log.read_text(), 30)
        assert " S01 " not in program.log.read_text()
    finally:
        program.stop()
        cache.clear()


def test_a_server_is_the_same_with_and_without_a_slash() -> None:
    asked = ["--pair", "https://shop.example/#7K4P-W9QX"]
    servers = {parse(arguments).server for arguments in (asked, ["--server", "https://shop.example/"])}
    assert servers == {"https://shop.example"}


def test_a_pairing_file_names_stations_as_headquarters_does_and_no_folder_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "pairing.txt"
    file.write_text("7K4P-W9QX S-1_b Counter\nAAAA-BBBB ../S2 Elsewhere\n\nCCCC-DDDD\n")
    assert read_codes(file) == {"S-1_b": "7K4P-W9QX", "1": "CCCC-DDDD"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_pairing_file_may_have_been_through_any_editor_or_shell(tmp_path: Path, encoding: str) -> None:
    """A name with an umlaut in Windows' letters ended the program at each start; PowerShell's file had no codes."""
    file = tmp_path / "pairing.txt"
    file.write_bytes("7K4P-W9QX S1 Köln\r\nCCCC-DDDD S2 Bäckerei\r\n".encode(encoding))
    assert read_codes(file) == {"S1": "7K4P-W9QX", "S2": "CCCC-DDDD"}
