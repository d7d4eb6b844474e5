"""What a person can do with a package: call it off, skip it, have it built again; and watch it."""

from typing import TYPE_CHECKING

from django.db import transaction

from channels_app.channel_client import ChannelClient, ChannelRefused
from channels_app.errors import DomainError, Unavailable
from channels_app.models import ChannelDatabase, Package
from channels_app.progress import Progress, progress_of
from channels_app.services.schedules import run_jobs
from channels_app.states import LIVE, PackageState

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

_PATIENCE = 1.0  # seconds that a page waits for a scale unit's answer


class NothingToSend(DomainError):
    code = "nothing_to_send"
    message = "{database} lacks nothing that these jobs carry."


class PackageUnderWay(DomainError):
    code = "package_under_way"
    message = "A package is under way to {database} already. Cancel it first, or wait until it has arrived."


def cancel(package: Package) -> Package:
    """Call a package off. One that has arrived meanwhile stays applied. Raises IllegalPackageMove."""
    with transaction.atomic():
        package = Package.objects.select_for_update().get(pk=package.pk)
        package.move_to(PackageState.CANCELLED)
        package.error = "Cancelled by hand."
        package.save(update_fields=["state", "settled_at", "error"])
    return package


def skip(package: Package, *, by: str = "") -> Package:
    """Leave a package out: its database is left alone until headquarters changes something of the same tables.

    What is in the package comes then, or when somebody sends it by hand. Raises IllegalPackageMove.
    """
    with transaction.atomic():
        database = ChannelDatabase.objects.select_for_update(no_key=True).get(pk=package.database_id)
        package = Package.objects.select_for_update().get(pk=package.pk)
        reason = package.error
        package.move_to(PackageState.CANCELLED)
        package.error = f"Skipped{f' by {by}' if by else ''}. {reason}".strip()
        package.save(update_fields=["state", "settled_at", "error"])
        database.skipped_version, database.failures = package.version, 0
        database.next_try_at, database.last_error = None, ""
        database.save(update_fields=["skipped_version", "failures", "next_try_at", "last_error"])
    return package


def build_again(package: Package, *, full: bool = False, by: "AbstractBaseUser | None" = None) -> Package:
    """Build a package for the same database and jobs: what it lacks now, or everything.

    The parts of the former one are used again where they still hold. Raises PackageUnderWay, NothingToSend.
    """
    return serve(package.database, package.jobs, full=full, by=by)


def serve(
    database: ChannelDatabase, jobs: list[str], *, full: bool = False, by: "AbstractBaseUser | None" = None
) -> Package:
    """Build one database's package now, whatever pause it is in after failures."""
    ChannelDatabase.objects.filter(pk=database.pk).update(next_try_at=None, skipped_version=None)
    built = run_jobs(jobs, [database.pk], full=full, requested_by=by)
    if built:
        return built[0]
    if Package.objects.filter(database=database, state__in=LIVE).exists():
        raise PackageUnderWay(database=database.name)
    raise NothingToSend(database=database.name)


def how_far(package: Package) -> Progress | None:
    """What has been read of a package while it is built here or applied there; None when that is not known.

    The scale unit is asked with a short deadline: somebody waits for the page.
    """
    if package.state == PackageState.STARTED:
        return progress_of(package.pk)
    database = package.database
    is_there = package.state == PackageState.DOWNLOADING and package.sent_bytes >= package.bytes > 0
    if not is_there or database.delivery != ChannelDatabase.Delivery.PUSH:
        return None
    try:
        standing = ChannelClient(database.scale_unit).watch(package.pk, seconds=_PATIENCE)
    except (Unavailable, ChannelRefused):
        return None
    return Progress(rows=standing.rows, table=standing.table) if standing.rows else None
