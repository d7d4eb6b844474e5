"""The station's socket: check the key, parse, call one service, answer."""

import asyncio
import contextlib
import logging
import math
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, NoReturn
from uuid import uuid4

from channels.db import database_sync_to_async
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer

from hardware.agent import protocol
from hardware.agent.protocol import (
    Acknowledge,
    Event,
    EventAck,
    Found,
    Hello,
    Job,
    Jobs,
    KeyKept,
    LogLines,
    NewKey,
    Outcome,
    OutcomeAck,
    Profile,
    ProtocolError,
    Reading,
    Refused,
    Status,
    Take,
)
from hardware.services import events, jobs, keys, pairing, profiles
from hardware.services.handover import Listener, listen_here, stop_listening
from hardware.services.rings import group_of
from hardware.services.terminal_papers import has_paper, print_paper
from hq.models import HardwareStation

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 15.0
HAND_KEY_AGAIN_SECONDS = 3600.0  # to a station that has not taken the last one, while it stays connected
NONSENSE_ALLOWED = 20
OVERTAKEN = 50  # a cart's version that is older by more is that of a register that was set up afresh
REPLACED, REVOKED, TOO_MUCH_NONSENSE, BROKEN = 4409, 4401, 4400, 1011


def in_thread(function):
    """Database work off the loop, each socket's in a thread of its own: stations do not wait for one another."""
    return database_sync_to_async(function, thread_sensitive=False)


class StationConsumer(AsyncWebsocketConsumer):
    """One connected station."""

    station: HardwareStation | None = None
    group = journal = ""
    former: Sequence[str] = ()
    profile: Profile | None = None
    heartbeat: asyncio.Task | None = None
    nonsense = 0
    closed = takes = rung = takes_keys = False
    handed_at = -math.inf

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve the socket; however that ends, the station's row hears of it."""
        self.connection = uuid4()
        self.turn, self.key_turn, self.ringing = asyncio.Lock(), asyncio.Lock(), set()
        self.shown: dict[str, int] = {}  # the version of the cart that each register's display shows
        self.listener = Listener(wake=self._heard, hand=self._given)
        try:
            await super().__call__(scope, receive, send)
        finally:
            await asyncio.shield(self._leave())

    async def disconnect(self, code: int) -> None:
        await self._leave()  # at once: to stop listening to the channel layer may take a while

    async def connect(self) -> None:
        self.credential = _credential(self.scope)
        if self.credential is None:
            await self.close()
            return
        self.group = group_of(self.credential[0])
        # in the group before the key is looked at: a revocation is then either seen or heard
        await self.channel_layer.group_add(self.group, self.channel_name)
        self.station = await self._authenticated()
        if self.station is None:
            await self.close()
            return
        await self.channel_layer.group_send(
            self.group, {"type": "station.replaced", "by": str(self.connection)}
        )
        await in_thread(events.station_connected)(station_id=self.station.pk, connection_id=self.connection)
        await self.accept()
        self.heartbeat = asyncio.create_task(self._beat())
        self.loop = asyncio.get_running_loop()
        listen_here(self.station.pk, self.listener)

    async def _authenticated(self) -> HardwareStation | None:
        async with self.key_turn:
            number, key = self.credential
            return await in_thread(pairing.authenticate)(station_id=number, key=key)

    async def _take_key(self, key: str) -> None:
        """The station shows that it has its new key; from now on it is the one of this connection."""
        async with self.key_turn:
            number, _ = self.credential
            is_good = await in_thread(pairing.authenticate)(station_id=number, key=key) is not None
            if is_good:
                self.credential = number, key
        if not is_good:
            await self._refuse("key_unknown", "This key was not handed to the station, or was taken back.")

    async def _hand_key(self) -> None:
        """Give the station a new key, when one is due."""
        async with self.key_turn:  # the welcome and a beat may both find that one is
            if not self.takes_keys or self.loop.time() - self.handed_at < HAND_KEY_AGAIN_SECONDS:
                return
            number, key = self.credential
            fresh = await in_thread(keys.next_key)(station_id=number, key=key)
            if fresh is not None:
                self.handed_at = self.loop.time()
                await self._say(NewKey(key=fresh))

    async def _leave(self) -> None:
        """The socket is over: what it had joined and written is taken back, once."""
        if self.heartbeat is not None:
            self.heartbeat.cancel()
        group, self.group = self.group, ""
        if group:
            if self.station is not None:
                stop_listening(self.station.pk, self.listener)
                await in_thread(events.station_left)(
                    station_id=self.station.pk, connection_id=self.connection
                )
            with contextlib.suppress(Exception):  # the layer may be what broke
                await self.channel_layer.group_discard(group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            message = protocol.read_from_station(text_data if text_data is not None else bytes_data or b"")
        except ProtocolError as error:
            await self._refuse("not_a_message", str(error)[:300])
            return
        try:
            await self._hear(message)
        except StopConsumer:
            raise
        except Exception:
            log.exception("A station's message could not be handled", extra={"station": self.station.pk})
            await self._end(BROKEN)  # it connects again and sends again what was not answered

    async def _hear(self, message: protocol.FromStation) -> None:
        # without a journal it may still say what is wrong with itself
        if not self.journal and not isinstance(message, Hello | Status):
            await self._refuse("hello_first", "The first message must be hello.")
            return
        match message:
            case Hello():
                await self._welcome(message)
            case Take():
                self.takes = True  # before the look, because who rings meanwhile may be too late for it
                await self._say(await self._jobs(message))
                self.listener.journal = self.journal
            case Acknowledge():
                await in_thread(jobs.note_progress)(station_id=self.station.pk, message=message)
            case Outcome():
                if has_paper(message):  # first, for what is settled is not told again
                    await in_thread(print_paper)(station_id=self.station.pk, message=message)
                if await in_thread(jobs.settle_job)(station_id=self.station.pk, message=message):
                    await self._say(OutcomeAck(job=message.job))
                else:
                    await self._say(OutcomeAck(job=message.job))
                    await self._refuse(
                        "unknown_job", f"The job {message.job[:40]} is none of this station's."
                    )
            case Event():
                refused = await in_thread(events.take_event)(station=self.station, message=message)
                await self._say(EventAck(event_id=message.event_id, refused=refused))
            case Status():
                await in_thread(events.note_status)(station_id=self.station.pk, message=message)
            case Reading():
                await in_thread(events.note_reading)(station_id=self.station.pk, message=message)
            case Found():
                await in_thread(events.note_found)(station_id=self.station.pk, message=message)
            case KeyKept():
                await self._take_key(message.key)
            case LogLines():
                await in_thread(events.note_log)(station_id=self.station.pk, text=message.text)

    async def _jobs(self, take: Take, silent: bool = False, unasked: bool = False) -> Jobs:
        found, cancelled = await in_thread(jobs.take_jobs)(
            station_id=self.station.pk,
            journal=self.journal,
            limit=take.limit,
            again=take.again,
            silent=silent,
            former=self.former,
        )
        return Jobs(jobs=found, cancelled=cancelled, unasked=unasked)

    async def _welcome(self, message: Hello) -> None:
        if not message.journal:
            await self._refuse("no_journal", "A station without a journal cannot print exactly once.")
            return
        self.journal = message.journal[:40]
        self.former = message.former
        await in_thread(events.note_hello)(station_id=self.station.pk, message=message)
        self.profile = await in_thread(profiles.station_profile)(self.station)
        await self._say(self.profile)
        await in_thread(events.ask_for_displays)(station_id=self.station.pk, profile=self.profile)
        self.takes_keys = message.takes_keys
        await self._hand_key()

    async def _refuse(self, code: str, words: str) -> None:
        self.nonsense += 1
        if self.nonsense == 1:
            log.warning("A station sent what cannot be used: %s", words, extra={"station": self.station.pk})
        if self.nonsense > NONSENSE_ALLOWED:
            await self._end(TOO_MUCH_NONSENSE)
        await self._say(Refused(code=code, message=words))

    async def _say(self, message: protocol.Message) -> None:
        if self.closed:
            return
        try:
            await self.send(text_data=protocol.write(message))
        except OSError as error:  # the line has died: ASGI servers say so in this way
            raise StopConsumer from error

    async def close(self, code: int | None = None, reason: str | None = None) -> None:
        self.closed = True
        with contextlib.suppress(OSError):  # the line has died before
            await super().close(code, reason)

    async def _end(self, code: int) -> NoReturn:
        await self.close(code)
        await self._leave()
        raise StopConsumer

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            try:
                station = await self._authenticated()
                if station is None:  # the ring that said so was lost
                    await self.close(REVOKED)
                    return
                self.station = station
                alive = await in_thread(events.station_seen)(
                    station_id=station.pk, connection_id=self.connection
                )
                if not alive:
                    await self.close(REPLACED)
                    return
                await self._tell_profile_if_changed()
                await self._hand_out(silent=True)  # a ring may have been lost, and so may an answer
                await self._hand_key()
            except StopConsumer:
                return
            except Exception:  # the database may be away for a moment
                log.warning("A station's heartbeat failed", extra={"station": self.station.pk}, exc_info=True)

    async def _tell_profile_if_changed(self) -> None:
        if self.profile is None:
            return
        fresh = await in_thread(profiles.fresh_profile)(self.station.pk)
        if fresh is None:
            await self.close(REVOKED)
        elif fresh.version != self.profile.version:
            self.profile = fresh
            await self._say(fresh)
            await in_thread(events.ask_for_displays)(station_id=self.station.pk, profile=fresh)

    # what the group says

    async def station_wake(self, event: dict[str, Any]) -> None:
        await self._hand_out()

    def _heard(self) -> bool:
        """A ring of this very process, from any thread; one that waits stands for all. False when it is over."""
        if not self.rung:
            self.rung = True
            try:
                self.loop.call_soon_threadsafe(self._begin, self._hand_out_rung)
            except RuntimeError:  # the loop has ended, and this socket with it
                self.rung = False
                return False
        return True

    def _given(self, given: Sequence[Job]) -> bool:
        """Jobs that are marked as sent already, from any thread. False when it is over."""
        try:
            self.loop.call_soon_threadsafe(self._begin, self._pass, Jobs(jobs=list(given), unasked=True))
        except RuntimeError:
            return False
        return True

    def _begin(self, work: Callable[..., Coroutine[Any, Any, None]], *arguments: Any) -> None:
        task = self.loop.create_task(work(*arguments))
        self.ringing.add(task)
        task.add_done_callback(self.ringing.discard)

    async def _pass(self, message: Jobs) -> None:
        with contextlib.suppress(StopConsumer):  # sent and not settled: given again on the next connection
            await self._say(message)

    async def _hand_out_rung(self) -> None:
        async with self.turn:
            self.rung = False
            try:
                await self._hand_out()
            except StopConsumer:
                return
            except Exception:  # the rows are there: the next heartbeat finds them
                log.warning("A ring could not be answered", extra={"station": self.station.pk}, exc_info=True)

    async def _hand_out(self, silent: bool = False) -> None:
        """Give the station what waits for it, without being asked; before its first question it is too early."""
        is_more = self.takes
        while is_more:
            waiting = await self._jobs(Take(), silent, unasked=True)
            if waiting.jobs or waiting.cancelled:
                await self._say(waiting)
            is_more = len(waiting.jobs) >= Take().limit

    async def station_replaced(self, event: dict[str, Any]) -> None:
        if event["by"] != str(self.connection):
            await self._end(REPLACED)

    async def station_revoked(self, event: dict[str, Any]) -> None:
        if await self._authenticated() is None:  # else it was about a key before this connection's
            await self._end(REVOKED)

    async def station_new_key(self, event: dict[str, Any]) -> None:
        self.handed_at = -math.inf
        try:
            await self._hand_key()
        except StopConsumer:
            raise
        except Exception:  # the next beat tries again
            log.warning("A new key was not handed over", extra={"station": self.station.pk}, exc_info=True)

    async def station_show(self, event: dict[str, Any]) -> None:
        register, version = event["register"], event["version"]
        if 0 < self.shown.get(register, 0) - version <= OVERTAKEN:  # rings may overtake one another
            return
        self.shown[register] = version
        await self._say(protocol.Show(register=register, rows=event["rows"]))

    async def station_profile(self, event: dict[str, Any]) -> None:
        try:
            await self._tell_profile_if_changed()
        except Exception:  # the next beat tries again
            log.warning("A changed profile was not told", extra={"station": self.station.pk}, exc_info=True)

    async def station_order(self, event: dict[str, Any]) -> None:
        await self._say(protocol.Order(what=event["what"]))


def _credential(scope: dict[str, Any]) -> tuple[int, str] | None:
    """Station and key from ``Authorization: Station <id>:<key>``."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, rest = value.decode("latin-1").partition(" ")
            number, colon, key = rest.strip().partition(":")
            if scheme == "Station" and colon and number.isascii() and number.isdigit() and len(number) < 19:
                return int(number), key
    return None
