"""The emulated devices of this lab: made when a station asks for them, kept on one event loop.

Pages and sockets live on other threads; they come in through ``LAB.do`` and hear of changes through
``LAB.subscribe``.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from hardware.agent.emulators.display import EmulatedDisplay
from hardware.agent.emulators.drawer import EmulatedDrawer
from hardware.agent.emulators.faults import FaultyLine
from hardware.agent.emulators.lines import PtyLine, TcpLine
from hardware.agent.emulators.page_printer import EmulatedPagePrinter
from hardware.agent.emulators.paper import Cut, Mark, Pulse
from hardware.agent.emulators.printer import EmulatedPrinter
from hardware.agent.emulators.scale import EmulatedScale
from hardware.agent.emulators.scanner import EmulatedScanner
from hardware.agent.emulators.terminal import EmulatedTerminal
from hardware.agent.emulators.zvt_serial import SerialZvt

KEEP_RECEIPTS = 30
LINE_SECONDS = 0.028
KEEP_PAGES = 12
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
    faults: FaultyLine | None = None

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

    @property
    def samples(self) -> list[tuple[str, str]]:
        """The articles that lie beside it, as (code, name): option ``samples``, ``CODE name; CODE name``."""
        written = str(self.wish.settings.get("samples", "")).split(";")
        pairs = (sample.strip().partition(" ") for sample in written if sample.strip())
        return [(code, name or code) for code, _, name in pairs]


@dataclass(frozen=True)
class TestCard:
    """A card with a magnetic stripe that lies beside the reader."""

    name: str
    words: str
    number: str
    tracks: str


CARDS = (
    TestCard("loyalty", "Loyalty card", "ends in 0017", ";700700000017?"),
    TestCard("staff", "Staff card", "Amara Okafor", "%STAFF-1001?;8801001?"),
    TestCard("other", "Staff card", "Jess Holroyd", "%STAFF-2001?;8802001?"),
    TestCard("lost", "Lost staff card", "not in use", "%STAFF-9999?;8809999?"),
    TestCard(
        "payment",
        "Payment card",
        "ends in 1111",
        "%B4111111111111111^DEMO/CARD^29122011234567890?;4111111111111111=29122011234567890?",
    ),
    TestCard("scratched", "Scratched card", "unreadable", "%E?;E?+E?"),
)


@dataclass
class LabReader(LabDevice):
    """A magnetic card reader with the cards that lie beside it."""

    reader: EmulatedScanner = field(default_factory=EmulatedScanner)
    cards: tuple[TestCard, ...] = CARDS
    last: str = ""
    heard: bool = True


@dataclass
class LabPagePrinter(LabDevice):
    """A printer of full pages with its queue."""

    printer: EmulatedPagePrinter = field(default_factory=EmulatedPagePrinter)

    @property
    def last_jobs(self) -> list[dict[str, Any]]:
        """The last documents, the newest first, under the titles that people know."""
        return [{**job, "title": job["name"].rsplit(" ", 1)[0]} for job in self.printer.jobs[:-5:-1]]

    @property
    def has_no_paper(self) -> bool:
        return "media-empty-error" in self.printer.reasons

    @property
    def is_cover_open(self) -> bool:
        return "cover-open-error" in self.printer.reasons

    @property
    def is_toner_low(self) -> bool:
        return "marker-supply-low-warning" in self.printer.reasons

    @property
    def is_stopped(self) -> bool:
        return self.has_no_paper or self.is_cover_open


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
    """A card terminal, with its own book; ``frames`` where it hangs on a serial line."""

    terminal: EmulatedTerminal = field(default_factory=EmulatedTerminal)
    frames: SerialZvt | None = None


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
        """The address of a device, made now if it is new; a scale that is to speak otherwise is a new one."""
        known = self.devices.get(wish.name)
        if known is not None and (wish.kind != "scale" or known.wish.driver == wish.driver):
            known.wish = wish
            return known.address
        if len(self.devices) >= MOST_DEVICES:
            raise CannotEmulate(f"This lab has {MOST_DEVICES} devices already.")
        make = {
            "printer": self._make_page_printer if wish.driver.startswith("page") else self._make_printer,
            "reader": self._make_reader,
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
        drawers = tuple(EmulatedDrawer(tell=lambda is_open: self.tell(wish.name, "state")) for _ in (1, 2))
        printer = EmulatedPrinter(dots=dots, line_seconds=LINE_SECONDS, drawers=drawers, keep=2000)
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

    async def _make_page_printer(self, wish: Wish) -> LabPagePrinter:
        printer = EmulatedPagePrinter(tell=lambda: self.tell(wish.name, "state"), keep=KEEP_PAGES)
        line = TcpLine(printer)
        printer.drop_line = line.drop  # type: ignore[method-assign]
        await line.open()
        return LabPagePrinter(wish, f"ipp://{line.host}:{line.port}/printers/{printer.name}", printer=printer)

    async def _make_reader(self, wish: Wish) -> LabReader:
        device = LabReader(wish)
        return await self._on_pty(device, device.reader)

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
        if wish.driver.endswith("serial"):
            device.frames = SerialZvt(device.terminal)
            device.terminal.drop_line = device.frames.drop
            return await self._on_pty(device, device.frames)
        device.faults = FaultyLine(device.terminal)
        line = TcpLine(device.faults)
        device.terminal.drop_line = line.drop
        await line.open()
        device.address = f"tcp://{line.host}:{line.port}"
        return device

    async def _on_pty(self, device: Any, emulated: Any) -> Any:
        device.faults = FaultyLine(emulated)
        line = PtyLine(device.faults)
        await line.open()
        device.address = f"serial:{line.path}"
        return device


LAB = Lab()
