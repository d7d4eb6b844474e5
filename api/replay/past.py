"""A register whose past days are being played: a shift a day, request ids that never change, nothing printed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID, uuid5

import msgspec

from channels_app.errors import DomainError
from pos.models import RetailTransaction, SignOn
from pos.services.session import Till, ensure_standing, till_by_ids
from shifts.selectors import expected_tenders
from shifts.services.shift import Counted, close_shift, open_shift

NAMESPACE = UUID("6f1f5b0e-7d0c-5c62-9a39-0e5e8a3d7a11")
ZERO = Decimal(0)


class RegisterInUse(DomainError):
    code = "register_in_use"
    message = "Register {register} is in use: {why} Choose another one with --register."


def past_request_id(register_id: int, *words: object) -> UUID:
    """The request of something at a register: the same one every time."""
    return uuid5(NAMESPACE, "/".join(map(str, (register_id, *words))))


class PastRegister:
    """A register and the worker who stands at it on each of the days. `till` is it as it was last read."""

    def __init__(self, *, register_id: int, worker_id: int) -> None:
        """Raises what the register refuses (WaitingForData, RegisterUnknown) and RegisterInUse."""
        self.register_id, self.worker_id = register_id, worker_id
        till = self.read()
        ensure_standing(register_id=register_id, currency=till.register.currency.code, at=till.data_as_of)
        self.till = self.read()
        self._refuse_if_used()

    def answered(self) -> set[UUID]:
        """The requests whose records are in the journal already."""
        records = RetailTransaction.objects.filter(register_id=self.register_id)
        return set(records.values_list("request_id", flat=True))

    def request_id(self, *words: object) -> UUID:
        """The request of something at this register."""
        return past_request_id(self.register_id, *words)

    def read(self, request_id: UUID | None = None) -> Till:
        """The register as it stands, without its devices: what is past is neither charged nor printed today."""
        till = till_by_ids(register_id=self.register_id, worker_id=self.worker_id, request_id=request_id)
        functions = msgspec.structs.replace(till.register.functions, merge_lines=False)
        register = msgspec.structs.replace(
            till.register, station_id=None, has_terminal=False, functions=functions
        )
        return replace(till, register=register)

    def be_on_day(self, day: date, at: datetime, starting_float: Decimal = ZERO) -> None:
        """Have a shift open for that business day: one shift a day, as in a store."""
        standing = self.till.standing
        if standing.shift is not None and standing.business_date != day:
            self.close_shift(at)
        if self.till.standing.shift is None:
            request_id = self._opening(self.till.standing.epoch, self.till.standing.shift_sequence + 1)
            open_shift(
                till=self.read(request_id),
                starting_float=starting_float,
                request_id=request_id,
                business_date=day,
                at=at,
            )

    def close_shift(self, at: datetime) -> None:
        """Close the open shift, if there is one, with exactly what should be in the drawer."""
        self.till = self.read()
        shift = self.till.standing.shift
        if shift is None:
            return
        request_id = self.request_id("close", shift)
        expected = expected_tenders(shift)
        counted = {
            rule.method: Counted(
                max(expected[rule.method].expected, ZERO) if rule.method in expected else ZERO
            )
            for rule in self.till.register.tender_rules
            if rule.is_counted
        }
        close_shift(till=self.read(request_id), counted=counted, request_id=request_id, at=at)
        self.till = self.read()

    def _opening(self, epoch: int, shift_sequence: int) -> UUID:
        return self.request_id("open", epoch, shift_sequence)

    def _refuse_if_used(self) -> None:
        """Leave alone a register at which somebody works; go on in the shift of a run that was broken off."""
        standing, number = self.till.standing, self.till.register.number
        if self.till.cart.live_lines or self.till.cart.tenders:
            raise RegisterInUse(register=number, why="a sale is open.")
        if SignOn.objects.filter(register_id=self.register_id, ended_at=None).exists():
            raise RegisterInUse(register=number, why="somebody is signed on.")
        if standing.shift is not None:
            opening = self._opening(standing.epoch, standing.shift_sequence)
            if not RetailTransaction.objects.filter(
                register_id=self.register_id, request_id=opening
            ).exists():
                raise RegisterInUse(register=number, why="its shift is open.")
