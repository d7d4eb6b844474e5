"""Sending packages: headquarters carries them to the scale units that it can reach."""

import logging
import time
from collections.abc import Iterator
from datetime import timedelta
from random import uniform
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from channels_app.channel_client import ChannelClient, ChannelRefused, Standing
from channels_app.contents import content
from channels_app.errors import Unavailable
from channels_app.models import ChannelDatabase, Package
from channels_app.services.settle import note_contact, settle_failed
from channels_app.states import PackageState

logger = logging.getLogger(__name__)
_WHOLE = 1 << 18  # packages up to this size are sent without asking first how much is there already
_LONGEST_WAIT = 300.0  # seconds between two tries
_SILENCE = timedelta(seconds=60)  # after that a package on its way is taken for broken off
_PROGRESS = 2.0  # seconds between two notes of progress


def push_package(package_id: UUID) -> None:
    """Send one package, from where an earlier try broke off.

    A scale unit that cannot be reached is tried again later, after pauses that grow and differ. What it says
    of the package after applying it arrives as a report.
    """
    package = _take(package_id)
    if package is None:
        return
    try:
        standing = _send(package, ChannelClient(package.database.scale_unit))
    except ChannelRefused as refusal:
        settle_failed(package.pk, refusal.code, str(refusal))
    except (Unavailable, OSError) as error:
        _try_later(package, str(error))
    else:
        note_contact(package.database_id)
        logger.info("Package sent", extra={"package": package.pk, "state": standing.state})


def due_packages() -> list[UUID]:
    """Packages that should be sent now: available or broken off, and their time has come."""
    now = timezone.now()
    pushed = ChannelDatabase.objects.filter(
        delivery=ChannelDatabase.Delivery.PUSH, is_active=True, scale_unit__is_active=True
    )
    due = Package.objects.filter(
        Q(state=PackageState.AVAILABLE)
        | Q(state=PackageState.DOWNLOADING, downloading_at__lt=now - _SILENCE),
        database__in=pushed,
    )
    return list(due.exclude(next_try_at__gt=now).filter(hold_until=None).values_list("pk", flat=True))


def _take(package_id: UUID) -> Package | None:
    """Mark a package as on its way, unless another worker did a moment ago or it is settled."""
    now = timezone.now()
    with transaction.atomic():
        package = (
            Package.objects.select_for_update(skip_locked=True, of=["self"])
            .select_related("database__scale_unit")
            .filter(pk=package_id)
            .first()
        )
        if package is None or package.hold_until is not None:
            return None
        broken_off = package.state == PackageState.DOWNLOADING and now - package.downloading_at > _SILENCE
        if package.state != PackageState.AVAILABLE and not broken_off:
            return None
        package.state, package.downloading_at = PackageState.DOWNLOADING, now
        package.attempts += 1
        package.save(update_fields=["state", "downloading_at", "attempts"])
    return package


def _send(package: Package, channel: ChannelClient) -> Standing:
    offset = 0
    if package.bytes > _WHOLE or package.attempts > 1:
        standing = channel.standing(package.pk)
        if standing.state not in ("", "downloading"):
            return standing
        offset = standing.received
    try:
        return _push(package, channel, offset)
    except ChannelRefused as refusal:
        if refusal.code != "package_wrong_offset":
            raise
        return _push(package, channel, int(refusal.answer["details"]["received"]))


def _push(package: Package, channel: ChannelClient, offset: int) -> Standing:
    return channel.push(package.pk, _with_progress(package, offset), offset, package.bytes - offset)


def _with_progress(package: Package, offset: int) -> Iterator[bytes]:
    """The bytes to send; every few seconds it is noted how many have gone, which also says that we live."""
    noted, sent = time.monotonic(), offset
    for chunk in content(package, offset):
        yield chunk
        sent += len(chunk)
        if time.monotonic() - noted > _PROGRESS or sent == package.bytes:
            noted = time.monotonic()
            Package.objects.filter(pk=package.pk, state=PackageState.DOWNLOADING).update(
                sent_bytes=sent, downloading_at=timezone.now()
            )


def _try_later(package: Package, reason: str) -> None:
    """Back to available, to be tried after a pause."""
    now = timezone.now()
    wait = min(_LONGEST_WAIT, 2.0 ** min(package.attempts, 10)) * uniform(0.5, 1.5)  # noqa: S311  # spreads the load
    with transaction.atomic():
        package = Package.objects.select_for_update(of=["self"]).get(pk=package.pk)
        if package.state == PackageState.DOWNLOADING:
            package.state, package.error = PackageState.AVAILABLE, reason
            package.next_try_at = now + timedelta(seconds=wait)
            package.save(update_fields=["state", "error", "next_try_at"])
        ChannelDatabase.objects.filter(pk=package.database_id).update(last_error=reason)
    logger.warning("Package not sent: %s", reason, extra={"package": package.pk, "again_in": round(wait)})
