"""What a hardware station and the server say to each other, as values.

Both sides import this module; it imports neither. A message is one JSON object with its name in
``type``. Unknown fields are ignored, so that either side may be the newer one; an unknown message is
a ``ProtocolError``. Everything that must not be lost (a job, an outcome, an event) is sent again until
the other side has answered, and carries an id by which a second copy is recognised.
"""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

PROTOCOL_VERSION = 1
MAX_MESSAGE_BYTES = 1_048_576
MAX_ANSWER_BYTES = 64 * MAX_MESSAGE_BYTES  # of the server: fifty jobs, each the receipt of a long sale
ITSELF = ""  # in place of a device: the station's own state

DeviceKind = Literal["printer", "drawer", "scanner", "scale", "display", "reader", "terminal"]
JobKind = Literal["print", "drawer", "display", "weigh", "payment"]
JobStep = Literal["accepted", "waiting", "started"]
JobResult = Literal["done", "failed", "unknown", "cancelled"]
DeviceState = Literal["ready", "attention", "stopped", "silent", "absent"]


class ProtocolError(ValueError):
    """The other side sent something that is not a message of ours."""


class Message(msgspec.Struct, frozen=True, tag_field="type", tag=str.lower):
    """Base of every message."""


class Device(msgspec.Struct, frozen=True):
    """One device as the hardware profile describes it.

    ``address`` is ``tcp://host:port``, ``serial:PORT`` (any pyserial URL), ``usb:VENDOR:PRODUCT``,
    ``file:PATH``, ``printer:DEVICE`` for what hangs on a printer, or ``lab:NAME`` for an emulated one.
    ``register`` names the one register that the device belongs to; without it the station's registers
    share it.
    """

    id: str
    kind: DeviceKind
    driver: str
    address: str
    title: str = ""
    register: str | None = None
    place: str = ""
    settings: dict[str, str | int | bool] = {}


def is_second(device: Device) -> bool:
    """A printer that prints only what is sent to it by name, as long as there is another: kitchen, page, backup."""
    return device.settings.get("second") is True or device.driver.startswith("page")


def first_of_kind(devices: Sequence[Device], kind: str, register: str | None) -> Device | None:
    """The device that a register's jobs go to when they name none: its own, else one that is shared.

    Of two of its own it is ``printer`` and not ``printer-2``.
    """
    fitting = [device for device in devices if device.kind == kind and device.register in (None, register)]
    return min(
        fitting,
        key=lambda device: (is_second(device), device.register is None, device.id.partition("@")[0]),
        default=None,
    )


class Job(msgspec.Struct, frozen=True):
    """One thing to be done once. ``expires_in`` counts seconds from the moment of sending.

    ``device`` may be empty: then the station takes the register's own device of the kind that is needed.
    """

    id: str
    kind: JobKind
    device: str = ""
    register: str | None = None
    document: dict[str, Any] = {}
    priority: int = 5
    expires_in: float | None = None


class FoundDevice(msgspec.Struct, frozen=True):
    """A device that the station has discovered and that no profile names yet."""

    address: str
    kind: DeviceKind
    words: str


# station to server


class Hello(Message, frozen=True):
    """First message of a connection. ``journal`` changes when a station's memory was lost; without one it is given
    no jobs and can only say (``Status``) what is wrong with itself. ``former`` are journals that it goes on from: it
    knows what was done with the jobs that were sent to them.

    ``takes_keys``: it understands ``NewKey``; programs of former versions do not.
    """

    version: int
    software: str
    journal: str
    host: str = ""
    profile: str = ""
    takes_keys: bool = False
    former: list[str] = []


class Take(Message, frozen=True):
    """Ask for the jobs that wait for this station; ``again``: also those whose end it has not heard yet."""

    limit: int = 50
    again: bool = False


class Acknowledge(Message, frozen=True):
    """How far a job has come: accepted, waiting for its device (``words`` say for what), started."""

    job: str
    step: JobStep = "accepted"
    words: str = ""


class Outcome(Message, frozen=True):
    """How a job ended. An ``unknown`` may later be followed by ``done`` or ``failed``, never the reverse."""

    job: str
    result: JobResult
    detail: str = ""
    data: dict[str, Any] = {}


class Event(Message, frozen=True):
    """Something that happened at a device: a scan, a weight, a drawer that was shut. ``age`` in seconds."""

    event_id: str
    device: str
    kind: str
    data: dict[str, Any] = {}
    age: float = 0.0


class Status(Message, frozen=True):
    """How a device is (or the station ``ITSELF``), in one word for programs and one sentence for people."""

    device: str
    state: DeviceState
    words: str = ""
    flags: dict[str, bool] = {}


class Reading(Message, frozen=True):
    """What a scale shows while a job waits for a stable weight; losing one is harmless."""

    job: str
    data: dict[str, Any]


class Found(Message, frozen=True):
    """What the station has discovered."""

    devices: list[FoundDevice]


class LogLines(Message, frozen=True):
    """The end of the station's log, because the server asked for it."""

    text: str


class KeyKept(Message, frozen=True):
    """The new key is on the station's disk: it is shown, and thereby used for the first time."""

    key: str

    def __repr__(self) -> str:
        return "KeyKept(key=…)"


# server to station


class Profile(Message, frozen=True):
    """What the station drives, and the address ranges it may dial. Answers ``Hello`` and follows changes."""

    version: str
    station: str
    devices: list[Device]
    networks: list[str] = []


class Wake(Message, frozen=True):
    """There are jobs: ask for them."""


class Jobs(Message, frozen=True):
    """Answers ``Take``, or comes ``unasked``. ``cancelled`` lists jobs that must not be started any more."""

    jobs: list[Job]
    cancelled: list[str] = []
    unasked: bool = False


class OutcomeAck(Message, frozen=True):
    """The outcome is stored; the station need not send it again."""

    job: str


class EventAck(Message, frozen=True):
    """The event is stored, and ``refused`` says why when it had no effect."""

    event_id: str
    refused: str = ""


class Show(Message, frozen=True):
    """Two rows for a register's customer display; only the newest counts, so it is no job."""

    register: str
    rows: list[str]


class Refused(Message, frozen=True):
    """The server could not use a message; sending it again would not help."""

    code: str
    message: str


class Order(Message, frozen=True):
    """A request from headquarters to the station itself."""

    what: Literal["restart", "discover", "log"]


class NewKey(Message, frozen=True):
    """The key from now on. The former one is good until this one has been used."""

    key: str

    def __repr__(self) -> str:
        return "NewKey(key=…)"


FromStation = Hello | Take | Acknowledge | Outcome | Event | Status | Reading | Found | LogLines | KeyKept
FromServer = Profile | Wake | Jobs | OutcomeAck | EventAck | Show | Refused | Order | NewKey

_from_station = msgspec.json.Decoder(FromStation)
_from_server = msgspec.json.Decoder(FromServer)
_encoder = msgspec.json.Encoder(decimal_format="string")


def write(message: Message) -> str:
    """The message as JSON text for the socket."""
    return _encoder.encode(message).decode()


def read_from_station(text: str | bytes) -> FromStation:
    """Parse what a station sent, without NULs: no database keeps one, and the station would say it for ever.

    Raises ProtocolError.
    """
    text = text.encode("utf-8", "replace") if isinstance(text, str) else text
    return _read(_from_station, text.replace(b"\\u0000", b"\\ufffd"), MAX_MESSAGE_BYTES)


def read_from_server(text: str | bytes) -> FromServer:
    """Parse what the server sent; raises ProtocolError."""
    return _read(_from_server, text, MAX_ANSWER_BYTES)


def _read(decoder: msgspec.json.Decoder, text: str | bytes, most: int):
    if len(text) > most:
        raise ProtocolError(f"A message of {len(text)} bytes is longer than {most}.")
    try:
        return decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise ProtocolError(str(error)) from error
