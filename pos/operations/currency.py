"""Foreign money: taken at the rate of the day, change goes back in the store's own."""

from decimal import Decimal

from msgspec.structs import replace

from hq.models import PaymentMethod
from hq.permissions import Permission
from pos.cart.errors import BadTender, NothingToPay
from pos.cart.model import ZERO, Cart, Tender
from pos.cart.payment import TenderRule
from pos.errors import UnknownCurrency, UnknownMethod
from pos.operations import Command, Context, operation
from pos.operations.discounts import check_discounts_hold
from pos.services.choices import ForeignMoney, foreign_money
from pos.services.price_cart import price_for_payment
from pricing.engine.settlement import pay_foreign

Kind = PaymentMethod.Kind


class PayCurrency(Command, frozen=True, tag="pay_currency"):
    """Money of another country: `amount` in it, or without an amount as much as covers what is due."""

    currency: str
    amount: Decimal | None = None


@operation(
    number=203,
    code="pay_currency",
    name="Foreign money",
    permission=Permission.SELL,
    command=PayCurrency,
    reads_prices=True,
)
def pay_currency(cart: Cart, command: PayCurrency, context: Context) -> Cart:
    """Take foreign money at the day's rate; what it is worth too much goes back as cash."""
    if not cart.live_lines:
        raise NothingToPay()
    config = context.till.register
    foreign, cash = _method(context, Kind.CURRENCY), _method(context, Kind.CASH)
    money = _money(command.currency, context)
    if cart.due <= 0:
        raise BadTender(
            amount=command.amount or ZERO,
            shown=command.amount or ZERO,
            method=money.code,
            why="money goes back in the store's currency.",
        )
    check_discounts_hold(cart, context)
    given = command.amount
    if given is not None:
        _check(given, money, foreign, cart)
    worth = money.rate.to_local(given, config.currency) if given is not None else None
    cart = price_for_payment(cart, foreign, worth, context.till, context.at)
    due = cart.due
    amount = given if given is not None else money.rate.to_foreign(due, money.currency)
    _check(amount, money, foreign, cart)
    paid = pay_foreign(due, amount, money.rate, config.currency)
    if config.most_change is not None and paid.change > config.most_change:
        raise BadTender(
            amount=amount, shown=amount, method=money.code,
            why=f"the change would be {cart.money(paid.change)}. Check the amount.",
            field="amount",
        )  # fmt: skip
    worth = money.rate.to_local(amount, config.currency)
    kept = ZERO if paid.still_due else worth - due - paid.change  # what no coin can give back
    tenders = [
        Tender(
            id=f"t{cart.version + 1}",
            method=foreign.method,
            kind=foreign.kind,
            name=f"{money.code} {amount:f}",
            amount=worth,
            tendered=worth,
            detail={
                "currency": money.code,
                "amount": f"{amount:f}",
                "rate": f"{money.rate.rate.normalize():f}",
            },
        )
    ]
    if paid.change:
        tenders.append(
            Tender(
                id=f"t{cart.version + 1}c",
                method=cash.method,
                kind=cash.kind,
                name=f"{cash.name} back",
                amount=-paid.change,
                tendered=ZERO,
                change=paid.change,
                detail={"for": f"t{cart.version + 1}"},
            )
        )
    return replace(
        cart, tenders=(*cart.tenders, *tenders), rounding=cart.rounding + kept, version=cart.version + 1
    )


def _money(code: str, context: Context) -> ForeignMoney:
    """The money of that code at the rate of the day. Raises UnknownCurrency, with what there is."""
    config = context.till.register
    today = context.at.astimezone(config.store.zone).date()
    known = {one.code: one for one in foreign_money(config.currency.code, today)}
    money = known.get(code.strip().upper())
    if money is None:
        raise UnknownCurrency(
            currency=code or "An empty currency", known=", ".join(known) or "none", field="currency"
        )
    return money


def _method(context: Context, kind: str) -> TenderRule:
    config = context.till.register
    rule = config.tender_rule_of(kind)
    if rule is None:
        raise UnknownMethod(
            method=Kind(kind).label,
            known=", ".join(rule.method for rule in config.tender_rules),
            field="currency",
        )
    return rule


def _check(amount: Decimal, money: ForeignMoney, rule: TenderRule, cart: Cart) -> None:
    why = None
    if not amount.is_finite() or amount <= 0:
        why = "give an amount above zero."
    elif not money.currency.is_whole(amount):
        why = f"the smallest amount is {money.currency.unit}."
    elif rule.max_amount is not None and money.rate.rate * amount > rule.max_amount:
        why = f"at most {cart.money(rule.max_amount)} may be taken at once."
    if why:
        raise BadTender(amount=amount, shown=amount, method=money.code, why=why, field="amount")
