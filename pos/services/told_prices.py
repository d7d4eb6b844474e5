"""Telling the cashier that new data, or the time, changed what stands in the open sale, or took a coupon of it away."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from msgspec.structs import replace

from pos.cart.model import Cart, CartLine, Notice
from pos.config import RegisterConfig
from pos.services.price_cart import priced_anew
from pos.services.session import Till
from pricing.engine.model import PricedBasket, PricedLine


def told_prices(before: Cart, after: Cart, till: Till, at: datetime) -> Notice | None:
    """The notice of prices that other data, or the time, changed on lines that this command left alone.

    The sale kept its prices until this command; None when no such price moved. A coupon that gave something, and that
    headquarters has taken back since, is said before them.
    """
    has_new_data = before.data_version != after.data_version
    is_paid = before.is_being_paid or after.is_being_paid
    if is_paid and after.taxed_at != before.taxed_at and _rates(after.priced) != _rates(before.priced):
        now, was = (one.money(one.priced.totals.total) for one in (after, before))
        if now == was:
            return None
        words = f"A new day has begun: with its taxes the total is {now}, it was {was}."
        return Notice("question", "prices_changed", words)
    if is_paid or not (has_new_data or _is_over(before.priced, at)):
        return None
    for code in sorted(_given_by_coupons(before).intersection(after.head.coupons)) if has_new_data else ():
        coupon = till.register.book.coupon(code)
        if coupon is None or not coupon.active:
            words = f"Coupon {code} takes nothing off any more: headquarters has ended it."
            return Notice("question", "coupon_ended", words, detail={"coupon": code})
    left_alone = {line.id: line for line in after.live_lines}
    former = {line.id: line for line in before.priced.lines}
    moved = [
        (line, former[line.id], now)
        for line, now in zip(before.live_lines, priced_anew(before, till, at).lines, strict=True)
        if left_alone.get(line.id) is line and _differ(former[line.id], now)
    ]
    return Notice("question", "prices_changed", _words(moved, till.register)) if moved else None


def _is_over(priced: PricedBasket, at: datetime) -> bool:
    """Whether a price or an offer of its goods has begun or ended since."""
    return priced.holds_until is not None and at >= priced.holds_until


def _rates(priced: PricedBasket) -> set[tuple[str, Decimal, str]]:
    return {(tax.code, tax.rate, tax.status) for tax in priced.taxes}


def _differ(was: PricedLine, now: PricedLine) -> bool:
    return (was.unit_price, was.amount) != (now.unit_price, now.amount)


def told_coupon(notice: Notice, cart: Cart) -> Notice:
    """The word on a coupon that was just added, once the cart is priced: it may take nothing off yet."""
    code = notice.detail["coupon"]
    if code in _given_by_coupons(cart):
        return notice
    return replace(notice, tone="info", text=f"Coupon {code} is on, but takes nothing off yet.")


# What is said of another total, by what has come back.
_OTHER_TOTAL = {
    "recalled": "With today's prices and taxes its total is {now}, it was {then}.",
    "order_called_up": "Its total is {now}; the caller was told {then}.",
}


def comes_back(notice: Notice) -> bool:
    """Whether the notice is of a sale that was put together before."""
    return notice.code in _OTHER_TOTAL


def told_recalled(notice: Notice, cart: Cart) -> Notice:
    """The word on a sale that was taken up again, once it is priced: another total is said."""
    was = Decimal(notice.detail["total"])
    if cart.total == was:
        return notice
    words = _OTHER_TOTAL[notice.code].format(now=cart.money(cart.total), then=cart.money(was))
    return replace(notice, tone="question", text=f"{notice.text} {words}")


def _given_by_coupons(cart: Cart) -> set[str]:
    """The codes of the coupons that take something off."""
    given = [one for part in (*cart.priced.lines, *cart.priced.charges) for one in part.discounts]
    return {one.coupon for one in given if one.coupon}


def _words(moved: list[tuple[CartLine, PricedLine, PricedLine]], register: RegisterConfig) -> str:
    line, was, now = moved[0]
    money = register.store.money
    figure = "unit_price" if was.unit_price != now.unit_price else "amount"  # else an offer came or went
    first = f"{line.article.name} is now {money(getattr(now, figure))}, it was {money(getattr(was, figure))}"
    if len(moved) == 1:
        return f"New price: {first}."
    others = len(moved) - 1
    return f"New prices: {first}; {others} more line{'s' if others > 1 else ''} changed."
