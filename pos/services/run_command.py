"""The one door through which a cart changes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone

from channels_app.identifiers import uuid7
from hq.permissions import Permission
from hq.station_port import JobRequest, station
from pos.cart.commands import fresh
from pos.cart.model import Cart, Notice, Outcome
from pos.cart.snapshot import Snapshot, snapshot
from pos.config import WorkerView
from pos.errors import ApprovalNeeded, CartTooLarge, RequestReused
from pos.operations import Command, Context, Operation, Step, goods_of, operation_of
from pos.operations.checks import naming_command, refuse_nonsense
from pos.services.customer_display import show_cart
from pos.services.documents import VoidedSale, claim_returns, sale_journal, voided_journal
from pos.services.lookup import make_known
from pos.services.price_cart import price_cart
from pos.services.session import Till
from pos.services.told_prices import comes_back, told_coupon, told_prices, told_recalled
from pos.services.turns import in_turn
from pos.services.writing import Journal, Write, write_step

MOST_LINES, LARGEST_GROSS = 2000, 10**12  # what the columns of the journal hold, with room to spare

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Approval:
    """A manager who stands in for the worker, already recognised by ID and PIN."""

    manager: WorkerView


def run_command(
    *,
    till: Till,
    request_id: UUID,
    commands: Sequence[Command],
    approval: Approval | None = None,
    at: datetime | None = None,
) -> Snapshot:
    """Apply commands to the register's cart, all or none; the same request again gets the same answer.

    A cart that they settle is concluded in the same statement. Raises a DomainError for what cannot be done;
    nothing is changed then.
    """
    fingerprint = hashlib.sha256(_encode(list(commands))).hexdigest()
    till.require_worker()
    refuse_nonsense(commands)

    def attempt(till: Till) -> Snapshot:
        if till.answered is not None:
            if till.answered.fingerprint != fingerprint:
                raise RequestReused(field="request_id")
            return snapshot(till.answered.cart, till.answered.outcome)
        return _once(till, request_id, fingerprint, commands, approval, at or timezone.now())

    return in_turn(till, request_id, attempt)


def _once(
    till: Till,
    request_id: UUID,
    fingerprint: str,
    commands: Sequence[Command],
    approval: Approval | None,
    at: datetime,
) -> Snapshot:
    before = priced = cart = till.cart
    if wanted := goods_of(commands):
        make_known(till.register, wanted, () if cart.tenders else cart.priced_products)
    writes: list[Write] = []
    notice: Notice | None = None
    record: VoidedSale | None = None
    jobs: list[JobRequest] = []
    for position, command in enumerate(commands):
        with naming_command(position):
            operation = operation_of(command)
            context = _context(till, operation, approval, at)
            if operation.reads_prices and cart is not priced:
                cart = priced = price_cart(cart, priced, till, at)
            step = _run(operation, cart, command, context)
        cart = step.cart
        notice, record = step.notice or notice, step.record
        writes.extend(step.writes)
        jobs.extend(step.jobs)
    if cart is not priced:
        cart = price_cart(cart, priced, till, at)
    if len(cart.lines) > MOST_LINES or abs(cart.priced.totals.gross) > LARGEST_GROSS:
        raise CartTooLarge()
    if cart is before and record is None:
        return snapshot(before, Outcome(notice=notice, previous_version=before.version))
    if notice is not None and notice.code == "coupon_added":
        notice = told_coupon(notice, cart)
    elif notice is not None and comes_back(notice):
        notice = told_recalled(notice, cart)
    if record is None and (moved := told_prices(before, cart, till, at)):
        notice = moved
    after, outcome, journal = _closing(till, before, cart, notice, record, at)
    if outcome.sale is not None:
        writes.extend(claim_returns(cart))
    write_step(
        cart=after,
        expected_version=before.version,
        at=at,
        outcome=outcome,
        request_id=request_id,
        fingerprint=fingerprint,
        writes=writes,
        journal=journal,
        jobs=jobs,
    )
    asked = [*jobs, *(journal.fact.print_jobs if journal is not None else ())]
    if asked:
        transaction.on_commit(partial(station().announce, asked))
    answer = snapshot(after, outcome)
    show_cart(till.register, answer, after.money)
    return answer


def _run(operation: Operation, cart: Cart, command: Command, context: Context) -> Step:
    """One command; who may not do it hears so after what is wrong with it: no manager is called for nonsense."""
    step = operation.run(cart, command, context)
    manager = context.approved_by if operation.may_be_approved else None
    if not is_allowed(context.worker, manager, operation.permission):
        raise ApprovalNeeded(operation=operation.name)
    return step if isinstance(step, Step) else Step(step)


def _closing(
    till: Till,
    before: Cart,
    cart: Cart,
    notice: Notice | None,
    record: VoidedSale | None,
    at: datetime,
) -> tuple[Cart, Outcome, Journal | None]:
    """What is stored and answered: the open cart, or after a sale or a void the next empty one."""
    if record is not None:
        after = _next_version(fresh(cart, str(uuid7())), before)
        return (
            after,
            Outcome(notice=notice, previous_version=before.version),
            voided_journal(till, cart, record, at),
        )
    if cart.is_settled:
        journal, sale = sale_journal(till, cart, at)
        after = _next_version(fresh(cart, str(uuid7())), before)
        return after, Outcome(notice=notice, sale=sale, previous_version=before.version), journal
    after = _next_version(cart, before)
    return (
        after,
        Outcome(notice=notice, changed=_changed_lines(before, after), previous_version=before.version),
        None,
    )


def _next_version(cart: Cart, before: Cart) -> Cart:
    return msgspec.structs.replace(cart, version=before.version + 1)


def _changed_lines(before: Cart, after: Cart) -> tuple[str, ...]:
    """Ids of the lines that look different now; for a page that shows `before` these are all it must redraw."""
    lines = {line.id: line for line in before.lines}
    priced = {line.id: line for line in before.priced.lines}
    now = {line.id: line for line in after.priced.lines}
    return tuple(
        line.id
        for line in after.lines
        if lines.get(line.id) is not line
        or (priced.get(line.id) is not now.get(line.id) and priced.get(line.id) != now.get(line.id))
    )


def _context(till: Till, operation: Operation, approval: Approval | None, at: datetime) -> Context:
    worker = till.require_worker()
    if operation.needs_shift:
        till.require_shift()
    return Context(till=till, worker=worker, at=at, approved_by=approval.manager if approval else None)


def is_allowed(worker: WorkerView, manager: WorkerView | None, permission: str) -> bool:
    """Whether something may be done: by the worker's own rights, or on the word of a manager who stands in."""
    return worker.may(permission) or (
        manager is not None and manager.may(Permission.OVERRIDE) and manager.may(permission)
    )
