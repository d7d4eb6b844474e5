"""The one websocket to the server: it dials out, stays, and comes back by itself.

Rings may be lost, so on every connection the station asks for its jobs, and sends again every outcome and
event that has not been answered.
"""

import asyncio
import logging
import math
import random
import tomllib
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import node
from urllib.parse import urlsplit, urlunsplit

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, InvalidURI, WebSocketException

from hardware.agent import clock, protocol
from hardware.agent.away import is_here, why_away, why_not_served
from hardware.agent.config import Identity
from hardware.agent.discovery import discover
from hardware.agent.protocol import (
    EventAck,
    Found,
    Hello,
    Jobs,
    KeyKept,
    LogLines,
    Message,
    NewKey,
    Order,
    Outcome,
    OutcomeAck,
    Profile,
    ProtocolError,
    Refused,
    Show,
    Status,
    Take,
    Wake,
)
from hardware.agent.station import HardwareStation, status_of_itself

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 20.0
KEY_REFUSED_PAUSE = 5.0
REPLACED = 4409
PING_SECONDS = 15.0
TICK_SECONDS = 1.0
FORGET_OTHER_SECONDS = 300.0
TWO_PROGRAMS = "Another program speaks for this station, too: perhaps a copy of its computer."
TWO_SPEAK = Status(
    device=protocol.ITSELF,
    state="attention",
    words=f"{TWO_PROGRAMS} End the wrong one, then pair the right one with a new code.",
)


class KeyRefused(Exception):
    """The server does not know this station's key (any more): it must be paired anew."""


class StoodStill(Exception):
    """The program did nothing for a while, as on a computer that slept: what was sent meanwhile is of any age."""


class RestartAsked(Exception):
    """Headquarters asked the station to start afresh."""


def socket_address(server: str) -> str:
    """``https://shop.example/x`` becomes ``wss://shop.example/x/ws/station/``."""
    parts = urlsplit(server)
    scheme = {"https": "wss", "http": "ws"}.get(parts.scheme, parts.scheme)
    return urlunsplit((scheme, parts.netloc, parts.path.rstrip("/") + "/ws/station/", "", ""))


def software() -> str:
    """Name and version of this program."""
    try:
        return f"tillhouse-station {version('tillhouse-station')}"
    except PackageNotFoundError:  # run from its folder, not installed: its package file stands beside
        with suppress(OSError, ValueError, KeyError):
            beside = Path(__file__).with_name("pyproject.toml").read_text()
            return f"tillhouse-station {tomllib.loads(beside)['project']['version']}"
        return "tillhouse-station"


def dial(identity: Identity) -> connect:
    """The connection to the server, to be entered."""
    address = socket_address(identity.server)
    return connect(
        address,
        additional_headers={"Authorization": f"Station {identity.station}:{identity.key}"},
        proxy=None if is_here(address) else True,
        open_timeout=10,
        ping_interval=PING_SECONDS,
        ping_timeout=PING_SECONDS,
        close_timeout=2,
        max_size=protocol.MAX_ANSWER_BYTES,
        compression=None,
    )


def greeting(journal: str = "", profile: str = "", former: Sequence[str] = ()) -> Hello:
    """The first message: what program this is, and its memory, if it has one."""
    return Hello(
        version=protocol.PROTOCOL_VERSION,
        software=software(),
        journal=journal,
        host=node(),
        profile=profile,
        takes_keys=True,
        former=list(former),
    )


class Link:
    """Keeps one station connected. ``run`` returns only by KeyRefused or RestartAsked."""

    def __init__(self, station: HardwareStation, identity: Identity, log_tail=lambda: "") -> None:
        self._station, self._identity, self._log_tail = station, identity, log_tail
        self._outgoing: asyncio.Queue[Message] = asyncio.Queue()
        self._sent_outcomes: dict[str, str] = {}
        self._asked: Take | None = None
        self._take_again = False
        self._welcomed = self.was_welcome = False
        self._was_told = ""
        self._errands: dict[str, asyncio.Task] = {}
        self._replaced_at = math.inf  # by another program with the same key
        self._ticked, self._stood_still = clock.now(), False

    async def run(self) -> None:
        """Connect, serve, and come back after a pause that grows and is never twice the same."""
        pause = FIRST_PAUSE
        while True:
            self._welcomed = False
            least = 0.0
            try:
                await self._serve_once()
            except InvalidStatus as error:
                if error.response.status_code in (401, 403):
                    raise KeyRefused from error
                self._say_away(why_not_served(self._identity.server, error.response.status_code))
            except InvalidURI as error:  # http:// that is sent on to https://
                self._say_away(why_not_served(self._identity.server, 0, error.uri))
            except ConnectionClosed as error:
                code = error.rcvd.code if error.rcvd else None
                if code == REPLACED:  # while this one lives: it is no restart
                    least, self._replaced_at = LONGEST_PAUSE / 2, clock.now()
                self._say_away(TWO_PROGRAMS if code == REPLACED else "The connection was closed.")
            except StoodStill:
                self._say_away("The program stood still for a while.")
            except (OSError, WebSocketException, TimeoutError, ImportError) as error:
                self._say_away(why_away(self._identity.server, error))
            finally:
                self._station.outlet = None
            pause = FIRST_PAUSE if self._welcomed else min(pause * 1.8, LONGEST_PAUSE)
            await asyncio.sleep(max(least, pause) * random.uniform(0.6, 1.4))  # noqa: S311 - jitter

    def _say_away(self, words: str) -> None:
        if words != self._was_told:
            log.warning("%s Trying again.", words)
        self._was_told = words

    async def _serve_once(self) -> None:
        async with dial(self._identity) as socket:
            self._outgoing = asyncio.Queue()
            profile = self._station.profile.version if self._station.profile else ""
            journal = self._station.journal
            journal.note_told()
            await socket.send(protocol.write(greeting(journal.id, profile, journal.former)))
            writer = asyncio.create_task(self._write(socket))
            self._ticked, self._stood_still = clock.now(), False
            ticking = asyncio.create_task(self._tick())
            try:
                async for text in socket:
                    if self._has_stood_still():  # how long a job is good is counted from its sending
                        raise StoodStill
                    self._hear(text)
            finally:
                for task in (writer, ticking):
                    task.cancel()
                await asyncio.gather(writer, ticking, return_exceptions=True)
            raise ConnectionClosed(socket.protocol.close_rcvd, socket.protocol.close_sent)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self._stood_still = self._has_stood_still()
            self._ticked = clock.now()
            if self._welcomed and clock.now() - self._replaced_at > FORGET_OTHER_SECONDS:
                self._replaced_at = math.inf
                self._tell_of_itself()

    def _has_stood_still(self) -> bool:
        return self._stood_still or clock.now() - self._ticked > clock.STOOD_STILL_SECONDS

    async def _write(self, socket: ClientConnection) -> None:
        while True:
            message = await self._outgoing.get()
            try:
                await socket.send(protocol.write(message))
            except ConnectionClosed:
                return

    def _put(self, message: Message) -> None:
        if isinstance(message, Outcome):
            self._sent_outcomes[message.job] = message.result
        self._outgoing.put_nowait(message)

    def _hear(self, text: str | bytes) -> None:
        try:
            message = protocol.read_from_server(text)
        except ProtocolError as error:
            log.error("The server sent what is no message: %s", error)
            return
        match message:
            case Profile():
                self._welcome(message)
            case Wake():
                self._take()
            case Jobs():
                self._take_on(message)
            case OutcomeAck():
                result = self._sent_outcomes.pop(message.job, None)
                if result is not None:
                    self._station.journal.answered(message.job, result)
            case EventAck():
                if message.refused:
                    log.info("An event had no effect: %s", message.refused)
                self._station.journal.forget_events([message.event_id])
            case Show():
                self._station.show(message.register, message.rows)
            case Refused():
                log.error("The server refused a message: %s (%s)", message.message, message.code)
            case Order():
                self._obey(message)
            case NewKey():
                self._change_key(message.key)

    def _welcome(self, profile: Profile) -> None:
        first = not self._welcomed
        self._keep(profile)
        self._station.apply(profile)
        if not first:
            return
        self._welcomed = self.was_welcome = True
        self._was_told = ""
        log.info("Connected as %s with %d devices", profile.station, len(profile.devices))
        self._station.outlet = self._put
        self._asked, self._take_again = None, False
        self._sent_outcomes.clear()
        for outcome in self._station.journal.unanswered_outcomes():
            self._put(outcome)
        for event in self._station.journal.unanswered_events():
            self._put(event)
        self._tell_of_itself()
        self._take(again=True)
        for worker in self._station.workers.values():
            for status in worker.statuses():
                self._put(status)

    def _tell_of_itself(self) -> None:
        """What is wrong with the station, or that another program has lately spoken for it."""
        trouble = self._station.journal.trouble
        is_alone = math.isinf(self._replaced_at)
        self._put(status_of_itself(trouble) if trouble or is_alone else TWO_SPEAK)

    def _keep(self, profile: Profile) -> None:
        """So that devices are watched before the server answers next time; the station works without it, too."""
        try:
            if self._station.folder.profile() != profile:
                self._station.folder.keep_profile(profile)
        except OSError as error:
            log.error("The profile cannot be kept on the disk (%s)", error)

    def _take(self, again: bool = False) -> None:
        """Ask for jobs, one question at a time; a ring meanwhile is remembered."""
        if self._asked is not None:
            self._take_again = True
            return
        self._asked = Take(again=again)
        self._put(self._asked)

    def _take_on(self, message: Jobs) -> None:
        for job_id in message.cancelled:
            self._station.cancel(job_id)
        for job in message.jobs:
            self._station.add(job)
        if message.unasked:
            return  # the answer to our question is still to come
        asked, self._asked = self._asked, None
        if asked is not None and asked.again:
            self._station.journal.note_known()
        is_full = asked is not None and len(message.jobs) >= asked.limit
        if is_full or self._take_again:
            self._take_again = False
            self._take(again=is_full and asked.again)

    def _change_key(self, key: str) -> None:
        """Keep the new key, and only then say so; both keys are good until the server has seen the new one."""
        fresh = msgspec.structs.replace(self._identity, key=key)
        try:
            self._station.folder.keep_identity(fresh)
        except OSError as error:
            log.error("The new key cannot be written (%s); the station goes on with the one it has", error)
            return
        self._identity = fresh
        self._put(KeyKept(key=key))
        log.info("The station has a new key")

    def _obey(self, order: Order) -> None:
        """Restart at once; anything else is done aside, one of a kind at a time."""
        if order.what == "restart":
            log.info("Headquarters asked for a restart")
            raise RestartAsked
        errand = self._errands.get(order.what)
        if errand is None or errand.done():
            self._errands[order.what] = asyncio.create_task(self._run_errand(order))

    async def _run_errand(self, order: Order) -> None:
        if order.what == "log":
            self._put(LogLines(text=await asyncio.to_thread(self._log_tail)))
        elif order.what == "discover":
            profile = self._station.profile
            networks, devices = (profile.networks, profile.devices) if profile else ((), ())
            found = await discover(networks, devices, self._station.lab, self._identity.station)
            self._put(Found(devices=found))
