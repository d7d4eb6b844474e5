"""What a page or a socket shows of the lab: plain values, read on the devices' loop."""

from dataclasses import dataclass

from django.template.loader import render_to_string

from hardware.agent.emulators.drawer import EmulatedDrawer
from hardware.agent.emulators.paper import Mark
from hardware.lab.devices import (
    LAB,
    LabDevice,
    LabDisplay,
    LabPagePrinter,
    LabPrinter,
    LabReader,
    LabScale,
    LabScanner,
    LabTerminal,
)
from hardware.lab.draw import draw


@dataclass(frozen=True)
class Tool:
    """One device beside the paper, with its panel."""

    device: LabDevice
    label: str
    template: str
    is_bare: bool = False


@dataclass(frozen=True)
class Place:
    """One till with its devices."""

    slug: str
    store: str
    till: str
    devices: tuple[LabDevice, ...]

    @property
    def printers(self) -> list[LabPrinter]:
        return [device for device in self.devices if isinstance(device, LabPrinter)]

    def printer(self, slug: str = "") -> LabPrinter | None:
        """The printer whose paper is shown: the one asked for, else the first."""
        asked = [printer for printer in self.printers if printer.slug == slug]
        return next(iter([*asked, *self.printers]), None)

    @property
    def tools(self) -> list[Tool]:
        """What stands on the counter, in the order in which it is used."""
        return [
            Tool(device, LABELS[kind], FRONTS[kind], is_bare=kind is LabDisplay)
            for kind in LABELS
            for device in self.devices
            if type(device) is kind
        ]


def slug_of(place: str) -> str:
    """A place as a part of an address."""
    words = "".join(
        letter if letter.isascii() and letter.isalnum() else " " for letter in place.lower()
    ).split()
    return "-".join(words) or "counter"


def places() -> list[Place]:
    """Every till that has devices, in the order of stations and registers."""
    found: dict[str, list[LabDevice]] = {}
    for device in sorted(LAB.devices.values(), key=_order):
        found.setdefault(device.wish.place, []).append(device)
    return [
        Place(slug_of(place), *_store_and_till(place), tuple(devices)) for place, devices in found.items()
    ]


def _order(device: LabDevice) -> tuple[str, bool, str, str]:
    """Station by station; there the registers, and then what they share."""
    wish = device.wish
    return wish.name.partition("/")[0], not wish.register, wish.register, wish.name


def _store_and_till(place: str) -> tuple[str, str]:
    store, _, till = place.partition(" · ")
    till = till.removeprefix(store).strip() or till
    return store or "Counter", till[:1].upper() + till[1:] or "Counter"


def ink(marks: list[Mark], dots: int) -> list[str]:
    """The pictures of some marks, in order."""
    return [drawn for mark in marks if (drawn := draw(mark, dots))]


def roll(device: LabPrinter) -> str:
    """All receipts that lie at a printer, as HTML."""
    dots = device.printer.dots
    receipts = [ink(receipt, dots) for receipt in device.receipts]
    return render_to_string("hardware/lab/_roll.html", {"receipts": receipts, "device": device})


def seen(device: LabPrinter) -> str:
    """A mark for how much of the roll a page shows."""
    return f"{device.receipt_number}.{len(device.receipts[-1])}"


FRONTS: dict[type, str] = {
    LabPrinter: "hardware/lab/_printer.html",
    LabScanner: "hardware/lab/_scanner.html",
    LabReader: "hardware/lab/_reader.html",
    LabScale: "hardware/lab/_scale.html",
    LabDisplay: "hardware/lab/_display.html",
    LabTerminal: "hardware/lab/_terminal.html",
    LabPagePrinter: "hardware/lab/_page_printer.html",
}
LABELS: dict[type, str] = {
    LabDisplay: "Customer display",
    LabScanner: "Scanner",
    LabReader: "Card reader",
    LabScale: "Scale",
    LabTerminal: "Card terminal",
    LabPagePrinter: "Page printer",
}


def front(device: LabDevice) -> str:
    """The device's panel as HTML, to take the place of the one on the page."""
    context = {"device": device, "place_slug": slug_of(device.wish.place)}
    return render_to_string(FRONTS[type(device)], context)


def drawer(device: LabPrinter) -> str:
    """The drawers' panel as HTML."""
    return render_to_string("hardware/lab/_drawer.html", {"device": device, "drawers": drawers(device)})


def drawers(device: LabPrinter) -> list[EmulatedDrawer]:
    """The drawers to show: a second one from the moment that it is opened."""
    first, *more = device.printer.drawers
    return [first, *(drawer for drawer in more if drawer.kicks)]


def faults(device: LabPrinter) -> str:
    """The switches for what is to go wrong, as HTML."""
    return render_to_string("hardware/lab/_faults.html", {"device": device})
