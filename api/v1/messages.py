"""What clients send and get, as values: read and checked by msgspec, described in the schema from the same types."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from pos.journal_document import JournalDocument
from pos.operations import command_type
from pricing.engine.model import Value
from shifts.selectors import ShiftFigures

Text = Annotated[str, Meta(max_length=200)]


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of what clients send: a field that is not known is an error, not ignored."""


class ApprovalBy(Message, frozen=True):
    """A manager who approves on the spot what the worker may not do."""

    staff_id: Text
    pin: Text


class Activate(Message, frozen=True):
    """A one-time code of headquarters, or a register's number with a manager's ID and PIN."""

    code: Text = ""
    register_number: Text = ""
    staff_id: Text = ""
    pin: Text = ""
    description: Text = ""


class SignOn(Message, frozen=True):
    staff_id: Text
    pin: Text


class OpenShift(Message, frozen=True):
    """`starting_float` is in the store's currency; without a date the store's day now."""

    request_id: UUID
    starting_float: Decimal
    business_date: date | None = None
    approval: ApprovalBy | None = None


class Clock(Message, frozen=True):
    """`kind` is in, break, back or out; without a staff ID it is the worker who is signed on."""

    request_id: UUID
    kind: str
    staff_id: Text = ""
    pin: Text = ""


class CountedTender(Message, frozen=True):
    amount: Decimal
    denominations: dict[str, int] = {}


class CloseShift(Message, frozen=True):
    """What was counted, by payment method."""

    request_id: UUID
    counted: dict[str, CountedTender]
    approval: ApprovalBy | None = None


class MoveCash(Message, frozen=True):
    """`kind` is float, removal, safe_drop or bank_drop; the amount is positive."""

    request_id: UUID
    kind: str
    amount: Decimal
    reason: Text = ""
    approval: ApprovalBy | None = None


class OnlyRequest(Message, frozen=True):
    request_id: UUID


class TakeTender(Message, frozen=True):
    """Without an amount exactly what is due; a settled sale is concluded at once.

    `stand_alone` says, at a register with a card terminal, that the card was taken on another one.
    """

    request_id: UUID
    method: Text
    amount: Decimal | None = None
    stand_alone: bool = False


class ChargeCard(Message, frozen=True):
    """Without an amount exactly what is due; without a method the store's first that takes cards."""

    request_id: UUID
    method: Text = ""
    amount: Decimal | None = None


class Conclude(Message, frozen=True):
    """Pay all that is still due in one way; `stand_alone` as for a payment."""

    request_id: UUID
    method: Text
    stand_alone: bool = False


class OpenDrawer(Message, frozen=True):
    request_id: UUID
    reason: Text = ""
    approval: ApprovalBy | None = None


class PrintReceipt(Message, frozen=True):
    """`printer` is one of `printers/`, empty for the register's own; a gift receipt has no prices. `merchants_copy` is
    what the card terminal printed for the shop."""

    request_id: UUID
    printer: Text = ""
    gift: bool = False
    merchants_copy: bool = False


class ChooseStation(Message, frozen=True):
    """`brings` takes along the prints that the old station has not taken yet."""

    request_id: UUID
    station: int
    brings: bool = True
    approval: ApprovalBy | None = None


# -- what is answered ---------------------------------------------------------------------------------------------


class DeviceToken(Value, frozen=True):
    """Keep it: it makes this client the register. Send it as `Authorization: Device <token>`."""

    device_token: str


class WorkerToken(Value, frozen=True):
    """Send it as `Tillhouse-Worker: <token>` until you sign off."""

    worker_token: str
    staff_id: str
    name: str
    permissions: list[str]


class Method(Value, frozen=True):
    method: str
    kind: str
    name: str
    gives_change: bool
    is_counted: bool


class RegisterAnswer(Value, frozen=True):
    """Where the register stands."""

    register: str
    register_name: str
    store: str
    store_name: str
    currency: str
    time_zone: str
    data_version: int
    data_as_of: datetime
    shift: UUID | None
    business_date: date | None
    worker: str | None
    payment_methods: list[Method]


class OperationAnswer(Value, frozen=True):
    number: int
    code: str
    name: str
    permission: str
    allowed: bool
    needs_headquarters: bool
    may_be_approved: bool


class ShiftAnswer(Value, frozen=True):
    """What was done, and where the register's shift stands now."""

    message: str
    shift: UUID | None
    figures: ShiftFigures | None = None


class Printer(Value, frozen=True):
    """A printer that is ready. `is_first` is the one that prints when none is named."""

    printer: str
    name: str
    words: str
    is_first: bool


class StationAnswer(Value, frozen=True):
    """A station of the store. `is_own` is the register's own, `is_used` the one that serves it now."""

    station: int
    name: str
    connected: bool
    words: str
    is_own: bool
    is_used: bool


class StationChosen(Value, frozen=True):
    message: str
    stations: list[StationAnswer]


class TimeEntry(Value, frozen=True):
    kind: str
    happened_at: datetime


class TimeSheet(Value, frozen=True):
    """`standing` is in, break or out, `can` what may come next; minutes are without breaks, of the last work day.

    They are null when nobody clocked out of it (`is_forgotten`), or when there is no such day.
    """

    worker: str
    standing: str
    can: list[str]
    is_forgotten: bool
    worked_minutes: int | None
    entries: list[TimeEntry]


class Product(Value, frozen=True):
    product: int
    number: str
    name: str
    unit: str
    is_weighed: bool
    price: Decimal | None


class Customer(Value, frozen=True):
    """Who may be buying; `group` and `tier` (of the loyalty card) are empty where there is none."""

    account: str
    name: str
    phone: str
    email: str
    group: str
    tier: str


class CardPayment(Value, frozen=True):
    """One thing that the card terminal was asked for.

    `state` is waiting, asking (the terminal is being asked how it ended), approved, refused, cancelled or lost; the
    sale has taken it over when its `charge` is gone.
    """

    intent: UUID
    kind: str
    amount: Decimal
    currency: str
    state: str
    words: str
    card: str = ""
    authorisation: str = ""


class PriceStep(Value, frozen=True):
    """A step on the way to a line's price: `amount` is the price it led to, or what it took off."""

    title: str
    why: str
    amount: Decimal | None


class PriceReason(Value, frozen=True):
    """One thing that was looked at: `code` is stable, `subject` the agreement, offer or coupon it speaks of."""

    code: str
    subject: str
    name: str
    amount: Decimal | None
    detail: str
    words: str


class Why(Value, frozen=True):
    """Why a line costs what it costs; `reasons` also say why each other offer that touched it lost."""

    line: str
    quantity: Decimal
    unit_price: Decimal
    gross: Decimal
    discount: Decimal
    amount: Decimal
    steps: list[PriceStep]
    reasons: list[PriceReason]
    basket: list[PriceReason]  # of the sale as a whole: a search that was stopped, and its gap


class SuspendedSale(Value, frozen=True):
    id: UUID
    label: str
    total: Decimal
    currency: str
    line_count: int
    suspended_at: datetime
    register: int


class JournalLine(Value, frozen=True):
    id: UUID
    kind: str
    receipt_number: str
    total: Decimal
    currency: str
    concluded_at: datetime


class Record(Value, frozen=True):
    """A record of the journal with the hash that chains it."""

    document: JournalDocument
    hash: str
    previous_hash: str


class Printed(Value, frozen=True):
    """The job that prints it; null where the register has no station."""

    job: UUID | None


class Refusal(Value, frozen=True):
    """Why nothing was done. `field` names the input at fault, `code` is stable."""

    code: str
    message: str
    field: str
    details: dict[str, str]


def run_commands_type() -> Any:
    """The body of the cart's commands: built once the operations are known."""
    return msgspec.defstruct(
        "RunCommands",
        [
            ("request_id", UUID),
            ("commands", Annotated[list[command_type()], Meta(min_length=1, max_length=500)]),  # type: ignore[misc]
            ("approval", ApprovalBy | None, None),
        ],
        bases=(Message,),
        frozen=True,
        namespace={
            "__doc__": "Commands for the cart, all or none; the same request id again gets the same answer."
        },
    )
