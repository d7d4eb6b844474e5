"""Telling the cashier that new data changed what stands in the open sale, or took a coupon of it away."""

from __future__ import annotations

from decimal import Decimal

from msgspec.structs import replace

from pos.cart.model import Cart, CartLine, Notice
from pos.config import RegisterConfig


def told_prices(before: Cart, after: Cart, register: RegisterConfig) -> Notice | None:
    """The notice of prices that another version of the data changed on lines that this command left alone.

    The sale kept its prices until this command; None when the data is the same or no such price moved. A coupon that
    gave something, and that headquarters has taken back since, is said before them.
    """
    if before.data_version == after.data_version or after.is_being_paid:
        return None
    for code in sorted(_given_by_coupons(before).intersection(after.head.coupons)):
        coupon = register.book.coupon(code)
        if coupon is None or not coupon.active:
            words = f"Coupon {code} takes nothing off any more: headquarters has ended it."
            return Notice("question", "coupon_ended", words, detail={"coupon": code})
    former = {line.id: line.unit_price for line in before.priced.lines}
    now = {line.id: line.unit_price for line in after.priced.lines}
    lines = {line.id: line for line in before.lines}
    moved = [
        (line, former[line.id], now[line.id])
        for line in after.live_lines
        if lines.get(line.id) is line
        and line.id in former
        and line.id in now
        and former[line.id] != now[line.id]
    ]
    if not moved:
        return None
    return Notice("question", "prices_changed", _words(moved, register))


def told_coupon(notice: Notice, cart: Cart) -> Notice:
    """The word on a coupon that was just added, once the cart is priced: it may take nothing off yet."""
    code = notice.detail["coupon"]
    if code in _given_by_coupons(cart):
        return notice
    return replace(notice, tone="info", text=f"Coupon {code} is on, but takes nothing off yet.")


def _given_by_coupons(cart: Cart) -> set[str]:
    """The codes of the coupons that take something off."""
    given = [one for part in (*cart.priced.lines, *cart.priced.charges) for one in part.discounts]
    return {one.coupon for one in given if one.coupon}


def _words(moved: list[tuple[CartLine, Decimal, Decimal]], register: RegisterConfig) -> str:
    line, was, is_now = moved[0]
    money = register.store.money
    first = f"{line.article.name} is now {money(is_now)}, it was {money(was)}"
    if len(moved) == 1:
        return f"New price: {first}."
    others = len(moved) - 1
    return f"New prices: {first}; {others} more line{'s' if others > 1 else ''} changed."
