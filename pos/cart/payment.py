"""Pure arithmetic of paying: what a handed-over amount is worth, the change, and the notes to suggest."""

from collections.abc import Callable, Sequence
from decimal import ROUND_CEILING, Decimal

import msgspec
from msgspec.structs import replace

from pos.cart.errors import BadTender, NothingToPay
from pos.cart.model import ZERO, Cart, Tender
from pricing.engine.money import Currency


class TenderRule(msgspec.Struct, frozen=True):
    """A way of paying as the store takes it."""

    method: str
    kind: str
    name: str
    opens_drawer: bool = False
    gives_change: bool = False
    is_counted: bool = False
    max_amount: Decimal | None = None
    position: int = 0


def pay(
    cart: Cart,
    rule: TenderRule,
    currency: Currency,
    *,
    tender_id: str,
    amount: Decimal | None,
    detail: dict[str, str] | None = None,
    most_change: Decimal | None = None,
) -> Cart:
    """Take `amount` (None: exactly what is due) in one way of paying; the cart may be settled afterwards.

    More than `most_change` is not given back: the amount was keyed in wrongly.

    Cash is paid in coins that exist: what is due is rounded to the smallest coin, and the difference is the
    cart's `rounding`. When money goes back to the customer the amount is negative.
    """
    if not cart.live_lines:
        raise NothingToPay()
    if amount is not None and not amount.is_finite():
        raise BadTender(amount=amount, shown=amount, method=rule.name, why="give an amount.", field="amount")
    rounding = cart.rounding
    due = cart.due
    if rule.kind == "cash":
        payable = currency.round_cash(due)
        if amount is None or abs(amount) >= abs(payable):
            rounding += payable - due
            due = payable
    handed = due if amount is None else amount
    _check(handed, due, rule, currency, most_change, cart.money)
    handed = currency.round(handed)  # 1E+2 is written as 100.00
    counts = handed if abs(handed) < abs(due) else due
    tender = Tender(
        id=tender_id,
        method=rule.method,
        kind=rule.kind,
        name=rule.name,
        amount=counts,
        tendered=handed,
        change=handed - counts,
        detail=detail or {},
    )
    return replace(cart, tenders=(*cart.tenders, tender), rounding=rounding, version=cart.version + 1)


def _check(
    handed: Decimal,
    due: Decimal,
    rule: TenderRule,
    currency: Currency,
    most_change: Decimal | None,
    say: Callable[[Decimal], str],
) -> None:
    why = None
    if handed == 0 and due != 0:
        why = "give an amount other than zero."
    elif not currency.is_whole(handed):
        why = f"the smallest amount is {say(currency.unit)}."
    elif due > 0 > handed:
        why = "the customer owes money; give an amount above zero."
    elif due < 0 < handed:
        why = "money goes back to the customer; give an amount below zero."
    elif due < 0 and handed < due:
        why = f"no more than {say(-due)} goes back."
    elif handed > due > 0 and not rule.gives_change:
        why = f"it gives no change. Take {say(due)} at most."
    elif rule.max_amount is not None and abs(handed) > rule.max_amount:
        why = f"at most {say(rule.max_amount)} may be taken at once."
    elif due > 0 and most_change is not None and handed - due > most_change:
        why = f"the change would be {say(currency.round(handed - due))}. Check the amount."
    elif rule.kind == "cash" and currency.round_cash(handed) != handed:
        why = f"the smallest coin is {say(currency.cash_unit or currency.unit)}."
    if why:
        raise BadTender(amount=handed, shown=say(handed), method=rule.name, why=why, field="amount")


def suggested_amounts(
    due: Decimal, currency: Currency, notes: Sequence[Decimal], most: int = 4
) -> tuple[Decimal, ...]:
    """What a customer is likely to hand over for `due`: the next round amounts that notes can make, ascending.

    `notes` are the values of the notes of the currency. The exact amount is not among them: it has its own key.
    """
    payable = currency.round_cash(due)
    if payable <= 0:
        return ()
    found = {
        amount
        for note in notes
        if (amount := (payable / note).to_integral_value(ROUND_CEILING) * note) > payable
    }
    largest = max(notes, default=ZERO)
    return tuple(sorted(amount for amount in found if amount <= max(payable + largest, largest)))[:most]
