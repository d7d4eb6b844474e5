"""From a device of the profile to its driver. A driver is a name here and one module."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from hardware.agent.drivers import transport
from hardware.agent.drivers.base import DeviceRefused
from hardware.agent.options import said_in
from hardware.agent.protocol import Device

DEFAULT_TRANSPORT = {
    "scale": "serial",
    "scanner": "serial",
    "reader": "serial",
    "display": "serial",
    "zvt": "network",
}
TRANSPORT_OF = {"network": "tcp", "serial": "serial", "usb": "usb", "file": "file", "ipp": "ipp"}


def _printer(device: Device, networks: Sequence[str]) -> Any:
    from hardware.agent.drivers.printer import EscPosPrinter

    return EscPosPrinter(device, networks)


def _scanner(device: Device, networks: Sequence[str]) -> Any:
    from hardware.agent.drivers.scanner import SerialScanner

    return SerialScanner(device, networks)


def _reader(device: Device, networks: Sequence[str]) -> Any:
    from hardware.agent.drivers.reader import MagneticReader

    return MagneticReader(device, networks)


def _display(device: Device, networks: Sequence[str]) -> Any:
    from hardware.agent.drivers.display import LineDisplay

    return LineDisplay(device, networks)


def _scale(device: Device, networks: Sequence[str]) -> Any:
    from hardware.agent.drivers.scale import Scale

    speech = device.driver.removeprefix("scale_")
    if speech == "8217":
        from hardware.agent.drivers.scale_8217 import LINE_SETTINGS
        from hardware.agent.drivers.scale_8217 import Toledo8217 as Protocol
    elif speech == "nci":
        from hardware.agent.drivers.scale_nci import LINE_SETTINGS
        from hardware.agent.drivers.scale_nci import Nci as Protocol
    elif speech == "cas":
        from hardware.agent.drivers.scale_cas import LINE_SETTINGS
        from hardware.agent.drivers.scale_cas import Cas as Protocol
    elif speech == "dialog06":
        from hardware.agent.drivers.scale_dialog06 import LINE_SETTINGS
        from hardware.agent.drivers.scale_dialog06 import Dialog06 as Protocol
    else:
        raise DeviceRefused(f"No scale speaks {speech}. Known are 8217, nci, cas, dialog06.")
    return Scale(device, networks, Protocol(**device.settings), LINE_SETTINGS)


def _terminal(device: Device, networks: Sequence[str]) -> Any:
    from hardware.agent.drivers.zvt import ZvtTerminal

    return ZvtTerminal(device, networks)


def _page(device: Device, networks: Sequence[str]) -> Any:
    from hardware.agent.drivers.page import PagePrinter

    return PagePrinter(device, networks)


DRIVERS: dict[str, Callable[[Device, Sequence[str]], Any]] = {
    "escpos": _printer,
    "page": _page,
    "scanner": _scanner,
    "scale": _scale,
    "reader": _reader,
    "display": _display,
    "zvt": _terminal,
}


def build_driver(device: Device, networks: Sequence[str]) -> Any:
    """The driver of one device, which is given no settings but its own options.

    Raises DeviceRefused with the remedy, also where an option says what it cannot say.
    """
    family, _, said = device.driver.partition("_")
    way = _transport_of(device.driver)
    make = DRIVERS.get(family)
    if make is None or (said and not way):
        ways = ["ipp"] if family == "page" else [way for way in TRANSPORT_OF if way != "ipp"]
        known = DRIVERS if make is None else [f"{family}_{way}" for way in ways]
        raise DeviceRefused(
            f"This station has no driver named {device.driver}. Known are {', '.join(known)}."
        )
    # drivers take their settings as they are: only here are they held against the table of options
    device = msgspec.structs.replace(device, settings=said_in(device.settings, device.driver))
    try:
        return make(_with_scheme(device, way), networks)
    except (TypeError, ValueError) as error:
        raise DeviceRefused(f"The options of {device.id} do not fit its driver: {error}.") from error


def check_address(device: Device) -> None:
    """Raises DeviceRefused where no station could open the device's address, in whatever network it stands."""
    transport.check_address(_with_scheme(device, _transport_of(device.driver)).address)


def _transport_of(driver: str) -> str:
    family, _, said = driver.partition("_")
    return said if said in TRANSPORT_OF else DEFAULT_TRANSPORT.get(family, "")


def _with_scheme(device: Device, transport: str) -> Device:
    """``escpos_network`` with ``10.0.0.7:9100`` means ``tcp://10.0.0.7:9100``."""
    scheme = TRANSPORT_OF.get(transport)
    if scheme is None or device.address.partition(":")[0] in ("tcp", "serial", "usb", "file", "ipp", "ipps"):
        return device
    lead = f"{scheme}://" if scheme in ("tcp", "ipp") else f"{scheme}:"
    return msgspec.structs.replace(device, address=lead + device.address)
