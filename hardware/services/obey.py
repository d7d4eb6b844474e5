"""What headquarters asks of a station, carried out here: each order once, whoever sends it again."""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, Literal
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone

from channels_app.doorbell import ring
from channels_app.errors import DomainError, Unavailable
from channels_app.prepared import prepared
from hardware.models import DeviceJob, StationOrder, StationStatus
from hardware.services.jobs import CONNECTED_FOR, queue_job
from hardware.services.keys import ask_for_new_key
from hardware.services.pairing import issue_code, revoke_station
from hardware.services.profiles import station_profile
from hardware.services.rings import group_of
from hardware.services.sample_page import sample_page
from hq.models import HardwareStation, Register
from hq.stations import registers_at

What = Literal["code", "test_print", "discover", "log", "restart", "new_key", "revoke"]
LOG_WITHIN_SECONDS = 4.0
TEST_LIVES_FOR = timedelta(minutes=2)
LONGEST_CODE = timedelta(days=30)


@prepared
class Asked(msgspec.Struct, frozen=True):
    """One order. ``stations`` has several only for pairing codes; ``minutes`` is how long those are good."""

    id: UUID
    what: What
    stations: list[int]
    by: str
    device: str = ""
    minutes: int = 15


class StationNotHere(DomainError):
    code = "station_not_here"
    message = (
        "The scale unit does not know station {station} yet. Its next package brings it: try again then."
    )


class StationAway(Unavailable):
    code = "station_away"
    message = "{station} is not connected. Check that its computer is on and in the network; then ask again."


class NothingToPrintOn(DomainError):
    code = "nothing_to_print_on"
    message = "{station} has no receipt printer that is named {device}. Look at its hardware profile."


class NoRegister(DomainError):
    code = "station_without_register"
    message = "The store of {station} has no register yet. Make one, then print."


class GivenBefore(DomainError):
    code = "order_given_before"
    message = "This code was shown already, once. Ask for a new one."


class LogNotCome(Unavailable):
    code = "log_not_come"
    message = "{station} has not sent its log in time. Ask again in a moment."


def obey(asked: Asked) -> dict[str, Any]:
    """Carry out an order and answer; a second copy gets the first one's answer and changes nothing.

    Raises StationNotHere, StationAway and what the order itself may be refused for.
    """
    known = {station.pk: station for station in HardwareStation.objects.filter(pk__in=asked.stations)}
    stations = [known[pk] for pk in asked.stations if pk in known]
    if not stations or len(stations) < len(asked.stations):
        missing = next(iter(set(asked.stations) - known.keys()), "")
        raise StationNotHere(station=missing)
    with transaction.atomic():
        order, is_new = StationOrder.objects.get_or_create(
            pk=asked.id,
            defaults={"what": asked.what, "by": asked.by[:150], "content": msgspec.to_builtins(asked)},
        )
        if is_new:
            answer, secret = _CARRY_OUT[asked.what](asked, stations)
            order.answer = answer
            order.save(update_fields=["answer"])
        elif asked.what == "code":
            raise GivenBefore()
        else:
            answer, secret = order.answer, {}
    if asked.what == "log":
        answer = _wait_for_log(stations[0], order.received_at)
    return answer | secret


Answer = tuple[dict[str, Any], dict[str, Any]]


def _codes(asked: Asked, stations: list[HardwareStation]) -> Answer:
    lives_for = min(timedelta(minutes=max(asked.minutes, 1)), LONGEST_CODE)
    codes = {str(station.pk): issue_code(station=station, lives_for=lives_for) for station in stations}
    until = timezone.now() + lives_for
    return {}, {"codes": codes, "until": until.isoformat()}


def _test_print(asked: Asked, stations: list[HardwareStation]) -> Answer:
    station = stations[0]
    devices = station_profile(station).devices
    printer = next((d for d in devices if d.kind == "printer" and asked.device in (d.id, "")), None)
    if printer is None:
        raise NothingToPrintOn(station=station.name, device=asked.device or "printer")
    own = registers_at([station.pk])[station.pk]
    others = Register.objects.filter(store=station.store, is_active=True).order_by("number")
    register = next((one for one in own if printer.register in (one.number, None)), None)
    hears = register or others.first()  # of the job, as every job has a register
    if hears is None:
        raise NoRegister(station=station.name)
    _check_connected(station)
    job = queue_job(
        register_id=hears.pk,
        kind=DeviceJob.Kind.PRINT,
        document=sample_page(station, register, printer, by=asked.by, at=timezone.now()),
        title="Test print",
        request_id=asked.id,
        source=f"headquarters: {asked.by}"[:80],
        device=printer.id,
        station_id=station.pk,
        lives_for=TEST_LIVES_FOR,
    )
    return {"job": str(job)}, {}


def _tell_station(asked: Asked, stations: list[HardwareStation]) -> Answer:
    _check_connected(stations[0])
    message = {"type": "station.order", "what": asked.what}
    transaction.on_commit(partial(ring, group_of(stations[0].pk), message))
    return {}, {}


def _new_key(asked: Asked, stations: list[HardwareStation]) -> Answer:
    ask_for_new_key(stations[0])
    return {}, {}


def _revoke(asked: Asked, stations: list[HardwareStation]) -> Answer:
    return {"revoked": revoke_station(station_id=stations[0].pk)}, {}


_CARRY_OUT: dict[str, Callable[[Asked, list[HardwareStation]], Answer]] = {
    "code": _codes,
    "test_print": _test_print,
    "discover": _tell_station,
    "log": _tell_station,
    "restart": _tell_station,
    "new_key": _new_key,
    "revoke": _revoke,
}


def _check_connected(station: HardwareStation) -> None:
    since = timezone.now() - CONNECTED_FOR
    found = StationStatus.objects.filter(station=station, connection__isnull=False, seen_at__gt=since)
    if not found.exists():
        raise StationAway(station=station.name)


def _wait_for_log(station: HardwareStation, asked_at: Any) -> dict[str, Any]:
    end = time.monotonic() + LOG_WITHIN_SECONDS
    while True:
        found = StationStatus.objects.filter(station=station, log_at__gte=asked_at).values("log", "log_at")
        if row := found.first():
            return {"text": row["log"], "at": row["log_at"].isoformat()}
        if time.monotonic() > end:
            raise LogNotCome(station=station.name)
        time.sleep(0.1)
