"""`--check`: one line per device, with what would help."""

import errno
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hardware.agent.__main__ import NO_CODE, NO_SERVER, main
from hardware.agent.check import check_devices
from hardware.agent.config import Identity, StateFolder
from hardware.agent.devices import build_driver
from hardware.agent.drivers import zvt
from hardware.agent.drivers.base import DeviceRefused
from hardware.agent.drivers.transport import open_transport, why_not_opened
from hardware.agent.journal import Journal
from hardware.agent.protocol import Device, Profile
from tests.hardware.lab_bench import Bench, printer_device


@pytest.fixture
def folder(bench: Bench, tmp_path: Path) -> StateFolder:
    printer, line = bench.printer()
    folder = StateFolder(tmp_path)
    folder.printer = printer
    devices = [
        Device(id="drawer", kind="drawer", driver="drawer_printer", address="printer:printer"),
        printer_device(line),
        Device(id="scanner", kind="scanner", driver="scanner_serial", address="/dev/no-such-port"),
        Device(id="scale", kind="scale", driver="scale_unheard_of", address="/dev/no-such-port"),
    ]
    folder.keep_profile(Profile(version="1", station="Harbour Street", devices=devices))
    return folder


def test_each_device_is_named_with_its_state_and_the_remedy(
    bench: Bench, folder: StateFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    bench.do(folder.printer.set, cover_open=True)
    assert check_devices(folder, "") == 3
    said = capsys.readouterr().out
    assert "Harbour Street (4 devices)" in said
    assert "printer                  stopped    The printer's cover is open. Shut it to go on." in said
    assert "drawer                   ready      Shut." in said
    assert (
        "scanner                  absent     The line /dev/no-such-port is not there. "
        "Check the cable, and the address in the hardware profile." in said
    )
    assert "No scale speaks unheard_of. Known are" in said
    assert "is running" not in said


def with_a_scanner(bench: Bench, tmp_path: Path) -> tuple[StateFolder, Any]:
    """The folder of a station whose profile has a scanner, and the scanner's line."""
    _, pty = bench.scanner()
    folder = StateFolder(tmp_path)
    scanner = Device(id="scanner", kind="scanner", driver="scanner_serial", address=pty.path)
    folder.keep_profile(Profile(version="1", station="Harbour Street", devices=[scanner]))
    return folder, pty


def test_a_line_that_the_running_station_holds_is_not_called_absent(
    bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, pty = with_a_scanner(bench, tmp_path)
    held = open_transport(f"serial:{pty.path}")
    assert check_devices(folder, "") == 1
    assert "Another program of this computer holds the line" in capsys.readouterr().out
    journal = Journal(folder.journal)
    assert check_devices(folder, "") == 0
    assert "scanner                  in use     The running station holds its line" in capsys.readouterr().out
    journal.close()
    held.close()


def test_a_line_that_another_program_holds_is_not_called_the_station_s_own(
    bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, pty = with_a_scanner(bench, tmp_path)
    journal = Journal(folder.journal)
    hold = "import serial, sys; held = serial.Serial(sys.argv[1], exclusive=True); print('held', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, pty.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b"held\n"
        assert check_devices(folder, "") == 1
        other.stdin.close()
    assert "absent     Another program of this computer holds the line" in capsys.readouterr().out
    journal.close()


def test_a_station_that_runs_is_said(folder: StateFolder, capsys: pytest.CaptureFixture[str]) -> None:
    journal = Journal(folder.journal)
    check_devices(folder, "")
    assert "The station is running" in capsys.readouterr().out
    journal.close()
    check_devices(folder, "")
    assert "The station is running" not in capsys.readouterr().out


def test_a_journal_that_cannot_be_opened_is_not_called_a_station_that_runs(
    folder: StateFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    """As on a disk that can only be read."""
    folder.journal.mkdir()
    check_devices(folder, "")
    assert "The station is running" not in capsys.readouterr().out


def test_without_a_profile_the_next_step_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check_devices(StateFolder(tmp_path), "") == 1
    assert "pair the station" in capsys.readouterr().out


@pytest.mark.usefixtures("log_of_its_own")
def test_a_station_that_can_never_connect_says_how_it_is_started(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = ["--state", str(tmp_path)]
    assert main(state) == 2
    assert capsys.readouterr().err.strip() == NO_SERVER
    assert main([*state, "--server", "https://shop.example"]) == 2
    assert capsys.readouterr().err.strip() == NO_CODE
    StateFolder(tmp_path).keep_identity(Identity(server="https://shop.example", key="k", station=7))
    assert StateFolder(tmp_path).is_paired("https://shop.example")
    assert main([*state, "--server", "https://other.example"]) == 2, "paired, but not with that server"
    assert capsys.readouterr().err.startswith(
        "This station is paired with https://shop.example. Start it with"
    )


@pytest.mark.usefixtures("log_of_its_own")
@pytest.mark.parametrize("arguments", [["--check"], ["--server", "https://shop.example"]])
def test_a_folder_that_cannot_be_used_is_said_to_be_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    """It was called not paired, or ended in the program's own words."""
    (tmp_path / "file").touch()
    StateFolder(tmp_path / "state" / "S1")
    (tmp_path / "state" / "S1" / "station.json").mkdir()  # which nobody can read as a file
    for state in (tmp_path / "file" / "state", tmp_path / "state"):
        assert main(["--state", str(state), *arguments]) == 2
        said = capsys.readouterr().err
        assert f"{state} cannot be used (" in said and "or name another one with --state" in said


@pytest.mark.usefixtures("log_of_its_own")
def test_a_station_that_is_started_twice_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It ended with "database is locked"."""
    folder = StateFolder(tmp_path)
    folder.keep_identity(Identity(server="https://shop.example", key="k", station=7))
    journal = Journal(folder.journal)
    assert main(["--state", str(tmp_path)]) == 1
    journal.close()
    assert f"it runs already, with the folder {tmp_path}. End the other program" in capsys.readouterr().err


@pytest.mark.usefixtures("log_of_its_own")
def test_a_look_at_the_devices_leaves_the_station_s_log_alone(tmp_path: Path) -> None:
    main(["--state", str(tmp_path), "--check"])
    assert not (tmp_path / "log").exists()


@pytest.mark.parametrize(("driver", "known"), [("escpos_bluetooth", "escpos_usb"), ("printer", "escpos")])
def test_a_driver_that_there_is_not_is_named_with_those_that_there_are(driver: str, known: str) -> None:
    with pytest.raises(DeviceRefused, match=f"no driver named {driver}. Known are .*{known}"):
        build_driver(Device(id="p", kind="printer", driver=driver, address="10.0.0.7:9100"), ())


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.EACCES, "Add that user to the group"),
        (errno.EBUSY, "End that, or its driver"),
        (errno.ENOENT, "is not there. Check the cable, and the address"),
        (None, "Check the cable"),
    ],
)
def test_a_line_that_cannot_be_opened_is_said_with_what_helps(number: int | None, remedy: str) -> None:
    error = OSError(number, "no") if number else OSError("no")
    assert remedy in why_not_opened("The line /dev/ttyS0", error)


def test_a_terminal_that_takes_the_line_and_says_nothing_has_its_remedy_said(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zvt, "ACK_SECONDS", 0.2)
    _, line = bench.printer()
    terminal = Device(
        id="terminal", kind="terminal", driver="zvt_network", address=f"tcp://127.0.0.1:{line.port}"
    )
    health = build_driver(terminal, []).status()
    assert (health.state, "Check its cable" in health.words) == ("silent", True)


def test_a_terminal_without_a_port_is_called_where_terminals_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was called where printers do."""

    def nobody(place: tuple[str, int], timeout: float) -> None:
        raise OSError(errno.ECONNREFUSED, "Connection refused")

    monkeypatch.setattr("hardware.agent.drivers.transport.socket.create_connection", nobody)
    terminal = Device(id="terminal", kind="terminal", driver="zvt_network", address="10.0.0.8")
    assert "Cannot be reached at 10.0.0.8:20007." in build_driver(terminal, ()).status().words
