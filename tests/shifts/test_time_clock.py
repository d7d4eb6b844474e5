"""The time clock: at the till, over the API, on its way up, and at headquarters with its corrections."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest

from channels_app.models import OutboxEvent
from hq.models import Worker
from pos.errors import RequestReused
from shifts.errors import ClockRefused, NoSuchClockKind
from shifts.hours import possible_after, standing_of, work_days
from shifts.models import TimeEntry
from shifts.services import clock, time_sheet
from shifts.states import CLOCK_MOVES
from tests.pos.till_client import TillClient
from tests.scenarios.store import PIN, Shop, a_shop

MORNING = datetime(2026, 7, 6, 8, 0, tzinfo=UTC)


def said(*entries: tuple[str, float]) -> list[SimpleNamespace]:
    return [
        SimpleNamespace(kind=kind, happened_at=MORNING + timedelta(hours=hours)) for kind, hours in entries
    ]


@pytest.mark.parametrize(
    ("entries", "now", "worked", "breaks", "standing"),
    [
        pytest.param([("in", 0)], 3, 3, 0, "in", id="still_in"),
        pytest.param([("in", 0), ("break", 2)], 3, 2, 0, "break", id="on_a_break"),
        pytest.param([("in", 0), ("break", 2), ("back", 2.5), ("out", 8)], 9, 7.5, 0.5, "out", id="a_day"),
        pytest.param([("in", 0), ("break", 6), ("out", 7)], 9, 6, 1, "out", id="gone_from_the_break"),
        pytest.param([("out", 8), ("in", 0)], 9, 8, 0, "out", id="in_any_order"),
        pytest.param([("in", 0)], 17, None, 0, "out", id="forgot_to_clock_out"),
        pytest.param([("back", 0), ("out", 1)], 2, None, None, "out", id="never_in"),
    ],
)
def test_hours_follow_from_what_the_clock_was_told(entries, now, worked, breaks, standing) -> None:
    days, at = work_days(said(*entries)), MORNING + timedelta(hours=now)
    assert standing_of(days, at) == standing
    assert (days[-1].worked(at) if days else None) == (None if worked is None else timedelta(hours=worked))
    if breaks is not None:
        assert days[-1].breaks == timedelta(hours=breaks)


def test_what_the_keys_offer_is_the_table_of_moves() -> None:
    for standing, moves in CLOCK_MOVES.items():
        assert set(possible_after(standing)) == moves


@pytest.fixture
def shop(scale_unit, db) -> Shop:
    return a_shop(with_shift=False)


@pytest.fixture
def till(shop: Shop) -> TillClient:
    return TillClient(shop)


def test_an_entry_is_written_once_with_its_event(shop: Shop) -> None:
    till, request = shop.till(), uuid4()
    worker = till.require_worker()
    for _ in range(2):
        sheet = clock(till=till, worker=worker, kind="in", request_id=request, at=MORNING)
    assert (sheet.standing, [str(kind) for kind in sheet.can]) == ("in", ["break", "out"])
    entry = TimeEntry.objects.get()
    assert (entry.pk, entry.worker_id, entry.happened_at) == (request, worker.id, MORNING)
    assert OutboxEvent.objects.get(topic="time.recorded").subject == str(request)
    with pytest.raises(RequestReused):
        clock(till=till, worker=worker, kind="out", request_id=request, at=MORNING)


def test_what_does_not_follow_is_refused_and_nothing_is_written(shop: Shop) -> None:
    till = shop.till()
    worker = till.require_worker()
    for kind, refusal in [("out", "is not clocked in"), ("break", "is not clocked in")]:
        with pytest.raises(ClockRefused, match=refusal):
            clock(till=till, worker=worker, kind=kind, request_id=uuid4(), at=MORNING)
    with pytest.raises(NoSuchClockKind):
        clock(till=till, worker=worker, kind="lunch", request_id=uuid4(), at=MORNING)
    assert not TimeEntry.objects.exists()
    clock(till=till, worker=worker, kind="in", request_id=uuid4(), at=MORNING)
    for kind, refusal in [("in", "clocked in already"), ("back", "is not on a break")]:
        with pytest.raises(ClockRefused, match=refusal):
            clock(till=till, worker=worker, kind=kind, request_id=uuid4(), at=MORNING + timedelta(hours=1))
    next_day = MORNING + timedelta(hours=24)
    assert time_sheet(worker, at=next_day).is_forgotten
    clock(till=till, worker=worker, kind="in", request_id=uuid4(), at=next_day)
    assert TimeEntry.objects.count() == 2


def test_a_worker_clocks_in_without_signing_on(till: TillClient) -> None:
    till.post("/sign-off/", {}, htmx=False)
    page = till.client.get("/shift/clock/").content.decode()
    assert "Choose your name" in page and "Clock in" in page
    worker = Worker.objects.first()
    wrong = till.post("/shift/clock/", {"staff_id": worker.staff_id, "pin": "0", "kind": "in"}, htmx=False)
    assert wrong.status_code == 422 and not TimeEntry.objects.exists()
    given = {"staff_id": worker.staff_id, "pin": PIN, "kind": "in", "request_id": str(uuid4())}
    for _ in range(2):
        done = till.post("/shift/clock/", given, htmx=False)
        assert f"{worker.name} is clocked in" in done.content.decode()
    assert TimeEntry.objects.get().pk == UUID(given["request_id"])


def test_one_who_is_signed_on_needs_no_pin(till: TillClient) -> None:
    assert "You are not clocked in" in till.client.get("/shift/clock/").content.decode()
    till.post("/shift/clock/", {"kind": "in"}, htmx=False)
    refused = till.post("/shift/clock/", {"kind": "in"}, htmx=False)
    assert refused.status_code == 422 and "clocked in already" in refused.content.decode()
    assert "Choose your name" in till.client.get("/shift/clock/?other").content.decode()
