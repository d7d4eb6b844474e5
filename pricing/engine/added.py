"""The answer for a basket to which one line was added, reached from the answer before it.

Only the new line and those that offers tie to it, directly or through others, are priced again; they are priced as a
basket of their own, since no offer reaches from them to the rest. Where something does reach all lines (the order's own
discount, charges, thresholds on these goods, tax rounded on the document) the whole is priced.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from pricing.engine.basket import Pricing
from pricing.engine.charges import ChargeRule, may_fall_on, rules_in_reach
from pricing.engine.items import Context, context_of
from pricing.engine.model import Basket, BasketLine, PriceBook, PricedBasket, PricedLine, Totals
from pricing.engine.tax import TaxTotal


def price_added(previous: PricedBasket, basket: Basket, book: PriceBook) -> PricedBasket | None:
    """The priced basket, or None when the previous answer does not help."""
    if not _may_help(previous, basket, book):
        return None
    context = context_of(basket, book)
    touched = _touched(context, basket)
    if touched is None:
        return None
    part = replace(basket, lines=(*(basket.lines[place] for place in touched), basket.lines[-1]))
    pricing = Pricing(part, book)
    if not pricing.lines_only or pricing.context is not context:
        return None
    priced = pricing.run()
    lines = list(previous.lines)
    gone = [lines[place] for place in touched]
    for place, line in zip(touched, priced.lines, strict=False):
        lines[place] = line
    lines.append(priced.lines[-1])
    return PricedBasket(
        tuple(lines),
        _totals(previous.totals, gone, priced.totals),
        _taxes(previous.taxes, gone, priced.taxes),
        (),
        priced.explanation,
        previous.currency,
        max(previous.holds_from, priced.holds_from),  # type: ignore[type-var]
        min(previous.holds_until, priced.holds_until),  # type: ignore[type-var]
    )


def _may_help(previous: PricedBasket, basket: Basket, book: PriceBook) -> bool:
    """Whether the previous answer is one for these lines but the last, at this time, and lines hang on nothing else."""
    lines, before = basket.lines, previous.lines
    if previous.holds_from is None or previous.holds_until is None:
        return False
    if len(lines) != len(before) + 1 or not previous.holds_from <= basket.at < previous.holds_until:
        return False
    if (
        basket.manual_total is not None
        or basket.tenders
        or basket.charges
        or previous.charges
        or previous.explanation
    ):
        return False
    rules = getattr(book, "charge_rules", None)
    if rules is not None and _charges_something(rules(), lines):
        return False
    return [line.id for line in before] == [line.id for line in lines[:-1]]


def _charges_something(rules: Sequence[ChargeRule], lines: Sequence[BasketLine]) -> bool:
    """Whether an automatic charge may fall on the basket."""
    if not rules:
        return False
    modes = {line.delivery_mode for line in lines}
    return any(may_fall_on(rule, lines) for rule in rules_in_reach(rules, modes))


def _touched(context: Context, basket: Basket) -> list[int] | None:
    """Places of the lines that the last one may change; None when it may change more than that."""
    new = basket.lines[-1]
    if new.locked is not None:
        return []
    goods = {(line.product, line.variant, line.unit) for line in basket.lines if line.locked is None}
    if not goods <= context.met:  # what of a product was met before may be in the reach of other offers
        return None
    present = {line.product for line in basket.lines[:-1] if line.locked is None}
    met = {new.product}
    waiting = list(context.by_product[new.product])
    seen = set()
    while waiting:
        plan = waiting.pop()
        if plan.offers.thresholds or (plan.fixed is None and plan.product in present):
            return None
        for terms in plan.offers.linked:
            if terms in seen:
                continue
            seen.add(terms)
            for product in context.named[terms]:
                if product in present and product not in met:
                    met.add(product)
                    waiting += context.by_product[product]
    return [
        place
        for place, line in enumerate(basket.lines[:-1])
        if line.product in met and line.locked is None and (seen or line.product == new.product)
    ]


def _totals(before: Totals, gone: Sequence[PricedLine], new: Totals) -> Totals:
    """The sums with the lines that were priced again exchanged."""
    gross, discount, net = before.gross + new.gross, before.discount + new.discount, before.net + new.net
    tax, total, count = before.tax + new.tax, before.total + new.total, before.item_count + new.item_count
    for line in gone:
        gross -= line.gross
        discount -= line.discount
        net -= line.net
        tax -= line.tax
        total -= line.total
        count -= line.quantity
    return Totals(gross, discount, net, tax, before.charges, total, count)


def _taxes(
    before: Sequence[TaxTotal], gone: Sequence[PricedLine], new: Sequence[TaxTotal]
) -> tuple[TaxTotal, ...]:
    """The same for the taxes by code; the lines priced again pay the same codes as before."""
    sums = {(total.code, total.rate, total.status): [total.base, total.amount, total] for total in before}
    for total in new:
        known = sums.setdefault(
            (total.code, total.rate, total.status), [total.base * 0, total.amount * 0, total]
        )
        known[0] += total.base
        known[1] += total.amount
    for line in gone:
        for part in line.taxes:
            known = sums[part.code, part.rate, part.status]
            known[0] -= part.base
            known[1] -= part.amount
    return tuple(replace(total, base=base, amount=amount) for base, amount, total in sums.values())
