"""The emulated devices of this lab: made when a station asks for them, kept on one event loop.

Pages and sockets live on other threads; they come in through ``LAB.do`` and hear of changes through
``LAB.subscribe``.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from hardware.agent.emulators.display import EmulatedDisplay
from hardware.agent.emulators.drawer import EmulatedDrawer
from hardware.agent.emulators.lines import PtyLine, TcpLine
from hardware.agent.emulators.paper import Cut, Mark, Pulse
from hardware.agent.emulators.printer import EmulatedPrinter
from hardware.agent.emulators.scale import EmulatedScale
from hardware.agent.emulators.scanner import EmulatedScanner
from hardware.agent.emulators.terminal import EmulatedTerminal

KEEP_RECEIPTS = 30
LINE_SECONDS = 0.028
SETTLE_SECONDS = 0.7
TERMINAL_STEP_SECONDS = 0.5
MOST_DEVICES = 400
SHELF = (("printer", "escpos_network"), ("scale", "scale_8217"))
SHELF_WORDS = {"printer": "A receipt printer of the device lab.", "scale": "A scale of the device lab."}
Heard = Callable[[str, str], None]


class CannotEmulate(ValueError):
    """There is no emulated device of this kind."""


@dataclass
class Wish:
    """What a station asks for; the name is the station's number and the device's, such as ``S1/printer@101``."""

    name: str
    kind: str
    driver: str = ""
    title: str = ""
    place: str = ""
    register: str = ""
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass
class LabDevice:
    """One device with its line. ``address`` is what the station opens."""

    wish: Wish
    address: str = ""

    @property
    def slug(self) -> str:
        return "".join(letter if letter.isalnum() else "-" for letter in self.wish.name)


@dataclass
class LabPrinter(LabDevice):
    """A printer, its drawers, and the receipts that lie there."""

    printer: EmulatedPrinter = field(default_factory=EmulatedPrinter)
    receipts: deque[list[Mark]] = field(default_factory=lambda: deque([[]], maxlen=KEEP_RECEIPTS))
    receipt_number: int = 1


@dataclass
class LabScanner(LabDevice):
    """A scanner and what it read last."""

    scanner: EmulatedScanner = field(default_factory=EmulatedScanner)
    recent: deque[str] = field(default_factory=lambda: deque(maxlen=8))
    heard: bool = True


@dataclass
class LabScale(LabDevice):
    """A scale and what lies on it."""

    scale: EmulatedScale = field(default_factory=EmulatedScale)


@dataclass
class LabDisplay(LabDevice):
    """What the customer reads."""

    display: EmulatedDisplay = field(default_factory=EmulatedDisplay)


@dataclass
class LabTerminal(LabDevice):
    """A card terminal, with its own book."""

    terminal: EmulatedTerminal = field(default_factory=EmulatedTerminal)


class Lab:
    """All devices, and everyone who watches them."""

    def __init__(self) -> None:
        self.devices: dict[str, LabDevice] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._starting = threading.Lock()
        self._listeners: set[Heard] = set()
        self._tasks: set[asyncio.Task] = set()

    def do(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Run a function on the devices' loop and give its answer; for any other thread."""

        async def run() -> Any:
            answer = function(*arguments)
            return await answer if asyncio.iscoroutine(answer) else answer

        return asyncio.run_coroutine_threadsafe(run(), self._running_loop()).result(10)

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="device lab", daemon=True).start()
            return self._loop

    def subscribe(self, listener: Heard) -> None:
        """``listener(device name, what)`` is called on the devices' loop."""
        self._listeners.add(listener)

    def unsubscribe(self, listener: Heard) -> None:
        self._listeners.discard(listener)

    def tell(self, name: str, what: str) -> None:
        for listener in list(self._listeners):
            listener(name, what)

    async def ensure(self, wish: Wish) -> str:
        """The address of a device, made now if it is new."""
        known = self.devices.get(wish.name)
        if known is not None:
            known.wish = wish
            return known.address
        if len(self.devices) >= MOST_DEVICES:
            raise CannotEmulate(f"This lab has {MOST_DEVICES} devices already.")
        make = {
            "printer": self._make_printer,
            "scanner": self._make_scanner,
            "scale": self._make_scale,
            "display": self._make_display,
            "terminal": self._make_terminal,
        }.get(wish.kind)
        if make is None:
            raise CannotEmulate(f"The lab has no emulated {wish.kind}.")
        device = await make(wish)
        self.devices[wish.name] = device
        self.tell(wish.name, "new")
        return device.address

    async def shelf(self, station: str) -> list[LabDevice]:
        """What lies on the shelf for a station: devices that are switched on and that no profile names yet."""
        found = []
        for kind, driver in SHELF:
            wish = Wish(f"shelf/{station}/{kind}", kind, driver, place=f"On the shelf · of station {station}")
            if wish.name not in self.devices:
                await self.ensure(wish)
            found.append(self.devices[wish.name])
        return found

    def _spawn(self, work: Coroutine) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _make_printer(self, wish: Wish) -> LabPrinter:
        dots = int(wish.settings.get("dots", 512))
        device = LabPrinter(wish)
        drawer = EmulatedDrawer(tell=lambda is_open: self.tell(wish.name, "state"))
        printer = EmulatedPrinter(dots=dots, line_seconds=LINE_SECONDS, drawers=(drawer,), keep=2000)
        printer.tell = lambda what, value: self._printed(device, what, value)
        line = TcpLine(printer)
        printer.drop_line = line.drop
        printer.on_power = lambda on: self._spawn(line.open() if on else line.close())
        device.printer = printer
        await line.open()
        self._spawn(printer.run())
        device.address = f"tcp://{line.host}:{line.port}"
        return device

    def _printed(self, device: LabPrinter, what: str, value: Any) -> None:
        if what == "mark" and isinstance(value, Cut):
            device.receipts.append([])
            device.receipt_number += 1
            self.tell(device.wish.name, "cut")
        elif what == "mark" and not isinstance(value, Pulse):
            device.receipts[-1].append(value)
            self.tell(device.wish.name, "mark")
        else:
            self.tell(device.wish.name, "state")

    async def _make_scanner(self, wish: Wish) -> LabScanner:
        device = LabScanner(wish)
        return await self._on_pty(device, device.scanner)

    async def _make_scale(self, wish: Wish) -> LabScale:
        speech = wish.driver.removeprefix("scale_")
        if speech not in ("8217", "nci", "cas", "dialog06"):
            raise CannotEmulate(f"The lab has no scale that speaks {speech}.")
        device = LabScale(
            wish, scale=EmulatedScale(speaks=speech, tell=lambda: self.tell(wish.name, "state"))
        )
        return await self._on_pty(device, device.scale)

    async def _make_display(self, wish: Wish) -> LabDisplay:
        device = LabDisplay(wish, display=EmulatedDisplay(tell=lambda: self.tell(wish.name, "state")))
        return await self._on_pty(device, device.display)

    async def _make_terminal(self, wish: Wish) -> LabTerminal:
        device = LabTerminal(wish, terminal=EmulatedTerminal(step_seconds=TERMINAL_STEP_SECONDS))
        device.terminal.tell = lambda: self.tell(wish.name, "state")
        line = TcpLine(device.terminal)
        device.terminal.drop_line = line.drop
        await line.open()
        device.address = f"tcp://{line.host}:{line.port}"
        return device

    async def _on_pty(self, device: Any, emulated: Any) -> Any:
        line = PtyLine(emulated)
        await line.open()
        device.address = f"serial:{line.path}"
        return device

    # hands

    def touch_printer(self, name: str, action: str, value: str) -> None:
        """What hands can do to a printer and its drawer; unknown actions raise KeyError."""
        device = self.devices[name]
        if not isinstance(device, LabPrinter):
            raise KeyError(name)
        printer = device.printer
        match action:
            case "paper":
                printer.set(has_paper=not printer.has_paper, paper_low=False)
            case "low":
                printer.set(paper_low=not printer.paper_low)
            case "cover":
                printer.set(cover_open=not printer.cover_open)
            case "power":
                printer.switch(not printer.power)
            case "shut":
                printer.drawers[0].push_shut()
                printer.announce()
            case "stick":
                printer.drawers[0].is_stuck = not printer.drawers[0].is_stuck
                self.tell(name, "state")
            case "lose_answers" | "double_answers" | "garbage":
                setattr(printer.faults, action, not getattr(printer.faults, action))
                self.tell(name, "state")
            case "paper_out_after" | "power_off_after" | "drop_after" | "cover_after":
                after = int(value) if value else None
                printer.faults = replace(printer.faults, **{action: after})
                self.tell(name, "state")
            case "tear":
                device.receipts.clear()
                device.receipts.append([])
                self.tell(name, "torn")
            case _:
                raise KeyError(action)

    def weigh(self, name: str, kilograms: Decimal) -> None:
        """Put goods on a scale: it moves for a moment and comes to rest."""
        device = self.devices[name]
        if not isinstance(device, LabScale):
            raise KeyError(name)
        device.scale.put(kilograms, moving=True)
        asyncio.get_running_loop().call_later(SETTLE_SECONDS, self._settle, device.scale, kilograms)

    def _settle(self, scale: EmulatedScale, kilograms: Decimal) -> None:
        if scale.weight == kilograms:
            scale.put(kilograms)

    def touch_scale(self, name: str, action: str) -> None:
        """Shake a scale, or pull its plug; unknown actions raise KeyError."""
        device = self.devices[name]
        if not isinstance(device, LabScale):
            raise KeyError(name)
        match action:
            case "shake":
                device.scale.is_moving = not device.scale.is_moving
            case "unplug":
                device.scale.is_silent = not device.scale.is_silent
            case _:
                raise KeyError(action)
        self.tell(name, "state")

    def touch_terminal(self, name: str, action: str, value: str) -> None:
        """Decide what the terminal does with the next card; unknown actions raise KeyError."""
        device = self.devices[name]
        if not isinstance(device, LabTerminal):
            raise KeyError(name)
        if action == "decide" and value in ("approve", "decline", "cancel", "wait"):
            device.terminal.decision = value
        elif action == "card" and value in ("approve", "decline", "cancel"):
            device.terminal.person(value)
        elif action == "cut" and value in ("before", "progress", "booked", "result", "completion"):
            device.terminal.cut_at = "" if device.terminal.cut_at == value else value
        elif action == "slow":
            slow = device.terminal.step_seconds > TERMINAL_STEP_SECONDS
            device.terminal.step_seconds = TERMINAL_STEP_SECONDS * (1 if slow else 6)
        else:
            raise KeyError(action)
        self.tell(name, "state")

    def scan(self, name: str, code: str, identifier: str = "") -> bool:
        """Read a code with a scanner; False when nobody is connected to hear it."""
        device = self.devices[name]
        if not isinstance(device, LabScanner):
            raise KeyError(name)
        device.heard = device.scanner.scan(code, identifier)
        if code in device.recent:
            device.recent.remove(code)
        device.recent.appendleft(code)
        self.tell(name, "state")
        return device.heard


LAB = Lab()
