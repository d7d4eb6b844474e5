"""Adoption: what a station has discovered becomes a device of its hardware profile."""

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction

from channels_app.errors import DomainError
from hardware.agent.discovery import plain_address
from hardware.agent.protocol import FoundDevice
from hardware.models import StationReport
from hardware.services.reports import standing_of
from hq.models import HardwareDevice, HardwareProfile, HardwareStation, Register, User

Kind = HardwareDevice.Kind
RIGHT = "hq.change_hardwareprofile"
OF_ONE_REGISTER = {Kind.SCANNER, Kind.SCALE, Kind.DISPLAY, Kind.READER}  # what they tell concerns one cart

# What may hang on an address, by its scheme, the likeliest of each kind first: driver, kind, words.
DRIVERS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "tcp": (
        ("escpos_network", Kind.PRINTER, "Receipt printer"),
        ("zvt_network", Kind.TERMINAL, "Card terminal (ZVT)"),
    ),
    "serial": (
        ("scanner_serial", Kind.SCANNER, "Scanner"),
        ("scale_8217", Kind.SCALE, "Scale, Mettler-Toledo 8217"),
        ("scale_nci", Kind.SCALE, "Scale, NCI"),
        ("scale_cas", Kind.SCALE, "Scale, CAS"),
        ("scale_dialog06", Kind.SCALE, "Scale, Dialog 06"),
        ("display_serial", Kind.DISPLAY, "Customer display"),
        ("reader_serial", Kind.READER, "Magnetic card reader"),
        ("zvt_serial", Kind.TERMINAL, "Card terminal (ZVT)"),
        ("escpos_serial", Kind.PRINTER, "Receipt printer"),
    ),
    "usb": (("escpos_usb", Kind.PRINTER, "Receipt printer"),),
    "file": (("escpos_file", Kind.PRINTER, "Receipt printer"),),
    "lab": (
        ("escpos_network", Kind.PRINTER, "Receipt printer"),
        ("scale_8217", Kind.SCALE, "Scale, Mettler-Toledo 8217"),
    ),
}


class NotFoundThere(DomainError):
    code = "device_not_found_there"
    message = "{station} has not found a device at {address}. Search again, then adopt what it finds."


class CannotDrive(DomainError):
    code = "driver_does_not_fit"
    message = "The driver {driver} does not fit a device at {address}. Choose one of those that are offered."


class NotItsRegister(DomainError):
    code = "register_of_another_station"
    message = "The register {register} does not use {station}. Choose one of its own."


class WhoseIsIt(DomainError):
    code = "device_of_no_register"
    message = "{station} serves several registers, and a {kind} belongs to one of them. Say which."


def offers(found: FoundDevice) -> list[tuple[str, str]]:
    """The drivers that fit, with their words; what the station took it for comes first."""
    fitting = DRIVERS.get(found.address.partition(":")[0], ())
    ordered = sorted(fitting, key=lambda entry: entry[1] != found.kind)
    return [(driver, words) for driver, _, words in ordered]


def not_adopted(station: HardwareStation, found: Sequence[FoundDevice]) -> list[FoundDevice]:
    """What no row of the station's profile names yet."""
    rows = HardwareDevice.objects.filter(profile_id=station.hardware_profile_id)
    named = {plain_address(address) for address in rows.values_list("address", flat=True)}
    return [device for device in found if plain_address(device.address) not in named]


def adopt(
    *,
    station: HardwareStation,
    address: str,
    driver: str,
    by: User,
    register: str = "",
    for_all: bool = False,
) -> HardwareDevice:
    """Write a discovered device into the station's hardware profile; adopting it twice gives the same row.

    A profile that other stations share is copied for this one first, because an address is good in one store
    only; with `for_all` it is changed for all of them. Raises PermissionDenied and why it cannot be adopted.
    """
    if not by.has_perm(RIGHT):
        raise PermissionDenied("You may not change hardware profiles.")
    standing = standing_of(StationReport.objects.filter(station=station).first())
    found = next((f for f in standing.found if f.address == address), None) if standing else None
    if found is None:
        raise NotFoundThere(station=station.name, address=address, field="address")
    if driver not in dict(offers(found)):
        raise CannotDrive(driver=driver, address=address, field="driver")
    own = set(Register.objects.filter(station=station, is_active=True).values_list("number", flat=True))
    if register and register not in own:
        raise NotItsRegister(register=register, station=station.name, field="register")
    kind = _kind_of(found, driver)
    if not register and len(own) > 1 and kind in OF_ONE_REGISTER:
        raise WhoseIsIt(station=station.name, kind=Kind(kind).label.lower(), field="register")
    with transaction.atomic():
        locked = HardwareStation.objects.select_for_update().get(pk=station.pk)
        known = _row_of(locked.hardware_profile_id, address)
        if known is not None:
            return known
        profile = locked.hardware_profile
        if not for_all and profile.stations.exclude(pk=locked.pk).exists():
            profile = _own_copy(profile, locked)
        return _add(profile, found, driver, register)


def _kind_of(found: FoundDevice, driver: str) -> str:
    return next(kind for name, kind, _ in DRIVERS[found.address.partition(":")[0]] if name == driver)


def _row_of(profile_id: int, address: str) -> HardwareDevice | None:
    rows = HardwareDevice.objects.filter(profile_id=profile_id)
    return next((row for row in rows if plain_address(row.address) == plain_address(address)), None)


def _own_copy(profile: HardwareProfile, station: HardwareStation) -> HardwareProfile:
    copy = HardwareProfile.objects.create(name=_free_name(f"{profile.name}, {station.number}"))
    for row in profile.devices.all():
        row.pk, row._state.adding, row.profile = None, True, copy
        row.save()
    station.hardware_profile = copy
    station.save(update_fields=["hardware_profile"])
    return copy


def _free_name(wish: str) -> str:
    taken = set(HardwareProfile.objects.filter(name__startswith=wish[:55]).values_list("name", flat=True))
    names = [wish[:60], *(f"{wish[:55]} {number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)


def _add(profile: HardwareProfile, found: FoundDevice, driver: str, register: str) -> HardwareDevice:
    kind = _kind_of(found, driver)
    taken = set(profile.devices.values_list("name", flat=True))
    name = next(
        name for name in (kind, *(f"{kind}-{n}" for n in range(2, len(taken) + 3))) if name not in taken
    )
    title = (
        "" if name == kind else f"{Kind(kind).label} {name.rpartition('-')[2]}"
    )  # two of one name are confused
    is_lab = found.address.startswith("lab:")
    return HardwareDevice.objects.create(
        profile=profile,
        name=str(name),
        kind=kind,
        driver=driver,
        address=found.address if is_lab else plain_address(found.address),
        options={option: value for option, value in (("register", register), ("title", title)) if value},
    )
