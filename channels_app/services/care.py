"""Publishing with care: canaries first, a stop when too much fails, and somebody who is told."""

import logging
from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from channels_app.models import DatabaseGroup, Package, Schedule
from channels_app.services.recurrence import keep_recurrence
from channels_app.states import LIVE, PackageState

logger = logging.getLogger(__name__)
_FEWEST = 5  # packages of one run; with fewer, a share says nothing
_AGAIN = timedelta(minutes=15)  # between two mails about one schedule
_LOOK_AGAIN = timedelta(minutes=1)


def watch_canaries() -> None:
    """Let the packages go that wait for canaries which are well; stop the schedules whose canaries are not."""
    _held().filter(schedule=None, hold_until__lte=timezone.now()).update(hold_until=None)  # it was deleted
    for schedule in Schedule.objects.filter(pk__in=_held().values("schedule")):
        canaries = _last_packages(schedule)
        failed = [p for p in canaries if p.state == PackageState.FAILED]
        due = _held().filter(schedule=schedule, hold_until__lte=timezone.now())
        if _is_too_much(schedule, len(failed), len(canaries)):
            stop(schedule, f"{len(failed)} of {len(canaries)} canaries failed: {failed[0].error}")
        elif _are_waited_for(schedule.canary):
            due.update(hold_until=timezone.now() + _LOOK_AGAIN)
        else:
            due.update(hold_until=None)


def note_failure(package: Package) -> None:
    """After a package failed: tell somebody, and stop the schedule when too many of its run did."""
    schedule = package.schedule
    if schedule is None:
        _tell_person(package)
        return
    run = Package.objects.filter(schedule=schedule, version=package.version)
    failed, total = run.filter(state=PackageState.FAILED).count(), run.count()
    if total >= _FEWEST and _is_too_much(schedule, failed, total):
        stop(schedule, f"{failed} of {total} packages failed, the last one because: {package.error}")
        return
    tell(schedule, f"Package for {package.database} failed", package.error)


def stop(schedule: Schedule, reason: str) -> None:
    """Pause a schedule and call off what it has not sent yet."""
    with transaction.atomic():
        schedule = Schedule.objects.select_for_update().get(pk=schedule.pk)
        if not schedule.is_active:
            return
        schedule.is_active, schedule.stopped_because = False, reason
        schedule.save(update_fields=["is_active", "stopped_because"])
        keep_recurrence(schedule)
        for package in Package.objects.select_for_update(skip_locked=True).filter(
            schedule=schedule, state=PackageState.AVAILABLE
        ):
            package.move_to(PackageState.CANCELLED)
            package.error = f"The schedule was stopped. {reason}"
            package.save(update_fields=["state", "settled_at", "error"])
    logger.error("Schedule stopped: %s", reason, extra={"schedule": schedule.pk})
    tell(schedule, f"Schedule {schedule} was stopped", reason, now=True)


def resume(schedule: Schedule) -> None:
    """Let a schedule run again."""
    Schedule.objects.filter(pk=schedule.pk).update(is_active=True, stopped_because="")
    keep_recurrence(Schedule.objects.get(pk=schedule.pk))


def pause(schedule: Schedule) -> None:
    """Let a schedule run no more until it is resumed; what is on its way arrives."""
    Schedule.objects.filter(pk=schedule.pk).update(is_active=False)
    keep_recurrence(Schedule.objects.get(pk=schedule.pk))


def tell(schedule: Schedule, subject: str, reason: str, *, now: bool = False) -> None:
    """Write to those who want to be told, not more often than every quarter of an hour unless `now`."""
    addresses = [line.strip() for line in schedule.tell.splitlines() if line.strip()]
    if not addresses:
        return
    due = Schedule.objects.filter(pk=schedule.pk)
    if not now:
        due = due.exclude(told_at__gt=timezone.now() - _AGAIN)
    if not due.update(told_at=timezone.now()):
        return
    _write(addresses, subject, reason)


def _tell_person(package: Package) -> None:
    """Write to whoever asked for a package by hand."""
    if package.requested_by and package.requested_by.email:
        _write([package.requested_by.email], f"Package for {package.database} failed", package.error)


def _write(addresses: list[str], subject: str, reason: str) -> None:
    text = f"{reason}\n\n{settings.HEADQUARTERS_URL.rstrip('/')}/distribution/\n"
    try:
        send_mail(f"Tillhouse: {subject}", text, None, addresses)
    except OSError as error:  # the mail server is away; the page and the log say the same
        logger.warning("Nobody could be told: %s", error, extra={"subject": subject})


def _are_waited_for(canaries: DatabaseGroup | None) -> bool:
    """Whether something is under way to one of them; one that was taken out of use keeps nobody waiting."""
    under_way = Package.objects.filter(
        database__groups=canaries, database__is_active=True, database__scale_unit__is_active=True
    )
    return canaries is not None and under_way.filter(state__in=LIVE).exists()


def _held() -> QuerySet[Package]:
    return Package.objects.filter(state=PackageState.AVAILABLE, hold_until__isnull=False)


def _last_packages(schedule: Schedule) -> list[Package]:
    """The newest package of the schedule for each of its canaries."""
    if schedule.canary is None:
        return []
    newest = (
        Package.objects.filter(schedule=schedule, database=OuterRef("pk"))
        .order_by("-started_at")
        .values("pk")[:1]
    )
    last = schedule.canary.databases.annotate(newest=Subquery(newest)).values("newest")
    return list(Package.objects.filter(pk__in=last).select_related("database"))


def _is_too_much(schedule: Schedule, failed: int, total: int) -> bool:
    return failed > 0 and failed * 100 > total * schedule.stop_above_percent
