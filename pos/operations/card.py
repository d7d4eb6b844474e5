"""Paying by card at the register's own terminal: asked for, settled when the terminal has answered, set aside.

Each step is one statement: the cart, the payment's row and the terminal's job change together or not at all. What the
terminal said is read from its job, never taken from whoever sends the command.
"""

from dataclasses import replace as changed
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from channels_app.identifiers import uuid7
from hq.permissions import Permission
from hq.station_port import JobRequest, PaymentView, station
from pos.cart import commands
from pos.cart.errors import UnknownTender
from pos.cart.model import Cart, Charge, Notice, Tender
from pos.cart.payment import pay
from pos.errors import NoTerminal, NotWholeUnits, StillAtWork, UnknownMethod
from pos.operations import Command, Context, Step, operation
from pos.operations.discounts import check_discounts_hold
from pos.services.price_cart import price_for_payment
from pos.services.writing import Write

JOB_TITLES = {"pay": "Card payment", "refund": "Refund to a card", "reverse": "Reversal of a card payment"}
KEPT = ("terminal", "card", "card_name", "authorisation", "receipt", "trace")
SLIP_WIDTH, SLIP_LENGTH = 100, 100  # of the terminal's own receipt
_ASK = """
    INSERT INTO pos_cardpayment
        (id, register_id, worker_id, cart, kind, reverses, method, amount, currency, state, words, asked_at)
    SELECT %(card_id)s, %(card_register)s, %(card_worker)s, %(card_cart)s, %(card_kind)s, %(card_reverses)s,
           %(card_method)s, %(card_amount)s, %(card_currency)s, 'asked', '', %(card_at)s
      FROM guard RETURNING 1
"""
_SETTLE = """
    UPDATE pos_cardpayment p SET state = %(card_state)s, words = %(card_words)s, settled_at = %(card_at)s
      FROM guard WHERE p.id = %(card_id)s RETURNING 1
"""
_REVERSED = """
    UPDATE pos_cardpayment p SET state = 'reversed' FROM guard WHERE p.id = %(card_reverses)s RETURNING 1
"""


class PayByCard(Command, frozen=True, tag="pay_by_card"):
    """Charge the register's card terminal, or give money back to a card where the customer is owed some.

    Without an amount exactly what is due. The answer's `charge` names the intent; the payment is in the cart once the
    terminal has approved it.
    """

    method: str = ""
    amount: Decimal | None = None


class SettleCard(Command, frozen=True, tag="settle_card"):
    """Take over what the terminal has answered; nothing happens while it has not."""

    intent: UUID


class SetCardAside(Command, frozen=True, tag="set_card_aside"):
    """Go on without an answer. Should the terminal turn out to have approved, the payment is reversed by itself."""

    intent: UUID


class DecideCard(Command, frozen=True, tag="decide_card"):
    """Say what the terminal's own journal says, where nothing else can."""

    intent: UUID
    charged: bool


@operation(
    number=202,
    code="pay_by_card",
    name="Pay by card",
    permission=Permission.SELL,
    command=PayByCard,
    reads_prices=True,
)
def pay_by_card(cart: Cart, command: PayByCard, context: Context) -> Step:
    """Ask the terminal for a payment, or for a refund where money goes back."""
    config = context.till.register
    commands.refuse_while_charging(cart, "charge it again")
    rule = next(
        (rule for rule in config.tender_rules if rule.kind == "card" and command.method in ("", rule.method)),
        None,
    )
    if rule is None:
        known = ", ".join(rule.method for rule in config.tender_rules if rule.kind == "card")
        raise UnknownMethod(method=command.method or "card", known=known, field="method")
    if not config.has_terminal:
        raise NoTerminal(field="method")
    check_discounts_hold(cart, context)
    cart = price_for_payment(cart, rule, command.amount, context.till, context.at)
    tender = pay(cart, rule, config.currency, tender_id="", amount=command.amount).tenders[-1]
    kind = "pay" if tender.amount > 0 else "refund"
    return _asked(cart, Charge(uuid7(), kind, rule.method, rule.name, tender.amount), context)


def ask_reversal(cart: Cart, tender: Tender, context: Context) -> Step:
    """Ask the terminal to give a payment of this sale back; it leaves the cart when the terminal has done so."""
    charge = Charge(uuid7(), "reverse", tender.method, tender.name, tender.amount, tender.id)
    return _asked(cart, charge, context, tender.detail)


def give_back_by_hand(cart: Cart, tender: Tender, context: Context) -> Step:
    """Take off a payment that the terminal gave no receipt number of: it can only be given back at the terminal."""
    words = "Give it back at the terminal: it told no receipt number."
    return Step(
        commands.remove_tender(cart, tender.id),
        notice=Notice("question", "card_by_hand", f"{tender.name} is off the sale. {words}"),
        writes=_settled(UUID(tender.detail["intent"]), "stuck", words, context),
    )


# What follows a charge has no number in the model system: those above 1000 are ours.
@operation(
    number=1203,
    code="settle_card",
    name="Take the terminal's answer",
    permission=Permission.SELL,
    command=SettleCard,
)
def settle_card(cart: Cart, command: SettleCard, context: Context) -> Step:
    """Put an approved payment into the cart, or say why it was not."""
    charge = cart.charge
    if charge is None or charge.intent != command.intent:
        return Step(cart)
    view = station().payment(charge.intent)
    if view is None or view.is_open or view.state == "lost":
        return Step(cart)
    return (
        _approved(cart, charge, view, context)
        if view.state == "approved"
        else _refused(cart, charge, view, context)
    )


@operation(
    number=1204,
    code="set_card_aside",
    name="Go on without the terminal",
    permission=Permission.SELL,
    command=SetCardAside,
)
def set_card_aside(cart: Cart, command: SetCardAside, context: Context) -> Step:
    """Take the payment off the sale while nobody knows how it ended; it is looked after until that is known."""
    charge = cart.charge
    if charge is None or charge.intent != command.intent:
        return Step(cart)
    view = station().payment(charge.intent)
    if view is not None and view.state not in ("asking", "lost"):
        raise StillAtWork()
    state = "stuck" if view is not None and view.state == "lost" else "aside"
    if charge.kind == "reverse":
        state = "aside"  # and it is asked for again until it is done
        cart = _without(cart, charge.tender)
        words = "The payment is off the sale. The terminal gives it back as soon as it can be reached."
    elif state == "stuck":
        words = "Go on with the sale. A manager looks into the terminal's journal: the status sheet keeps it."
    else:
        words = "Go on with the sale. If the terminal did charge the card, that is reversed by itself."
    writes = _settled(charge.intent, state, view.words if view else "", context)
    notice = Notice("question", "card_aside", words)
    return Step(replace(cart, charge=None), notice=notice, writes=writes)


@operation(
    number=1205,
    code="decide_card",
    name="Say what the terminal's journal says",
    permission=Permission.OVERRIDE,
    command=DecideCard,
)
def decide_card(cart: Cart, command: DecideCard, context: Context) -> Step:
    """A manager has looked into the terminal's journal."""
    charge = cart.charge
    if charge is None or charge.intent != command.intent:
        return Step(cart)
    view = station().payment(charge.intent)
    if view is not None and view.state != "lost":
        raise StillAtWork()
    words = f"As the terminal's journal says ({context.by})."
    if command.charged:
        step = _approved(cart, charge, PaymentView("approved", words, {"decided_by": context.by}), context)
        said = f"{charge.name}: taken as charged. {words}"
        step = changed(step, notice=Notice("info", "card_decided", said))
    else:
        step = _refused(cart, charge, PaymentView("refused", words), context)
    return changed(step, writes=(*step.writes, *_ended(charge, charged=command.charged, words=words)))


def _ended(charge: Charge, *, charged: bool, words: str) -> tuple[Write, ...]:
    """The end of the payment's job, written with the decision: headquarters has nothing to look at any more."""
    said = station().decision(charge.intent, charged=charged, words=words)
    if said is None:
        return ()
    return (
        Write(
            name="card_job_decided",
            sql=said.sql,
            parameters=said.parameters,
            must_write=True,
            refusal=StillAtWork,
        ),
    )


def _station_of(paid: dict[str, str], otherwise: int | None) -> int | None:
    """A payment is given back by the terminal that took it, whichever station the register uses by now."""
    view = station().payment(UUID(paid["intent"]))
    return view.station_id if view is not None and view.station_id is not None else otherwise


def _asked(cart: Cart, charge: Charge, context: Context, paid: dict[str, str] | None = None) -> Step:
    config = context.till.register
    scaled = abs(charge.amount).scaleb(config.currency.decimals)
    station_id = config.station_id if paid is None else _station_of(paid, config.station_id)
    if scaled != scaled.to_integral_value() or station_id is None:
        raise NotWholeUnits(
            amount=charge.amount, shown=context.till.cart.money(charge.amount), field="amount"
        )
    document: dict[str, Any] = {"do": charge.kind, "amount": int(scaled), "currency": cart.currency}
    if paid is not None:
        document["receipt"] = int(paid["receipt"])
    job = JobRequest(
        id=charge.intent,
        station_id=station_id,
        register_id=config.id,
        register=config.number,
        kind="payment",
        document=document,
        title=JOB_TITLES[charge.kind],
        source=cart.id,
        priority=1,
    )
    write = Write(
        name="card_asked",
        sql=_ASK,
        parameters={
            "card_id": charge.intent,
            "card_register": config.id,
            "card_worker": context.worker.id,
            "card_cart": cart.id,
            "card_kind": charge.kind,
            "card_reverses": UUID(paid["intent"]) if paid is not None else None,
            "card_method": charge.method,
            "card_amount": charge.amount,
            "card_currency": cart.currency,
            "card_at": context.at,
        },
    )
    return Step(replace(cart, charge=charge), writes=(write,), jobs=(job,))


def _approved(cart: Cart, charge: Charge, view: PaymentView, context: Context) -> Step:
    currency = context.till.register.currency
    if charge.kind == "reverse":
        notice = Notice("info", "card_reversed", f"{charge.name}: given back to the card.")
        writes = _settled(
            charge.intent, "taken", view.words, context, reverses=_intent_of(cart, charge.tender)
        )
        return Step(_without(cart, charge.tender), notice=notice, writes=writes)
    detail = {name: str(view.answer[name]) for name in KEPT if view.answer.get(name) not in (None, "")}
    detail |= {"intent": str(charge.intent)}
    for name, lines in (("slip", "lines"), ("merchant_slip", "merchant_lines")):
        said = [str(line)[:SLIP_WIDTH] for line in view.answer.get(lines) or ()]
        if text := "\n".join(said[:SLIP_LENGTH]).strip("\n"):
            detail[name] = text
    if "decided_by" in view.answer:
        detail["decided_by"] = str(view.answer["decided_by"])
    amount = charge.amount
    approved = view.answer.get("amount")
    booked = Decimal(approved).scaleb(-currency.decimals) if isinstance(approved, int) else abs(amount)
    more = max(booked - abs(amount), Decimal(0))
    if 0 < booked < abs(amount):  # a part of it only
        amount = booked.copy_sign(amount)
    tender = Tender(
        id=f"t{cart.version + 1}",
        method=charge.method,
        kind="card",
        name=charge.name,
        amount=amount,
        tendered=amount,
        detail=detail,
    )
    cart = replace(cart, charge=None, tenders=(*cart.tenders, tender))
    notice = None if cart.is_settled else Notice("positive", "card_approved", f"{charge.name}: approved.")
    if said := _booked_otherwise(view, cart, more):
        notice = Notice("danger", "card_booked_otherwise", f"{charge.name}: {said} Look at its receipt.")
    return Step(cart, notice=notice, writes=_settled(charge.intent, "taken", view.words, context))


def _booked_otherwise(view: PaymentView, cart: Cart, more: Decimal) -> str:
    """What the terminal booked beyond what it was asked for, as a tip, or in which other currency."""
    booked_in = view.answer.get("currency") or cart.currency
    if booked_in != cart.currency:
        return f"the terminal booked it in {booked_in} and not in {cart.currency}."
    return f"the terminal booked {cart.money(more)} more than was asked." if more else ""


def _refused(cart: Cart, charge: Charge, view: PaymentView, context: Context) -> Step:
    said = view.words
    if charge.kind == "reverse":
        text = f"Not given back, the payment stays: {said}"
    elif view.state == "cancelled":
        text = "Cancelled. The card was not charged."
    elif charge.kind == "refund":
        text = f"Nothing went back to the card. {said}"
    else:
        text = said if said.startswith("Not charged") else f"Not charged. {said}"
    tone = "info" if view.state == "cancelled" else "danger"
    return Step(
        replace(cart, charge=None),
        notice=Notice(tone, "card_refused", text),
        writes=_settled(charge.intent, "refused", said, context),
    )


def _without(cart: Cart, tender_id: str) -> Cart:
    """The cart without a payment that the terminal has given back."""
    try:
        return commands.remove_tender(replace(cart, charge=None), tender_id)
    except UnknownTender:
        return replace(cart, charge=None)


def _intent_of(cart: Cart, tender_id: str) -> UUID | None:
    found = next((tender.detail.get("intent") for tender in cart.tenders if tender.id == tender_id), None)
    return UUID(found) if found else None


def _settled(
    intent: UUID, state: str, words: str, context: Context, reverses: UUID | None = None
) -> tuple[Write, ...]:
    parameters = {
        "card_id": intent,
        "card_state": state,
        "card_words": words[:300],
        "card_at": context.at,
    }
    writes = (Write(name="card_settled", sql=_SETTLE, parameters=parameters),)
    if reverses is None:
        return writes
    return (
        *writes,
        Write(name="card_reversed", sql=_REVERSED, parameters={"card_reverses": reverses}),
    )
