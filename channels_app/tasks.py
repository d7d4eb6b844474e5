"""What workers do of the exchange. Every task may run twice: what is to be done is found in rows."""

import logging
from typing import Any
from uuid import UUID

from celery import Task, shared_task
from celery.signals import worker_ready
from django.db.models import Q

from channels_app.errors import DomainError
from channels_app.models import ChannelDatabase, ExchangeState, Schedule
from channels_app.registry import EVERYTHING
from channels_app.roles import Role, current_role
from channels_app.services import apply, build, care, housekeeping, push, schedules
from channels_app.services import contact as contacts
from channels_app.services import upload as uploads

logger = logging.getLogger(__name__)


def soon(task: Task, *arguments: Any) -> None:
    """Have a worker do it now. Without a broker the next tick does it: what is to be done stands in a row."""
    try:
        task.apply_async(arguments, retry=False)
    except Exception as error:  # whatever the broker's client raises
        logger.warning("Not sent to a worker: %s", error, extra={"task": task.name})


@worker_ready.connect
def _catch_up(**kwargs: Any) -> None:
    """What waited while no worker ran need not wait for the first tick."""
    if current_role() is Role.SCALE_UNIT:
        soon(contact)
        soon(upload)
    if current_role() is Role.HEADQUARTERS:
        from channels_app.listener import start_listening

        start_listening()
        for schedule in Schedule.objects.filter(is_active=True, interval__isnull=False):
            soon(run_schedule, schedule.pk)


# Headquarters


@shared_task(ignore_result=True)
def run_schedule(schedule_id: int) -> None:
    """Run a schedule and send what was built."""
    schedule = Schedule.objects.filter(pk=schedule_id, is_active=True).first()
    if schedule is not None:
        send_soon(schedules.run_schedule(schedule))


@shared_task(ignore_result=True)
def serve_database(database_id: str) -> None:
    """Give a channel database what it lacks: it has just said that it has nothing."""
    database = ChannelDatabase.objects.filter(pk=database_id, is_active=True, pinned=False).first()
    if database is not None:
        send_soon(schedules.run_jobs([EVERYTHING], [database.pk]))


@shared_task(ignore_result=True)
def push_package(package_id: str) -> None:
    """Send one package."""
    push.push_package(UUID(package_id))


@shared_task(ignore_result=True)
def tend_packages() -> None:
    """Send what waits or broke off, and fail what a dead builder left."""
    build.fail_abandoned()
    care.watch_canaries()
    if housekeeping.once_an_hour("tidy"):
        housekeeping.tidy_headquarters()
    for package in push.due_packages():
        soon(push_package, str(package))


def send_soon(packages) -> None:  # packages just built
    """Have the packages of databases that are pushed to sent now; the others fetch theirs."""
    pushed = set(
        ChannelDatabase.objects.filter(
            Q(delivery=ChannelDatabase.Delivery.PUSH), pk__in=[p.database_id for p in packages]
        ).values_list("pk", flat=True)
    )
    for package in packages:
        if package.database_id in pushed and package.hold_until is None:
            soon(push_package, str(package.pk))


# A scale unit


@shared_task(ignore_result=True)
def apply_waiting_packages() -> None:
    """Apply what was received, tell headquarters, and fetch what waits there."""
    applied = apply.apply_waiting()
    _contact(now=bool(applied))
    if housekeeping.once_an_hour("tidy"):
        housekeeping.tidy_scale_unit()


@shared_task(ignore_result=True)
def contact() -> None:
    """Ask headquarters now."""
    _contact(now=True)


@shared_task(ignore_result=True)
def upload() -> None:
    """Send up what happened in this channel."""
    try:
        uploads.upload()
    except DomainError as error:
        logger.warning("Not sent up: %s", error)
        ExchangeState.objects.filter(singleton=True).update(last_error=str(error))


def _contact(*, now: bool) -> None:
    welcome = contacts.keep_in_touch(now=now)
    if welcome is None or not welcome.packages:
        return
    for waiting in welcome.packages:
        try:
            contacts.fetch(waiting)
        except DomainError as error:
            logger.warning("Not fetched: %s", error, extra={"package": waiting.package})
    if apply.apply_waiting():
        contacts.keep_in_touch(now=True)
