"""GET /healthz."""

import pytest
from django.test import Client

from config import heartbeat

pytestmark = pytest.mark.django_db


def test_not_ready_without_worker_and_beat(headquarters, client: Client) -> None:
    answer = client.get("/healthz")
    parts = answer.json()["parts"]
    assert answer.status_code == 503
    assert parts["database"]["ok"] and parts["redis"]["ok"] and parts["migrations"]["ok"]
    assert not parts["worker"]["ok"] and "worker" in parts["worker"]["words"]
    assert not parts["beat"]["ok"]


def test_ready_at_headquarters_when_a_tick_went_all_the_way(headquarters, client: Client) -> None:
    heartbeat._beat_is_alive()
    heartbeat.tick()
    answer = client.get("/healthz")
    assert answer.status_code == 200, answer.content
    assert answer.json()["status"] == "ready"
