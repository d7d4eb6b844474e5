"""Why a line costs what it costs, and why each other offer that touched it did not win: reasons, and their words."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from pricing.engine.discounts.pools import EXCLUSIVE, WHOLE
from pricing.engine.discounts.terms import Terms
from pricing.engine.minor import Minor
from pricing.engine.model import Reason
from pricing.engine.rows import Row

SET_BY_HAND = {"override", "keyed"}  # where a price comes from
# How a discount that counted stood to the others.
RULE_WORDS = {
    "exclusive": "goes alone",
    "best_price": "the best offer for it",
    "compound": "on top of the others",
    "manual": "given by hand",
    "always": "for the way it is paid, whatever else holds",
}

SENTENCES = {
    "base_price": "The product's own price is {amount}.",
    "agreement_price": "A trade agreement sets the price at {amount}.",
    "agreement_lost": "A price of {amount} gives way to the one that counts.",
    "agreement_not_quantity": "A price of {amount} needs another quantity.",
    "agreement_not_customer": "A price of {amount} is another customer's.",
    "agreement_not_price_group": "A price of {amount} is for another price group.",
    "price_adjustment": "The price adjustment {name} makes it {amount}.",
    "price_keyed": "The price was keyed in: {amount}.",
    "price_override": "The price was set to {amount} at the till by {subject}: {name}.",
    "discount_applied": "{name} takes {amount} off.",
    "took_part": "It helps to fill {name}, whose discount is on other units.",
    "lost_to_exclusive": "{name} would take {amount} off, but an exclusive discount goes alone.",
    "lost_to_priority": "{name} would take {amount} off, but a discount of higher priority was given.",
    "lost_to_better": "{name} would take {amount} off, no more than what was given.",
    "lost_under_ceiling": "{name} gives only so much in a sale: it was given elsewhere in it, or others give more.",
    "lost_in_combination": "{name} would take less off the whole basket than the offers that were given.",
    "not_enough": "{name} needs {detail}.",
    "nothing_to_give": "{name} gives nothing at this price.",
    "nothing_left": "{name} finds nothing here that it may discount.",
    "threshold_not_reached": "{name}: {amount} more is needed{detail}.",
    "excluded": "{name} leaves these goods out.",
    "other_unit": "{name} is for the unit {detail}.",
    "blocked": "Offers are not given on these goods.",
    "set_by_hand": "Offers are not given on a price that was set at the till.",
    "discount_disabled": "{name} is not enabled.",
    "wrong_currency": "{name} is in {detail}.",
    "other_channel": "{name} is for other stores.",
    "other_customer": "{name} is for other customers.",
    "not_in_price_group": "{name} is for other price groups.",
    "needs_coupon": "{name} needs a coupon.",
    "coupon_inactive": "{name}: the coupon {detail} is not active.",
    "coupon_not_started": "{name}: the coupon {detail} is not valid yet.",
    "coupon_ended": "{name}: the coupon {detail} is no longer valid.",
    "coupon_used_up": "{name}: the coupon {detail} was used as often as it may be.",
    "coupon_needs_customer": "{name}: the coupon {detail} is limited per customer, and no customer is named.",
    "not_started": "{name} has not begun.",
    "ended": "{name} is over.",
    "other_day": "{name} runs on other days.",
    "other_hours": "{name} runs on other days or at other hours.",
    "search_stopped": "The best combination found is at most {amount} short of the best there can be ({detail}).",
    "not_proven": "The combination of {detail} is the best found, without a proof that no other is better.",
}


# The same of offers whose worth by themselves nobody worked out.
WITHOUT_AMOUNT = {
    "lost_to_exclusive": "{name} gives way: an exclusive discount goes alone.",
    "lost_to_priority": "{name} gives way: a discount of higher priority was given.",
    "lost_to_better": "{name} would take no more off than what was given.",
}


def sentence(reason: Reason, money: Callable[[Decimal], str] | None = None) -> str:
    """The reason in words, for a cashier or a customer; `money` writes amounts in the currency of the sale."""
    sentences = SENTENCES if reason.amount is not None else SENTENCES | WITHOUT_AMOUNT
    pattern = sentences.get(reason.code, "{name}: " + reason.code.replace("_", " ") + ".")
    amount = "" if reason.amount is None else (money or _written)(reason.amount)
    name = reason.name or reason.subject
    return pattern.format(name=name, subject=reason.subject, amount=amount, detail=reason.detail)


def _written(amount: Decimal) -> str:
    """An amount; a price without the zeros of its column: 12.7500 is 12.75."""
    if amount.as_tuple().exponent >= -3:  # as its currency has it
        return f"{amount:f}"
    return f"{amount:.{max(2, -amount.normalize().as_tuple().exponent)}f}"


def line_reasons(row: Row, money: Minor, *, model_a: bool) -> tuple[Reason, ...]:
    """Every step to the line's price, and what became of each offer that touched it."""
    item = row.item
    parts = row.parts
    found = list(item.steps)
    if item.blocked and item.unit_price.source in SET_BY_HAND:
        found[-1] = Reason("set_by_hand")
    given: dict[int, list] = {}
    top, exclusive = None, False
    for part in parts:
        exclusive = exclusive or part.status == EXCLUSIVE
        for entry in part.given:
            known = given.get(id(entry.terms))
            if known is None:
                given[id(entry.terms)] = [entry, entry.amount]
            else:
                known[1] += entry.amount
            if entry.amount and entry.applied is None and entry.terms.kind != "threshold":
                top = entry.terms.priority if top is None else max(top, entry.terms.priority)
    for entry, amount in given.values():
        what = entry.terms if entry.applied is None else entry.applied
        if amount:
            found.append(Reason("discount_applied", what.id, what.name, money.money(amount)))
        elif entry.applied is None:
            found.append(_said("took_part", entry.terms))
    if len(given) < len(item.touching) or not given:
        found += [
            _lost(terms, row, money, top, exclusive, model_a)
            for terms in item.touching
            if id(terms) not in given
        ]
    return (*found, *row.reasons)


def _lost(terms: Terms, row: Row, money: Minor, top: int | None, exclusive: bool, model_a: bool) -> Reason:
    """Why an offer that might have been given to the line was not."""
    if terms in row.unmet:
        return _said("not_enough", terms)
    amount = _alone(terms, row, money)
    if amount is not None and not amount:
        return _said("nothing_to_give", terms)
    worth = None if amount is None else money.money(amount)
    if exclusive and not terms.exclusive:
        return Reason("lost_to_exclusive", terms.id, terms.name, worth)
    if top is not None and terms.priority < top and model_a:
        return Reason("lost_to_priority", terms.id, terms.name, worth)
    if terms.cap is not None or terms.limit is not None:
        return _said("lost_under_ceiling", terms)
    if terms.kind == "simple":
        return Reason("lost_to_better", terms.id, terms.name, worth)
    return _said("lost_in_combination", terms)


def _said(code: str, terms: Terms) -> Reason:
    """What is said of the offer in the same words on every line; it is put together once."""
    known = terms.said.get(code)
    if known is None:
        detail = needs(terms) if code == "not_enough" else ""
        known = terms.said[code] = Reason(code, terms.id, terms.name, detail=detail)
    return known


def _alone(terms: Terms, row: Row, money: Minor) -> int | None:
    """What a simple offer would give the whole line by itself; None for an offer over several units."""
    if terms.kind != "simple" or terms.rate is None:
        return None
    item = row.item
    return money.rounded(min(terms.rate.saving(item.base), item.price) * row.size // WHOLE)


def needs(terms: Terms) -> str:
    """What an offer over several units needs, in words."""
    if terms.is_set:
        if len(terms.groups) == 1:
            return f"{terms.sizes[0]} of its goods"
        pairs = zip(terms.groups, terms.sizes, strict=True)
        return " and ".join(f"{size} of part {group}" for group, size in pairs)
    least: Decimal = terms.tiers[0][0] if terms.tiers else Decimal(1)
    return f"{least.normalize():f} {'unit' if least == 1 else 'units'}"
