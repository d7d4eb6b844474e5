"""The register's socket: who may listen, and what is pushed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from channels_app.announcements import announce
from hq.station_events import StationEvent, dispatch
from pos.pages.access import DEVICE_COOKIE, WORKER_COOKIE
from pos.services.session import till_by_tokens
from pos.services.sign_on import sign_off
from tests.pos.till_client import TillClient
from tests.scenarios.live import live_server
from tests.scenarios.store import Shop, a_shop, new_data_version

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("scale_unit")]


@pytest.fixture
def shop(transactional_db: None, scale_unit: Any) -> Shop:
    return a_shop()


@pytest.fixture
def place(shop: Shop) -> Iterator[str]:
    with live_server() as place:
        yield place


@pytest.fixture
def till(shop: Shop) -> TillClient:
    return TillClient(shop)


@pytest.fixture
def socket(place: str, till: TillClient) -> Iterator[ClientConnection]:
    """A page's socket that has been welcomed."""
    with opened(place, till.device, till.worker) as socket:
        hello = heard(socket, "hello")
        assert 'id="devices"' in hello["html"] and 'id="pill"' in hello["html"]
        yield socket


def opened(place: str, device: str, worker: str, origin: str | None = None) -> ClientConnection:
    cookies = f"{DEVICE_COOKIE}={device}; {WORKER_COOKIE}={worker}"
    return connect(
        f"ws://{place}/ws/register/",
        additional_headers={"Cookie": cookies},
        origin=origin,
        proxy=None,
        open_timeout=10,
    )


def heard(socket: ClientConnection, kind: str) -> dict[str, Any]:
    while True:
        message = json.loads(socket.recv(timeout=10))
        if message["kind"] == kind:
            return message


def event_of(shop: Shop, kind: str, **data: Any) -> StationEvent:
    return StationEvent(
        id=uuid4(), kind=kind, register_id=shop.register.pk, station_id=0, device="scanner", data=data
    )


@pytest.mark.parametrize(
    ("device", "worker"), [("", ""), ("stolen", "stolen"), ("own", ""), ("own", "stolen")]
)
def test_a_stranger_hears_nothing(place: str, till: TillClient, device: str, worker: str) -> None:
    with pytest.raises(InvalidStatus):
        opened(place, till.device if device == "own" else device, worker)


def test_a_foreign_page_hears_nothing(place: str, till: TillClient) -> None:
    with pytest.raises(InvalidStatus):
        opened(place, till.device, till.worker, origin="http://elsewhere.example")


def test_a_scan_at_the_station_is_pushed_as_its_line(shop: Shop, socket: ClientConnection) -> None:
    dispatch(event_of(shop, "scan", code="85123A"))
    message = heard(socket, "cart")
    ((line, html),) = message["lines"]
    assert line == "1" and "White hanging heart" in html and message["sound"] == "added"
    assert message["version"] == message["previous"] + 1 and 'id="totals"' in message["html"]


def test_an_unknown_code_at_the_station_is_pushed_loudly(shop: Shop, socket: ClientConnection) -> None:
    dispatch(event_of(shop, "scan", code="nothing"))
    message = heard(socket, "cart")
    assert message["sound"] == "refused" and "data-blocks" in message["html"] and "nothing" in message["html"]
    dispatch(event_of(shop, "scan", code="BANANA"))
    asked = heard(socket, "cart")
    assert 'name="code" value="BANANA"' in asked["html"] and "Weight in kg" in asked["html"]


def test_devices_jobs_and_data_are_told(shop: Shop, socket: ClientConnection) -> None:
    dispatch(event_of(shop, "status"))
    assert 'id="devices"' in heard(socket, "devices")["html"]
    dispatch(event_of(shop, "job", state="unknown", title="Receipt 7"))
    assert "Receipt 7" in heard(socket, "job")["text"]
    version = new_data_version()
    announce(version, frozenset())
    data = heard(socket, "data")
    assert "updated" in data["text"] and f'data-version="{version}"' in data["html"]


def test_a_drawer_whose_pulse_is_unknown_is_looked_at_and_no_paper_is(
    shop: Shop, socket: ClientConnection
) -> None:
    event = event_of(shop, "job", state="unknown", title="Open the drawer")
    event.data["kind"] = "drawer"
    dispatch(event)
    assert "whether the drawer was opened" in heard(socket, "job")["text"]


def test_who_signs_off_is_sent_away(shop: Shop, till: TillClient, socket: ClientConnection) -> None:
    sign_off(till=till_by_tokens(device=till.device))
    dispatch(event_of(shop, "status"))
    heard(socket, "away")
    with pytest.raises(ConnectionClosed) as closed:
        socket.recv(timeout=10)
    assert closed.value.rcvd.code == 4401


def test_a_sign_of_life_is_answered_and_an_idle_socket_stays(socket: ClientConnection) -> None:
    time.sleep(6)  # longer than the channel layer's own blocking read
    socket.send('{"kind":"beat"}')
    heard(socket, "beat")
    socket.send("x" * 5000)
    with pytest.raises(ConnectionClosed):
        socket.recv(timeout=10)
