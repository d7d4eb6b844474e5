"""How the stations of this scale unit stand, read in a fixed number of queries however many there are."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.utils import timezone

from hardware.agent.discovery import plain_address
from hardware.agent.protocol import Device, FoundDevice
from hardware.models import DeviceJob, StationCredential, StationEvent, StationStatus
from hardware.services.jobs import CONNECTED_FOR
from hardware.services.profiles import devices_of
from hardware.standing import Choice, Details, DeviceStanding, JobLine, Standing, trouble_of, warning_of
from hardware.states import JobState
from hq.models import HardwareDevice, HardwareStation, Register, StationChoice
from hq.stations import registers_at

A_DAY = timedelta(days=1)
WAITING = [JobState.QUEUED, JobState.SENT, JobState.ACKNOWLEDGED]
HAS_COPY = Exists(DeviceJob.objects.filter(copy_of=OuterRef("pk")))
QUEUE_LENGTH, HISTORY_LENGTH, EVENTS_LENGTH = 50, 50, 10


def standings(station_id: int | None = None) -> dict[int, Standing]:
    """Every station here by its number in the database, or the one asked for."""
    stations = HardwareStation.objects.select_related("store").filter(is_active=True).order_by("number")
    if station_id is not None:  # what it shares with its neighbours is said, too
        stations = stations.filter(store__in=HardwareStation.objects.filter(pk=station_id).values("store"))
    of = {"station_id": station_id} if station_id is not None else {}
    statuses = {status.station_id: status for status in StationStatus.objects.filter(**of).defer("log")}
    keys = {
        key.station_id: key for key in StationCredential.objects.filter(revoked_at=None, is_next=False, **of)
    }
    counts, failed = _job_counts(of)
    choices = _choices()
    devices = _devices(list(stations))
    shared = _shared(list(stations), devices)
    return {
        station.pk: _standing(
            statuses.get(station.pk),
            paired_at=key.paired_at if (key := keys.get(station.pk)) else None,
            key_asked_at=key.asked_at if key else None,
            devices=devices[station.pk],
            shared=shared[station.pk],
            failed=failed.get(station.pk, 0),
            choices=choices.get(station.pk, []),
            **counts.get(station.pk, {}),
        )
        for station in stations
        if station_id in (None, station.pk)
    }


def details(station_id: int) -> Details | None:
    """One station with its queue and history; None when it is not here."""
    standing = standings(station_id).get(station_id)
    if standing is None:
        return None
    jobs = DeviceJob.objects.filter(station_id=station_id)
    open_jobs = jobs.filter(state__in=[*WAITING, JobState.UNKNOWN]).order_by("-created_at")
    events = StationEvent.objects.filter(station_id=station_id).exclude(refused="")
    return Details(
        standing=standing,
        queue=_lines(open_jobs.filter(~HAS_COPY)[:QUEUE_LENGTH]),
        history=_lines(jobs.order_by("-id")[:HISTORY_LENGTH]),
        refused_events=list(events.values_list("received_at", "device", "refused")[:EVENTS_LENGTH]),
    )


def _job_counts(of: dict[str, int]) -> tuple[dict[int, dict[str, Any]], dict[int, int]]:
    since = timezone.now() - A_DAY
    unknown = Q(state=JobState.UNKNOWN, created_at__gt=since)
    open_jobs = DeviceJob.objects.filter(state__in=[*WAITING, JobState.UNKNOWN], **of).order_by()
    counted = (
        open_jobs.filter(~HAS_COPY)
        .values("station_id")
        .annotate(
            waiting=Count("id", filter=Q(state__in=WAITING)),
            unknown=Count("id", filter=unknown),
            unknown_payments=Count("id", filter=unknown & Q(kind=DeviceJob.Kind.PAYMENT)),
            oldest_waiting_at=Min("created_at", filter=Q(state__in=WAITING)),
        )
    )
    failed = DeviceJob.objects.filter(state=JobState.FAILED, finished_at__gt=since, **of).order_by()
    return (
        {row.pop("station_id"): row for row in counted},
        dict(failed.values_list("station_id").annotate(Count("id"))),
    )


def _choices() -> dict[int, list[Choice]]:
    """Registers that use another station than their own, at both of these stations."""
    found: dict[int, list[Choice]] = defaultdict(list)
    rows = StationChoice.objects.filter(left_at=None).order_by("register__number")
    for number, name, own_id, own, used_id, used, by, since in rows.values_list(
        "register__number", "register__name", "register__station", "register__station__name",
        "station", "station__name", "worker__name", "chosen_at",
    ):  # fmt: skip
        for station_id in {own_id, used_id} - {None}:
            found[station_id].append(
                Choice(
                    register=number or "",
                    name=name or "",
                    own=own or "",
                    used=used or "",
                    is_guest=station_id == used_id,
                    by=by or "",
                    since=since,
                )
            )
    return found


def _devices(stations: list[HardwareStation]) -> dict[int, list[Device]]:
    rows = defaultdict(list)
    profiles = {station.hardware_profile_id for station in stations}
    for row in HardwareDevice.objects.filter(profile__in=profiles).order_by("kind", "name"):
        rows[row.profile_id].append(row)
    registers = registers_at([station.pk for station in stations])
    return {
        station.pk: devices_of(station, rows[station.hardware_profile_id], registers[station.pk])
        for station in stations
    }


def _shared(
    stations: list[HardwareStation], devices: dict[int, list[Device]]
) -> dict[int, dict[str, list[str]]]:
    """Of each station, its devices in the store's network that others there drive, too, with those others' names."""
    drivers: dict[tuple[int, str], list[tuple[HardwareStation, str]]] = defaultdict(list)
    for station in stations:
        for device in devices[station.pk]:
            if place := _place_in_network(device):
                drivers[station.store_id, place].append((station, device.id))
    found: dict[int, dict[str, list[str]]] = defaultdict(dict)
    for driven in drivers.values():
        for station, name in driven:
            # a register's own device goes with it, to a station that it uses for the time being
            others = {
                other.name for other, its in driven if other != station and not (its == name and "@" in name)
            }
            if others:
                found[station.pk][name] = sorted(others)
    return found


def _place_in_network(device: Device) -> str:
    """Where other computers reach the device, too; empty for a line of its own computer and for what that serves."""
    address = plain_address(device.address)
    is_named = address.startswith(("ipp://", "ipps://", "socket://", "rfc2217://"))
    is_network = is_named or (device.driver.endswith(("_network", "_ipp")) and not address.startswith("lab:"))
    is_local = address.rpartition("//")[2].startswith(("localhost", "127."))
    return address if is_network and not is_local else ""


def _standing(
    status: StationStatus | None, *, devices: list[Device], shared: dict[str, list[str]], **known: Any
) -> Standing:
    if status is None:
        return Standing(devices=[_device(device, {}, shared) for device in devices], **known)
    fresh = status.seen_at is not None and status.seen_at > timezone.now() - CONNECTED_FOR
    connected = status.connection is not None and fresh
    in_profile = {plain_address(device.address) for device in devices}
    return Standing(
        connected=connected,
        connected_at=status.connected_at,
        seen_at=None if connected else status.seen_at,
        software=status.software,
        host=status.host,
        devices=[_device(device, status.devices.get(device.id, {}), shared) for device in devices],
        found=[
            FoundDevice(**found)
            for found in status.found
            if plain_address(found["address"]) not in in_profile
        ],
        found_at=status.found_at,
        log_at=status.log_at,
        trouble=trouble_of(status.devices) if connected else "",
        warning=warning_of(status.devices),
        **known,
    )


def _device(device: Device, told: dict[str, Any], shared: dict[str, list[str]]) -> DeviceStanding:
    return DeviceStanding(
        id=device.id,
        kind=device.kind,
        title=device.title,
        address=device.address,
        register=device.register,
        state=told.get("state", ""),
        words=told.get("words", ""),
        flags=told.get("flags", {}),
        since=datetime.fromisoformat(told["since"]) if told.get("since") else None,
        also=" and ".join(shared.get(device.id, [])),
    )


def _lines(jobs: Any) -> list[JobLine]:
    rows = list(jobs)
    numbers = dict(
        Register.objects.filter(pk__in={job.register_id for job in rows}).values_list("pk", "number")
    )
    return [
        JobLine(
            id=str(job.pk),
            kind=job.kind,
            title=job.title or job.get_kind_display(),
            device=job.device,
            register=numbers.get(job.register_id, ""),
            state=job.state,
            words=job.words,
            created_at=job.created_at,
            finished_at=job.finished_at,
        )
        for job in rows
    ]
