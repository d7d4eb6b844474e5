"""Everything a till can do, for programs: thin over the services that the pages use."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from api.v1 import messages
from api.v1.access import Endpoint
from api.v1.reading import read
from api.v1.schema import described
from hq.station_port import station
from pos import models
from pos.cart.errors import UnknownLine, UnknownTender
from pos.cart.snapshot import Snapshot, snapshot
from pos.errors import UnknownReceipt
from pos.headquarters import WaitingOrder, headquarters
from pos.models import RetailTransaction, SuspendedCart
from pos.operations import operations
from pos.operations.card import PayByCard
from pos.operations.sale import Pay
from pos.pages.explain import Named, steps_of, words_of
from pos.services import catalogue, drawer, journal, sign_on
from pos.services.card import cancel_charge, settle_charge
from pos.services.price_cart import before_payment
from pos.services.run_command import run_command
from pos.services.session import Till
from pricing.engine.model import Reason
from shifts.errors import NoSuchCashKind
from shifts.models import CashMovement
from shifts.selectors import shift_figures
from shifts.services import Counted, close_shift, move_cash, open_shift, print_x_report

RunCommands = messages.run_commands_type()


class Activate(Endpoint):
    @described(
        "Make this client a register", body=messages.Activate, answers=messages.DeviceToken, open_to_all=True
    )
    def post(self, request: Request) -> HttpResponse:
        """With a one-time code of headquarters, or on the word of a manager of the store."""
        body = read(request, messages.Activate)
        if body.register_number:
            token = sign_on.activate_by_manager(
                register_number=body.register_number,
                staff_id=body.staff_id,
                pin=body.pin,
                description=body.description,
            )
        else:
            token = sign_on.activate_device(code=body.code, description=body.description)
        return self.answer(messages.DeviceToken(token), status=201)


class SignOn(Endpoint):
    @described("Sign a worker on", body=messages.SignOn, answers=messages.WorkerToken, without_worker=True)
    def post(self, request: Request) -> HttpResponse:
        """In place of whoever was signed on at this device."""
        body = read(request, messages.SignOn)
        till = self.till(request)
        token = sign_on.sign_on(till=till, staff_id=body.staff_id, pin=body.pin)
        worker = next(
            worker for worker in till.register.workers.values() if worker.staff_id == body.staff_id.strip()
        )
        return self.answer(
            messages.WorkerToken(token, worker.staff_id, worker.name, sorted(worker.permissions)),
            status=201,
        )


class SignOff(Endpoint):
    @described("Sign off", answers=None)
    def post(self, request: Request) -> HttpResponse:
        """The open sale stays with the register."""
        sign_on.sign_off(till=self.till(request))
        return HttpResponse(status=204)


class Register(Endpoint):
    @described("Where the register stands", answers=messages.RegisterAnswer, without_worker=True)
    def get(self, request: Request) -> HttpResponse:
        """Its store, its shift, its data version and its ways of paying."""
        till = self.till(request)
        config, store = till.register, till.register.store
        return self.answer(
            messages.RegisterAnswer(
                register=config.number,
                register_name=config.name,
                store=store.number,
                store_name=store.name,
                currency=config.currency.code,
                time_zone=store.time_zone,
                data_version=till.data_version,
                data_as_of=till.data_as_of,
                shift=till.standing.shift,
                business_date=till.standing.business_date,
                worker=till.worker.staff_id if till.worker else None,
                payment_methods=[
                    messages.Method(rule.method, rule.kind, rule.name, rule.gives_change, rule.is_counted)
                    for rule in config.tender_rules
                ],
            )
        )


class Operations(Endpoint):
    @described("What can be done to the cart", answers=list[messages.OperationAnswer])
    def get(self, request: Request) -> HttpResponse:
        """Every operation, and whether the signed-on worker may do it."""
        worker = self.till(request).require_worker()
        return self.answer(
            [
                messages.OperationAnswer(
                    number=found.number,
                    code=found.code,
                    name=found.name,
                    permission=found.permission,
                    allowed=worker.may(found.permission),
                    needs_headquarters=found.needs_headquarters,
                    may_be_approved=found.may_be_approved,
                )
                for found in sorted(operations().values(), key=lambda found: found.number)
            ]
        )


class Cart(Endpoint):
    @described("The open sale", answers=Snapshot)
    def get(self, request: Request) -> HttpResponse:
        """The cart as it is now, with what is due in each way of paying that earns a discount."""
        till = self.till(request)
        till.require_worker()
        return self.answer(snapshot(before_payment(till.cart, till, timezone.now())))


class LinePrice(Endpoint):
    @described("Why a line costs what it costs", answers=messages.Why)
    def get(self, request: Request, line: str) -> HttpResponse:
        """The steps to its price, what every other offer that touched it would have given, and why it lost."""
        till = self.till(request)
        till.require_worker()
        priced = till.cart.priced_line(line)
        if priced is None:
            raise UnknownLine(field="line")
        named, money = Named.at(till.register, priced), till.cart.money
        return self.answer(
            messages.Why(
                line=line,
                quantity=priced.quantity,
                unit_price=priced.unit_price,
                gross=priced.gross,
                discount=priced.discount,
                amount=priced.amount,
                steps=[
                    messages.PriceStep(step.title, step.why, step.amount) for step in steps_of(priced, named)
                ],
                reasons=[_reason(reason, named, money) for reason in priced.explanation],
                basket=[_reason(reason, named, money) for reason in till.cart.priced.explanation],
            )
        )


def _reason(reason: Reason, named: Named, money: Callable[[Decimal], str]) -> messages.PriceReason:
    return messages.PriceReason(
        reason.code, reason.subject, reason.name, reason.amount, reason.detail, words_of(reason, named, money)
    )


class Commands(Endpoint):
    @described("Change the cart", body=RunCommands, answers=Snapshot)
    def post(self, request: Request) -> HttpResponse:
        """Apply commands, all or none. Sending the same request again changes nothing and gets the same answer."""
        body = read(request, RunCommands)
        till = self.till(request, body.request_id, body.commands)
        return self.answer(
            run_command(
                till=till,
                request_id=body.request_id,
                commands=body.commands,
                approval=self.approval(till, body.approval),
            )
        )


class Tenders(Endpoint):
    @described("Take a payment", body=messages.TakeTender, answers=Snapshot)
    def post(self, request: Request) -> HttpResponse:
        """A payment that settles the sale concludes it; the answer then holds the receipt number and the change."""
        body = read(request, messages.TakeTender)
        return self.answer(_pay(self.till(request, body.request_id), body, body.amount))


class CardPayments(Endpoint):
    @described("Charge the card terminal", body=messages.ChargeCard, answers=Snapshot)
    def post(self, request: Request) -> HttpResponse:
        """Or give money back to a card. The answer's `charge` names the intent; the sale concludes on approval."""
        body = read(request, messages.ChargeCard)
        till = self.till(request, body.request_id)
        command = PayByCard(method=body.method, amount=body.amount)
        return self.answer(run_command(till=till, request_id=body.request_id, commands=[command]), 201)


class CardPayment(Endpoint):
    @described("How a card payment stands", answers=messages.CardPayment)
    def get(self, request: Request, intent: UUID) -> HttpResponse:
        """What the terminal has answered is taken over into the sale as well."""
        till = self.till(request)
        till.require_worker()
        settle_charge(till)
        return self.answer(_card_payment(till, intent))

    @described("Cancel a card payment", body=messages.OnlyRequest, answers=messages.CardPayment)
    def post(self, request: Request, intent: UUID) -> HttpResponse:
        """Calls it back while it waits; the terminal has the last word."""
        read(request, messages.OnlyRequest)
        till = self.till(request)
        till.require_worker()
        if till.cart.charge is not None and till.cart.charge.intent == intent:
            cancel_charge(till)
        return self.answer(_card_payment(till, intent))


class Conclude(Endpoint):
    @described("Pay the rest and conclude", body=messages.Conclude, answers=Snapshot)
    def post(self, request: Request) -> HttpResponse:
        """Pay exactly what is still due in one way."""
        body = read(request, messages.Conclude)
        return self.answer(_pay(self.till(request, body.request_id), body))


class Suspended(Endpoint):
    @described("Sales on hold in the store", answers=list[messages.SuspendedSale])
    def get(self, request: Request) -> HttpResponse:
        """The latest first."""
        till = self.till(request)
        till.require_worker()
        rows = SuspendedCart.objects.filter(store=till.register.store.id)[:100]
        return self.answer(
            [
                messages.SuspendedSale(
                    id=row.pk,
                    label=row.label,
                    total=till.register.currency.round(row.total),
                    currency=row.currency,
                    line_count=row.line_count,
                    suspended_at=row.suspended_at,
                    register=row.register_id,
                )
                for row in rows
            ]
        )


class Orders(Endpoint):
    @described(
        "Orders that wait in the store",
        answers=list[WaitingOrder],
        query={"q": "A number, a name or a phone number"},
    )
    def get(self, request: Request) -> HttpResponse:
        """What the order desk has released and no sale has handed over, the oldest first; `call_up_order` takes one."""
        till = self.till(request)
        till.require_worker()
        text = request.query_params.get("q", "")[:80]
        return self.answer(list(headquarters().waiting_orders(store=till.register.store.id, text=text)))


class Products(Endpoint):
    @described(
        "Search what is sold here", answers=list[messages.Product], query={"q": "Words, a number or a code"}
    )
    def get(self, request: Request) -> HttpResponse:
        """By name, number or code, with the price of this moment."""
        till = self.till(request)
        till.require_worker()
        found = catalogue.search(till.register, request.query_params.get("q", ""), at=timezone.now())
        return self.answer(
            [
                messages.Product(tile.product, tile.number, tile.name, tile.unit, tile.is_weighed, tile.price)
                for tile in found
            ]
        )


class Shift(Endpoint):
    @described("The open shift", answers=messages.ShiftAnswer)
    def get(self, request: Request) -> HttpResponse:
        """Its figures so far; expected amounts are held back where the store closes blind."""
        till = self.till(request)
        till.require_worker()
        shift = till.require_shift()
        figures = (
            None
            if till.register.functions.blind_close and not till.require_worker().may("x_report")
            else (shift_figures(shift))
        )
        return self.answer(messages.ShiftAnswer("The shift is open.", shift, figures))


class ShiftOpen(Endpoint):
    @described("Open a shift", body=messages.OpenShift, answers=messages.ShiftAnswer)
    def post(self, request: Request) -> HttpResponse:
        """With the money that is in the drawer."""
        body = read(request, messages.OpenShift)
        till = self.till(request, body.request_id)
        outcome = open_shift(
            till=till,
            starting_float=body.starting_float,
            request_id=body.request_id,
            business_date=body.business_date,
            approval=self.approval(till, body.approval),
        )
        now = self.till(request)
        return self.answer(
            messages.ShiftAnswer(outcome.notice.text if outcome.notice else "", now.standing.shift), 201
        )


class ShiftClose(Endpoint):
    @described("Close the shift", body=messages.CloseShift, answers=messages.ShiftAnswer)
    def post(self, request: Request) -> HttpResponse:
        """With what was counted, by payment method; over or short is recorded as counted."""
        body = read(request, messages.CloseShift)
        till = self.till(request, body.request_id)
        outcome = close_shift(
            till=till,
            request_id=body.request_id,
            approval=self.approval(till, body.approval),
            counted={
                method: Counted(count.amount, count.denominations) for method, count in body.counted.items()
            },
        )
        # read from the record, so that the same request again gets the same answer
        record = RetailTransaction.objects.get(register=till.register.id, request_id=body.request_id)
        words = outcome.notice.text if outcome.notice else ""
        figures = shift_figures(record.shift) if record.shift else None
        return self.answer(messages.ShiftAnswer(words, None, figures))


class ShiftCash(Endpoint):
    @described("Put cash in or take it out", body=messages.MoveCash, answers=messages.ShiftAnswer)
    def post(self, request: Request) -> HttpResponse:
        """Float entry, removal, safe drop, bank drop."""
        body = read(request, messages.MoveCash)
        kinds = [str(kind) for kind in CashMovement.Kind if kind != CashMovement.Kind.START]
        if body.kind not in kinds:
            raise NoSuchCashKind(kind=body.kind or "nothing", known=" or ".join(kinds), field="kind")
        till = self.till(request, body.request_id)
        outcome = move_cash(
            till=till,
            kind=CashMovement.Kind(body.kind),
            amount=body.amount,
            reason=body.reason,
            request_id=body.request_id,
            approval=self.approval(till, body.approval),
        )
        return self.answer(
            messages.ShiftAnswer(outcome.notice.text if outcome.notice else "", till.standing.shift)
        )


class ShiftReport(Endpoint):
    @described("Print an X report", body=messages.OnlyRequest, answers=dict)
    def post(self, request: Request) -> HttpResponse:
        """The paper's document; it is printed where the register has a station."""
        body = read(request, messages.OnlyRequest)
        return self.answer(print_x_report(till=self.till(request), request_id=body.request_id))


class Drawer(Endpoint):
    @described("Open the drawer", body=messages.OpenDrawer, answers=messages.ShiftAnswer)
    def post(self, request: Request) -> HttpResponse:
        """Without a sale; the journal says who and why."""
        body = read(request, messages.OpenDrawer)
        till = self.till(request, body.request_id)
        outcome = drawer.open_drawer(
            till=till,
            request_id=body.request_id,
            reason=body.reason,
            approval=self.approval(till, body.approval),
        )
        return self.answer(
            messages.ShiftAnswer(outcome.notice.text if outcome.notice else "", till.standing.shift)
        )


class Journal(Endpoint):
    @described(
        "The store's journal",
        answers=list[messages.JournalLine],
        query={"number": "Part of a receipt number"},
    )
    def get(self, request: Request) -> HttpResponse:
        """The last sales, returns and voids, the newest first."""
        till = self.till(request)
        till.require_worker()
        entries = journal.recent(till.register, text=request.query_params.get("number", ""))
        return self.answer(
            [
                messages.JournalLine(
                    entry.id,
                    entry.kind,
                    entry.receipt_number,
                    entry.total,
                    entry.currency,
                    entry.concluded_at,
                )
                for entry in entries
            ]
        )


class JournalRecord(Endpoint):
    @described("One record of the journal", answers=messages.Record)
    def get(self, request: Request, record: UUID) -> HttpResponse:
        """With every line, discount, tax and tender, and the link of the chain."""
        till = self.till(request)
        till.require_worker()
        row = RetailTransaction.objects.filter(pk=record, store=till.register.store.id).first()
        if row is None:
            raise UnknownReceipt(number=str(record), field="record")
        document = journal.document_of(till.register, record)
        return self.answer(messages.Record(document, row.hash, row.previous_hash))


class Receipt(Endpoint):
    @described("A record's receipt", answers=dict)
    def get(self, request: Request, record: UUID) -> HttpResponse:
        """What the paper says, as a document of blocks."""
        till = self.till(request)
        till.require_worker()
        return self.answer(journal.receipt(journal.document_of(till.register, record)))

    @described("Print a copy", body=messages.PrintReceipt, answers=messages.Printed)
    def post(self, request: Request, record: UUID) -> HttpResponse:
        """Marked COPY, or as a gift receipt without prices, or the card terminal's copy for the merchant; at the
        register's own printer or another one."""
        body = read(request, messages.PrintReceipt)
        paper = journal.Paper.GIFT if body.gift else journal.Paper.COPY
        if body.merchants_copy:
            paper = journal.Paper.MERCHANTS
        job = journal.print_copy(
            till=self.till(request),
            retail_transaction=record,
            request_id=body.request_id,
            device=body.printer,
            paper=paper,
        )
        return self.answer(messages.Printed(job), status=201)


def _card_payment(till: Till, intent: UUID) -> messages.CardPayment:
    row = models.CardPayment.objects.filter(pk=intent, register=till.register.id).first()
    view = station().payment(intent)
    if row is None or view is None:
        raise UnknownTender(field="intent")
    return messages.CardPayment(
        intent=intent,
        kind=row.kind,
        amount=till.register.currency.round(row.amount),
        currency=row.currency,
        state=view.state,
        words=view.words,
        card=str(view.answer.get("card", "")),
        authorisation=str(view.answer.get("authorisation", "")),
    )


def _pay(
    till: Till, body: messages.TakeTender | messages.Conclude, amount: Decimal | None = None
) -> Snapshot:
    payment = Pay(method=body.method, amount=amount, stand_alone=body.stand_alone)
    return run_command(till=till, request_id=body.request_id, commands=[payment])
