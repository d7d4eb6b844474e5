"""What headquarters may ask of the stations of a scale unit."""

import msgspec

from channels_app.exchange.wire import NotUnderstood
from channels_app.orders import carries_out
from channels_app.prepared import prepared
from hardware.services.obey import Asked, obey
from hardware.services.standings import details


@prepared
class StationNamed(msgspec.Struct, frozen=True):
    """The station that is asked about."""

    station: int


@carries_out("station")
def station(said: dict) -> dict:
    """One station with its queue and history; empty when it is not known here (yet)."""
    try:
        found = details(msgspec.convert(said, StationNamed).station)
    except msgspec.ValidationError as error:
        raise NotUnderstood(why=str(error)) from error
    return msgspec.to_builtins(found) if found else {}


@carries_out("station-order")
def station_order(said: dict) -> dict:
    """Have a station do something, once."""
    try:
        asked = msgspec.convert(said, Asked)
    except msgspec.ValidationError as error:
        raise NotUnderstood(why=str(error)) from error
    return obey(asked)
