"""Forgetting what nobody needs any more: changes, packages and their files, outbox events that were acknowledged.

Everything is deleted in small batches, so that no lock is held that a sale would notice.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.utils import timezone

from channels_app.files import package_storage, received_file
from channels_app.models import (
    ChannelDatabase,
    ForgottenChanges,
    Mark,
    OutboxCursor,
    OutboxEvent,
    Package,
    Part,
    ReceivedPackage,
    UploadHour,
)
from channels_app.registry import forgotten
from channels_app.services.upload import unsent_events
from channels_app.states import LIVE, PackageState, ReceivedState

logger = logging.getLogger(__name__)
BATCH = 5000
CHANGES_KEPT = timedelta(days=14)
PACKAGES_KEPT = timedelta(days=30)
HOURS_KEPT = timedelta(days=400)
EVENTS_KEPT = timedelta(days=30)
RECORDS_KEPT = timedelta(days=400)  # in a channel; headquarters keeps them for good


def once_an_hour(name: str) -> bool:
    """Whether it is time again for something that is done about once an hour, by whoever asks first."""
    return bool(cache.add(f"exchange:{name}", 1, timeout=3600))


def tidy_headquarters() -> None:
    """Forget old changes, packages and parts."""
    forget_changes()
    forget_packages()
    UploadHour.objects.filter(hour__lt=timezone.now() - HOURS_KEPT).delete()


def tidy_scale_unit() -> None:
    """Forget settled packages, and events and old records that headquarters has acknowledged."""
    forget_events()
    forget_records()
    forget_received()


def forget_changes() -> int:
    """Delete the changes that no channel database needs for a delta; how many.

    One that has been away for longer than changes are kept gets a full package when it is back.
    """
    recent = Mark.objects.filter(cut_at__gte=timezone.now() - _kept("CHANGES_KEPT", CHANGES_KEPT))
    needed = {
        mark["since"] for d in ChannelDatabase.objects.filter(is_active=True) for mark in d.marks.values()
    }
    horizons = [
        int(s.split(":")[0]) for s in recent.filter(number__in=needed).values_list("snapshot", flat=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        before = min([*horizons, cursor.fetchone()[0]])
    known = ForgottenChanges.objects.first()
    if known is None or known.before < before:
        ForgottenChanges.objects.update_or_create(singleton=True, defaults={"before": before})
    used = Part.objects.values("version").union(Part.objects.values("since"))
    Mark.objects.exclude(pk__in=recent.values("pk")).exclude(pk__in=needed).exclude(pk__in=used).delete()
    return _delete_in_batches("channels_app_change", "xid < %s::text::xid8", [before])


def forget_packages() -> int:
    """Delete packages that were settled long ago, except the last applied one of each database; then unused parts."""
    old = timezone.now() - _kept("PACKAGES_KEPT", PACKAGES_KEPT)
    newer = Package.objects.filter(
        database=OuterRef("database"), state=PackageState.APPLIED, version__gt=OuterRef("version")
    )
    gone = Package.objects.filter(settled_at__lt=old).exclude(state__in=LIVE)
    gone = gone.filter(Exists(newer)) | gone.exclude(state=PackageState.APPLIED)
    count = _delete_rows(gone)
    for part in Part.objects.filter(packages=None, built_at__lt=old).iterator():
        with transaction.atomic():
            part.delete()
            if part.file:
                transaction.on_commit(lambda name=part.file: package_storage().delete(name))
    return count


def forget_events() -> int:
    """Delete outbox events that every consumer has read, long enough ago; how many."""
    cursors = list(OutboxCursor.objects.values_list("xid", "sequence"))
    if not cursors:
        return 0
    xid, sequence = min(cursors)
    old = timezone.now() - _kept("EVENTS_KEPT", EVENTS_KEPT)
    return _delete_in_batches(
        OutboxEvent._meta.db_table, "(xid, sequence) <= (%s, %s) AND happened_at < %s", [xid, sequence, old]
    )


def forget_records() -> int:
    """Delete old records that headquarters has acknowledged; how many. What it has not stays, however old it is."""
    if not OutboxCursor.objects.exists():
        return 0
    old = timezone.now() - _kept("RECORDS_KEPT", RECORDS_KEPT)
    _, waiting_since = unsent_events()
    if waiting_since is not None:
        old = min(old, waiting_since - timedelta(days=1))
    return sum(
        _delete_rows(entry.model._base_manager.filter(**{f"{entry.by}__lt": old})) for entry in forgotten()
    )


def forget_received() -> int:
    """Delete the notes of packages that headquarters knows the outcome of, except the newest; how many."""
    newest = ReceivedPackage.objects.order_by("-version").values("pk")[:1]
    known = ReceivedPackage.objects.exclude(reported_at=None).exclude(pk__in=newest)
    count = _delete_rows(known.filter(received_at__lt=timezone.now() - _kept("PACKAGES_KEPT", PACKAGES_KEPT)))
    abandoned = ReceivedPackage.objects.filter(
        state=ReceivedState.DOWNLOADING, received_at__lt=timezone.now() - timedelta(days=1)
    )
    for package in abandoned.values_list("pk", flat=True):
        received_file(package).unlink(missing_ok=True)
    return count + _delete_rows(abandoned)


def _kept(name: str, default: timedelta) -> timedelta:
    return getattr(settings, name, default)


def _delete_rows(rows: QuerySet) -> int:
    model: type[Model] = rows.model
    count = 0
    while keys := list(rows.values_list("pk", flat=True)[:BATCH]):
        count += len(keys)
        model._base_manager.filter(pk__in=keys).delete()
    return count


def _delete_in_batches(table: str, where: str, parameters: Iterable) -> int:
    count = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                f'DELETE FROM "{table}" WHERE ctid = ANY (ARRAY('  # noqa: S608  # our own words
                f'SELECT ctid FROM "{table}" WHERE {where} LIMIT {BATCH}))',
                list(parameters),
            )
            if not cursor.rowcount:
                return count
            count += cursor.rowcount
