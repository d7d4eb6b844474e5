"""Scanners on a pty."""

import threading
import time

import pytest

from hardware.agent.drivers import scanner
from hardware.agent.drivers.base import DeviceUnavailable
from hardware.agent.drivers.scanner import SerialScanner, read_scan
from hardware.agent.protocol import Device
from tests.hardware.lab_bench import Bench, until


class Heard:
    """Listens on a scanner in a thread."""

    def __init__(self, address: str, **settings) -> None:
        self.scans: list[dict] = []
        self.error: Exception | None = None
        self._stop = threading.Event()
        self.driver = SerialScanner(
            Device(id="s", kind="scanner", driver="scanner", address=address, settings=settings)
        )
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        until(lambda: self.driver._listening or self.error)

    def _listen(self) -> None:
        try:
            self.driver.listen(lambda kind, data: self.scans.append(data), self._stop.is_set)
        except DeviceUnavailable as error:
            self.error = error

    def close(self) -> None:
        self._stop.set()
        self._thread.join(2)


@pytest.mark.parametrize("suffix", ["\r", "\t", "\x03"])
def test_twenty_scans_in_a_burst_come_in_order(bench: Bench, suffix: str) -> None:
    reader, line = bench.scanner(suffix=suffix)
    heard = Heard(f"serial:{line.path}")
    codes = [f"50001594611{number:02d}" for number in range(20)]
    for code in codes:
        bench.do(reader.scan, code)
    until(lambda: len(heard.scans) == 20)
    assert [scan["code"] for scan in heard.scans] == codes
    heard.close()


@pytest.mark.parametrize("suffix", ["\r", "\n", "\r\n", "\t", ""])
def test_suffixes(bench: Bench, suffix: str) -> None:
    reader, line = bench.scanner(suffix=suffix)
    heard = Heard(f"serial:{line.path}", **({"suffix": "\t"} if suffix == "\t" else {}))
    for code in ("111", "222"):
        bench.do(reader.scan, code)
        time.sleep(0.2)
    until(lambda: len(heard.scans) == 2)
    assert [scan["code"] for scan in heard.scans] == ["111", "222"]
    heard.close()


def test_a_code_that_stutters_stays_one_code(bench: Bench) -> None:
    reader, line = bench.scanner()
    heard = Heard(f"serial:{line.path}")
    bench.do(reader.scan, "first")
    until(lambda: heard.scans)
    for piece in (b"5000", b"1594", b"61122\r"):
        bench.do(line.send, piece)
        time.sleep(0.18)
    until(lambda: len(heard.scans) == 2)
    assert heard.scans[1] == {"code": "5000159461122"}
    heard.close()


def test_a_profile_that_names_the_suffix_lets_the_first_code_stutter(bench: Bench) -> None:
    _, line = bench.scanner()
    heard = Heard(f"serial:{line.path}", suffix="\r")
    for piece in (b"]C10105012345678900", b"15261130\r"):
        bench.do(line.send, piece)
        time.sleep(0.3)
    until(lambda: heard.scans)
    assert heard.scans == [{"code": "010501234567890015261130", "symbology": "]C1"}]
    heard.close()


def test_half_a_code_is_no_beginning_of_the_next(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "PAUSE_DROPS_SCAN", 0.3)
    _, line = bench.scanner()
    heard = Heard(f"serial:{line.path}")
    for piece in (b"first\r", b"50123", b"5012345678917\r"):
        bench.do(line.send, piece)
        time.sleep(0.6)
    until(lambda: len(heard.scans) == 2)
    assert heard.scans[1] == {"code": "5012345678917"}
    heard.close()


def test_a_line_of_seven_bits_may_pass_the_parity_on(bench: Bench) -> None:
    _, line = bench.scanner()
    heard = Heard(f"serial:{line.path}?data=7&parity=E")
    code = b"5012345678900\r"
    bench.do(line.send, bytes(byte | byte.bit_count() % 2 << 7 for byte in code))
    until(lambda: heard.scans)
    assert heard.scans == [{"code": "5012345678900"}]
    heard.close()


def test_what_waits_on_the_line_when_the_program_wakes_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The read that was under way may come back with nothing, and the next one brings what is old."""
    said = [b"", b"5000159461139\r", b"", b"5000159461146\r", b""]
    slept = [0.0]

    class Woken:
        def read(self, seconds: float) -> bytes:
            slept[0] = 3600.0
            return said.pop(0)

        def close(self) -> None:
            return

    monkeypatch.setattr(scanner, "open_transport", lambda *_: Woken())
    monkeypatch.setattr(scanner.clock, "now", lambda: slept[0])
    scans: list[dict] = []
    driver = SerialScanner(Device(id="s", kind="scanner", driver="scanner", address="serial:/dev/ttyS9"))
    driver.listen(lambda kind, data: scans.append(data), lambda: not said)
    assert scans == [{"code": "5000159461146"}]


def test_garbage_floods_are_survived(bench: Bench) -> None:
    reader, line = bench.scanner()
    heard = Heard(f"serial:{line.path}")
    bench.do(reader.scan, "before")
    until(lambda: heard.scans)
    for _ in range(200):
        bench.do(line.send, bytes(range(14, 256)) * 4)
    # what finds no room on the line is lost, as on a real one: the cashier scans again
    until(lambda: heard.scans[-1]["code"] == "after" or bench.do(line.send, b"\rafter\r") is not None)
    heard.close()


def test_an_unplugged_scanner_is_said(bench: Bench) -> None:
    _, line = bench.scanner()
    heard = Heard(f"serial:{line.path}")
    assert heard.driver.status().state == "ready"
    bench.do(line.close)
    until(lambda: heard.error)
    assert "Check its cable" in str(heard.error)
    assert heard.driver.status().state == "absent"


@pytest.mark.parametrize(
    ("raw", "scan"),
    [
        (b"5000159461122", {"code": "5000159461122"}),
        (b"]E05000159461122", {"symbology": "]E0", "code": "5000159461122"}),
        (b"]E0012345678950]E112", {"symbology": "]E0", "code": "012345678950", "addon": "12"}),
        (
            b"]C10105000159461122\x1d3103000432",
            {"symbology": "]C1", "code": "0105000159461122\x1d3103000432"},
        ),
        (
            b"]d2\x1d0105000159461122",
            {"symbology": "]d2", "code": "0105000159461122"},
        ),
        (b"]Q1https://example.com/]E0", {"symbology": "]Q1", "code": "https://example.com/]E0"}),
        (b"\x02 12 \x03", {"code": "12"}),
        (b"  ", {}),
        (b"", {}),
    ],
)
def test_what_a_scan_says(raw: bytes, scan: dict) -> None:
    assert read_scan(raw) == scan


def test_a_prefix_is_taken_off_behind_the_line_feed_of_the_scan_before(bench: Bench) -> None:
    _, line = bench.scanner()
    heard = Heard(f"serial:{line.path}", prefix="A", suffix="\r")
    bench.do(line.send, b"A5000159461122\r\nA5000159461139\r\n")
    until(lambda: len(heard.scans) == 2)
    assert [scan["code"] for scan in heard.scans] == ["5000159461122", "5000159461139"]
    heard.close()


def test_a_prefix_is_taken_off() -> None:
    assert read_scan(b"A5000159461122", "A") == {"code": "5000159461122"}
