"""A new hardware station gets what it needs beside its row: devices of its own, and registers that print there."""

from itertools import count

from django.db import transaction

from hq.models import HardwareProfile, HardwareStation, Register, Store

_LONGEST = HardwareProfile._meta.get_field("name").max_length


def next_number() -> str:
    """The first of S01, S02 … that no station has."""
    taken = set(HardwareStation.objects.values_list("number", flat=True))
    return next(number for place in count(1) if (number := f"S{place:02d}") not in taken)


def own_profile(*, store: Store, name: str) -> HardwareProfile:
    """An empty hardware profile for one station, named after its store and the station."""
    taken = set(HardwareProfile.objects.values_list("name", flat=True))
    endings = ("" if place == 1 else f" {place}" for place in count(1))
    names = (f"{store.name}: {name}"[: _LONGEST - len(ending)] + ending for ending in endings)
    return HardwareProfile.objects.create(name=next(name for name in names if name not in taken))


@transaction.atomic
def print_there(station: HardwareStation) -> list[Register]:
    """Let the store's registers print on its first station; give those that have begun to.

    Where there is another station, or a register has one, whoever set that up decides.
    """
    if HardwareStation.objects.filter(store=station.store_id).exclude(pk=station.pk).exists():
        return []
    registers = list(Register.objects.filter(store=station.store_id, station=None, is_active=True))
    for register in registers:
        register.station = station
        register.save(update_fields=["station"])
    return registers
