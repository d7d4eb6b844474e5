"""What can be done to the whole sale while it is open."""

from decimal import Decimal

from hq.models import PaymentMethod, ReasonCode
from hq.permissions import Permission
from pos.cart import commands
from pos.cart.errors import BadTender, NothingToPay
from pos.cart.model import Cart, Notice
from pos.cart.payment import pay
from pos.errors import ChargeAtTerminal, UnknownMethod
from pos.operations import Command, Context, Step, operation
from pos.operations.card import ask_reversal, give_back_by_hand
from pos.operations.checks import check_reason
from pos.operations.coupon import held_again, name_customer
from pos.operations.discounts import (
    check_discount_limit,
    check_discounts_hold,
    given_by_hand,
    open_to_discount,
)
from pos.services.customers import customer_name
from pos.services.documents import VoidedSale
from pos.services.price_cart import price_for_payment


class Undo(Command, frozen=True, tag="undo"):
    """Take the last step back."""


class Pay(Command, frozen=True, tag="pay"):
    """Pay in one way; without an amount exactly what is due. A settled sale is concluded at once.

    At a register with a card terminal, `stand_alone` says that the card was taken on another one.
    """

    method: str
    amount: Decimal | None = None
    stand_alone: bool = False


class VoidTender(Command, frozen=True, tag="void_tender"):
    tender: str


class VoidSale(Command, frozen=True, tag="void_sale"):
    reason: str = ""


class TotalDiscount(Command, frozen=True, tag="total_discount"):
    """`percent` or `amount` off the whole sale; both empty takes the discount away."""

    percent: Decimal | None = None
    amount: Decimal | None = None
    reason: str = ""


class SetCustomer(Command, frozen=True, tag="set_customer"):
    """The customer's account number; empty takes the customer off the sale."""

    account: str = ""
    name: str = ""


@operation(number=420, code="undo", name="Undo", permission=Permission.SELL, command=Undo)
def undo(cart: Cart, command: Undo, context: Context) -> Step:
    """Take the last step back and say which it was."""
    label = cart.undo[-1].label if cart.undo else ""
    undone, said = held_again(cart, commands.undo(cart), context)
    return Step(undone, notice=said or Notice("info", "undone", f"Taken back: {label}."))


@operation(
    number=200,
    code="pay",
    name="Pay",
    permission=Permission.SELL,
    command=Pay,
    aliases=(201, 206),
    reads_prices=True,
)
def pay_sale(cart: Cart, command: Pay, context: Context) -> Cart:
    """Take a payment as the store's rules for that way of paying say."""
    config = context.till.register
    rule = config.tender_rule(command.method)
    if rule is None:
        known = ", ".join(rule.method for rule in config.tender_rules)
        raise UnknownMethod(method=command.method, known=known, field="method")
    if rule.kind == PaymentMethod.Kind.CURRENCY:
        raise BadTender(
            amount=command.amount or cart.due, shown=cart.money(command.amount or cart.due),
            method=rule.name, why="say which money it is: use pay_currency.",
            field="method",
        )  # fmt: skip
    commands.refuse_while_charging(cart, "take another payment")
    is_card_elsewhere = rule.kind == "card" and config.has_terminal
    if is_card_elsewhere and not command.stand_alone:
        raise ChargeAtTerminal(field="method")
    check_discounts_hold(cart, context)
    return pay(
        price_for_payment(cart, rule, command.amount, context.till, context.at),
        rule,
        config.currency,
        tender_id=f"t{cart.version + 1}",
        amount=command.amount,
        detail={"stand_alone": "yes"} if is_card_elsewhere else None,
        most_change=config.most_change,
    )


@operation(
    number=211, code="void_tender", name="Void payment", permission=Permission.SELL, command=VoidTender
)
def void_tender(cart: Cart, command: VoidTender, context: Context) -> Step | Cart:
    """Give a payment back before the sale is concluded; what a terminal took is reversed there first."""
    commands.refuse_while_charging(cart, "remove a payment")
    tender = next((tender for tender in cart.tenders if tender.id == command.tender), None)
    if tender is not None and tender.detail.get("receipt"):
        return ask_reversal(cart, tender, context)
    if tender is not None and tender.detail.get("intent"):
        return give_back_by_hand(cart, tender, context)
    return commands.remove_tender(cart, command.tender)


@operation(
    number=500,
    code="void_sale",
    name="Void sale",
    permission=Permission.VOID_SALE,
    command=VoidSale,
    reads_prices=True,
)
def void_sale(cart: Cart, command: VoidSale, context: Context) -> Step:
    """Give the whole sale up; the journal keeps what was in it."""
    if cart.is_empty:
        raise NothingToPay()
    commands.refuse_when_paying(cart, "void the sale")
    return Step(
        cart,
        notice=Notice("info", "voided", "The sale was voided."),
        record=VoidedSale(reason=command.reason, approved_by=context.approved_by),
    )


@operation(
    number=303,
    code="total_discount",
    name="Total discount",
    permission=Permission.TOTAL_DISCOUNT,
    command=TotalDiscount,
    aliases=(302,),
    reads_prices=True,
)
def total_discount(cart: Cart, command: TotalDiscount, context: Context) -> Cart:
    """Give the whole sale a discount within the worker's limit."""
    if command.percent is None and command.amount is None:
        return commands.discount_total(cart, None)
    share = check_discount_limit(
        context,
        command.percent,
        command.amount,
        open_to_discount(cart),
        limit="max_total_discount_percent",
        what="Discount on the sale",
    )
    reason = check_reason(context, ReasonCode.Use.DISCOUNT, command.reason)
    discount = given_by_hand(command.percent, command.amount, share, reason=reason, by=context.by)
    return commands.discount_total(cart, discount)


@operation(number=600, code="set_customer", name="Customer", permission=Permission.SELL, command=SetCustomer)
def set_customer(cart: Cart, command: SetCustomer, context: Context) -> Step:
    """Say who buys, by account number; one that is not known here is kept as it was given, and said so."""
    account, name = command.account.strip()[:20], command.name.strip()[:120]
    known = customer_name(account) if account else None
    named, notice = name_customer(cart, account, name or known or "", context)
    if not account or known is not None or notice is not None:
        return Step(named, notice=notice)
    words = f"No customer here has the account {account}: it is on the sale, without prices of its own."
    return Step(named, notice=Notice("info", "customer_not_known", words))
