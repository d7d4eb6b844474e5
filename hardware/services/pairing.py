"""From a machine in the store to a station we trust: codes, keys, revocation."""

import hashlib
import hmac
import secrets
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from channels_app.doorbell import ring
from channels_app.errors import DomainError
from hardware.models import PairingAttempt, PairingCode, StationCredential
from hardware.services.keys import hash_of_key, live_keys, lock_keys, take_up
from hardware.services.rings import group_of
from hq.models import HardwareStation

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0 and O, no 1 and I
CODE_LENGTH = 8
CODE_LIVES_FOR = timedelta(minutes=15)
FAILURES_ALLOWED = 10
FAILURES_FORGOTTEN_AFTER = timedelta(minutes=10)


class PairingCodeRefused(DomainError):
    code = "pairing_code_refused"
    message = "This pairing code is not valid. Codes work once and for {minutes} minutes: ask for a new one."


class TooManyCodes(DomainError):
    code = "too_many_pairing_codes"
    message = "Too many wrong codes came from here. Wait ten minutes and ask for a new code."


def issue_code(*, station: HardwareStation, lives_for: timedelta = CODE_LIVES_FOR) -> str:
    """A new code for a station, such as ``7K4P-W9QX``; shown once, kept as a hash. Earlier ones stop working."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    with transaction.atomic():
        PairingCode.objects.filter(station=station, used_at=None).delete()
        PairingCode.objects.create(
            station=station, code_hash=_hash_of_code(letters), expires_at=timezone.now() + lives_for
        )
    return f"{letters[:4]}-{letters[4:]}"


def pair_station(*, code: str, key_digest: str, host: str, address: str) -> HardwareStation:
    """Make the key with this digest the station's only key.

    The same code with the same key again gives the same answer, because the first one may have been lost; not once
    that key was taken back. Raises PairingCodeRefused and TooManyCodes.
    """
    _check_attempts(address)
    with transaction.atomic():
        known = (
            PairingCode.objects.select_for_update()
            .filter(code_hash=_hash_of_code(code), expires_at__gt=Now())
            .first()
        )
        station = (
            HardwareStation.objects.filter(pk=known.station_id, is_active=True).first() if known else None
        )
        if station is not None and known.used_at is None:
            _give_key(station, key_digest, host)
            known.used_at, known.key_hash = timezone.now(), key_digest
            known.save(update_fields=["used_at", "key_hash"])
            return station
    if (
        station is not None
        and hmac.compare_digest(known.key_hash, key_digest)
        and live_keys(station.pk).filter(key_hash=key_digest).exists()
    ):
        return station
    _note_failure(address)
    raise PairingCodeRefused(minutes=int(CODE_LIVES_FOR.total_seconds() // 60), field="code")


def authenticate(*, station_id: int, key: str) -> HardwareStation | None:
    """The station that this key belongs to, or None. A new key that is used takes the place of the former one."""
    digest = hash_of_key(key)
    current = live_keys(station_id).filter(is_next=False, key_hash=digest)
    if not current.update(seen_at=Now()) and not take_up(station_id, digest):
        return None
    return HardwareStation.objects.select_related("store").filter(pk=station_id, is_active=True).first()


def revoke_station(*, station_id: int) -> bool:
    """Take the station's keys back and close its connection; False when it had none."""
    with transaction.atomic():
        revoked = _take_back(station_id)
    return bool(revoked)


def _give_key(station: HardwareStation, key_digest: str, host: str) -> UUID:
    _take_back(station.pk)
    StationCredential.objects.filter(key_hash=key_digest).delete()
    return StationCredential.objects.create(station=station, key_hash=key_digest, host=host[:120]).pk


def _take_back(station_id: int) -> int:
    """Revoke every key, also one that is being handed over at this moment, and close the connection."""
    lock_keys(station_id)
    revoked = live_keys(station_id).update(revoked_at=Now())
    if revoked:
        transaction.on_commit(lambda: ring(group_of(station_id), {"type": "station.revoked"}))
    return revoked


def _hash_of_code(code: str) -> str:
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def _check_attempts(address: str) -> None:
    PairingAttempt.objects.filter(first_at__lt=timezone.now() - FAILURES_FORGOTTEN_AFTER).delete()
    if PairingAttempt.objects.filter(address=address, failures__gte=FAILURES_ALLOWED).exists():
        raise TooManyCodes


def _note_failure(address: str) -> None:
    attempt, _ = PairingAttempt.objects.get_or_create(address=address, defaults={"first_at": timezone.now()})
    PairingAttempt.objects.filter(pk=attempt.pk).update(failures=F("failures") + 1)
