"""Schedules: when which jobs run for whom."""

import logging
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

from channels_app.channel_client import ChannelClient
from channels_app.errors import DomainError
from channels_app.models import ChannelDatabase, DatabaseGroup, Package, Schedule, StorePlacement
from channels_app.registry import is_upload
from channels_app.services.build import Order, build_packages
from channels_app.states import LIVE

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

logger = logging.getLogger(__name__)


def run_schedule(schedule: Schedule, *, at: datetime | None = None) -> list[Package]:
    """Run a schedule once: the packages that came of it. Those whose stores are outside of its window wait."""
    now = at or timezone.now()
    Schedule.objects.filter(pk=schedule.pk).update(last_run_at=now)
    due = schedule.group.databases.filter(Q(next_try_at=None) | Q(next_try_at__lte=now), pinned=False)
    databases = in_window(schedule, list(due.values_list("pk", flat=True)), now)
    jobs = [job.number for job in schedule.jobs.all()]
    if schedule.canary is None:
        return run_jobs(jobs, databases, schedule=schedule)
    return _run_with_canaries(schedule, schedule.canary, jobs, databases, now)


def _run_with_canaries(
    schedule: Schedule, group: DatabaseGroup, jobs: Sequence[str], databases: Sequence[UUID], now: datetime
) -> list[Package]:
    """First the canaries; the same version for the others waits. While they are watched, nothing further is begun."""
    if Package.objects.filter(schedule=schedule, state__in=LIVE, hold_until__isnull=False).exists():
        return []
    in_use = group.databases.filter(is_active=True, scale_unit__is_active=True)
    canaries = set(in_use.values_list("pk", flat=True))
    packages = run_jobs(
        jobs,
        databases,
        schedule=schedule,
        held=set(databases) - canaries,
        hold_until=now + timedelta(minutes=schedule.canary_minutes),
    )
    if packages and not _have_something(canaries, schedule, packages[0].version):
        Package.objects.filter(pk__in=[package.pk for package in packages]).update(hold_until=None)
        for package in packages:
            package.hold_until = None
    return packages


def _have_something(canaries: Collection[UUID], schedule: Schedule, version: int) -> bool:
    """Whether canaries got something in a run, be it that it failed at once, or have something under way."""
    found = Package.objects.filter(database__in=canaries)
    return found.filter(Q(state__in=LIVE) | Q(schedule=schedule, version=version)).exists()


def run_jobs(
    jobs: Sequence[str],
    databases: Sequence[UUID],
    *,
    full: bool = False,
    schedule: Schedule | None = None,
    requested_by: "AbstractBaseUser | None" = None,
    held: Collection[UUID] = (),
    hold_until: datetime | None = None,
) -> list[Package]:
    """Run jobs for databases now: build what goes down, and ask for what comes up. The packages built."""
    if any(is_upload(job) for job in jobs):
        ask_for_uploads(databases)
    down = [job for job in jobs if not is_upload(job)]
    if not down:
        return []
    return build_packages(
        Order(
            databases,
            down,
            full=full,
            schedule=schedule,
            requested_by=requested_by,
            held=held,
            hold_until=hold_until,
        )
    )


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


def in_window(schedule: Schedule, databases: Sequence[UUID], now: datetime) -> list[UUID]:
    """Those databases for which it is within the schedule's window, by the clocks of all their stores."""
    start, end = schedule.window_from, schedule.window_to
    if start is None or end is None:
        return list(databases)
    zones: dict[UUID, set[str]] = defaultdict(set)
    placed = StorePlacement.objects.filter(channel_database__in=databases)
    for database, zone in placed.values_list("channel_database", "store__time_zone"):
        zones[database].add(zone)
    is_open = {
        zone: _within(now.astimezone(ZoneInfo(zone)).time(), start, end)
        for zone in {"UTC"}.union(*zones.values())
    }
    return [d for d in databases if all(is_open[zone] for zone in zones[d] or {"UTC"})]


def _within(moment: time, start: time, end: time) -> bool:
    if start <= end:
        return start <= moment < end
    return moment >= start or moment < end
