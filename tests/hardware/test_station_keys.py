"""A station changes its key while it works; whatever is killed in between, it still gets in."""

import asyncio
import hashlib
import json
import os
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from hardware import consumers
from hardware.agent.config import Identity, StateFolder
from hardware.agent.link import Link
from hardware.agent.protocol import KeyKept, NewKey
from hardware.models import StationCredential, StationStatus
from hardware.services import keys, pairing
from hardware.services.keys import NotPaired, ProgramTooOld
from hardware.services.obey import Asked, obey
from hardware.services.pairing import authenticate, issue_code, pair_station, revoke_station
from hq.models import HardwareStation, Register
from tests.hardware.company import a_store_with_a_station
from tests.hardware.lab_bench import Bench, until
from tests.hardware.stations import Server, StationProgram, settled
from tests.hardware.test_station import counter, print_one, start_station

HELLO = {"type": "hello", "version": 1, "software": "test", "journal": "j", "takes_keys": True}


@pytest.fixture
def station(server: Server) -> HardwareStation:
    """One whose key is ``first``."""
    station = a_store_with_a_station()
    StationCredential.objects.create(station=station, key_hash=digest("first"))
    return station


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def live(**named: object) -> list[str]:
    """The digests of the keys that are good, the oldest first."""
    found = StationCredential.objects.filter(revoked_at=None, **named).order_by("pk")
    return list(found.values_list("key_hash", flat=True))


def ask(station: HardwareStation) -> None:
    obey(Asked(id=uuid4(), what="new_key", stations=[station.pk], by="ada"))


def grow_old(days: int = 100) -> None:
    StationCredential.objects.update(paired_at=timezone.now() - timedelta(days=days))


@contextmanager
def dialled(
    server: Server, station: HardwareStation, key: str = "first", **hello: object
) -> Iterator[ClientConnection]:
    """A station of ours in the test's own hands: connected and welcome."""
    headers = {"Authorization": f"Station {station.pk}:{key}"}
    address = server.address.replace("http", "ws") + "/ws/station/"
    with connect(address, additional_headers=headers, proxy=None, close_timeout=1) as socket:
        socket.send(json.dumps(HELLO | hello))
        assert heard(socket)["type"] == "profile"
        yield socket


def heard(socket: ClientConnection, seconds: float = 10) -> dict:
    return json.loads(socket.recv(timeout=seconds))


def handed(socket: ClientConnection) -> str:
    message = heard(socket)
    assert message["type"] == "newkey"
    return message["key"]


def refused(server: Server, station: HardwareStation, key: str) -> bool:
    try:
        with dialled(server, station, key):
            return False
    except InvalidStatus as error:
        return error.response.status_code == 403


# the whole way, with the real program


@pytest.fixture
def running(server: Server, bench: Bench, tmp_path: Path) -> Iterator[tuple]:
    printer, _, devices = counter(bench)
    station = a_store_with_a_station(devices=devices)
    program = start_station(server, station, tmp_path)
    until(lambda: StationStatus.objects.filter(takes_keys=True).exists())
    yield station, printer, program, tmp_path
    program.stop()


def key_of(state: Path) -> str:
    return json.loads((state / "station.json").read_text())["key"]


def kill(program: StationProgram) -> None:
    """End it at once, and wait until the server has done all that it had heard from it."""
    program.kill()
    until(lambda: StationStatus.objects.get().connection is None)


@pytest.mark.system
def test_a_station_changes_its_key_while_it_prints(running: tuple, server: Server) -> None:
    station, printer, program, state = running
    former, register = key_of(state), Register.objects.get()
    connected = StationStatus.objects.get().connection
    for number in range(1, 4):
        print_one(register, number)
    ask(station)
    for number in range(4, 7):
        print_one(register, number)
    until(lambda: live(is_next=False) == [digest(key_of(state))] and key_of(state) != former)
    assert {job.state for job in settled(6)} == {"done"} and printer.cuts == 6
    assert StationStatus.objects.get().connection == connected  # the line has stayed
    assert live() == [digest(key_of(state))] and refused(server, station, former)
    assert stat.S_IMODE((state / "station.json").stat().st_mode) == 0o600
    said = program.log.read_text()
    assert "has a new key" in said and key_of(state) not in said and former not in said
    program.stop()
    program.start()
    until(lambda: StationStatus.objects.get().connection not in (None, connected), 30)


@pytest.mark.system
def test_an_old_key_is_changed_by_itself_at_the_next_heartbeat(
    running: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, program, state = running
    former = key_of(state)
    grow_old()
    monkeypatch.setattr(consumers, "HEARTBEAT_SECONDS", 0.2)
    program.kill()
    program.start()
    until(lambda: key_of(state) != former and live() == [digest(key_of(state))], 30)


@pytest.mark.system
def test_a_program_killed_after_writing_and_before_saying_so_gets_in_with_the_new_key(
    running: tuple, server: Server
) -> None:
    station, _, program, state = running
    former = key_of(state)
    kill(program)  # and what it would have left behind:
    StationCredential.objects.update(asked_at=timezone.now())
    fresh = keys.next_key(station_id=station.pk, key=former)
    folder = StateFolder(state)
    folder.keep_identity(Identity(server=server.address, key=fresh, station=station.pk, name=station.name))
    assert live() == [digest(former), digest(fresh)]
    program.start()
    until(lambda: live() == [digest(fresh)], 30)
    assert key_of(state) == fresh and refused(server, station, former)


@pytest.mark.system
def test_a_program_killed_before_writing_gets_in_with_its_key_and_is_handed_another(
    running: tuple, server: Server
) -> None:
    station, _, program, state = running
    former = key_of(state)
    kill(program)
    StationCredential.objects.update(asked_at=timezone.now())
    lost = keys.next_key(station_id=station.pk, key=former)
    program.start()
    until(lambda: key_of(state) != former and live() == [digest(key_of(state))], 30)
    assert refused(server, station, lost)


@pytest.mark.system
def test_a_program_killed_at_any_moment_of_the_change_gets_in_again(running: tuple) -> None:
    station, _, program, state = running
    for after in (0.0, 0.01, 0.02, 0.04, 0.08):
        connected = StationStatus.objects.get().connection
        ask(station)
        time.sleep(after)
        program.kill()
        assert digest(key_of(state)) in live()
        program.start()
        until(lambda connected=connected: StationStatus.objects.get().connection not in (None, connected), 30)
    # a second one may have been handed over when the program was killed: it stays good until the next change
    until(lambda: live(is_next=False) == [digest(key_of(state))], 30)


@pytest.mark.system
def test_a_server_that_falls_before_it_hears_of_the_new_key_lets_it_in_afterwards(
    running: tuple, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    station, _, _, state = running
    former, fallen = key_of(state), threading.Event()

    async def falls(self: object, key: str) -> None:
        fallen.set()
        await asyncio.sleep(60)  # it never gets to it

    with monkeypatch.context() as power_cut:
        power_cut.setattr(consumers.StationConsumer, "_take_key", falls)
        ask(station)
        assert fallen.wait(15)
        server.stop()
    assert key_of(state) != former
    assert {digest(former), digest(key_of(state))} <= set(live())
    server.start()
    until(lambda: live() == [digest(key_of(state))], 30)


# the server's side, with a socket in the test's hand


def test_both_keys_are_good_until_the_new_one_is_used(server: Server, station: HardwareStation) -> None:
    grow_old()
    with dialled(server, station) as socket:
        fresh = handed(socket)
    with dialled(server, station) as socket:  # the former one, still
        later = handed(socket)
    assert live() == [digest("first"), digest(fresh), digest(later)]
    with dialled(server, station, fresh):
        assert live() == [digest(fresh), digest(later)]  # the station may have written this one down
    assert refused(server, station, "first")
    with dialled(server, station, later):
        assert live() == [digest(later)]
    assert refused(server, station, fresh)


def test_the_connection_lives_on_with_its_new_key(
    server: Server, station: HardwareStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "HEARTBEAT_SECONDS", 0.1)
    grow_old()
    with dialled(server, station) as socket:
        fresh = handed(socket)
        socket.send(json.dumps({"type": "keykept", "key": fresh}))
        until(lambda: live() == [digest(fresh)])
        seen = StationCredential.objects.get(revoked_at=None).seen_at
        until(lambda: StationCredential.objects.get(revoked_at=None).seen_at > seen)
        revoke_station(station_id=station.pk)
        with pytest.raises(ConnectionClosed) as closed:
            heard(socket)
    assert closed.value.rcvd.code == consumers.REVOKED


def test_a_key_that_was_never_handed_over_changes_nothing(server: Server, station: HardwareStation) -> None:
    with dialled(server, station) as socket:
        socket.send(json.dumps({"type": "keykept", "key": "guessed"}))
        assert heard(socket)["code"] == "key_unknown"
        socket.send(json.dumps({"type": "take"}))
        assert heard(socket)["type"] == "jobs"
    assert live() == [digest("first")]


def test_a_program_of_a_former_version_is_left_alone(
    server: Server, station: HardwareStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "HEARTBEAT_SECONDS", 0.1)
    grow_old()
    with dialled(server, station, takes_keys=False) as socket, pytest.raises(TimeoutError):
        heard(socket, seconds=1)
    assert live() == [digest("first")]
    with pytest.raises(ProgramTooOld, match="test"):
        ask(station)
    assert StationCredential.objects.get().asked_at is None


def test_one_that_does_not_take_its_key_is_not_handed_one_with_every_heartbeat(
    server: Server, station: HardwareStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "HEARTBEAT_SECONDS", 0.05)
    grow_old()
    with dialled(server, station) as socket:
        handed(socket)
        with pytest.raises(TimeoutError):
            heard(socket, seconds=1)
    for _ in range(keys.MOST_UNUSED + 2):
        with dialled(server, station) as socket:
            handed(socket)
    assert len(live()) == 1 + keys.MOST_UNUSED


def test_a_welcome_and_a_heartbeat_at_one_time_hand_one_key(
    server: Server, station: HardwareStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "HEARTBEAT_SECONDS", 0.05)
    next_key = keys.next_key

    def slowly(**of: object) -> str | None:
        fresh = next_key(**of)
        time.sleep(0.4)
        return fresh

    monkeypatch.setattr(keys, "next_key", slowly)
    grow_old()
    with dialled(server, station) as socket:
        handed(socket)
        with pytest.raises(TimeoutError):
            heard(socket, seconds=1)
    assert len(live()) == 2


def test_what_was_asked_while_the_station_was_away_is_done_when_it_comes(
    server: Server, station: HardwareStation
) -> None:
    ask(station)
    with dialled(server, station) as socket:
        fresh = handed(socket)
        socket.send(json.dumps({"type": "keykept", "key": fresh}))
        until(lambda: live() == [digest(fresh)])
    assert StationCredential.objects.get(revoked_at=None).asked_at is None
    with dialled(server, station, fresh) as socket, pytest.raises(TimeoutError):
        heard(socket, seconds=0.5)  # once is enough


@pytest.mark.parametrize(("days", "age", "is_due"), [(90, 91, True), (90, 89, False), (0, 5000, False)])
def test_the_age_is_a_setting(
    station: HardwareStation, settings: object, days: int, age: int, is_due: bool
) -> None:
    settings.STATION_KEY_DAYS = days
    grow_old(age)
    assert (keys.next_key(station_id=station.pk, key="first") is not None) is is_due


def test_a_revocation_takes_the_key_that_was_just_handed_over_with_it(
    server: Server, station: HardwareStation
) -> None:
    grow_old()
    with dialled(server, station) as socket:
        fresh = handed(socket)
        revoke_station(station_id=station.pk)
        with pytest.raises(ConnectionClosed):
            heard(socket)
    assert live() == [] and refused(server, station, "first") and refused(server, station, fresh)
    assert keys.next_key(station_id=station.pk, key="first") is None
    with pytest.raises(NotPaired):
        ask(station)


@pytest.mark.parametrize("locks", [True, False], ids=["locked", "without the lock"])
def test_a_key_that_is_handed_over_during_a_revocation_is_revoked_too(
    station: HardwareStation, monkeypatch: pytest.MonkeyPatch, locks: bool
) -> None:
    """The twin without the lock leaves the new key behind: an UPDATE does not see rows that came after it began."""
    if not locks:
        monkeypatch.setattr(pairing, "lock_keys", lambda station_id: None)
    grow_old()

    def revoke() -> None:
        try:
            revoke_station(station_id=station.pk)
        finally:
            connection.close()

    with transaction.atomic():
        fresh = keys.next_key(station_id=station.pk, key="first")
        thread = threading.Thread(target=revoke)
        thread.start()
        until(someone_waits)
    thread.join(10)
    assert live() == ([] if locks else [digest(fresh)])


def someone_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0


def test_pairing_anew_ends_the_connection_of_the_former_key_at_once(
    server: Server, station: HardwareStation
) -> None:
    grow_old()
    with dialled(server, station) as socket:
        fresh = handed(socket)
        code = issue_code(station=station)
        pair_station(code=code, key_digest=digest("mine"), host="pc", address="127.0.0.1")
        with pytest.raises(ConnectionClosed) as closed:
            heard(socket)
    assert closed.value.rcvd.code == consumers.REVOKED
    assert live() == [digest("mine")]
    assert authenticate(station_id=station.pk, key=fresh) is None


# the station's side


class Holder:
    """What a link needs of a station here."""

    def __init__(self, folder: StateFolder) -> None:
        self.folder = folder


def test_a_key_that_cannot_be_written_is_not_confirmed_and_the_former_one_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    folder = StateFolder(tmp_path)
    identity = Identity(server="http://x", key="first", station=1)
    folder.keep_identity(identity)
    link = Link(Holder(folder), identity)
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", lambda descriptor: (_ for _ in ()).throw(OSError(28, "No space left")))
        link._change_key("second")
    assert link._outgoing.empty() and link._identity.key == key_of(tmp_path) == "first"
    assert "No space left" in caplog.text and "second" not in caplog.text
    link._change_key("second")
    assert link._outgoing.get_nowait() == KeyKept(key="second")
    assert link._identity.key == key_of(tmp_path) == "second"


def test_keys_are_not_written_where_messages_are() -> None:
    assert "secret" not in repr(NewKey(key="secret")) + repr(KeyKept(key="secret"))
