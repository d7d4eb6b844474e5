"""How a station stands, as a scale unit tells headquarters: plain values, the same on both sides."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from channels_app.prepared import prepared
from hardware.agent.protocol import ITSELF, FoundDevice

WORKING = frozenset({"ready", "attention"})


def trouble_of(states: Mapping[str, Any]) -> str:
    """What a station says is wrong with itself, so that nothing prints at it, among what it says of its devices."""
    told = states.get(ITSELF) or {}
    return told.get("words", "") if told.get("state", "ready") not in WORKING else ""


def warning_of(states: Mapping[str, Any]) -> str:
    """What a station says that somebody should look at, while it works, among what it says of its devices."""
    told = states.get(ITSELF) or {}
    return told.get("words", "") if told.get("state") == "attention" else ""


class DeviceStanding(msgspec.Struct, frozen=True):
    """One device of the station's profile; an empty ``state`` means that the station has not spoken of it yet.

    ``also`` names the other stations of the store that drive it.
    """

    id: str
    kind: str
    title: str
    address: str
    register: str | None = None
    state: str = ""
    words: str = ""
    flags: dict[str, bool] = {}
    since: datetime | None = None
    also: str = ""

    @property
    def is_contested(self) -> bool:
        """Whether two stations drive what only one can: printers print for both, one receipt after the other."""
        return self.also != "" and self.kind != "printer"

    @property
    def needs_somebody(self) -> bool:
        """Whether it cannot do its work; one that was not spoken of yet is not held against the station."""
        return self.state not in ("", *WORKING) or bool(self.flags.get("paper_low"))


class Choice(msgspec.Struct, frozen=True):
    """A register that uses another station than its own, by its cashier's word: `used` in place of `own`."""

    register: str
    name: str
    own: str
    used: str
    is_guest: bool
    by: str
    since: datetime


@prepared
class Standing(msgspec.Struct, frozen=True):
    """One station. ``seen_at`` is told only while it is away: of a connected one it would change all the time.

    ``paired_at`` is when it got its key, ``key_asked_at`` when another was asked for that it has not taken yet.
    ``unknown`` counts jobs of the last day whose end nobody knows and that were not printed again, among them
    ``unknown_payments``; ``failed`` those that failed within a day. ``trouble`` is what the station says is wrong with
    itself, ``warning`` what it says to look at while it works.
    """

    connected: bool = False
    paired_at: datetime | None = None
    key_asked_at: datetime | None = None
    connected_at: datetime | None = None
    seen_at: datetime | None = None
    software: str = ""
    host: str = ""
    devices: list[DeviceStanding] = []
    waiting: int = 0
    oldest_waiting_at: datetime | None = None
    unknown: int = 0
    unknown_payments: int = 0
    failed: int = 0
    found: list[FoundDevice] = []
    found_at: datetime | None = None
    log_at: datetime | None = None
    choices: list[Choice] = []
    trouble: str = ""
    warning: str = ""

    @property
    def is_calm(self) -> bool:
        """Whether nothing of it can need somebody, now or later."""
        well = not any(device.needs_somebody or device.is_contested for device in self.devices)
        return self.connected and well and not (self.waiting or self.unknown or self.trouble or self.warning)

    @property
    def digest(self) -> str:
        """Equal digests mean that there is nothing new to tell."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()[:16]


class JobLine(msgspec.Struct, frozen=True):
    """One job, as a line of a list; ``state`` and ``words`` are as the scale unit has them."""

    id: str
    kind: str
    title: str
    device: str
    register: str
    state: str
    words: str
    created_at: datetime
    finished_at: datetime | None = None


@prepared
class Details(msgspec.Struct, frozen=True):
    """A station with its queue, its last jobs and the events that had no effect: what its page shows."""

    standing: Standing
    queue: list[JobLine] = []
    history: list[JobLine] = []
    refused_events: list[tuple[datetime, str, str]] = []


@prepared
class Reports(msgspec.Struct, frozen=True):
    """What a scale unit says of its stations: every digest, or the standings that headquarters asked for."""

    digests: dict[int, str] = {}
    standings: dict[int, Standing] = {}


@prepared
class Wanted(msgspec.Struct, frozen=True):
    """The stations of which headquarters wants the standing, because it has another one or none."""

    want: list[int] = []
