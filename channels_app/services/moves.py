"""Moving stores from one scale unit to another without losing what is open in them."""

from collections.abc import Iterable

from channels_app.channel_client import ChannelClient, ChannelRefused
from channels_app.errors import DomainError, Unavailable
from channels_app.models import ChannelDatabase, StorePlacement
from channels_app.services.scale_units import place_stores

_PATIENCE = 5.0  # seconds


class StoreIsBusy(DomainError):
    code = "store_is_busy"
    message = (
        "Store {store} has {what} at {unit}, which would stay behind there. Finish the sales and close the shifts"
        " first, then move it; or move it anyway: until it comes back nobody can go on with them."
    )


class StoreNotSeen(DomainError):
    code = "store_not_seen"
    message = "What is open in store {store} cannot be seen: {why} Try again when {unit} answers, or move it anyway."


def move_stores(database: ChannelDatabase, numbers: Iterable[str], *, anyway: bool = False) -> None:
    """Have stores sell from this channel database from now on, when nothing is open where they sold until now.

    Raises StoreIsBusy, StoreNotSeen (neither with `anyway`), StoreUnknown.
    """
    wanted = list(numbers)
    if not anyway:
        ensure_free_to_leave(wanted, to=database)
    place_stores(database, wanted)


def ensure_free_to_leave(numbers: Iterable[str], *, to: ChannelDatabase | None = None) -> None:
    """Refuse when something is open in one of these stores, unless it sells from `to` already.

    The scale unit that has them now is asked. Raises StoreIsBusy, StoreNotSeen.
    """
    placed = StorePlacement.objects.filter(store__number__in=list(numbers))
    if to is not None:
        placed = placed.exclude(channel_database=to)
    for place in placed.select_related("store", "channel_database__scale_unit").order_by("store"):
        _ensure_nothing_is_open(place)


def _ensure_nothing_is_open(place: StorePlacement) -> None:
    unit = place.channel_database.scale_unit
    if place.channel_database.last_contact_at is None:  # it has never run
        return
    try:
        found = ChannelClient(unit).order("open-work", {"store": place.store_id}, seconds=_PATIENCE)
    except (Unavailable, ChannelRefused) as error:
        raise StoreNotSeen(store=place.store.number, unit=unit.name, why=str(error)) from error
    if found["open"]:
        raise StoreIsBusy(store=place.store.number, unit=unit.name, what=", ".join(found["open"]))
