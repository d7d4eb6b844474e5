"""Which station serves which register: its own, or the one that its cashier has chosen for the time being."""

from datetime import timedelta

from django.db.models import BigIntegerField, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from hq.models import Register, StationChoice

STILL_OWES = timedelta(days=1)
"""So long a station goes on driving the devices of a register that has left it: they may owe answers."""

SERVING = """coalesce((
    SELECT choice.station_id FROM hq_stationchoice choice
      JOIN hq_hardwarestation chosen ON chosen.id = choice.station_id
     WHERE choice.register_id = r.id AND choice.left_at IS NULL AND chosen.is_active
       AND chosen.store_id = r.store_id), r.station_id)"""
"""The serving station in SQL, for a register `r`."""

_NUMBER = BigIntegerField()
_CHOSEN = StationChoice.objects.filter(
    register=OuterRef("pk"), left_at=None, station__is_active=True, station__store=OuterRef("store")
)


def with_serving_station() -> QuerySet[Register]:
    """Registers, each with the number of its serving station in the database as `serving`."""
    return Register.objects.annotate(
        serving=Coalesce(Subquery(_CHOSEN.values("station_id")[:1]), F("station_id"), output_field=_NUMBER)
    )


def registers_at(station_ids: list[int]) -> dict[int, list[Register]]:
    """The registers for which each station drives devices: its own, guests, and guests of the last day."""
    owned: dict[int, dict[int, Register]] = {station_id: {} for station_id in station_ids}
    guests = StationChoice.objects.filter(
        Q(left_at=None) | Q(left_at__gt=timezone.now() - STILL_OWES), station__in=station_ids
    )
    at: dict[int, set[int]] = {}
    for register_id, station_id in guests.values_list("register_id", "station_id"):
        at.setdefault(register_id, set()).add(station_id)
    wanted = Q(station__in=station_ids) | Q(pk__in=list(at))
    for register in Register.objects.filter(wanted, is_active=True).order_by("number"):
        for station_id in {register.station_id} | at.get(register.pk, set()):
            if station_id in owned:
                owned[station_id][register.pk] = register
    return {station_id: list(found.values()) for station_id, found in owned.items()}
