"""Schedules: when which jobs run for whom."""

import logging
from collections.abc import Sequence
from datetime import datetime, time
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from channels_app.channel_client import ChannelClient
from channels_app.errors import DomainError
from channels_app.models import ChannelDatabase, Package, Schedule, StorePlacement
from channels_app.registry import is_upload
from channels_app.services.build import Order, build_packages

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

logger = logging.getLogger(__name__)
RUN_TASK = "channels_app.tasks.run_schedule"


@transaction.atomic
def keep_recurrence(schedule: Schedule) -> None:
    """Have the scheduler run it as its fields say: call after each change of a schedule."""
    fields = {
        "task": RUN_TASK,
        "interval": schedule.interval,
        "crontab": schedule.crontab,
        "enabled": schedule.is_active,
        "args": msgspec.json.encode([schedule.pk]).decode(),
        "expire_seconds": 60,
    }
    if schedule.periodic_task is None:
        schedule.periodic_task = PeriodicTask.objects.create(name=f"Distribution: {schedule.pk}", **fields)
        schedule.save(update_fields=["periodic_task"])
        return
    for name, value in fields.items():
        setattr(schedule.periodic_task, name, value)
    schedule.periodic_task.save()


def run_schedule(schedule: Schedule, *, at: datetime | None = None) -> list[Package]:
    """Run a schedule once: the packages that came of it. Those whose stores are outside of its window wait."""
    now = at or timezone.now()
    Schedule.objects.filter(pk=schedule.pk).update(last_run_at=now)
    databases = [
        d.pk
        for d in schedule.group.databases.filter(Q(next_try_at=None) | Q(next_try_at__lte=now), pinned=False)
        if in_window(schedule, d, now)
    ]
    return run_jobs([job.number for job in schedule.jobs.all()], databases, schedule=schedule)


def run_jobs(
    jobs: Sequence[str],
    databases: Sequence[UUID],
    *,
    full: bool = False,
    schedule: Schedule | None = None,
    requested_by: "AbstractBaseUser | None" = None,
) -> list[Package]:
    """Run jobs for databases now: build what goes down, and ask for what comes up. The packages built."""
    if any(is_upload(job) for job in jobs):
        ask_for_uploads(databases)
    down = [job for job in jobs if not is_upload(job)]
    if not down:
        return []
    return build_packages(Order(databases, down, full=full, schedule=schedule, requested_by=requested_by))


def ask_for_uploads(databases: Sequence[UUID]) -> list[ChannelDatabase]:
    """Wake the scale units of some databases to send what they have; those that could not be reached."""
    unreached = []
    for database in ChannelDatabase.objects.filter(
        pk__in=databases, scale_unit__is_active=True, delivery=ChannelDatabase.Delivery.PUSH
    ).select_related("scale_unit"):
        try:
            ChannelClient(database.scale_unit).wake("upload")
        except DomainError as error:
            logger.info("Not woken: %s", error, extra={"database": database.pk})
            unreached.append(database)
    return unreached


def in_window(schedule: Schedule, database: ChannelDatabase, now: datetime) -> bool:
    """Whether it is within the schedule's window in every store of a database, by the stores' own clocks."""
    if schedule.window_from is None or schedule.window_to is None:
        return True
    zones = set(
        StorePlacement.objects.filter(channel_database=database).values_list("store__time_zone", flat=True)
    ) or {"UTC"}
    clocks = (now.astimezone(ZoneInfo(zone)).time() for zone in zones)
    return all(_within(clock, schedule.window_from, schedule.window_to) for clock in clocks)


def _within(moment: time, start: time, end: time) -> bool:
    if start <= end:
        return start <= moment < end
    return moment >= start or moment < end
