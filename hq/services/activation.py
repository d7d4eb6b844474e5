"""Activation: a browser becomes a register with a one-time code from headquarters, until somebody revokes it.

The code is shown once. What is kept is the SHA-256 of its normalised form; with 31 signs in eight places and a
few hours to live, guessing is hopeless at any rate that the receiving side allows.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from channels_app.errors import DomainError
from hq.models import ActivationCode, Device, Register, User

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without 0 O, 1 I L: what is read aloud must be typed right
LENGTH = 8
LIFETIME = timedelta(hours=8)


class ActivationRefused(DomainError):
    """One refusal for every wrong code: which of them was near must not be learned from the answer."""

    code = "activation_refused"
    message = "This code is unknown, used or no longer valid. Ask headquarters for a new one."


class RegisterNotActive(DomainError):
    code = "register_not_active"
    message = "Register {register} is switched off. Switch it on before activating a browser for it."


@dataclass(frozen=True)
class IssuedCode:
    """A fresh code: the only moment at which it can be read."""

    code: str
    register: Register
    expires_at: datetime


def normalise(code: str) -> str:
    """The code as it is hashed: capitals, without spaces and hyphens."""
    return "".join(sign for sign in code.upper() if sign.isalnum())


def code_hash(code: str) -> str:
    """The SHA-256 of a code, in hex, however it was typed."""
    return hashlib.sha256(normalise(code).encode()).hexdigest()


def issue_activation_code(
    *,
    register: Register,
    by: User | None,
    lifetime: timedelta = LIFETIME,
    at: datetime | None = None,
) -> IssuedCode:
    """Give a register a new one-time code in two readable groups; its earlier unused codes stop being valid.

    Raises RegisterNotActive for a register that is switched off.
    """
    now = at or timezone.now()
    with transaction.atomic():
        locked = Register.objects.select_for_update().get(pk=register.pk)
        if not locked.is_active:
            raise RegisterNotActive(register=locked.number)
        earlier = ActivationCode.objects.filter(register=locked, used_at=None, expires_at__gt=now)
        earlier.update(expires_at=now)
        signs = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        issued = ActivationCode.objects.create(
            register=locked,
            code_hash=code_hash(signs),
            issued_at=now,
            issued_by=by,
            expires_at=now + lifetime,
        )
    return IssuedCode(f"{signs[:4]}-{signs[4:]}", register, issued.expires_at)


def use_activation_code(*, code: str, device: UUID, description: str, at: datetime | None = None) -> Device:
    """Make `device` (an id that the scale unit chose) a browser of the code's register, and use up the code.

    The same code again from the same device gets the same device: the answer may have been lost on the way.
    Raises ActivationRefused.
    """
    now = at or timezone.now()
    with transaction.atomic():
        found = (
            ActivationCode.objects.select_for_update(of=["self"])
            .select_related("register")
            .filter(code_hash=code_hash(code))
            .first()
        )
        if found is None or not found.register.is_active:
            raise ActivationRefused()
        if found.used_at is not None:
            known = Device.objects.filter(pk=device, status=Device.Status.ACTIVE).first()
            if found.device != device or known is None:
                raise ActivationRefused()
            return known
        if found.expires_at <= now:
            raise ActivationRefused()
        found.used_at, found.device = now, device
        found.save(update_fields=["used_at", "device"])
        return Device.objects.create(
            id=device,
            register=found.register,
            description=description[:200],
            activated_at=now,
        )


def revoke_device(*, device: Device) -> Device:
    """Take the register away from a browser; it can be activated again only with a new code."""
    with transaction.atomic():
        locked = Device.objects.select_for_update().get(pk=device.pk)
        if locked.status != Device.Status.REVOKED:
            locked.status = Device.Status.REVOKED
            locked.save(update_fields=["status"])
    return locked
