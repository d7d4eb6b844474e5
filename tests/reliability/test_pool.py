"""A pooled connection that the server has closed is not handed out; looking for that costs no round trip."""

from __future__ import annotations

import time

import psycopg
import pytest
from django.db import OperationalError, connections

from tests.reliability.conftest import Wire

pytestmark = pytest.mark.django_db(transaction=True)


def _take_and_give_back() -> int:
    """The server's process of the connection that a request gets."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        process = cursor.fetchone()[0]
    connections["default"].close()
    return process


def _end(wire: Wire, process: int) -> None:
    """Have the server close that connection, by a line of our own, and wait until it has come through."""
    known, closed = wire.former, wire.closed
    with psycopg.connect(
        host=known["HOST"],
        port=known["PORT"],
        user=known["USER"],
        password=known["PASSWORD"],
        dbname=known["NAME"],
    ) as ours:
        ours.execute("SELECT pg_terminate_backend(%s)", [process])
        while ours.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [process]).fetchone():
            ours.commit()
    while wire.closed == closed:
        time.sleep(0.005)


def test_a_connection_that_the_server_closed_is_not_used(wire: Wire) -> None:
    wire.pool(max_size=1)
    process = _take_and_give_back()
    assert process == _take_and_give_back()
    _end(wire, process)
    assert process != _take_and_give_back()


def test_without_the_look_a_request_meets_the_dead_connection(wire: Wire) -> None:
    """The twin: the same, with a pool that does not look."""
    wire.pool(max_size=1, looks=False)
    _end(wire, _take_and_give_back())
    with pytest.raises(OperationalError):
        _take_and_give_back()
    connections["default"].close()


def test_taking_a_connection_costs_no_round_trip(wire: Wire) -> None:
    wire.pool(min_size=1, max_size=1)  # so that no other is being opened meanwhile
    for _ in range(3):
        _take_and_give_back()
    with wire.counted() as trips:
        _take_and_give_back()
    assert trips.count == 1
