"""Scales: what a reading is, and how one is had. Each protocol is a file of its own beside this one.

Only a stable weight may be sold. Moving, below zero, overload and silence are four different messages, and the
unit and the number of decimals belong to the reading.
"""

import re
import time
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Literal, Protocol

import msgspec

from hardware.agent.drivers.base import DeviceError, DeviceUnavailable, Health
from hardware.agent.drivers.transport import LineLost, Transport, open_transport, seven_bits
from hardware.agent.protocol import Device

ReadingState = Literal["stable", "moving", "unmoved", "zero", "below_zero", "overload", "unpriced", "fault"]
WORDS: dict[str, str] = {
    "stable": "Weighed.",
    "moving": "The weight is still moving. Keep your hands off the scale.",
    "unmoved": "This was weighed before. Take it off the scale and put it back on.",
    "zero": "The scale is empty. Put the goods on it.",
    "below_zero": "The scale is below zero. Empty it and set it to zero.",
    "overload": "Too heavy for this scale. Take something off.",
    "unpriced": "This scale weighs nothing without a price that it takes. Type the weight by hand.",
    "fault": "The scale reports a fault. Empty it, switch it off and on.",
}
SILENT = "The scale does not answer. Check its cable, and switch it off and on."
UNREADABLE = (
    "The scale's answers cannot be read. Check its driver and its line's settings in the hardware profile."
)
ANSWER_SECONDS = 0.9
POLL_SECONDS = 0.12
TRIES = 3


class Reading(msgspec.Struct, frozen=True):
    """What a scale says. ``weight`` keeps the scale's decimals; it is there only where it may be shown."""

    state: ReadingState
    weight: Decimal | None = None
    unit: str = ""
    is_net: bool = False

    @property
    def words(self) -> str:
        return WORDS[self.state]

    def as_data(self) -> dict[str, str | bool]:
        """The reading as plain JSON values."""
        data: dict[str, str | bool] = {"state": self.state, "words": self.words, "net": self.is_net}
        if self.weight is not None:
            data |= {"weight": str(self.weight), "unit": self.unit}
        return data


class ScaleProtocol(Protocol):
    """How to talk to one family of scales.

    ``price`` is of one kilogram or pound, in the smallest unit of the currency; 0 is unknown. Scales that compute
    no price care nothing for it.
    """

    price: int

    def ask(self, line: "ScaleLine") -> Reading | None:
        """Ask once; None when what came was no answer."""

    def look(self, line: "ScaleLine") -> Reading | None:
        """Ask how the scale is, without taking a weighing."""

    def zero(self, line: "ScaleLine") -> None:
        """Set the empty scale to zero."""


class ScaleLine:
    """The line to a scale: whole frames out of whatever pieces arrive. ``has_heard`` is True once anything did."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._pending = b""
        self.has_heard = False

    def say(self, data: bytes) -> None:
        """Send a command; what had arrived before belongs to an older question and is dropped."""
        self._pending = b""
        while self._transport.read(0.0):
            continue
        self._transport.write(data)

    def answer_with(self, data: bytes) -> None:
        """Send without dropping: within a dialogue."""
        self._transport.write(data)

    def until(self, is_whole: Callable[[bytes], int], seconds: float = ANSWER_SECONDS) -> bytes:
        """Wait until ``is_whole`` says how many bytes make a frame; empty when none came in time."""
        end = time.monotonic() + seconds
        while True:
            if size := is_whole(self._pending):
                frame, self._pending = self._pending[:size], self._pending[size:]
                return frame
            left = end - time.monotonic()
            if left <= 0:
                return b""
            arrived = self._transport.read(left)
            self.has_heard = self.has_heard or bool(arrived)
            self._pending = (self._pending + arrived)[-256:]

    def byte(self, seconds: float = ANSWER_SECONDS) -> int:
        """The next byte, or -1."""
        found = self.until(lambda data: min(len(data), 1), seconds)
        return found[0] if found else -1


def through(end: bytes) -> Callable[[bytes], int]:
    """A frame that ends with ``end``."""

    def size(data: bytes) -> int:
        plain = bytes(byte & 0x7F for byte in data)  # the eighth bit is parity on most of these lines
        return plain.index(end) + len(end) if end in plain else 0

    return size


def find(pattern: re.Pattern[bytes], frame: bytes) -> re.Match[bytes] | None:
    """The pattern in a frame of seven bits; none where one of its characters arrived broken (``seven_bits``)."""
    found = pattern.search(bytes(byte & 0x7F for byte in frame))
    return found if found and seven_bits(frame[slice(*found.span())]) is not None else None


class Width:
    """How many characters a scale writes for a weight, always the same: its protocol has no checksum, and a character
    that was lost on the way, or read twice, would be another weight. Another width must come twice to be believed.
    """

    def __init__(self, usual: int) -> None:
        self._known, self._odd = usual, 0

    def holds(self, written: bytes) -> bool:
        """Whether what was written is whole."""
        width = len(written)
        if width not in (self._known, self._odd):
            self._odd = width
            return False
        self._known, self._odd = width, 0
        return True


class Scale:
    """One scale, whatever it speaks."""

    def __init__(
        self, device: Device, networks: Sequence[str], protocol: ScaleProtocol, settings: str
    ) -> None:
        address = device.address
        if address.startswith("serial:"):
            port, _, own = address.partition("?")
            address = f"{port}?{settings}&{own}"  # the last one counts
        self._address, self._networks, self._protocol = address, networks, protocol
        self._line: ScaleLine | None = None
        self._transport: Transport | None = None

    def tell_price(self, price: int) -> None:
        """What the goods of the next weighings cost, as ``ScaleProtocol`` says."""
        self._protocol.price = price

    def read(self) -> Reading:
        """One reading. Raises DeviceUnavailable when the scale is silent or away."""
        return self._answer(self._protocol.ask)

    def _answer(self, ask: Callable[[ScaleLine], Reading | None]) -> Reading:
        try:
            line = self._open()
            line.has_heard = False
            reading = next(filter(None, (ask(line) for _ in range(TRIES))), None)  # the others were noise
        except LineLost as error:
            self.close()
            raise DeviceUnavailable("The line to the scale broke. Check its cable.") from error
        if reading is None:  # garbage is what a wrong speed makes of an answer
            words = UNREADABLE if line.has_heard else SILENT
            raise DeviceUnavailable(words, Health("silent", words))
        return reading

    def weigh(self, seconds: float, tell: Callable[[Reading], None]) -> Reading:
        """Read until a weight is stable, for at most so long; ``tell`` hears each change.

        Raises DeviceUnavailable with the last reading's words when none became stable.
        """
        end, last = time.monotonic() + seconds, None
        while True:
            reading = self.read()
            if reading != last:
                tell(reading)
            last = reading
            if reading.state == "stable":
                return reading
            if time.monotonic() >= end:
                raise DeviceUnavailable(reading.words, Health("ready", reading.words))
            time.sleep(POLL_SECONDS)

    def watch(self, seconds: float, tell: Callable[[Reading | None], None]) -> Reading:
        """Read for so long, stable or not; ``tell`` hears each change (None: none), and ends it by raising.

        A scale that gives each weighing once only still shows it while nothing is moved. Answers the last reading.
        Raises DeviceUnavailable when the scale is silent or away.
        """
        end, last = time.monotonic() + seconds, None
        while True:
            reading = self.read()
            if reading.state == "unmoved" and last is not None:
                reading = last
            tell(reading if reading != last else None)
            last = reading
            if time.monotonic() >= end:
                return reading
            time.sleep(POLL_SECONDS)

    def zero(self) -> None:
        """Set the empty scale to zero. Raises DeviceUnavailable."""
        try:
            self._protocol.zero(self._open())
        except LineLost as error:
            self.close()
            raise DeviceUnavailable("The line to the scale broke. Check its cable.") from error

    def status(self) -> Health:
        try:
            reading = self._answer(self._protocol.look)
        except DeviceError as error:
            return getattr(error, "health", None) or Health("absent", str(error))
        if reading.state in ("fault", "below_zero", "overload"):
            return Health("attention", reading.words)
        return Health("ready", "Ready.")

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
        self._transport = self._line = None

    def _open(self) -> ScaleLine:
        if self._line is None:
            self._transport = open_transport(self._address, self._networks)
            self._line = ScaleLine(self._transport)
        return self._line


def decimal(digits: bytes | str) -> Decimal | None:
    """A weight as the scale wrote it, decimals kept; None for what is no number."""
    text = digits.decode("latin-1") if isinstance(digits, bytes) else digits
    text = text.replace(" ", "")
    if not text or not set(text) <= set("0123456789.-"):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def weighed(weight: Decimal | None, unit: str, is_net: bool = False) -> Reading | None:
    """A settled weight as a reading: an empty scale is no weight to sell."""
    if weight is None:
        return None
    if weight < 0:
        return Reading("below_zero")
    return Reading("stable" if weight else "zero", weight, unit, is_net)
