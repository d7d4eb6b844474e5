"""An emulated receipt printer: it obeys the bytes, answers as a real one does, and can be made to fail.

Real-time questions are answered as they arrive; everything else goes through a buffer and is worked off while
the printer is on line. Paper that ends, a cover that opens and a power cut may be set for a byte to come.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from hardware.agent.emulators.drawer import EmulatedDrawer
from hardware.agent.emulators.escpos_stream import Command, EscPosStream, RealTimeWatch
from hardware.agent.emulators.lines import Reply
from hardware.agent.emulators.paper import Cut, Line, Mark, Paper, Picture, Pulse

Listener = Callable[[str, object], None]


@dataclass
class Faults:
    """What is to go wrong. Counters count bytes from the moment of setting; None is never."""

    paper_out_after: int | None = None
    cover_after: int | None = None
    power_off_after: int | None = None
    drop_after: int | None = None
    lose_answers: bool = False
    double_answers: bool = False
    garbage: bool = False


@dataclass
class EmulatedPrinter:
    """One printer with up to two drawers. ``tell(what, value)`` hears of every change and every mark."""

    dots: int = 512
    tell: Listener = lambda what, value: None
    line_seconds: float = 0.0
    drawer_open_is_high: bool = True
    drawers: tuple[EmulatedDrawer, ...] = field(default_factory=lambda: (EmulatedDrawer(),))
    faults: Faults = field(default_factory=Faults)
    has_paper: bool = True
    paper_low: bool = False
    cover_open: bool = False
    power: bool = True
    drop_line: Callable[[], None] = lambda: None
    knows: tuple[int, ...] = (1, 2, 3, 4)  # the real-time questions that it answers
    proves: bool = True  # answers what stands in the print stream
    keep: int | None = None  # marks and bytes that are remembered; None is all, for tests

    def __post_init__(self) -> None:
        self.marks: list[Mark] = []
        self.received = bytearray()
        self.pulses = 0
        self._paper = Paper(self._mark, self.dots)
        self._stream, self._watch = EscPosStream(), RealTimeWatch()
        self._queue: deque[tuple[Command, Reply]] = deque()
        self._changed = asyncio.Event()
        self._automatic: tuple[int, Reply] | None = None
        self._display_selected = False
        self._printed = 0
        self._random = random.Random(1)  # noqa: S311 - noise, not secrets
        self.on_power: Callable[[bool], None] = lambda on: None

    # the line

    def connected(self, reply: Reply) -> None:
        """Somebody has opened the line."""

    def disconnected(self) -> None:
        self._automatic = None

    def receive(self, data: bytes, reply: Reply) -> None:
        """Take bytes as they come; what a fault cuts off never reaches the printer."""
        if not self.power:
            return
        data, cut = self._cut_by_faults(data)
        self.received += data
        if self.keep is not None:
            del self.received[: -self.keep]
        for letter, arguments in self._watch.feed(data):
            self._real_time(letter, arguments, reply)
        self._queue.extend((command, reply) for command in self._stream.feed(data))
        if not self.line_seconds:
            self._work()
        self._changed.set()
        if cut == "power":
            self.switch(False)
        elif cut == "line":
            self.drop_line()

    def _cut_by_faults(self, data: bytes) -> tuple[bytes, str]:
        cuts = [
            (after, name)
            for after, name in ((self.faults.power_off_after, "power"), (self.faults.drop_after, "line"))
            if after is not None
        ]
        at, name = min(cuts, default=(len(data) + 1, ""))
        if at <= len(data):
            self.faults.power_off_after = self.faults.drop_after = None
            return data[:at], name
        if self.faults.power_off_after is not None:
            self.faults.power_off_after -= len(data)
        if self.faults.drop_after is not None:
            self.faults.drop_after -= len(data)
        return data, ""

    # the mechanism

    @property
    def online(self) -> bool:
        return self.power and self.has_paper and not self.cover_open

    async def run(self) -> None:
        """Work at the speed of a mechanism, line by line; without a speed, bytes are worked off as they come."""
        while True:
            if self._work(only_one_line=True):
                await asyncio.sleep(self.line_seconds)
                continue
            self._changed.clear()
            await self._changed.wait()

    def _work(self, only_one_line: bool = False) -> bool:
        while self._queue and self.online:
            command, reply = self._queue.popleft()
            before = self._printed
            self._obey(command, reply)
            self._count_down(command.size)
            if only_one_line and self._printed != before:
                return True
        return False

    def _obey(self, command: Command, reply: Reply) -> None:
        match command.name:
            case "GS r" if not self.proves:
                return
            case "GS r":
                paper = 0x0C if not self.has_paper else 0x03 if self.paper_low else 0
                self._answer(bytes((self._drawer_bit() if command.data[0] & 3 == 2 else paper,)), reply)
            case "GS I":
                names = {0x41: b"1.00", 0x42: b"Tillhouse", 0x43: b"Lab 80"}
                self._answer(b"\x5f" + names.get(command.data[0], b"?") + b"\x00", reply)
            case "GS a":
                self._automatic = (command.data[0], reply) if command.data[0] else None
                self.announce()
            case "ESC =":
                self._display_selected = command.data[0] & 1 == 0
            case _ if self._display_selected:
                self.tell("display", command)
            case _:
                self._paper.obey(command)

    def _count_down(self, size: int) -> None:
        for fault in ("paper_out_after", "cover_after"):
            left = getattr(self.faults, fault)
            if left is None:
                continue
            setattr(self.faults, fault, left - size if left > size else None)
            if left <= size:
                self.set(has_paper=False) if fault == "paper_out_after" else self.set(cover_open=True)

    def _mark(self, mark: Mark) -> None:
        self.marks.append(mark)
        if self.keep is not None and len(self.marks) > 2 * self.keep:
            del self.marks[: self.keep]
        self._printed += isinstance(mark, Line | Picture)
        if isinstance(mark, Pulse):
            self._kick(mark.connector)
        self.tell("mark", mark)

    def _kick(self, connector: int) -> None:
        self.pulses += 1
        if connector <= len(self.drawers):
            self.drawers[connector - 1].kick()

    # answers

    def _real_time(self, letter: int, arguments: bytes, reply: Reply) -> None:
        if letter == 0x04 and arguments[0] in self.knows:
            self._answer(bytes((self._status(arguments[0]),)), reply)
        elif letter == 0x14 and arguments[0] == 1:
            self.tell("pulse", 1 + (arguments[1] & 1))
            self._kick(1 + (arguments[1] & 1))

    def _drawer_bit(self) -> int:
        return int(any(drawer.is_open for drawer in self.drawers) == self.drawer_open_is_high)

    def _status(self, question: int) -> int:
        answer = 0x12
        if question == 1:
            answer |= 0x04 * self._drawer_bit() | 0x08 * (not self.online)
        elif question == 2:
            answer |= 0x04 * self.cover_open | 0x20 * (not self.has_paper)
        elif question == 4:
            answer |= 0x0C * (self.paper_low or not self.has_paper) | 0x60 * (not self.has_paper)
        return answer

    def announce(self) -> None:
        """Automatic status: four bytes at every change, to whoever asked for it."""
        if self._automatic is None:
            return
        first = 0x10 | 0x04 * self._drawer_bit() | 0x08 * (not self.online) | 0x20 * self.cover_open
        third = 0x03 * (self.paper_low or not self.has_paper) | 0x0C * (not self.has_paper)
        self._answer(bytes((first, 0, third, 0)), self._automatic[1])

    def _answer(self, data: bytes, reply: Reply) -> None:
        if self.faults.lose_answers or not self.power:
            return
        if self.faults.garbage:
            reply(bytes(self._random.choices(range(128, 256), k=7)))
        reply(data * (2 if self.faults.double_answers else 1))

    # hands

    def set(self, **changes: bool) -> None:
        """Open the cover, take out the paper, put in a new roll: what hands do to a printer."""
        for name, value in changes.items():
            setattr(self, name, value)
        self.tell("state", self)
        self.announce()
        if not self.line_seconds:
            self._work()
        self._changed.set()

    def switch(self, on: bool) -> None:
        """The power switch. What was in the buffer is lost, and so is half a line."""
        self.power = on
        if not on:
            self._queue.clear()
            self._stream.reset()
            self._watch = RealTimeWatch()
            self._paper.initialise()
            self._automatic, self._display_selected = None, False
            self.drop_line()
        self.on_power(on)
        self.tell("state", self)
        self._changed.set()

    @property
    def cuts(self) -> int:
        """How many receipts have come out."""
        return sum(isinstance(mark, Cut) for mark in self.marks)
