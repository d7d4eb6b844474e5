"""Scale units as headquarters keeps them: registered with their stores, each with a credential of its own."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django_celery_beat.models import IntervalSchedule

from channels_app.errors import DomainError
from channels_app.models import (
    ChannelDatabase,
    DatabaseGroup,
    Job,
    Package,
    ScaleUnit,
    Schedule,
    StorePlacement,
)
from channels_app.registry import EVERYTHING
from channels_app.services.recurrence import keep_recurrence
from channels_app.states import LIVE

EVERYBODY = "All channel databases"


class NameTaken(DomainError):
    code = "scale_unit_name_taken"
    message = "There is a scale unit {name} already. Choose another name, or change that one."


class CredentialTaken(DomainError):
    code = "scale_unit_credential_taken"
    message = "Another scale unit has this credential. Each needs one of its own."


class UnitRefused(DomainError):
    code = "scale_unit_refused"
    message = "{why}"


class StoreUnknown(DomainError):
    code = "store_unknown"
    message = "There is no store {numbers}."


@dataclass(frozen=True)
class Registered:
    """A scale unit and its credential: the only moment at which that can be read."""

    unit: ScaleUnit
    credential: str


def new_credential() -> str:
    """A secret that nobody guesses."""
    return secrets.token_urlsafe(48)


def credential_hash(credential: str) -> str:
    """What headquarters keeps of a credential. It is long and random, so a plain digest protects it."""
    return hashlib.sha256(credential.encode()).hexdigest()


def is_taken(credential: str) -> bool:
    """Whether a scale unit has this credential already."""
    digest = credential_hash(credential)
    return ScaleUnit.objects.filter(Q(credential_hash=digest) | Q(former_credential_hash=digest)).exists()


def unit_with_credential(credential: str) -> ScaleUnit | None:
    """The active scale unit that a credential names; its former one is good until the new one was used."""
    digest = credential_hash(credential)
    unit = (
        ScaleUnit.objects.select_related("channel_database")
        .filter(Q(credential_hash=digest) | Q(former_credential_hash=digest), is_active=True)
        .first()
    )
    if unit is not None and unit.former_credential_hash and unit.credential_hash == digest:
        ScaleUnit.objects.filter(pk=unit.pk).update(former_credential_hash=None)
    return unit


@transaction.atomic
def register_scale_unit(
    *,
    name: str,
    base_url: str,
    kind: str = ScaleUnit.Kind.CLOUD,
    delivery: str = ChannelDatabase.Delivery.PUSH,
    stores: Iterable[str] = (),
    credential: str | None = None,
) -> Registered:
    """Register a scale unit with its channel database and place stores (by number) there.

    Without a credential a new one is made. Raises NameTaken, CredentialTaken, UnitRefused, StoreUnknown.
    """
    credential = credential or new_credential()
    if ScaleUnit.objects.filter(name=name).exists():
        raise NameTaken(name=name, field="name")
    digest = credential_hash(credential)
    if is_taken(credential):
        raise CredentialTaken()
    unit = ScaleUnit(name=name, kind=kind, base_url=base_url.rstrip("/"), credential_hash=digest)
    _ensure_sound(unit)
    unit.save(force_insert=True)
    database = ChannelDatabase.objects.create(scale_unit=unit, name=name, delivery=delivery)
    everybody_group().databases.add(database)
    place_stores(database, stores)
    return Registered(unit, credential)


@transaction.atomic
def rotate_credential(unit: ScaleUnit, credential: str | None = None) -> Registered:
    """Give a scale unit a new credential; the former one is good until the new one is used for the first time."""
    credential = credential or new_credential()
    digest = credential_hash(credential)
    unit = ScaleUnit.objects.select_for_update().get(pk=unit.pk)
    if is_taken(credential):
        raise CredentialTaken()
    unit.former_credential_hash, unit.credential_hash = unit.credential_hash, digest
    unit.save(update_fields=["former_credential_hash", "credential_hash"])
    return Registered(unit, credential)


def change_address(unit: ScaleUnit, address: str) -> None:
    """Note where a scale unit is reached from now on; what could not be sent to it is tried again at once.

    Raises UnitRefused.
    """
    unit.base_url = address.rstrip("/")
    _ensure_sound(unit)
    ScaleUnit.objects.filter(pk=unit.pk).update(base_url=unit.base_url)
    Package.objects.filter(database__scale_unit=unit, state__in=LIVE).update(next_try_at=None)


def _ensure_sound(unit: ScaleUnit) -> None:
    try:
        unit.clean_fields(exclude={"credential_hash", "former_credential_hash"})
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        label = str(ScaleUnit._meta.get_field(field).verbose_name)
        raise UnitRefused(why=f"The scale unit's {label}: {messages[0]}", field=field) from error


def revoke_credential(unit: ScaleUnit) -> None:
    """Take away both credentials at once: whoever has one is a stranger from now on."""
    ScaleUnit.objects.filter(pk=unit.pk).update(
        credential_hash=credential_hash(new_credential()), former_credential_hash=None
    )


@transaction.atomic
def place_stores(database: ChannelDatabase, numbers: Iterable[str]) -> None:
    """Have stores (by number) sell from this channel database from now on. Raises StoreUnknown.

    What was sold before comes up from where it was sold. Registers that come from elsewhere count in a new epoch
    here, so that no number is ever given twice.
    """
    store = apps.get_model("hq", "Store")
    wanted = list(numbers)
    found = {s.number: s for s in store.objects.filter(number__in=wanted)}
    if missing := [number for number in wanted if number not in found]:
        raise StoreUnknown(numbers=", ".join(missing), field="stores")
    former = dict(
        StorePlacement.objects.filter(store__in=found.values()).values_list("store", "channel_database")
    )
    for one in found.values():
        StorePlacement.objects.update_or_create(store=one, defaults={"channel_database": database})
    begin_epoch([store for store, place in former.items() if place != database.pk])


@transaction.atomic
def take_out(numbers: Iterable[str]) -> None:
    """Have stores (by number) sell from nowhere; wherever they are placed later, they count in a new epoch."""
    placed = StorePlacement.objects.filter(store__number__in=list(numbers))
    stores = list(placed.values_list("store", flat=True))
    placed.delete()
    begin_epoch(stores)


def begin_epoch(stores: Iterable[int]) -> None:
    """Let the registers of some stores count in a new epoch wherever they have no counters yet."""
    apps.get_model("hq", "Register").objects.filter(store__in=stores).update(epoch=F("epoch") + 1)


def everybody_group() -> DatabaseGroup:
    """The group that every channel database joins when it is registered."""
    return DatabaseGroup.objects.get_or_create(name=EVERYBODY)[0]


@transaction.atomic
def default_schedules(*, down_seconds: int = 10, up_seconds: int = 60) -> list[Schedule]:
    """Everything down and transactions up for everybody, where there is no schedule of that name yet.

    A scale unit sends its transactions up by itself as well; the schedule up is a reminder from headquarters.
    """
    made = []
    for name, job, seconds in (
        ("Everything, all day", EVERYTHING, down_seconds),
        ("Transactions, all day", "P-0001", up_seconds),
    ):
        interval, _ = IntervalSchedule.objects.get_or_create(every=seconds, period=IntervalSchedule.SECONDS)
        schedule, is_new = Schedule.objects.get_or_create(
            name=name, defaults={"group": everybody_group(), "interval": interval}
        )
        if is_new:
            schedule.follows_changes = job == EVERYTHING
            schedule.save(update_fields=["follows_changes"])
            schedule.jobs.set(Job.objects.filter(number=job))
        keep_recurrence(schedule)
        made.append(schedule)
    return made
