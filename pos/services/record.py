"""Journal records that are not sales: each is one statement, and the same request again changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import UUID

import msgspec
from django.db import transaction

from hq.station_port import station
from pos.cart.model import Notice, Outcome
from pos.errors import ApprovalNeeded, RequestReused
from pos.operations.checks import check_value
from pos.services.run_command import Approval, is_allowed
from pos.services.session import Till
from pos.services.turns import in_turn
from pos.services.writing import Journal, write_step

_encode = msgspec.json.Encoder().encode


def write_record(
    *,
    till: Till,
    request_id: UUID,
    asked: object,
    permission: str,
    what: str,
    approval: Approval | None,
    make: Callable[[Till], tuple[Journal, Notice | None]],
    at: datetime,
) -> Outcome:
    """Write one journal record with its postings.

    `asked` is what was asked for, for the request's fingerprint; `make` builds the record from the till as it is
    now (and is called again when another hand was faster). Raises ApprovalNeeded, Nonsense, RequestReused, and what
    `make` raises.
    """
    worker = till.require_worker()
    if not is_allowed(worker, approval.manager if approval else None, permission):
        raise ApprovalNeeded(operation=what)
    check_value("request", asked)
    fingerprint = hashlib.sha256(_encode([what, asked])).hexdigest()

    def attempt(till: Till) -> Outcome:
        if till.answered is not None:
            if till.answered.fingerprint != fingerprint:
                raise RequestReused(field="request_id")
            return till.answered.outcome
        journal, notice = make(till)
        outcome = Outcome(notice=notice, previous_version=till.cart.version)
        write_step(
            cart=msgspec.structs.replace(till.cart, version=till.cart.version + 1),
            expected_version=till.cart.version,
            at=at,
            outcome=outcome,
            request_id=request_id,
            fingerprint=fingerprint,
            journal=journal,
        )
        if journal.fact.print_jobs:
            transaction.on_commit(partial(station().announce, journal.fact.print_jobs))
        return outcome

    return in_turn(till, request_id, attempt)
