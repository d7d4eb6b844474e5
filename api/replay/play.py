"""Play invoices through the services of the till, one journal record each, restartable at any point.

A sale goes line by line: the article, then its price as invoiced (an override, with its reason), then a card payment
of the whole. A cancellation takes goods back from the receipts they are on, and without a receipt what is on none.
Each business day is one shift. Request ids come from invoice numbers, so what is in the journal is not played again.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from api.replay.invoices import NOT_TAKEN, Invoice, Kind, Line
from api.replay.past import PastRegister
from api.replay.sold import SoldLine, SoldLines, Taken, article_number
from catalog.models import Product
from channels_app.errors import DomainError
from pos.operations import Command
from pos.operations.lines import LineComment, PriceOverride
from pos.operations.product_sale import ProductSale
from pos.operations.returns import ReturnByReceipt, ReturnedLine, ReturnProduct
from pos.operations.sale import Pay, SetCustomer
from pos.services.lookup import find_code
from pos.services.run_command import run_command

PRICE_REASON, RETURN_REASON = "INVOICED", "CANCELLED"


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


class Player:
    """Replays invoices at one register, as one worker."""

    def __init__(self, *, register_id: int, worker_id: int, method: str = "") -> None:
        """`method` is the payment method; without it the store's first card method.

        Raises what the register refuses (WaitingForData, RegisterUnknown) and RegisterInUse.
        """
        self.past = PastRegister(register_id=register_id, worker_id=worker_id)
        config = self.past.till.register
        self.zone = config.store.zone
        self.method = method or next((rule.method for rule in config.tender_rules if rule.kind == "card"), "")
        self.done = self.past.answered()
        self.sold = SoldLines.of_register(register_id) if self.done else SoldLines()

    def play(self, invoices: Iterable[Invoice], tell: Callable[[Progress], None]) -> Progress:
        """Play the invoices in order; `tell` is called after each. What cannot be taken is in the answer."""
        progress = Progress()
        last: Invoice | None = None
        for invoice in invoices:
            if invoice.kind in NOT_TAKEN:
                progress.not_taken.append(NotTaken(invoice, NOT_TAKEN[invoice.kind]))
            elif self._request_id(invoice) in self.done:
                progress.before += 1
            else:
                self._play_one(invoice, progress)
                last = invoice
            tell(progress)
        if last is not None:
            self.past.close_shift(self._instant(last))
        return progress

    def _play_one(self, invoice: Invoice, progress: Progress) -> None:
        at = self._instant(invoice)
        self.past.be_on_day(invoice.day, at)
        request_id = self._request_id(invoice)
        self.past.till = self.past.read(request_id)
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
        first = self.past.till.cart.next_line
        for place, line in enumerate(rest, start=first + len(plan)):
            commands += self._line(line, str(place))
        comment = LineComment(line=str(first), comment=f"Invoice {invoice.number}")
        return [*commands, comment, Pay(method=self.method)]

    def _line(self, line: Line, place: str) -> list[Command]:
        """The article and its price: keyed in where the article asks for one, else put in the place of its own."""
        number = article_number(line.code)
        asks = find_code(self.past.till.register, number).price_entry == Product.PriceEntry.MANDATORY
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
        snapshot = run_command(till=self.past.till, request_id=request_id, commands=commands, at=at)
        assert snapshot.sale is not None, "paying what is due settles a sale"
        return snapshot.sale.receipt_number

    def _request_id(self, invoice: Invoice) -> UUID:
        return self.past.request_id("invoice", invoice.number)

    def _instant(self, invoice: Invoice) -> datetime:
        return invoice.at.replace(tzinfo=self.zone).astimezone(UTC)
