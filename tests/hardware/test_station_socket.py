"""The station's socket at its worst moments: it always ends as disconnected in the rows."""

import asyncio
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from channels.layers import InMemoryChannelLayer, channel_layers
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from hardware import consumers
from hardware.models import DeviceJob, StationCredential, StationStatus
from hardware.services import handover, jobs, pairing, profiles
from hardware.services.jobs import queue_job
from hq.models import HardwareStation, Register
from tests.hardware.company import a_store_with_a_station
from tests.hardware.lab_bench import until
from tests.hardware.stations import Server

HELLO = json.dumps({"type": "hello", "version": 1, "software": "test", "journal": "j"})


@pytest.fixture
def station(server: Server) -> HardwareStation:
    return a_paired_station()


def a_paired_station() -> HardwareStation:
    """A station whose key is ``key``."""
    station = a_store_with_a_station()
    digest = hashlib.sha256(b"key").hexdigest()
    StationCredential.objects.create(station=station, key_hash=digest)
    return station


@contextmanager
def dialled(server: Server, station: HardwareStation) -> Iterator[ClientConnection]:
    address = server.address.replace("http", "ws") + "/ws/station/"
    headers = {"Authorization": f"Station {station.pk}:key"}
    with connect(address, additional_headers=headers, proxy=None, close_timeout=1) as socket:
        yield socket


def is_away() -> bool:
    return not StationStatus.objects.filter(connection__isnull=False).exists()


async def test_a_line_that_dies_during_its_welcome_leaves_nobody_connected(
    transactional_db, scale_unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(channel_layers.backends, "default", InMemoryChannelLayer())
    station = await consumers.in_thread(a_paired_station)()
    told: list[str] = []
    heard = asyncio.Queue()
    heard.put_nowait({"type": "websocket.connect"})
    heard.put_nowait({"type": "websocket.receive", "text": HELLO})

    async def send(message: dict) -> None:
        told.append(message["type"])
        if message["type"] != "websocket.accept":
            raise OSError  # as uvicorn does: the client is gone

    scope = {"type": "websocket", "headers": [(b"authorization", f"Station {station.pk}:key".encode())]}
    await asyncio.wait_for(consumers.StationConsumer.as_asgi()(scope, heard.get, send), 10)
    assert told == ["websocket.accept", "websocket.send"]
    status = await consumers.in_thread(StationStatus.objects.get)()
    assert status.connected_at is not None
    assert status.connection is None


def test_a_key_revoked_while_its_station_connects_is_cut_off(
    server: Server, station: HardwareStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    authenticate = pairing.authenticate

    def revoked_meanwhile(**named):
        found = authenticate(**named)
        pairing.revoke_station(station_id=station.pk)
        return found

    monkeypatch.setattr(pairing, "authenticate", revoked_meanwhile)
    with pytest.raises((ConnectionClosed, InvalidStatus)), dialled(server, station) as socket:
        socket.recv(timeout=10)
    until(is_away)


def test_a_key_revoked_during_the_welcome_is_cut_off(
    server: Server, station: HardwareStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = profiles.station_profile

    def revoked_meanwhile(found):
        pairing.revoke_station(station_id=station.pk)
        return profile(found)

    monkeypatch.setattr(profiles, "station_profile", revoked_meanwhile)
    with pytest.raises(ConnectionClosed), dialled(server, station) as socket:
        socket.send(HELLO)
        while True:
            socket.recv(timeout=10)
    until(is_away)


def test_a_revocation_whose_ring_was_lost_is_seen_at_the_next_heartbeat(
    server: Server, station: HardwareStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "HEARTBEAT_SECONDS", 0.2)
    monkeypatch.setattr(pairing, "ring", lambda *_, **__: None)
    with pytest.raises(ConnectionClosed) as closed, dialled(server, station) as socket:
        socket.send(HELLO)
        socket.recv(timeout=10)
        pairing.revoke_station(station_id=station.pk)
        while True:
            socket.recv(timeout=10)
    assert closed.value.rcvd.code == consumers.REVOKED
    until(is_away)


def test_a_wrong_key_never_connects(server: Server, station: HardwareStation) -> None:
    StationCredential.objects.update(key_hash="0" * 64)
    with pytest.raises(InvalidStatus) as refused, dialled(server, station):
        pass
    assert refused.value.response.status_code == 403
    assert not StationStatus.objects.exists()


def test_a_ring_of_this_process_hands_the_job_over_unasked_and_a_lost_one_is_made_good(
    server: Server, station: HardwareStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "HEARTBEAT_SECONDS", 0.2)

    def received(socket: ClientConnection) -> dict:
        return json.loads(socket.recv(timeout=10))

    with dialled(server, station) as socket:
        socket.send(HELLO)
        assert received(socket)["type"] == "profile"
        socket.send(json.dumps({"type": "take"}))
        assert received(socket) == {"type": "jobs", "jobs": [], "cancelled": [], "unasked": False}
        jobs._served_by.clear()
        fetched = queued()  # rung and fetched: this process has not met the register
        assert given(socket) == [fetched]
        handed = queued()
        assert given(socket) == [handed]
        assert sent_to_journal() == {fetched: ("sent", "j"), handed: ("sent", "j")}
        with monkeypatch.context() as broken:
            broken.setattr(jobs, "journal_here", lambda station: "")
            broken.setattr(jobs, "wake", lambda stations: None)
            lost = queued()
        assert given(socket) == [lost]
        DeviceJob.objects.update(is_settled=True)
        monkeypatch.setattr(jobs, "OUTCOME_WITHIN", timedelta(seconds=0.5))
        monkeypatch.setattr(handover._here[station.pk], "hand", lambda given: False)
        swallowed = queued()
        assert given(socket) == [swallowed]


def queued() -> str:
    """A job of the one register, as its number."""
    register = Register.objects.get()
    return str(queue_job(register_id=register.pk, kind="drawer", document={}, title="Open drawer"))


def given(socket: ClientConnection) -> list[str]:
    """The jobs of the next message."""
    return [found["id"] for found in json.loads(socket.recv(timeout=10))["jobs"]]


def sent_to_journal() -> dict[str, tuple[str, str]]:
    """How each job stands, and to which journal it was sent."""
    return {str(job.pk): (job.state, job.journal) for job in DeviceJob.objects.all()}


def test_what_no_database_keeps_does_not_end_a_station_each_time_it_is_said(
    server: Server, station: HardwareStation
) -> None:
    """A swipe with a NUL of a disturbed line broke the connection, and was the first thing said on the next one."""
    said = {"device": "reader", "kind": "card", "data": {"code": "GIFT CARD 12\x0034", "track": 1}}
    with dialled(server, station) as socket:
        socket.send(HELLO)
        assert json.loads(socket.recv(timeout=10))["type"] == "profile"
        event = said | {"type": "event", "event_id": "0198c6a2-0000-7000-8000-000000000001"}
        socket.send(json.dumps(event))
        answer = json.loads(socket.recv(timeout=10))
    assert (answer["type"], answer["event_id"]) == ("eventack", event["event_id"])


def greeted(socket: ClientConnection, journal: str, *former: str) -> list[str]:
    """Say hello with this journal; the jobs that were sent before and are given to it."""
    socket.send(json.dumps(json.loads(HELLO) | {"journal": journal, "former": former}))
    socket.send(json.dumps({"type": "take", "again": True}))
    assert json.loads(socket.recv(timeout=10))["type"] == "profile"
    return given(socket)


def test_a_program_that_goes_on_from_its_journal_is_given_its_jobs_again(
    server: Server, station: HardwareStation
) -> None:
    job = queued()
    with dialled(server, station) as socket:
        assert greeted(socket, "first") == [job]
    until(is_away)
    with dialled(server, station) as socket:
        assert greeted(socket, "third", "first", "second") == [job]
    assert sent_to_journal() == {job: ("sent", "third")}


def test_a_copy_of_a_station_is_not_given_what_the_station_has(
    server: Server, station: HardwareStation
) -> None:
    """Both were paired on one disk, which was copied: the copy would do once more what the other has begun."""
    job = queued()
    with dialled(server, station) as first:
        assert greeted(first, "till", "of the disk") == [job]
        with dialled(server, station) as copy:
            assert greeted(copy, "copy", "of the disk") == []
            assert sent_to_journal() == {job: ("unknown", "till")}
    with dialled(server, station) as first:
        assert greeted(first, "till", "of the disk") == []
        first.send(json.dumps({"type": "outcome", "job": job, "result": "done"}))
        assert json.loads(first.recv(timeout=10))["type"] == "outcomeack"
    assert sent_to_journal() == {job: ("done", "till")}
