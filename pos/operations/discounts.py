"""Discounts that are given by hand: who may give how much, also once goods were taken off the sale."""

from decimal import Decimal

from pos.cart.errors import BadDiscount
from pos.cart.model import Cart
from pos.errors import ApprovalNeeded
from pos.operations import Context
from pos.operations.checks import too_fine
from pricing.engine.model import ManualDiscount


def check_discount_limit(
    context: Context,
    percent: Decimal | None,
    amount: Decimal | None,
    gross: Decimal,
    *,
    limit: str,
    what: str,
) -> Decimal:
    """Hold a manual discount to the limit of who gives it; above it a manager must. Return its percentage."""
    say = context.till.cart.money
    if percent is not None and amount is not None:
        raise BadDiscount(
            value=percent, shown=percent, why="give a percentage or an amount, not both.", field="percent"
        )
    value = percent if percent is not None else amount
    shown = value if amount is None else say(amount)
    if value is None or not value.is_finite() or value <= 0:
        raise BadDiscount(
            value=value,
            shown=shown,
            why="give a number above zero.",
            field="percent" if amount is None else "amount",
        )
    if percent is not None and percent > 100:
        raise BadDiscount(
            value=percent, shown=f"{percent.normalize():f} %", why="100 % is all there is.", field="percent"
        )
    if amount is not None and (why := too_fine(context, amount)):
        raise BadDiscount(value=amount, shown=say(amount), why=why, field="amount")
    if percent is None and amount is not None and (gross == 0 or amount > abs(gross)):
        raise BadDiscount(
            value=amount,
            shown=say(amount),
            why=f"there is only {say(abs(gross))} to take it from.",
            field="amount",
        )
    share = percent if percent is not None else (amount or Decimal(0)) * 100 / abs(gross)
    giver = context.approved_by or context.worker
    most = getattr(giver, limit)
    if share > most:
        if context.approved_by is not None:
            raise BadDiscount(
                value=value,
                shown=f"{value.normalize():f} %" if amount is None else say(amount),
                why=f"{giver.name} may give {most.normalize():f} % at most.",
                field="percent",
            )
        raise ApprovalNeeded(operation=f"{what} of {round(share, 1).normalize():f} %")
    return share


def given_by_hand(
    percent: Decimal | None, amount: Decimal | None, share: Decimal, *, reason: str | None, by: str
) -> ManualDiscount:
    """A percentage or an amount off; an amount remembers which percentage it came to."""
    if percent is not None:
        return ManualDiscount(method="percent_off", value=percent, reason=reason, by=by)
    return ManualDiscount(method="amount_off", value=amount or Decimal(0), reason=reason, by=by, share=share)


def check_discounts_hold(cart: Cart, context: Context) -> None:
    """Before the first payment: an amount that has become more of the goods than when it was given needs its limit.

    Goods may have been taken off since. Raises ApprovalNeeded.
    """
    if cart.tenders:
        return
    amounts = [
        (discount, gross_of(cart, line.id), "max_line_discount_percent", "line")
        for line in cart.live_lines
        if (discount := line.basket.manual_discount) is not None
    ]
    if (discount := cart.head.manual_total) is not None:
        amounts.append((discount, open_to_discount(cart), "max_total_discount_percent", "sale"))
    for discount, gross, limit, what in amounts:
        if discount.share is None or gross == 0:
            continue
        share = min(discount.value * 100 / abs(gross), Decimal(100))
        if share > max(discount.share, getattr(context.approved_by or context.worker, limit)):
            percent = f"{round(share, 1).normalize():f} %"
            words = f"A discount of {cart.money(discount.value)} that is {percent} of the {what} by now"
            raise ApprovalNeeded(operation=words)


def gross_of(cart: Cart, line: str) -> Decimal:
    """What a line comes to before discounts."""
    priced = cart.priced_line(line)
    return priced.gross if priced is not None else Decimal(0)


def open_to_discount(cart: Cart) -> Decimal:
    """What a discount on the whole sale is taken from: the goods sold; where none are, those back without receipt."""
    lines = {line.id for line in cart.live_lines if line.return_of is None}
    gross = [line.gross for line in cart.priced.lines if line.id in lines]
    return sum((one for one in gross if one > 0), Decimal(0)) or sum(gross, Decimal(0))
