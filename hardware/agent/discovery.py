"""Looking around for devices that no profile names yet: in the network, at serial ports, at USB, in the device lab.

Polite: only addresses that the profile allows, a few at a time, and none that is in use. A port that opens is
closed again without a byte, because nobody knows yet what listens there.
"""

import asyncio
import ipaddress
import json
import logging
import socket
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from ipaddress import IPv4Network
from pathlib import Path

from hardware.agent.protocol import Device, DeviceKind, FoundDevice

log = logging.getLogger(__name__)

PORTS: dict[int, tuple[DeviceKind, str]] = {
    9100: ("printer", "Listens on port {port}, as receipt printers do."),
    20007: ("terminal", "Listens on port {port}, as ZVT card terminals do."),
}
SEARCHED_WHOLE, MOST_ADDRESSES = 1024, 2048
AT_ONCE, KNOCK_SECONDS = 48, 0.6
USB_DEVICES = Path("/sys/bus/usb/devices")
PRINTER_CLASS = "07"


async def discover(
    networks: Sequence[str], in_use: Iterable[Device] = (), lab: str = "", station: int = 0
) -> list[FoundDevice]:
    """What is there and not in use, network first; a place that cannot be searched is logged and left out."""
    used = {plain_address(device.address) for device in in_use}
    sources: list[Callable[[], list[FoundDevice]]] = [serial_ports, usb_printers]
    if lab:
        sources.append(lambda: ask_lab(lab, station))
    parts = await asyncio.gather(
        search_network(networks, used),
        *(asyncio.to_thread(source) for source in sources),
        return_exceptions=True,
    )
    found: dict[str, FoundDevice] = {}
    for part in parts:
        if isinstance(part, BaseException):
            log.warning("One place could not be searched for devices: %s", part)
        else:
            found |= {plain_address(device.address): device for device in part}
    log.info("Searched for devices: %d found", len(found))
    return [device for address, device in found.items() if address not in used]


def plain_address(address: str) -> str:
    """An address without its scheme, so that ``tcp://10.0.0.7:9100`` and ``10.0.0.7:9100`` are one."""
    for scheme in ("tcp://", "serial:", "usb:", "file:"):
        address = address.removeprefix(scheme)
    return address.partition("?")[0]


async def search_network(networks: Sequence[str], used: set[str]) -> list[FoundDevice]:
    """Knock at the ports of printers and terminals, a few at a time."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def knock(host: str, port: int) -> FoundDevice | None:
        async with turn:
            try:
                _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), KNOCK_SECONDS)
            except (OSError, TimeoutError):
                return None
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
        kind, words = PORTS[port]
        return FoundDevice(address=f"tcp://{host}:{port}", kind=kind, words=words.format(port=port))

    places = [
        (host, port)
        for host in addresses_to_search(networks, own_addresses())
        for port in PORTS
        if f"{host}:{port}" not in used
    ]
    answers = await asyncio.gather(*(knock(host, port) for host, port in places))
    return [device for device in answers if device is not None]


def addresses_to_search(networks: Sequence[str], own: Iterable[str]) -> list[str]:
    """The addresses of small ranges, and the neighbours of this machine where a range is wide."""
    near = [ipaddress.ip_network(f"{address}/24", strict=False) for address in own]
    ranges: list[IPv4Network] = [] if networks else list(near)
    for text in networks:
        network = ipaddress.ip_network(text, strict=False)
        if not isinstance(network, IPv4Network):
            continue  # too wide to knock at every door
        if network.num_addresses <= SEARCHED_WHOLE:
            ranges.append(network)
        else:
            ranges += [neighbours for neighbours in near if neighbours.subnet_of(network)]
    hosts = (str(host) for network in ipaddress.collapse_addresses(ranges) for host in network.hosts())
    return [host for _, host in zip(range(MOST_ADDRESSES), hosts, strict=False)]


def own_addresses() -> set[str]:
    """This machine's addresses in the store's network."""
    found: set[str] = set()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
        probe.connect(("192.0.2.1", 9))  # chooses the way out; nothing is sent
        found.add(probe.getsockname()[0])
    with suppress(OSError):
        found |= set(socket.gethostbyname_ex(socket.gethostname())[2])
    return {address for address in found if not ipaddress.ip_address(address).is_loopback}


def serial_ports() -> list[FoundDevice]:
    """The serial ports of this machine; what hangs on them, only people know."""
    from serial.tools import list_ports

    return [
        FoundDevice(
            address=f"serial:{port.device}",
            kind=_kind_of_port(f"{port.description} {port.manufacturer or ''}"),
            words=port.description if port.description not in ("", "n/a") else "A serial port.",
        )
        for port in sorted(list_ports.comports())
    ]


def _kind_of_port(said: str) -> DeviceKind:
    said = said.lower()
    if "scale" in said or "weigh" in said:
        return "scale"
    return "display" if "display" in said else "scanner"


def usb_printers(devices: Path = USB_DEVICES) -> list[FoundDevice]:
    """USB interfaces of the printer class: by their device file where the system has made one, else by number."""
    return list(_usb_printers(devices))


def _usb_printers(devices: Path) -> Iterator[FoundDevice]:
    for interface in sorted(devices.glob("*:*")):
        if _text(interface / "bInterfaceClass") != PRINTER_CLASS:
            continue
        device = devices / interface.name.partition(":")[0]
        vendor, product = _text(device / "idVendor"), _text(device / "idProduct")
        name = " ".join(filter(None, (_text(device / "manufacturer"), _text(device / "product"))))
        files = sorted(interface.glob("usbmisc/lp*"))
        address = f"file:/dev/usb/{files[0].name}" if files else f"usb:{vendor}:{product}"
        if files or (vendor and product):
            yield FoundDevice(address=address, kind="printer", words=name or "A USB printer.")


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""


def ask_lab(lab: str, station: int) -> list[FoundDevice]:
    """The emulated devices that lie on the lab's shelf for this station."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{lab}/devices/?station={station}", timeout=3) as answer:
        return [
            FoundDevice(address=device["address"], kind=device["kind"], words=device["words"])
            for device in json.load(answer)["devices"]
        ]
