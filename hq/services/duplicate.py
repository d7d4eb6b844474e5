"""Duplicating stores and registers: everything that is a choice is copied, nothing that is an identity.

Numbers, names, browsers, activation codes and journals belong to the original. What else hangs on a store and is a
choice (its ways to pay, its price groups …) is named by the app that owns it:

    duplicate.copied_with_store(StorePaymentMethod)
"""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import models, transaction

from channels_app.models import StorePlacement
from hq.models import HardwareStation, Register, Store, StorePaymentMethod, WorkerStore

_IDENTITY = {"id", "number", "name"}
_parts: list[type[models.Model]] = []


def copied_with_store(model: type[models.Model]) -> None:
    """Copy the rows of `model` (which has a foreign key `store`) whenever a store is duplicated."""
    if model not in _parts:
        _parts.append(model)


copied_with_store(StorePaymentMethod)
copied_with_store(StorePlacement)


def duplicate_register(*, register: Register, number: str, name: str, store: Store | None = None) -> Register:
    """A new register with the choices of `register`; in another store it starts without a station.

    Raises ValidationError, by field, when the number is taken or malformed.
    """
    store = store or register.store
    copy = Register(
        store=store,
        number=number,
        name=name,
        visual_profile=register.visual_profile,
        station=register.station if store.pk == register.store_id else None,
    )
    copy.full_clean()
    copy.save()
    return copy


def duplicate_store(
    *,
    store: Store,
    number: str,
    name: str,
    address: str,
    phone: str = "",
    registers: bool = True,
    workers: bool = False,
) -> Store:
    """A new store with the choices of `store`, its ways to pay and what upper apps copy along.

    With `registers` it also gets a register for each register in use and a station for each station, numbered after
    the new store; with `workers` the same people may sign on there. Raises ValidationError, by field.
    """
    with transaction.atomic():
        copy = Store(number=number, name=name, address=address, phone=phone)
        for field in Store._meta.concrete_fields:
            if field.name not in _IDENTITY | {"address", "phone"}:
                setattr(copy, field.attname, getattr(store, field.attname))
        copy.full_clean()
        copy.save()
        for model in [*_parts, *([WorkerStore] if workers else [])]:
            _copy_rows(model, store, copy)
        if registers:
            _copy_registers(store, copy)
    return copy


def _copy_rows(model: type[models.Model], store: Store, copy: Store) -> None:
    for row in model._default_manager.filter(store=store):
        row.pk = None
        row._state.adding = True
        row.store = copy  # type: ignore[attr-defined]
        row.save()


def _copy_registers(store: Store, copy: Store) -> None:
    stations: dict[int, HardwareStation] = {}
    for station in HardwareStation.objects.filter(store=store, is_active=True):
        stations[station.pk] = HardwareStation(
            store=copy,
            number=_renumbered(station.number, store, copy, HardwareStation),
            name=station.name,
            hardware_profile=station.hardware_profile,
        )
        stations[station.pk].save()
    for register in Register.objects.filter(store=store, is_active=True):
        Register(
            store=copy,
            number=_renumbered(register.number, store, copy, Register),
            name=register.name,
            visual_profile=register.visual_profile,
            station=stations.get(register.station_id or 0),
        ).save()


def _renumbered(number: str, store: Store, copy: Store, model: type[models.Model]) -> str:
    """The number with the store's part exchanged; a free one near it where that is too long or taken."""
    tail = number[len(store.number) :].lstrip("-") if number.startswith(store.number) else number
    separator = "-" if number.startswith(f"{store.number}-") else ""
    candidates: Sequence[str] = [
        f"{copy.number}{separator}{tail}",
        *(f"{copy.number}{n:02}" for n in range(1, 100)),
    ]
    longest = model._meta.get_field("number").max_length or 10
    for candidate in candidates:
        if len(candidate) <= longest and not model._default_manager.filter(number=candidate).exists():
            return candidate
    raise ValidationError({"number": f"No free number is left for the registers of store {copy.number}."})
