"""GET /healthz."""

from datetime import timedelta
from uuid import uuid4

import pytest
import redis
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from time_machine import TimeMachineFixture

from channels_app.models import DataVersion
from config import health, heartbeat
from hardware.models import StationStatus

pytestmark = pytest.mark.django_db


def all_the_way() -> None:
    """What a tick leaves behind that beat sent and the worker did."""
    heartbeat._beat_is_alive()
    heartbeat.tick()


def test_not_ready_without_worker_and_beat(headquarters, client: Client) -> None:
    answer = client.get("/healthz")
    parts = answer.json()["parts"]
    assert answer.status_code == 503
    assert parts["database"]["ok"] and parts["redis"]["ok"] and parts["migrations"]["ok"]
    assert not parts["worker"]["ok"] and "worker" in parts["worker"]["words"]
    assert not parts["beat"]["ok"]


def test_ready_at_headquarters_when_a_tick_went_all_the_way(headquarters, client: Client) -> None:
    all_the_way()
    answer = client.get("/healthz")
    assert answer.status_code == 200, answer.content
    assert answer.json()["status"] == "ready"


def test_a_scale_unit_is_ready_with_data_only(scale_unit, client: Client) -> None:
    all_the_way()
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert "first package" in answer.json()["parts"]["data"]["words"]
    DataVersion.objects.create(version=7, package=uuid4(), applied_at=timezone.now())
    answer = client.get("/healthz")
    assert answer.status_code == 200, answer.content
    assert answer.json()["parts"]["data"]["version"] == 7


def test_a_station_is_shown_but_not_waited_for(scale_unit, client: Client) -> None:
    all_the_way()
    DataVersion.objects.create(version=1, package=uuid4(), applied_at=timezone.now())
    assert client.get("/healthz").json()["parts"]["stations"] == {
        "ok": True,
        "connected": 0,
        "required": False,
    }
    StationStatus.objects.create(station_id=1, connection=uuid4())
    assert client.get("/healthz").json()["parts"]["stations"]["connected"] == 1


def test_a_sign_of_life_grows_old(headquarters, client: Client, time_machine: TimeMachineFixture) -> None:
    all_the_way()
    time_machine.move_to(timezone.now() + timedelta(seconds=12))
    assert client.get("/healthz").json()["parts"]["beat"]["seconds_ago"] >= 12


def test_missing_migrations_are_said(headquarters, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    health._migrated.cache_clear()
    step = MigrationRecorder.Migration.objects.get(app="channels_app", name="0001_extensions")
    step.delete()
    parts = client.get("/healthz").json()["parts"]
    assert "manage.py migrate" in parts["migrations"]["words"]
    health._migrated.cache_clear()


def test_redis_gone_is_said_not_raised(headquarters, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> dict[str, float | None]:
        raise redis.ConnectionError("refused")

    monkeypatch.setattr(heartbeat, "ages", refuse)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["redis"]["words"] == "Redis does not answer."


def test_asking_is_cheap(headquarters, client: Client, django_assert_max_num_queries) -> None:
    client.get("/healthz")
    with django_assert_max_num_queries(1):
        client.get("/healthz")


@pytest.mark.parametrize(
    ("idle", "running", "beat_is_heard", "expected"),
    [(100, 0, True, True), (80, 0, True, False), (100, 1, True, False), (100, 0, False, False)],
)
def test_a_worker_that_takes_no_tasks_though_they_are_sent_stands_still(
    idle: int, running: int, beat_is_heard: bool, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = heartbeat.Watch()
    watch._busy_until -= idle
    for _ in range(running):
        watch.begun()
    monkeypatch.setattr(heartbeat, "ages", lambda: {"beat": 3.0 if beat_is_heard else None})
    assert watch.stands_still() is expected
