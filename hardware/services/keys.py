"""New keys for stations that have one: handed over on their socket, by age or because headquarters asked.

Both keys are good until the new one is used for the first time: whatever breaks meanwhile, the station has one.
"""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from channels_app.doorbell import ring
from channels_app.errors import DomainError
from hardware.models import StationCredential, StationStatus
from hardware.services.rings import group_of
from hq.models import HardwareStation

MOST_UNUSED = 8  # a station that cannot write is handed one after another


class NotPaired(DomainError):
    code = "station_not_paired"
    message = "{station} has no key: pair it with a pairing code."


class ProgramTooOld(DomainError):
    code = "station_program_too_old"
    message = "The program of {station} ({software}) cannot be given a new key. Update it, or pair the station anew."


def hash_of_key(key: str) -> str:
    """What is kept of a key. It is long and random, so a plain digest protects it."""
    return hashlib.sha256(key.encode()).hexdigest()


def ask_for_new_key(station: HardwareStation) -> None:
    """Have the station change its key: at once when it is connected, else as soon as it comes.

    Raises NotPaired and ProgramTooOld.
    """
    status = StationStatus.objects.filter(station=station).first()
    if status is not None and status.journal and not status.takes_keys:
        raise ProgramTooOld(station=station.name, software=status.software or "of a former version")
    own = live_keys(station.pk).filter(is_next=False)
    if not own.update(asked_at=Now()):
        raise NotPaired(station=station.name)
    transaction.on_commit(lambda: ring(group_of(station.pk), {"type": "station.new_key"}))


def next_key(*, station_id: int, key: str) -> str | None:
    """A new key for the station that holds this one, if it is due; it is good from the commit on."""
    due = live_keys(station_id).filter(_is_due(), is_next=False, key_hash=hash_of_key(key))
    return _hand_over(due) if due.exists() else None  # with each heartbeat: a look locks nothing


@transaction.atomic
def _hand_over(due: QuerySet[StationCredential]) -> str | None:
    own = due.select_for_update().first()
    if own is None:
        return None
    unused = live_keys(own.station_id).filter(is_next=True)
    too_many = list(unused.order_by("-pk").values_list("pk", flat=True)[MOST_UNUSED - 1 :])
    StationCredential.objects.filter(pk__in=too_many).delete()
    fresh = secrets.token_urlsafe(32)
    StationCredential.objects.create(
        station_id=own.station_id, key_hash=hash_of_key(fresh), host=own.host, is_next=True
    )
    return fresh


@transaction.atomic
def take_up(station_id: int, digest: str) -> bool:
    """A key that was handed over is used for the first time: the ones before it are gone. False when it is unknown."""
    lock_keys(station_id)
    live = live_keys(station_id)
    used = live.filter(key_hash=digest).first()
    if used is None:
        return False
    if used.is_next:
        live.filter(Q(is_next=False) | Q(pk__lt=used.pk)).update(revoked_at=Now())
        live.filter(pk=used.pk).update(is_next=False, seen_at=Now())
    return True


def lock_keys(station_id: int) -> None:
    """Wait for whoever hands over or takes up a key, so that what follows sees all keys. Inside a transaction."""
    list(live_keys(station_id).select_for_update().order_by("pk").values_list("pk", flat=True))


def live_keys(station_id: int) -> QuerySet[StationCredential]:
    """The station's keys that were not taken back, those that it has not used yet among them."""
    return StationCredential.objects.filter(station_id=station_id, revoked_at=None)


def _is_due() -> Q:
    asked = Q(asked_at__isnull=False)
    days = settings.STATION_KEY_DAYS
    return asked | Q(paired_at__lt=timezone.now() - timedelta(days=days)) if days else asked
