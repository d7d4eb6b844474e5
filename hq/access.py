"""Looking something up and checking the right to it in one step."""

from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.shortcuts import get_object_or_404

from hq.models import Device, HardwareStation, Register, Store, User

M = TypeVar("M", bound=Model)


def _access(user: User, model: type[M], pk: object, right: str) -> M:
    options = model._meta
    if not user.has_perm(f"{options.app_label}.{right}_{options.model_name}"):
        raise PermissionDenied(f"You may not {right} {options.verbose_name_plural}.")
    return get_object_or_404(model, pk=pk)


def access_store(user: User, pk: object, right: str = "change") -> Store:
    """The store, for somebody who may view, add, change or delete it; PermissionDenied or 404 otherwise."""
    return _access(user, Store, pk, right)


def access_register(user: User, pk: object, right: str = "change") -> Register:
    """The register, for somebody who may view, add, change or delete it."""
    return _access(user, Register, pk, right)


def access_station(user: User, pk: object, right: str = "change") -> HardwareStation:
    """The hardware station, for somebody who may view, add, change or delete it."""
    return _access(user, HardwareStation, pk, right)


def access_device(user: User, pk: object, right: str = "change") -> Device:
    """The browser that acts as a register, for somebody who may view, add, change or delete it."""
    return _access(user, Device, pk, right)
