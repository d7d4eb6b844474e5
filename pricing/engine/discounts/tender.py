"""Tender discounts: for paying in a certain way, over everything else, for the part that is paid so.

The percentage follows the transaction total, the best of several counts, and prices that are locked stay. A payment
that does not settle the whole earns its part: two payments in that way, together the whole, earn as much as one.
Goods that come back pay their part of the sale, too, in another way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pricing.engine.discounts.model import PERCENT_OFF
from pricing.engine.discounts.terms import Rate, Terms
from pricing.engine.minor import PERCENT, Minor, half_up, shares
from pricing.engine.model import BasketTender
from pricing.engine.rows import Given, Row


def give_tender_discounts(
    rows: Sequence[Row],
    tenders: Sequence[BasketTender],
    terms: Sequence[Terms],
    money: Minor,
    total_of: Callable[[], int],
    credit: int,
) -> None:
    """Discount the rows for each payment in turn.

    ``total_of`` tells what is due for the rows as they stand, ``credit`` what was taken off that for goods that come
    back.
    """
    open_rows = [
        row for row in rows if not (row.line.prevent_all_discounts or row.line.prevent_tender_discounts)
    ]
    paid = 0
    total = total_of()  # before any payment: what one has earned takes no tier from the next
    whole = sum(part.left for row in open_rows for part in row.parts), total + credit
    given: dict[str, int] = {}
    for tender in tenders:
        amount = money.units(tender.amount)
        before = total_of()
        best = _best(tender, terms, total, money)
        if best is not None and amount > 0:
            offer = best[0]
            most = None if offer.cap is None else money.rounded(offer.cap) - given.get(offer.id, 0)
            earned = _give(open_rows, best, amount, before, paid, whole, most, total_of)
            given[offer.id] = given.get(offer.id, 0) + earned
        paid += amount


def _best(
    tender: BasketTender, terms: Sequence[Terms], total: int, money: Minor
) -> tuple[Terms, Rate] | None:
    """The discount with the highest percentage for this way of paying at this total."""
    found: list[tuple[int, Terms, Rate]] = []
    for one in terms:
        kinds = one.discount.tenders
        if kinds and tender.type not in kinds:
            continue
        rate = one.rate
        for minimum, tier in one.tiers:
            if total >= money.units(minimum):
                rate = tier
        if rate is not None and rate.method == PERCENT_OFF:
            found.append((rate.value, one, rate))
    if not found:
        return None
    _, best, rate = min(found, key=lambda row: (-row[0], row[1].order))
    return best, rate


def _give(
    rows: Sequence[Row],
    best: tuple[Terms, Rate],
    amount: int,
    before: int,
    paid: int,
    of_which: tuple[int, int],
    most: int | None,
    total_of: Callable[[], int],
) -> int:
    """Discount what is not paid yet; a payment that leaves something to be paid earns its share of that.

    ``of_which`` are the goods that may be discounted, and the total that they are a part of, before any payment.
    Gives what it took off, in smallest units: never more than ``most``.
    """
    due = before - paid
    if due <= 0:
        return 0
    terms, rate = best
    parts = [part for row in rows for part in row.parts]
    left = [part.left for part in parts]
    goods, total = of_which
    whole = min(half_up(goods * rate.value * due, PERCENT * total), sum(left))
    full = shares(whole if most is None else min(whole, most), left)
    givens = [Given(terms, share, "always") for share in full]
    for part, given in zip(parts, givens, strict=True):
        part.take(given, on_original=False)
    discounted_due = total_of() - paid
    if amount >= discounted_due:
        return sum(full)
    wanted = half_up(sum(full) * amount, discounted_due)
    for part, given, share in zip(parts, givens, shares(wanted, full), strict=True):
        part.left += given.amount - share
        given.amount = share
    return wanted
