"""What headquarters asks of stations: each command is a row before it is sent, and its outcome is kept.

Only the scale unit of the station's store can reach a station; that it does not answer is an ordinary outcome.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from channels_app.channel_client import ChannelClient
from channels_app.errors import DomainError, Unavailable
from channels_app.identifiers import uuid7
from channels_app.models import ScaleUnit
from hardware.agent_package import PACKAGE_PATH
from hardware.models import StationCommand
from hardware.services.reports import keep_standing
from hardware.standing import Details
from hq.models import HardwareStation, User

What = StationCommand.What
State = StationCommand.State
RIGHT = "hq.change_hardwarestation"
LOOK_WITHIN, ANSWER_WITHIN = 2.5, 6.0  # seconds; a log takes a moment to come
ASK_AGAIN_AFTER = 10  # seconds


class NoScaleUnit(DomainError):
    code = "station_without_scale_unit"
    message = (
        "{store} sells from no channel database yet, so nothing reaches its stations. Place it in one first."
    )


class StillAway(Unavailable):
    message = "{why}"


class StationOff(DomainError):
    code = "station_off"
    message = "{station} is switched off. Put it in use first."


@dataclass(frozen=True)
class Code:
    """A fresh pairing code: the only moment at which it can be read."""

    station: HardwareStation
    code: str
    server: str
    until: datetime

    @property
    def link(self) -> str:
        """Server and code in one, for `--pair` and for the QR code."""
        return f"{self.server}/#{self.code}"

    @property
    def install(self) -> str:
        """What is typed first on a computer that has no station program."""
        return f"pipx install {self.server}{PACKAGE_PATH}"

    @property
    def shell(self) -> str:
        """What is typed on the station's computer."""
        return f"tillhouse-station --pair '{self.link}'"


def scale_unit_of(station: HardwareStation) -> ScaleUnit:
    """The scale unit that a station connects to. Raises NoScaleUnit."""
    found = ScaleUnit.objects.filter(channel_database__placements__store=station.store_id).first()
    if found is None:
        raise NoScaleUnit(store=station.store.name)
    return found


def look_at(station: HardwareStation) -> Details | None:
    """The station with queue and history, as it is at this moment; None where its scale unit does not know it.

    Keeps what it heard. Raises NoScaleUnit, or Unavailable when the scale unit does not answer in time.
    """
    unit = scale_unit_of(station)
    away = f"hardware.commands.away.{unit.pk}"
    if words := cache.get(away):  # open pages must not use up the web server on one that hangs
        raise StillAway(why=words)
    try:
        answer = ChannelClient(unit).order("station", {"station": station.pk}, seconds=LOOK_WITHIN)
    except Unavailable as error:
        cache.set(away, str(error), ASK_AGAIN_AFTER)
        raise
    if not answer:
        return None
    details = msgspec.convert(answer, Details)
    keep_standing(station.pk, details.standing, database=unit.channel_database, at=timezone.now())
    return details


def command(*, station: HardwareStation, what: str, by: User, device: str = "") -> dict[str, Any]:
    """Have a station do something, and answer what came back.

    Raises PermissionDenied, NoScaleUnit, StationOff, Unavailable and what the scale unit refuses.
    """
    return _send([station], what, by, {"device": device})


def pairing_codes(*, stations: Sequence[HardwareStation], by: User, minutes: int = 15) -> list[Code]:
    """A pairing code for each station; their earlier codes stop working, their keys go on until one is used.

    Stations of one scale unit are asked for in one request; when one scale unit does not answer, its sentence is
    raised, and codes that others have issued meanwhile run out unused.
    """
    by_unit: dict[ScaleUnit, list[HardwareStation]] = defaultdict(list)
    for station in stations:
        by_unit[scale_unit_of(station)].append(station)
    codes = []
    for unit, own in by_unit.items():
        answer = _send(own, What.CODE, by, {"minutes": minutes})
        until = datetime.fromisoformat(answer["until"])
        codes += [
            Code(station, answer["codes"][str(station.pk)], unit.base_url.rstrip("/"), until)
            for station in own
        ]
    return sorted(codes, key=lambda code: code.station.number)


def _send(stations: list[HardwareStation], what: str, by: User, more: dict[str, Any]) -> dict[str, Any]:
    if not by.has_perm(RIGHT):
        raise PermissionDenied("You may not change hardware stations.")
    off = next((station for station in stations if not station.is_active), None)
    if off is not None:
        raise StationOff(station=off.name)
    unit = scale_unit_of(stations[0])
    rows = [_note(station, what, by) for station in stations]
    order = {"id": str(uuid7()), "what": str(what), "stations": [s.pk for s in stations], "by": by.username}
    try:
        answer = ChannelClient(unit).order("station-order", order | more, seconds=ANSWER_WITHIN)
    except DomainError as refusal:
        state = State.UNAVAILABLE if isinstance(refusal, Unavailable) else State.REFUSED
        _settle(rows, state, str(refusal))
        raise
    _settle(rows, State.DONE)
    return answer


def _note(station: HardwareStation, what: str, by: User) -> StationCommand:
    row = StationCommand(station=station, what=what, by=by)
    row._history_user = by
    row.save()
    return row


def _settle(rows: list[StationCommand], state: str, words: str = "") -> None:
    StationCommand.objects.filter(pk__in=[row.pk for row in rows]).update(state=state, words=words[:300])
