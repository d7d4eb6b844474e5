"""Play invoices through the services of the till, one journal record each, restartable at any point.

A sale goes line by line: the article, then its price as invoiced (an override, with its reason), then a card payment
of the whole. A cancellation takes goods back from the receipts they are on, and without a receipt what is on none.
Each business day is one shift. Request ids come from invoice numbers, so what is in the journal is not played again.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid5

import msgspec

from api.replay.invoices import NOT_TAKEN, Invoice, Kind, Line
from api.replay.sold import SoldLine, SoldLines, Taken, article_number
from catalog.models import Product
from channels_app.errors import DomainError
from pos.models import RetailTransaction, SignOn
from pos.operations import Command
from pos.operations.lines import LineComment, PriceOverride
from pos.operations.product_sale import ProductSale
from pos.operations.returns import ReturnByReceipt, ReturnedLine, ReturnProduct
from pos.operations.sale import Pay, SetCustomer
from pos.services.lookup import find_code
from pos.services.run_command import run_command
from pos.services.session import Till, ensure_standing, till_by_ids
from shifts.selectors import expected_tenders
from shifts.services.shift import Counted, close_shift, open_shift

NAMESPACE = UUID("6f1f5b0e-7d0c-5c62-9a39-0e5e8a3d7a11")
PRICE_REASON, RETURN_REASON = "INVOICED", "CANCELLED"
ZERO = Decimal(0)


class RegisterInUse(DomainError):
    code = "register_in_use"
    message = "Register {register} is in use: {why} Choose another one with --register."


@dataclass(frozen=True)
class NotTaken:
    """An invoice that did not become a journal record, and why."""

    invoice: Invoice
    reason: str


@dataclass
class Progress:
    """What has been done so far, for the one who waits."""

    taken: Counter[str] = field(default_factory=Counter)
    lines: int = 0
    before: int = 0
    linked: int = 0
    unlinked: int = 0
    not_taken: list[NotTaken] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started


def request_id_of(register_id: int, invoice: str) -> UUID:
    """The request of an invoice at a register: the same one every time."""
    return uuid5(NAMESPACE, f"{register_id}/invoice/{invoice}")


class Player:
    """Replays invoices at one register, as one worker."""

    def __init__(self, *, register_id: int, worker_id: int, method: str = "") -> None:
        """`method` is the payment method; without it the store's first card method.

        Raises what the register refuses (WaitingForData, RegisterUnknown) and RegisterInUse.
        """
        self.register_id, self.worker_id = register_id, worker_id
        till = self._till()
        ensure_standing(register_id=register_id, currency=till.register.currency.code, at=till.data_as_of)
        self.till = self._till()
        self.zone = self.till.register.store.zone
        self.method = method or next(
            (rule.method for rule in self.till.register.tender_rules if rule.kind == "card"), ""
        )
        self._refuse_if_used()
        self.done = set(
            RetailTransaction.objects.filter(register_id=register_id).values_list("request_id", flat=True)
        )
        self.sold = SoldLines.of_register(register_id) if self.done else SoldLines()

    def play(self, invoices: Iterable[Invoice], tell: Callable[[Progress], None]) -> Progress:
        """Play the invoices in order; `tell` is called after each. What cannot be taken is in the answer."""
        progress = Progress()
        last: Invoice | None = None
        for invoice in invoices:
            if invoice.kind in NOT_TAKEN:
                progress.not_taken.append(NotTaken(invoice, NOT_TAKEN[invoice.kind]))
            elif request_id_of(self.register_id, invoice.number) in self.done:
                progress.before += 1
            else:
                self._play_one(invoice, progress)
                last = invoice
            tell(progress)
        if last is not None and self._till().standing.shift is not None:
            self.till = self._till()
            self._close_shift(self._instant(last))
        return progress

    def _play_one(self, invoice: Invoice, progress: Progress) -> None:
        at = self._instant(invoice)
        self._be_on_day(invoice, at)
        request_id = request_id_of(self.register_id, invoice.number)
        self.till = self._till(request_id)
        plan: list[Taken] = []
        rest: Sequence[Line] = invoice.lines
        if invoice.kind is Kind.RETURN:
            plan, rest = self.sold.plan(invoice.customer, invoice.lines)
        try:
            receipt = self._run(request_id, self._commands(invoice, plan, rest), at)
        except DomainError as error:
            progress.not_taken.append(NotTaken(invoice, str(error)))
            return
        if invoice.kind is Kind.RETURN:
            self.sold.take(plan)
            progress.linked += not rest
            progress.unlinked += bool(rest)
        elif invoice.customer:
            for place, line in enumerate(invoice.lines, start=1):
                number = article_number(line.code)
                self.sold.add(invoice.customer, number, line.price, SoldLine(receipt, place, line.quantity))
        progress.taken[invoice.kind] += 1
        progress.lines += len(invoice.lines)

    def _commands(self, invoice: Invoice, plan: Sequence[Taken], rest: Sequence[Line]) -> list[Command]:
        """What the cashier would do, in order. Lines of an empty cart are numbered from 1."""
        commands: list[Command] = []
        if invoice.customer:
            commands.append(SetCustomer(account=invoice.customer))
        by_receipt: dict[str, list[ReturnedLine]] = {}
        for taken in plan:
            by_receipt.setdefault(taken.sold.receipt, []).append(
                ReturnedLine(taken.sold.line, taken.quantity)
            )
        for receipt, lines in by_receipt.items():
            commands.append(ReturnByReceipt(receipt=receipt, lines=tuple(lines), reason=RETURN_REASON))
        first = self.till.cart.next_line
        for place, line in enumerate(rest, start=first + len(plan)):
            commands += self._line(line, str(place))
        comment = LineComment(line=str(first), comment=f"Invoice {invoice.number}")
        return [*commands, comment, Pay(method=self.method)]

    def _line(self, line: Line, place: str) -> list[Command]:
        """The article and its price: keyed in where the article asks for one, else put in the place of its own."""
        number = article_number(line.code)
        asks = find_code(self.till.register, number).price_entry == Product.PriceEntry.MANDATORY
        price = line.price if asks else None
        article: Command
        if line.quantity < 0:
            article = ReturnProduct(code=number, quantity=-line.quantity, price=price, reason=RETURN_REASON)
        else:
            article = ProductSale(code=number, quantity=line.quantity, price=price)
        if asks:
            return [article]
        return [article, PriceOverride(line=place, price=line.price, reason=PRICE_REASON)]

    def _run(self, request_id: UUID, commands: Sequence[Command], at: datetime) -> str:
        snapshot = run_command(till=self.till, request_id=request_id, commands=commands, at=at)
        assert snapshot.sale is not None, "paying what is due settles a sale"
        return snapshot.sale.receipt_number

    def _be_on_day(self, invoice: Invoice, at: datetime) -> None:
        """Have a shift open for the invoice's day: one shift a day, as in a store."""
        standing = self.till.standing
        if standing.shift is not None and standing.business_date != invoice.day:
            self._close_shift(at)
        if self.till.standing.shift is None:
            request_id = self._opening(self.till.standing.epoch, self.till.standing.shift_sequence + 1)
            open_shift(
                till=self._till(request_id),
                starting_float=ZERO,
                request_id=request_id,
                business_date=invoice.day,
                at=at,
            )

    def _close_shift(self, at: datetime) -> None:
        """Count what should be there: nobody took cash out of a file."""
        shift = self.till.require_shift()
        request_id = uuid5(NAMESPACE, f"{self.register_id}/close/{shift}")
        expected = expected_tenders(shift)
        counted = {
            rule.method: Counted(
                max(expected[rule.method].expected, ZERO) if rule.method in expected else ZERO
            )
            for rule in self.till.register.tender_rules
            if rule.is_counted
        }
        close_shift(till=self._till(request_id), counted=counted, request_id=request_id, at=at)
        self.till = self._till()

    def _opening(self, epoch: int, shift_sequence: int) -> UUID:
        return uuid5(NAMESPACE, f"{self.register_id}/open/{epoch}/{shift_sequence}")

    def _till(self, request_id: UUID | None = None) -> Till:
        """The register as it stands, without its station: what was sold years ago is not printed today."""
        till = till_by_ids(register_id=self.register_id, worker_id=self.worker_id, request_id=request_id)
        functions = msgspec.structs.replace(till.register.functions, merge_lines=False)
        register = msgspec.structs.replace(till.register, station_id=None, functions=functions)
        return replace(till, register=register)

    def _refuse_if_used(self) -> None:
        """Leave alone a register at which somebody works; go on in the shift of a replay that was broken off."""
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

    def _instant(self, invoice: Invoice) -> datetime:
        return invoice.at.replace(tzinfo=self.zone).astimezone(UTC)
