"""Another hardware station of the store while the register's own is down, and back again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from channels_app.errors import DomainError
from channels_app.identifiers import uuid7
from hq.permissions import Permission
from hq.station_events import StationEvent
from hq.station_port import StationChosen, StationOption, station
from pos.cart.model import Notice, Outcome
from pos.models import RetailTransaction
from pos.services.announce import announce_devices
from pos.services.card import cancel_charge
from pos.services.documents import Fact, journal_of, plain_document
from pos.services.record import write_record
from pos.services.run_command import Approval
from pos.services.session import Till
from pos.services.writing import Journal


class NoSuchStation(DomainError):
    code = "no_such_station"
    message = "This store has no such station. Choose one of those that are shown."


class StationIsAway(DomainError):
    code = "station_is_away"
    message = "{name} is away, too. Choose a station that is there."


def choose_station(
    *,
    till: Till,
    request_id: UUID,
    station_id: int,
    brings: bool = True,
    approval: Approval | None = None,
    at: datetime | None = None,
) -> Outcome:
    """Let another station of the store serve this register from now on, and say in the journal who chose it.

    `brings` takes along the prints that the old station has not taken; what it has taken stays there. A card payment
    that the old station's terminal has not begun is called back. To go back to the register's own station, choose it:
    whoever sells may do that. Raises ApprovalNeeded, NoSuchStation, StationIsAway.
    """
    at = at or timezone.now()
    options = station().stations(till.register.id)
    chosen = next((option for option in options if option.id == station_id), None)
    if chosen is None:
        raise NoSuchStation(field="station")
    choices: list[StationChosen] = []

    def make(till: Till) -> tuple[Journal, Notice]:
        if not (chosen.connected or chosen.is_own):
            raise StationIsAway(name=chosen.name, field="station")
        choice, old = _choice(till, options, chosen, brings, at)
        choices.append(choice)
        standing = replace(till.standing, sequence=till.standing.sequence + 1)
        document = plain_document(
            till,
            standing,
            RetailTransaction.Kind.STATION,
            at,
            approved_by=approval.manager.staff_id if approval else "",
            detail={"from": old, "to": chosen.name, "prints": "brought along" if brings else "left there"},
        )
        journal = journal_of(till, "station.chosen", document, standing, Fact(document, detail=choice))
        return journal, Notice("positive", "station_chosen", _words(chosen))

    outcome = write_record(
        till=till,
        request_id=request_id,
        asked=[station_id, brings],
        permission=Permission.SELL if chosen.is_own else Permission.CHOOSE_STATION,
        what="Using another station",
        approval=approval,
        make=make,
        at=at,
    )
    if choices:
        transaction.on_commit(partial(_tell, choices[-1]))
        if till.cart.charge is not None:
            cancel_charge(till)
    return outcome


def _choice(
    till: Till, options: list[StationOption], chosen: StationOption, brings: bool, at: datetime
) -> tuple[StationChosen, str]:
    own = next((option.id for option in options if option.is_own), None)
    names = {option.id: option.name for option in options}
    choice = StationChosen(
        register_id=till.register.id,
        own=own,
        old=till.register.station_id,
        new=chosen.id,
        brings=brings,
        worker_id=till.require_worker().id,
        at=at,
    )
    return choice, names.get(till.register.station_id or 0, "none")


def _words(chosen: StationOption) -> str:
    if chosen.is_own:
        return f"This register uses its own station again: {chosen.name}."
    return f"This register uses {chosen.name} from now on. Its paper comes out there."


def _tell(choice: StationChosen) -> None:
    station().chosen(choice)
    announce_devices(
        StationEvent(
            id=uuid7(),
            kind="station",
            register_id=choice.register_id,
            station_id=choice.new,
            device="",
            data={"chosen": True},
        )
    )
