"""Publishing with care: canaries, a stop when too much fails, limits, windows, and who is told."""

import time
from datetime import time as clock
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule

from catalog.models import Product
from channels_app import listener
from channels_app.models import ChannelDatabase, DatabaseGroup, Job, Package, Schedule
from channels_app.services.build import Order, build_packages
from channels_app.services.care import resume, watch_canaries
from channels_app.services.push import due_packages
from channels_app.services.recurrence import keep_recurrence
from channels_app.services.scale_units import default_schedules, everybody_group, register_scale_unit
from channels_app.services.schedules import in_window, run_schedule
from channels_app.services.settle import settle_applied, settle_failed
from channels_app.states import PackageState
from hq.models import Store
from pricing.models import TradeAgreement
from tests.channels_app.company import Company, a_store
from tests.channels_app.two_sides import Sides


@pytest.fixture
def schedule(shop: Company) -> Schedule:
    """Everything for everybody: six channel databases, the first of them a canary."""
    for number in range(3, 8):
        a_store(f"S{number}")
        register_scale_unit(name=f"unit-{number}", base_url="http://nowhere.test", stores=[f"S{number}"])
    canary = DatabaseGroup.objects.create(name="Canaries")
    canary.databases.add(shop.database)
    interval = IntervalSchedule.objects.create(every=10, period="seconds")
    made = Schedule.objects.create(
        name="With care", group=everybody_group(), canary=canary, interval=interval, canary_minutes=30,
        tell="ops@example.com\nboss@example.com",
    )  # fmt: skip
    made.jobs.set(Job.objects.filter(number="9999"))
    keep_recurrence(made)
    return made


def held() -> int:
    return Package.objects.filter(state=PackageState.AVAILABLE, hold_until__gt=timezone.now()).count()


def canary(shop: Company) -> Package:
    return Package.objects.get(database=shop.database)


def test_the_others_wait_until_the_canary_has_stood_the_test(schedule: Schedule, shop: Company, sides: Sides):
    run_schedule(schedule)
    assert canary(shop).hold_until is None
    assert held() == 5
    assert run_schedule(schedule) == []
    settle_applied(canary(shop).pk, changed_rows=1, seconds=0.1)
    watch_canaries()
    assert held() == 5
    Package.objects.exclude(hold_until=None).update(hold_until=timezone.now() - timedelta(seconds=1))
    watch_canaries()
    assert not Package.objects.exclude(hold_until=None).exists()


def test_the_others_get_what_the_canary_has_tried(schedule: Schedule, shop: Company, sides: Sides):
    """One version for all, so that what is changed after the canary's package is in none of the others'."""
    packages = run_schedule(schedule)
    assert len(packages) == 6
    assert len({package.version for package in packages}) == 1


def test_what_a_canary_gets_by_hand_is_waited_for_as_well(schedule: Schedule, shop: Company, sides: Sides):
    [by_hand] = build_packages(Order([shop.database.pk], ["9999"]))
    run_schedule(schedule)
    assert held() == 5
    Package.objects.exclude(hold_until=None).update(hold_until=timezone.now() - timedelta(seconds=1))
    watch_canaries()
    assert held() == 5
    settle_applied(by_hand.pk, changed_rows=1, seconds=0.1)
    Package.objects.exclude(hold_until=None).update(hold_until=timezone.now() - timedelta(seconds=1))
    assert not due_packages()  # their time has come, and nobody has looked at the canary yet
    watch_canaries()
    assert len(due_packages()) == 5


def test_nobody_waits_for_a_canary_that_lacks_nothing(schedule: Schedule, shop: Company, sides: Sides):
    [package] = build_packages(Order([shop.database.pk], ["9999"]))
    settle_applied(package.pk, changed_rows=1, seconds=0.1)
    run_schedule(schedule)
    assert held() == 0 and Package.objects.filter(state=PackageState.AVAILABLE).count() == 5


def test_a_canary_that_is_taken_out_of_use_keeps_nobody_waiting(
    schedule: Schedule, shop: Company, sides: Sides
):
    run_schedule(schedule)
    shop.database.scale_unit.is_active = False
    shop.database.scale_unit.save()
    Package.objects.exclude(hold_until=None).update(hold_until=timezone.now() - timedelta(seconds=1))
    watch_canaries()
    assert len(due_packages()) == 5


def test_the_others_go_when_their_schedule_is_deleted(schedule: Schedule, shop: Company, sides: Sides):
    run_schedule(schedule)
    schedule.delete()
    Package.objects.exclude(hold_until=None).update(hold_until=timezone.now() - timedelta(seconds=1))
    watch_canaries()
    assert len(due_packages()) == 6


def test_the_others_wait_longer_while_the_canary_has_not_answered(
    schedule: Schedule, shop: Company, sides: Sides
):
    run_schedule(schedule)
    Package.objects.exclude(hold_until=None).update(hold_until=timezone.now() - timedelta(seconds=1))
    watch_canaries()
    assert held() == 5


def test_a_sick_canary_stops_the_schedule_and_somebody_is_told(
    schedule: Schedule, shop: Company, sides: Sides
):
    run_schedule(schedule)
    settle_failed(canary(shop).pk, "package_failed", "The rows do not fit together")
    watch_canaries()
    schedule.refresh_from_db()
    assert not schedule.is_active
    assert not schedule.periodic_task.enabled
    assert "1 of 1 canaries failed" in schedule.stopped_because
    assert Package.objects.filter(state=PackageState.CANCELLED).count() == 5
    assert mail.outbox[-1].to == ["ops@example.com", "boss@example.com"]
    resume(schedule)
    schedule.refresh_from_db()
    assert (schedule.is_active, schedule.stopped_because) == (True, "")


def test_a_run_in_which_too_much_fails_is_stopped(schedule: Schedule, shop: Company, sides: Sides):
    Schedule.objects.update(canary=None)
    schedule.refresh_from_db()
    packages = run_schedule(schedule)
    settle_failed(packages[0].pk, "package_failed", "no")
    schedule.refresh_from_db()
    assert schedule.is_active
    assert len(mail.outbox) == 1
    settle_failed(packages[1].pk, "package_failed", "no")
    schedule.refresh_from_db()
    assert not schedule.is_active
    assert "2 of 6 packages failed" in schedule.stopped_because


def test_a_package_above_the_limit_is_not_sent(schedule: Schedule, shop: Company, sides: Sides):
    Product.objects.update(attributes={"text": [uuid4().hex for _ in range(60_000)]})
    Schedule.objects.update(canary=None, size_limit_mb=1)
    schedule.refresh_from_db()
    packages = run_schedule(schedule)
    assert shop.database.pk not in {p.database_id for p in packages}
    assert "allows 1000000" in canary(shop).error


def test_a_window_is_in_the_stores_own_time(shop: Company, schedule: Schedule):
    schedule.window_from, schedule.window_to = clock(22), clock(5)
    noon = timezone.now().replace(month=1, hour=12, minute=0)
    here = [shop.database.pk]
    assert in_window(schedule, here, noon) == []
    assert in_window(schedule, here, noon + timedelta(hours=11)) == here
    Store.objects.filter(pk=shop.near.pk).update(time_zone="Pacific/Auckland")
    assert in_window(schedule, here, noon) == here


def test_a_paused_or_held_database_is_left_alone(shop: Company, sides: Sides):
    schedule = default_schedules()[0]
    for values in (
        {"is_active": False},
        {"pinned": True},
        {"next_try_at": timezone.now() + timedelta(hours=1)},
    ):
        ChannelDatabase.objects.update(**{"is_active": True, "pinned": False, "next_try_at": None} | values)
        assert run_schedule(schedule) == []
    ChannelDatabase.objects.update(next_try_at=None)
    assert len(run_schedule(schedule)) == 1


def test_a_package_that_waits_and_has_everything_is_not_built_again(shop: Company, sides: Sides):
    order = Order([shop.database.pk], ["9999"])
    [package] = build_packages(order)
    assert build_packages(order) == []
    TradeAgreement.objects.update(amount=500)
    [greater] = build_packages(order)
    package.refresh_from_db()
    assert (package.state, greater.rows) == (PackageState.CANCELLED, package.rows)


def test_what_is_changed_is_heard_of_at_once(shop: Company, sides: Sides, monkeypatch):
    heard = []
    monkeypatch.setattr(listener, "run_followers", lambda: heard.append(time.monotonic()))
    monkeypatch.setattr(listener, "_WAIT", 0.1)
    stop = listener.start_listening()
    until = time.monotonic() + 10
    while not heard and time.monotonic() < until:
        TradeAgreement.objects.update(amount=time.monotonic() % 1000)
        time.sleep(0.05)
    stop()
    assert heard


def test_schedules_that_follow_changes_are_run(shop: Company, sides: Sides, monkeypatch):
    schedule = default_schedules()[0]
    monkeypatch.setattr(listener, "soon", sides.soon)
    listener.run_followers()
    assert [(task.name.rpartition(".")[2], arguments) for _, task, arguments in sides.queue] == [
        ("run_schedule", (schedule.pk,))
    ]
