"""Opening and closing a shift, and the money that moves in between. Each is one journal record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

import msgspec
from django.utils import timezone

from channels_app.identifiers import uuid7
from hq.permissions import Permission
from hq.station_port import JobRequest, station
from pos.cart.model import Notice, Outcome
from pos.journal_document import JournalDocument
from pos.models import RetailTransaction
from pos.services.documents import Fact, drawer_job, journal_of, plain_document, print_job
from pos.services.record import write_record
from pos.services.run_command import Approval
from pos.services.session import RegisterStanding, Till
from pos.services.writing import Journal
from shifts.errors import BadCount, NotEnoughCash, SaleIsOpen, ShiftAlreadyOpen
from shifts.models import CashMovement, Shift
from shifts.reports import shift_report
from shifts.selectors import ShiftFigures, TenderFigure, expected_tenders, shift_figures

ZERO = Decimal(0)
MAX_AMOUNT = Decimal("9999999.99")
NOT_TAKEN = "the store does not take it."
Kind = RetailTransaction.Kind


class Counted(msgspec.Struct, frozen=True):
    """What was counted in one way of paying; pieces by value where notes and coins were counted."""

    amount: Decimal
    denominations: dict[str, int] = {}


@dataclass(frozen=True)
class ShiftDetail:
    """Rows that the postings of a shift's facts write."""

    shift_row: Mapping[str, Any] = field(default_factory=dict)
    cash_rows: tuple[Mapping[str, Any], ...] = ()
    declared_rows: tuple[Mapping[str, Any], ...] = ()


def open_shift(
    *,
    till: Till,
    starting_float: Decimal,
    request_id: UUID,
    business_date: date | None = None,
    approval: Approval | None = None,
    at: datetime | None = None,
) -> Outcome:
    """Open a shift with the money that is in the drawer (in the store's currency).

    The business date is the store's day now unless given. Raises ShiftAlreadyOpen, BadCount, NotAllowed.
    """
    at = at or timezone.now()
    _check_amount(till, starting_float, "the float", "starting_float")

    def make(till: Till) -> tuple[Journal, Notice]:
        if till.standing.shift is not None:
            raise ShiftAlreadyOpen(register=till.register.number)
        config, worker, shift = till.register, till.require_worker(), uuid7()
        day = business_date or at.astimezone(config.store.zone).date()
        standing = replace(
            till.standing,
            sequence=till.standing.sequence + 1,
            shift_sequence=till.standing.shift_sequence + 1,
            shift=shift,
            business_date=day,
        )
        number = shift_number(config.number, standing)
        document = plain_document(
            till, standing, Kind.OPEN_SHIFT, at, detail={"shift": number, "float": str(starting_float)}
        )
        method = _cash_method(till)
        detail = ShiftDetail(
            shift_row={
                "id": shift,
                "store_id": config.store.id,
                "register_id": config.id,
                "number": number,
                "business_date": day,
                "currency": config.currency.code,
                "opened_at": at,
                "opened_by_id": worker.id,
            },
            cash_rows=(_cash_row(document, CashMovement.Kind.START, method, starting_float, ""),)
            if method
            else (),
        )
        notice = Notice("positive", "shift_opened", f"Shift {number} is open.")
        return journal_of(till, "shift.opened", document, standing, Fact(document, detail=detail)), notice

    return write_record(
        till=till,
        request_id=request_id,
        asked=["open", str(starting_float)],
        permission=Permission.OPEN_SHIFT,
        what="Opening a shift",
        approval=approval,
        make=make,
        at=at,
    )


def close_shift(
    *,
    till: Till,
    counted: Mapping[str, Counted],
    request_id: UUID,
    approval: Approval | None = None,
    at: datetime | None = None,
) -> Outcome:
    """Close the register's shift with what was counted, by payment method; over or short is recorded as counted.

    Prints the Z report. Raises NoOpenShift, SaleIsOpen, BadCount, NotAllowed.
    """
    at = at or timezone.now()
    for method, count in counted.items():
        rule = till.register.tender_rule(method)
        if rule is None:
            raise BadCount(amount=count.amount, what=method, why=NOT_TAKEN, field=f"counted_{method}")
        _check_amount(till, count.amount, rule.name, f"counted_{method}")

    def make(till: Till) -> tuple[Journal, Notice]:
        shift = till.require_shift()
        if till.cart.live_lines or till.cart.is_being_paid:
            raise SaleIsOpen(lines=len(till.cart.live_lines))
        standing = replace(till.standing, sequence=till.standing.sequence + 1, shift=None, business_date=None)
        figures = _with_counts(shift_figures(shift), counted, till)
        number = Shift.objects.values_list("number", flat=True).get(pk=shift)
        document = plain_document(
            till,
            replace(standing, shift=shift, business_date=till.standing.business_date),
            Kind.CLOSE_SHIFT,
            at,
            detail={"shift": number, "figures": msgspec.to_builtins(figures)},
        )
        detail = ShiftDetail(
            declared_rows=tuple(
                _declared(shift, figure, counted) for figure in figures.tenders if figure.counted is not None
            )
        )
        jobs = _report_jobs(till, document, figures, "Z", number)
        difference = sum((figure.over_short or ZERO for figure in figures.tenders), ZERO)
        notice = Notice(
            "positive", "shift_closed", f"Shift {number} is closed. {_words(difference, document)}"
        )
        return journal_of(till, "shift.closed", document, standing, Fact(document, jobs, detail)), notice

    asked = [
        "close",
        {method: [str(count.amount), count.denominations] for method, count in sorted(counted.items())},
    ]
    return write_record(
        till=till,
        request_id=request_id,
        asked=asked,
        permission=Permission.CLOSE_SHIFT,
        what="Closing a shift",
        approval=approval,
        make=make,
        at=at,
    )


def move_cash(
    *,
    till: Till,
    kind: CashMovement.Kind,
    amount: Decimal,
    reason: str,
    request_id: UUID,
    approval: Approval | None = None,
    at: datetime | None = None,
) -> Outcome:
    """Put money into the drawer or take it out. `amount` is positive; the kind says which way.

    Raises NoOpenShift, BadCount, NotEnoughCash, NotAllowed.
    """
    at = at or timezone.now()
    _check_amount(till, amount, CashMovement.Kind(kind).label.lower(), "amount")
    if amount == 0:
        raise BadCount(
            amount=amount,
            what=CashMovement.Kind(kind).label.lower(),
            why="give more than zero.",
            field="amount",
        )

    def make(till: Till) -> tuple[Journal, Notice]:
        shift, method = till.require_shift(), _cash_method(till)
        signed = amount if kind in (CashMovement.Kind.FLOAT, CashMovement.Kind.START) else -amount
        figure = expected_tenders(shift).get(method)
        available = figure.expected if figure else ZERO
        if signed < 0 and available + signed < 0:
            raise NotEnoughCash(available=available, amount=amount, field="amount")
        standing = replace(till.standing, sequence=till.standing.sequence + 1)
        document = plain_document(
            till,
            standing,
            Kind.CASH,
            at,
            reason=reason.strip()[:120],
            detail={"kind": str(kind), "amount": str(signed), "method": method},
        )
        detail = ShiftDetail(cash_rows=(_cash_row(document, kind, method, signed, reason.strip()[:120]),))
        station_id = till.register.drawer_station_id
        jobs = (drawer_job(till.register, station_id, document.id),) if station_id else ()
        notice = Notice(
            "positive",
            "cash_moved",
            f"{CashMovement.Kind(kind).label}: {amount} {till.register.currency.code}.",
        )
        return journal_of(till, "cash.moved", document, standing, Fact(document, jobs, detail)), notice

    return write_record(
        till=till,
        request_id=request_id,
        asked=[str(kind), str(amount), reason],
        permission=Permission.CASH_MOVEMENT,
        what=CashMovement.Kind(kind).label,
        approval=approval,
        make=make,
        at=at,
    )


def print_x_report(*, till: Till, request_id: UUID) -> dict:
    """The figures of the shift so far, as paper: printed where there is a station, and returned."""
    shift = till.require_shift()
    number = Shift.objects.values_list("number", flat=True).get(pk=shift)
    document = plain_document(till, till.standing, Kind.REPRINT, timezone.now())
    report = shift_report(document, shift_figures(shift), kind="X", number=number, names=_names(till))
    station().send(
        register_id=till.register.id,
        kind="print",
        document=report,
        title=report["title"],
        request_id=request_id,
    )
    return report


def settle_terminal_day(*, till: Till, request_id: UUID) -> UUID | None:
    """Ask the register's card terminal to settle its day with the bank; None where the register has no terminal."""
    if not till.register.has_terminal:
        return None
    return station().send(
        register_id=till.register.id,
        kind="payment",
        document={"do": "end_of_day"},
        title="End of day at the card terminal",
        request_id=uuid5(request_id, "end of day"),
    )


def shift_number(register_number: str, standing: RegisterStanding) -> str:
    """The number of a shift: the register's, its epoch, and its count of shifts."""
    return f"{register_number}-{standing.epoch}-S{standing.shift_sequence:04d}"


def _check_amount(till: Till, amount: Decimal, what: str, field_name: str) -> None:
    why = None
    if not amount.is_finite() or amount < 0:
        why = "give zero or more."
    elif amount > MAX_AMOUNT:
        why = "that is more than a drawer holds."
    elif not till.register.currency.is_whole(amount):
        why = f"the smallest amount is {till.register.currency.unit}."
    if why:
        raise BadCount(amount=amount, what=what, why=why, field=field_name)


def _cash_method(till: Till) -> str:
    rule = till.register.tender_rule_of("cash")
    return rule.method if rule else ""


def _cash_row(
    document: JournalDocument, kind: str, method: str, amount: Decimal, reason: str
) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "shift_id": document.shift,
        "kind": str(kind),
        "method": method,
        "currency": document.currency,
        "amount": amount,
        "reason": reason,
        "worker_id": document.worker_id,
        "happened_at": document.concluded_at,
    }


def _with_counts(figures: ShiftFigures, counted: Mapping[str, Counted], till: Till) -> ShiftFigures:
    known = {figure.method: figure for figure in figures.tenders}
    for method in counted:
        known.setdefault(method, TenderFigure(method, till.register.currency.code, ZERO, 0, ZERO))
    tenders = tuple(
        msgspec.structs.replace(figure, counted=counted[method].amount) if method in counted else figure
        for method, figure in sorted(known.items())
    )
    return msgspec.structs.replace(figures, tenders=tenders)


def _declared(shift: UUID, figure: TenderFigure, counted: Mapping[str, Counted]) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "shift_id": shift,
        "method": figure.method,
        "currency": figure.currency,
        "expected": figure.expected,
        "counted": figure.counted,
        "denominations": counted[figure.method].denominations,
    }


def _report_jobs(
    till: Till,
    document: JournalDocument,
    figures: ShiftFigures,
    kind: str,
    number: str,
) -> tuple[JobRequest, ...]:
    station_id = till.register.station_id
    if station_id is None:
        return ()
    report = shift_report(document, figures, kind=kind, number=number, names=_names(till))
    return (print_job(till.register, station_id, report, report["title"], document.id),)


def _names(till: Till) -> dict[str, str]:
    return {rule.method: rule.name for rule in till.register.tender_rules}


def _words(difference: Decimal, document: JournalDocument) -> str:
    if not difference:
        return "The count is right."
    word = "over" if difference > 0 else "short"
    return f"The drawer is {abs(difference):.{document.currency_decimals}f} {document.currency} {word}."
