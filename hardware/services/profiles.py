"""What a station is told to drive: its hardware profile, worked out for its registers."""

import hashlib
from collections.abc import Iterable, Iterator

import msgspec
from django.conf import settings
from django.db.models import Q

from hardware.agent.options import options_of
from hardware.agent.protocol import Device, Profile
from hardware.port import belongs_to, device_id
from hq.models import HardwareDevice, HardwareStation, Register
from hq.stations import registers_at, with_serving_station


def station_profile(station: HardwareStation) -> Profile:
    """The devices of a station with their addresses, and the ranges it may dial.

    Registers are those whose own station it is, and those that use it for the time being.

    A device with the option ``each_register`` stands once at every register; ``register`` ties it to one.
    Addresses may name ``{register}``, ``{station}`` and ``{store}`` by their numbers.
    """
    registers = registers_at([station.pk])[station.pk]
    rows = HardwareDevice.objects.filter(profile_id=station.hardware_profile_id).order_by("kind", "name")
    devices = devices_of(station, rows, registers)
    networks = station.store.station_networks.split() or list(settings.STATION_NETWORKS)
    content = msgspec.json.encode([devices, networks, station.name])
    return Profile(
        version=hashlib.sha256(content).hexdigest()[:16],
        station=station.name,
        devices=devices,
        networks=networks,
    )


def fresh_profile(station_id: int) -> Profile | None:
    """The profile as the last package has it, also when the station was given another; None when it is off."""
    station = HardwareStation.objects.select_related("store").filter(pk=station_id, is_active=True).first()
    return station_profile(station) if station else None


def devices_of(
    station: HardwareStation, rows: Iterable[HardwareDevice], registers: list[Register]
) -> list[Device]:
    """The devices that rows of a profile mean at one station with these registers."""
    return [device for row in rows for device in _devices(row, station, registers)]


def _devices(row: HardwareDevice, station: HardwareStation, registers: list[Register]) -> Iterator[Device]:
    options = dict(row.options or {})
    if options.get("each_register"):
        for register in registers:
            yield _device(row, station, register, options)
        return
    only = [register for register in registers if belongs_to(options, register.number)]
    own = only[0] if len(only) == 1 else None
    yield _device(row, station, own, options)


def _device(
    row: HardwareDevice, station: HardwareStation, register: Register | None, options: dict
) -> Device:
    number = register.number if register else ""
    is_tied = bool(options.get("each_register") or options.get("register"))
    name = device_id(row.name, options, number)
    if row.address.startswith("lab:") and "/" in row.address:
        address = row.address  # one particular emulated device, as discovery found it
    elif row.address.startswith("lab"):
        address = f"lab:{station.number}/{name}"
    elif row.kind == HardwareDevice.Kind.DRAWER:
        address = row.address if ":" in row.address else f"printer:{row.address or 'printer'}"
    else:
        address = _filled(row.address, register=number, station=station.number, store=station.store.number)
    own = {
        key: value
        for key, value in options.items()
        if key not in ("each_register", "register") and isinstance(value, str | int | bool)
    }
    if "currency" in options_of(row.driver):
        own.setdefault("currency", station.store.currency_id)
    return Device(
        id=name,
        kind=row.kind,
        driver=row.driver,
        address=address,
        title=str(options.get("title") or row.get_kind_display())[:80],
        register=number or None,
        place=f"{station.store.name} · {(register if register and is_tied else station).name}",
        settings=own,
    )


def _filled(address: str, **numbers: str) -> str:
    for name, number in numbers.items():
        address = address.replace("{" + name + "}", number)
    return address


def register_of(station: HardwareStation, device: str) -> int | None:
    """Which register a device's events belong to; None when several share it, or when it has left this station."""
    numbers = [found.register for found in station_profile(station).devices if found.id == device]
    if not numbers or numbers[0] is None:
        return None
    mine = with_serving_station().filter(Q(station=station) | Q(serving=station.pk), number=numbers[0])
    return mine.values_list("pk", flat=True).first()
