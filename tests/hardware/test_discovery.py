"""Looking around: what is knocked at, what is left alone, and what is made of what is there."""

import asyncio
import json
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from hardware.agent import discovery
from hardware.agent.discovery import addresses_to_search, discover, plain_address, usb_printers
from hardware.agent.protocol import Device, FoundDevice


@pytest.fixture(autouse=True)
def _nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The serial and USB ports of the machine that runs the tests do not count."""
    monkeypatch.setattr(list_ports, "comports", list)
    monkeypatch.setattr(discovery, "usb_printers", list)


@pytest.fixture
def listeners() -> Iterator[dict[str, socket.socket]]:
    """A printer and a terminal in a range of their own, on the ports where such things listen."""
    found = {}
    for host, port in (("127.88.0.1", 9100), ("127.88.0.2", 20007), ("127.88.0.3", 9100)):
        listener = socket.create_server((host, port))
        listener.settimeout(2)
        found[f"{host}:{port}"] = listener
    yield found
    for listener in found.values():
        listener.close()


@pytest.mark.parametrize(
    ("_case", "networks", "own", "first", "count"),
    [
        ("a small range is searched whole", ["10.1.2.0/29"], [], "10.1.2.1", 6),
        ("of a wide one only the neighbours", ["10.0.0.0/8"], ["10.4.5.6"], "10.4.5.1", 254),
        ("neighbours outside of what is allowed are left alone", ["10.0.0.0/8"], ["192.168.1.4"], None, 0),
        ("one address alone", ["10.1.2.3/32"], [], "10.1.2.3", 1),
        ("the same twice is searched once", ["10.1.2.0/29", "10.1.2.0/29"], [], "10.1.2.1", 6),
        ("IPv6 ranges are too wide", ["fe80::/10"], ["10.4.5.6"], None, 0),
        ("no range means that all are allowed: the neighbours", [], ["10.4.5.6"], "10.4.5.1", 254),
        ("never more than a bounded number", [f"10.{n}.0.0/22" for n in range(9)], [], "10.0.0.1", 2048),
    ],
)
def test_what_is_searched(_case: str, networks: list, own: list, first: str | None, count: int) -> None:
    found = addresses_to_search(networks, own)
    assert (next(iter(found), None), len(found)) == (first, count)


async def test_printers_and_terminals_in_the_network_are_found_and_not_spoken_to(listeners: dict) -> None:
    in_use = Device(id="printer", kind="printer", driver="escpos_network", address="127.88.0.3:9100")
    found = await discover(["127.88.0.0/29"], [in_use])
    assert [(device.kind, device.address) for device in found] == [
        ("printer", "tcp://127.88.0.1:9100"),
        ("terminal", "tcp://127.88.0.2:20007"),
    ]
    caller, _ = await asyncio.to_thread(listeners["127.88.0.1:9100"].accept)
    caller.settimeout(2)
    assert await asyncio.to_thread(caller.recv, 10) == b""  # came, said nothing, left
    caller.close()
    with pytest.raises(BlockingIOError):  # the printer that is in use was not even called
        listeners["127.88.0.3:9100"].setblocking(False)
        listeners["127.88.0.3:9100"].accept()


async def test_serial_ports_are_offered_as_what_they_say_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    ports = []
    for name, said in (("/dev/ttyUSB1", "Ariva-S Scale"), ("/dev/ttyUSB0", "n/a")):
        port = ListPortInfo(name)
        port.description = said
        ports.append(port)
    monkeypatch.setattr(list_ports, "comports", lambda: ports)
    assert await discover(["127.88.9.9/32"]) == [
        FoundDevice(address="serial:/dev/ttyUSB0", kind="scanner", words="A serial port."),
        FoundDevice(address="serial:/dev/ttyUSB1", kind="scale", words="Ariva-S Scale"),
    ]
    in_use = Device(id="s", kind="scale", driver="scale_nci", address="/dev/ttyUSB1?baud=4800")
    assert [device.address for device in await discover(["127.88.9.9/32"], [in_use])] == [
        "serial:/dev/ttyUSB0"
    ]


def test_usb_printers_are_read_from_the_system(tmp_path: Path) -> None:
    def usb(name: str, interface_class: str, product: str, lp: str = "") -> None:
        device, interface = tmp_path / name, tmp_path / f"{name}:1.0"
        device.mkdir()
        (interface / "usbmisc" / lp).mkdir(parents=True) if lp else interface.mkdir()
        (interface / "bInterfaceClass").write_text(f"{interface_class}\n")
        (device / "idVendor").write_text("04b8\n")
        (device / "idProduct").write_text("0e15\n")
        (device / "product").write_text(f"{product}\n")

    usb("1-1", "07", "TM-T20II", lp="lp0")
    usb("1-2", "07", "TM-m30")
    usb("1-3", "03", "Keyboard")
    assert usb_printers(tmp_path) == [
        FoundDevice(address="file:/dev/usb/lp0", kind="printer", words="TM-T20II"),
        FoundDevice(address="usb:04b8:0e15", kind="printer", words="TM-m30"),
    ]
    assert usb_printers(tmp_path / "missing") == []


class Shelf(BaseHTTPRequestHandler):
    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        body = json.dumps(
            {"devices": [{"address": "lab:shelf/7/printer", "kind": "printer", "words": "On the shelf."}]}
        ).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        return


async def test_the_device_lab_is_one_more_place_to_look() -> None:
    server = HTTPServer(("127.0.0.1", 0), Shelf)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        found = await discover(["127.88.9.9/32"], lab=f"http://127.0.0.1:{server.server_port}", station=7)
    finally:
        await asyncio.to_thread(server.shutdown)
        server.server_close()
        thread.join()
    assert Shelf.asked == ["/devices/?station=7"]
    assert [device.address for device in found] == ["lab:shelf/7/printer"]


async def test_a_place_that_cannot_be_searched_hides_nothing_else(
    listeners: dict, caplog: pytest.LogCaptureFixture
) -> None:
    found = await discover(["127.88.0.0/30"], lab="http://127.0.0.1:9", station=7)
    assert len(found) == 2
    assert "could not be searched" in caplog.text


def test_one_address_however_it_is_written() -> None:
    assert plain_address("tcp://10.0.0.7:9100") == plain_address("10.0.0.7:9100") == "10.0.0.7:9100"
    assert plain_address("serial:/dev/ttyS0?baud=4800") == "/dev/ttyS0"
    assert plain_address("usb:04b8:0e15") == "04b8:0e15"
