"""Becoming a register, and signing on at it."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from channels_app.identifiers import uuid7
from channels_app.models import DataVersion
from hq.models import Register, Worker
from hq.permissions import Permission
from pos.config import RegisterConfig, WorkerView
from pos.errors import (
    ActivationRefused,
    ApprovalNeeded,
    LockedOut,
    RegisterUnknown,
    SignOnRefused,
    WaitingForData,
)
from pos.headquarters import headquarters
from pos.models import FailedSignOn, RegisterDevice, SignOn
from pos.services.customer_display import show_closed, show_open
from pos.services.new_data import register_config
from pos.services.session import Till, ensure_standing, token_hash


def activate_device(*, code: str, description: str) -> str:
    """Make this browser the register that a one-time code of headquarters stands for. Returns its token.

    Raises ActivationRefused for a code that is wrong, used or too old, and Unavailable when headquarters
    cannot be reached (a manager of the store can then activate by ID and PIN).
    """
    if not code.strip():
        raise ActivationRefused(why="Enter the code that headquarters shows for this register.", field="code")
    device = uuid7()
    given = headquarters().activate(code=code, device=device, description=description[:200])
    return _remember_device(device, given.register, description)


def activate_by_manager(*, register_number: str, staff_id: str, pin: str, description: str) -> str:
    """Make this browser a register on the word of a manager of its store. Returns its token.

    Raises ActivationRefused, SignOnRefused, LockedOut, ApprovalNeeded, WaitingForData.
    """
    version = _data_version()
    register = Register.objects.filter(number=register_number.strip(), is_active=True).first()
    if register is None:
        raise ActivationRefused(
            why=f"There is no register {register_number or '(empty)'} in the data received.",
            field="register_number",
        )
    config = register_config(register.pk, version)
    if config is None:
        raise RegisterUnknown()
    manager = recognise(config, staff_id=staff_id, pin=pin)
    if not manager.may(Permission.ACTIVATE):
        raise ApprovalNeeded(operation="Activating a register")
    return _remember_device(uuid7(), register.pk, f"{description[:120]} by {manager.staff_id}")


def sign_on(*, till: Till, staff_id: str, pin: str) -> str:
    """Sign a worker on at this device, in place of whoever was. Returns the sign-on's token.

    Raises SignOnRefused, and LockedOut after too many failures in a row.
    """
    return begin_sign_on(till, recognise(till.register, staff_id=staff_id, pin=pin))


def begin_sign_on(till: Till, worker: WorkerView) -> str:
    """Sign a worker on who has been recognised. Returns the sign-on's token."""
    token, now = secrets.token_urlsafe(32), timezone.now()
    with transaction.atomic():
        RegisterDevice.objects.select_for_update().get(pk=till.device_id)
        SignOn.objects.filter(device=till.device_id, ended_at=None).update(ended_at=now)
        SignOn.objects.create(
            device_id=till.device_id,
            register_id=till.register.id,
            worker_id=worker.id,
            token_hash=token_hash(token),
            signed_on_at=now,
        )
    if not till.cart.lines:
        show_open(till.register, till.cart.version)
    return token


def signed_on_worker(register_id: int) -> int | None:
    """Who signed on last at this register and is still there."""
    rows = SignOn.objects.filter(register=register_id, ended_at=None).order_by("-signed_on_at")
    return rows.values_list("worker", flat=True).first()


def sign_off(*, till: Till) -> None:
    """End the sign-on at this device; the open sale stays with the register."""
    SignOn.objects.filter(device=till.device_id, ended_at=None).update(ended_at=timezone.now())
    show_closed(till.register, till.cart.version)


def recognise(config: RegisterConfig, *, staff_id: str, pin: str) -> WorkerView:
    """The worker of this store with that ID and PIN: for signing on, and for a manager's approval.

    Raises SignOnRefused (and counts it), LockedOut while the ID is locked.
    """
    staff_id, now = staff_id.replace("\0", "").strip(), timezone.now()
    if not staff_id or not pin:
        raise SignOnRefused(left=config.functions.max_pin_attempts, field="pin" if staff_id else "staff_id")
    locked = refuse_while_locked(config, staff_id)
    worker = Worker.objects.filter(staff_id=staff_id, is_active=True).first()
    view = config.workers.get(worker.pk) if worker is not None else None
    if worker is None or view is None:
        make_password(pin)  # so that a wrong ID takes as long as a wrong PIN
        raise _failure(config, staff_id, now)
    if not worker.check_pin(pin):
        raise _failure(config, staff_id, now)
    if locked is not None:
        locked.delete()
    return view


def refuse_while_locked(config: RegisterConfig, staff_id: str) -> FailedSignOn | None:
    """The failures counted for that ID; raises LockedOut while there were too many."""
    failed = FailedSignOn.objects.filter(store=config.store.id, staff_id=staff_id[:12]).first()
    if failed is not None and failed.locked_until is not None and failed.locked_until > timezone.now():
        raise _locked_out(config, staff_id, failed.locked_until)
    return failed


def workers_for_tiles(config: RegisterConfig) -> tuple[WorkerView, ...]:
    """The people of the store, by name."""
    return tuple(sorted(config.workers.values(), key=lambda worker: worker.name))


def _failure(config: RegisterConfig, staff_id: str, now: datetime) -> SignOnRefused | LockedOut:
    most = config.functions.max_pin_attempts
    with transaction.atomic():
        row, _ = FailedSignOn.objects.select_for_update().get_or_create(
            store_id=config.store.id,
            staff_id=staff_id[:12],
            defaults={"failures": 0},
        )
        if row.locked_until is not None and row.locked_until <= now:
            row.failures, row.locked_until = 0, None
        row.failures += 1
        if row.failures >= most:
            row.locked_until = now + timedelta(minutes=config.functions.lockout_minutes)
        row.save()
    if row.locked_until is not None:
        return _locked_out(config, staff_id, row.locked_until)
    return SignOnRefused(left=most - row.failures, field="pin")


def _locked_out(config: RegisterConfig, staff_id: str, until: datetime) -> LockedOut:
    return LockedOut(
        staff_id=staff_id, until=f"{until.astimezone(config.store.zone):%H:%M}", field="staff_id"
    )


def _data_version() -> int:
    version = DataVersion.objects.values_list("version", flat=True).first()
    if version is None:
        raise WaitingForData(detail="Nothing has arrived yet; try again when job 9999 has been applied.")
    return version


def _remember_device(device: UUID, register_id: int, description: str) -> str:
    token, now = secrets.token_urlsafe(32), timezone.now()
    currency = Register.objects.filter(pk=register_id).values_list("store__currency", flat=True).first() or ""
    with transaction.atomic():
        ensure_standing(register_id=register_id, currency=currency, at=now)
        RegisterDevice.objects.create(
            id=device,
            register_id=register_id,
            token_hash=token_hash(token),
            description=description[:200],
            activated_at=now,
        )
    return token
