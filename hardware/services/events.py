"""What stations tell: that they are there, how their devices are, and what happened at them."""

import json
import logging
from functools import partial
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from channels_app.errors import DomainError
from channels_app.identifiers import uuid7
from hardware.agent.protocol import Event, Found, Hello, Profile, Reading, Status
from hardware.models import DeviceJob, StationStatus
from hardware.models import StationEvent as StoredEvent
from hardware.services.profiles import register_of
from hq import station_events
from hq.models import HardwareStation
from hq.stations import with_serving_station

log = logging.getLogger(__name__)

TOO_OLD_SECONDS = {"scan": 20.0, "weight": 5.0, "card": 5.0}
TOO_OLD = "It came {age} seconds late, after the line was back, and was left out. Do it again."
NO_REGISTER = "The device {device} belongs to no single register. Give it one in the hardware profile."
OUR_FAULT = "It could not be handled; the server's log says why. Do it again."


def station_connected(*, station_id: int, connection_id: UUID) -> None:
    """This socket speaks for the station from now on."""
    StationStatus.objects.update_or_create(
        station_id=station_id, defaults={"connection": connection_id, "connected_at": Now(), "seen_at": Now()}
    )
    tell_registers(station_id, "station", {"connected": True})


def station_seen(*, station_id: int, connection_id: UUID) -> bool:
    """The socket is still there; False when another one has taken its place."""
    return bool(
        StationStatus.objects.filter(station_id=station_id, connection=connection_id).update(seen_at=Now())
    )


def station_left(*, station_id: int, connection_id: UUID) -> None:
    """The socket is gone; the station is away unless another one speaks for it already."""
    if StationStatus.objects.filter(station_id=station_id, connection=connection_id).update(connection=None):
        tell_registers(station_id, "station", {"connected": False})


def note_hello(*, station_id: int, message: Hello) -> None:
    """Keep what the station says of itself."""
    StationStatus.objects.filter(station_id=station_id).update(
        journal=message.journal[:40],
        software=message.software[:60],
        host=message.host[:120],
        takes_keys=message.takes_keys,
    )


def ask_for_displays(*, station_id: int, profile: Profile) -> None:
    """Customer displays that may be blank hang on the station: their registers show how they stand."""
    if any(device.kind == "display" for device in profile.devices):
        tell_registers(station_id, "display", {})


def note_status(*, station_id: int, message: Status) -> None:
    """Keep how a device is, and let the registers know."""
    told = {"state": message.state, "words": message.words[:300], "flags": message.flags}
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE hardware_stationstatus SET devices = devices || jsonb_build_object(%s::text, %s::jsonb"
            " || jsonb_build_object('since', now())) WHERE station_id = %s",
            (message.device[:60], json.dumps(told), station_id),
        )
    tell_registers(station_id, "status", {"device": message.device, **told}, device=message.device)


def note_reading(*, station_id: int, message: Reading) -> None:
    """Let the register that weighs see what its scale shows; kept nowhere."""
    job = (
        DeviceJob.objects.filter(pk=message.job, station_id=station_id)
        .values("register_id", "device")
        .first()
    )
    if job is None or job["register_id"] is None:
        return
    station_events.dispatch(
        station_events.StationEvent(
            id=uuid7(),
            kind="weight",
            register_id=job["register_id"],
            station_id=station_id,
            device=job["device"] or "scale",
            data={**message.data, "job": message.job},
        )
    )


def note_found(*, station_id: int, message: Found) -> None:
    """Keep what the station has discovered, to be adopted into a profile."""
    found = [
        {"address": device.address, "kind": device.kind, "words": device.words}
        for device in message.devices[:100]
    ]
    StationStatus.objects.filter(station_id=station_id).update(found=found, found_at=Now())


def note_log(*, station_id: int, text: str) -> None:
    """Keep the end of the station's log for whoever asked for it."""
    StationStatus.objects.filter(station_id=station_id).update(log=text[-200_000:], log_at=Now())


def take_event(*, station: HardwareStation, message: Event) -> str:
    """Store an event and let its handlers act on it, both or neither; a second copy has no effect.

    Answers why it had no effect, or nothing.
    """
    try:
        event_id = UUID(message.event_id)
    except ValueError:
        return "The event has no id that can be used."
    try:
        with transaction.atomic():
            return _take_once(station, message, event_id)
    except DomainError as error:
        refused = str(error)
    except Exception:
        log.exception(
            "An event could not be handled", extra={"event": message.event_id, "station": station.pk}
        )
        refused = OUR_FAULT
    _store(station, message, event_id, None, refused)
    return refused


def _take_once(station: HardwareStation, message: Event, event_id: UUID) -> str:
    register_id = register_of(station, message.device)
    why_not = _why_not(message, register_id)
    refused = why_not or str(message.data.get("refused", ""))
    if not _store(station, message, event_id, register_id, refused):
        return StoredEvent.objects.values_list("refused", flat=True).get(pk=event_id)
    if not refused or (message.kind == "card" and not why_not):  # of a refused card the till says why
        station_events.dispatch(
            station_events.StationEvent(
                id=event_id,
                kind=message.kind,
                register_id=register_id,
                station_id=station.pk,
                device=message.device,
                data=message.data,
            )
        )
    return refused


def _why_not(message: Event, register_id: int | None) -> str:
    if register_id is None:
        return NO_REGISTER.format(device=message.device)
    if message.age > TOO_OLD_SECONDS.get(message.kind, 3600.0):
        return TOO_OLD.format(age=round(message.age))
    return ""


def _store(
    station: HardwareStation, message: Event, event_id: UUID, register_id: int | None, refused: str
) -> bool:
    """True when this event was not known yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO hardware_stationevent (id, station_id, register_id, device, kind, data, refused)"
            " VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s) ON CONFLICT (id) DO NOTHING",
            (
                event_id,
                station.pk,
                register_id,
                message.device[:60],
                message.kind[:20],
                json.dumps(_kept(message)),
                refused[:300],
            ),
        )
        return cursor.rowcount == 1


def _kept(message: Event) -> dict:
    """What is stored of an event: of a card's number no more than its first six and last four digits."""
    code = message.data.get("code")
    if message.kind != "card" or not isinstance(code, str):
        return message.data
    shown = code[:6] + "*" * (len(code) - 10) + code[-4:] if len(code) > 10 else "*" * len(code)
    return {**message.data, "code": shown}


def tell_registers(station_id: int, kind: str, data: dict, device: str = "") -> None:
    """An event for every register whose own it is or that uses it, after the commit."""
    concerned = with_serving_station().filter(Q(station=station_id) | Q(serving=station_id))
    for register_id in concerned.values_list("pk", flat=True):
        event = station_events.StationEvent(
            id=uuid7(), kind=kind, register_id=register_id, station_id=station_id, device=device, data=data
        )
        transaction.on_commit(partial(station_events.dispatch, event), robust=True)
