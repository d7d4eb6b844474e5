"""What every driver keeps to: small protocols, a time limit on every call, three ways to fail.

The three errors answer one question, "may this be tried again?":

* ``DeviceUnavailable``: nothing was started. The job waits and is tried again.
* ``DeviceRefused``: nothing was started and trying again would not help.
* ``OutcomeUnknown``: something was started and nobody can say how it ended. Never repeated by a program.
"""

from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from hardware.agent.document import ReceiptDocument
from hardware.agent.protocol import DeviceState


class DeviceError(Exception):
    """Base of what drivers raise; the text is a sentence for the cashier, with the remedy."""


class Health(msgspec.Struct, frozen=True):
    """How a device is: one word for programs, one sentence for people, flags for the till's dots."""

    state: DeviceState
    words: str
    flags: dict[str, bool] = {}


class DeviceUnavailable(DeviceError):
    """The device cannot work now; nothing was started."""

    def __init__(self, words: str, health: Health | None = None) -> None:
        super().__init__(words)
        self.health = health or Health("absent", words)


class StationUnable(DeviceUnavailable):
    """It is the station that cannot work now, as with a full disk; nothing was started, and the device may be well."""

    def __init__(self, words: str) -> None:
        super().__init__(words, Health("stopped", words))


class DeviceRefused(DeviceError):
    """The device or its driver cannot do this at all; nothing was started. ``data`` is what it said beside that."""

    def __init__(self, words: str, data: dict[str, Any] | None = None) -> None:
        super().__init__(words)
        self.data = data or {}


class OutcomeUnknown(DeviceError):
    """It was started, and whether it was finished cannot be told."""


Begin = Callable[[], None]
"""Called once, just before the first byte that cannot be taken back; it writes the station's journal."""

Report = Callable[[str, dict[str, Any]], None]
"""``report(kind, data)``: a device tells that something happened."""


class Driver(Protocol):
    """What every device can do."""

    def status(self) -> Health:
        """Ask the device how it is; never raises, silence is an answer."""

    def close(self) -> None:
        """Let go of the line."""


class ReceiptPrinter(Driver, Protocol):
    """A printer of receipts."""

    def print_document(self, document: ReceiptDocument, *, begin: Begin) -> str:
        """Print once and answer how certain that is, as a sentence. Raises DeviceError's three kinds."""

    def open_drawer(self, connector: int, *, begin: Begin) -> str:
        """Fire one drawer pulse. Raises DeviceError's three kinds."""

    def settle(self) -> bool:
        """True when an outcome that was unknown has turned out well after all."""


class Listener(Driver, Protocol):
    """A device that speaks by itself: scanner, reader, scale in continuous mode."""

    def listen(self, report: Report, stopped: Callable[[], bool]) -> None:
        """Report what comes in until ``stopped()``; raises DeviceUnavailable when the line drops."""
