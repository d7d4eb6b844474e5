"""Why a line costs what it costs, and why each other offer that touched it did not win: reasons, and their words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from pricing.engine.discounts.pools import COMPOUND, EXCLUSIVE, RULES, WHOLE
from pricing.engine.discounts.terms import Terms
from pricing.engine.minor import Minor
from pricing.engine.model import Reason
from pricing.engine.rows import Given, Part, Row

SET_BY_HAND = {"override", "keyed"}  # where a price comes from
# How a discount that counted stood to the others.
RULE_WORDS = {
    "exclusive": "goes alone",
    "best_price": "the best offer for it",
    "compound": "goes together with others",
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
    "as_sold": "It comes back for what was paid for it. Offers that lost are told of {detail}.",
    "discount_applied": "{name} takes {amount} off.",
    "took_part": "It helps to fill {name}, whose discount is on other units.",
    "lost_to_exclusive": "{name} would take {amount} off, but an exclusive discount goes alone.",
    "lost_to_priority": "{name} would take {amount} off, but a discount of higher priority was given.",
    "lost_to_better": "{name} would take {amount} off, no more than what was given.",
    "lost_under_ceiling": "{name} gives only so much in a sale: it was given elsewhere in it, or others give more.",
    "lost_in_combination": "{name} would take {amount} off here, but the whole sale would cost no less.",
    "not_enough": "{name} needs {detail}.",
    "not_enough_left": "{name} needs {detail} without another discount.",
    "not_together": "{name} does not go together with an offer that these goods have.",
    "at_most": "{name} gives {amount} in a sale at most.",
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
    "lost_in_combination": "{name} is not given here: what else it needs has another offer, or others take more off.",
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
    found = list(item.steps)
    if item.blocked and item.unit_price.source in SET_BY_HAND:
        found[-1] = Reason("set_by_hand")
    given: dict[int, list] = {}
    for part in row.parts:
        for entry in part.given:
            known = given.get(id(entry.terms))
            if known is None:
                given[id(entry.terms)] = [entry, entry.amount]
            else:
                known[1] += entry.amount
    named = set()
    for entry, amount in given.values():
        what = entry.terms if entry.applied is None else entry.applied
        named.add(what.id)
        if amount:
            found.append(Reason("discount_applied", what.id, what.name, money.money(amount)))
            if entry.applied is None and what.cap is not None:
                found.append(Reason("at_most", what.id, what.name, money.money(money.rounded(what.cap))))
        elif entry.applied is None and what.kind not in ("threshold", "tender"):
            found.append(_said("took_part" if what.is_set else "nothing_to_give", what))
    lost = [terms for terms in item.touching if terms.id not in named]
    if lost:
        found += _losers(lost, row, money, model_a=model_a)
    if row.reasons:
        found += [_of_threshold(reason, row, model_a=model_a) for reason in row.reasons]
    return tuple(found)


class _Has:
    """What a line's units have of offers: whether one goes alone; and of those that are no thresholds the most."""

    __slots__ = ("alone", "amount", "given", "top")

    def __init__(self, row: Row) -> None:
        self.alone, self.amount = False, 0
        self.given: list[tuple[Terms, Given]] = []
        self.top: int | None = None
        for part in row.parts:
            for terms, one in _offers(part) if part.given else ():
                self.alone = self.alone or _goes_alone(one)
                if terms.kind != "threshold":
                    self.given.append((terms, one))
                    self.amount += one.amount
                    if self.top is None or terms.priority > self.top:
                        self.top = terms.priority

    def above(self, priority: int) -> int:
        """What offers of higher priorities take off."""
        return sum([one.amount for terms, one in self.given if terms.priority > priority])


def _losers(touching: Iterable[Terms], row: Row, money: Minor, *, model_a: bool) -> Iterable[Reason]:
    """Why each of these offers gives the line nothing; one of several lines says it once, of its best."""
    lost: dict[str, Reason] = {}
    has: _Has | None = None
    for terms in touching:
        if terms in row.unmet:
            reason = _said("not_enough", terms)
        else:
            has = has or _Has(row)
            reason = _lost(terms, row, has, money, model_a)
        known = lost.get(terms.id)
        if known is None or (reason.amount or 0) > (known.amount or 0):
            lost[terms.id] = reason
    return lost.values()


def _lost(terms: Terms, row: Row, has: _Has, money: Minor, model_a: bool) -> Reason:
    """Why an offer that might have been given to the line was not."""
    is_below = has.top is not None and terms.priority < has.top
    above = has.above(terms.priority) if is_below and not model_a else 0
    amount = _alone(terms, row, money, above)
    if amount is not None and not amount:
        return _said("nothing_to_give", terms)
    worth = None if amount is None else money.money(amount)
    if has.alone and not terms.exclusive:
        return Reason("lost_to_exclusive", terms.id, terms.name, worth)
    if is_below and (model_a or terms.exclusive):
        return Reason("lost_to_priority", terms.id, terms.name, worth)
    if terms.cap is not None or terms.limit is not None:
        return _said("lost_under_ceiling", terms)
    if terms.retailer:
        return _said("not_enough_left", terms)
    if amount is not None and amount <= has.amount - above:
        return Reason("lost_to_better", terms.id, terms.name, worth)
    return Reason("lost_in_combination", terms.id, terms.name, worth)


def _offers(part: Part) -> list[tuple[Terms, Given]]:
    """What the units have of offers, also where they only help; neither by hand nor for the way it is paid."""
    return [
        (one.terms, one)  # type: ignore[misc]
        for one in part.given
        if one.applied is None and one.terms.kind != "tender"  # type: ignore[attr-defined]
    ]


def _goes_alone(given: Given) -> bool:
    return given.rule == RULES[EXCLUSIVE]


def _of_threshold(reason: Reason, row: Row, *, model_a: bool) -> Reason:
    """What is said of a threshold on a line; on goods that it may not be given on, whatever the sale comes to, that."""
    if reason.code not in ("threshold_not_reached", "nothing_left") or row.item.blocked:
        return reason
    terms = next((one for one in row.item.thresholds if one.id == reason.subject), None)
    if terms is None:
        return reason
    before = [_before(terms, part) for part in row.parts]
    if any(_may_join(terms, pairs, model_a=model_a) for pairs in before):
        return reason
    offers = [pair for pairs in before for pair in pairs]
    if reason.detail and all(other.kind != "threshold" for other, _ in offers):
        return reason  # it says which goods count
    alone = any(_goes_alone(one) for _, one in offers)
    return Reason("lost_to_exclusive" if alone else "not_together", terms.id, terms.name)


def _before(terms: Terms, part: Part) -> list[tuple[Terms, Given]]:
    """What units have of the offers that come before a threshold, or compete with it."""
    rank = terms.priority, terms.exclusive
    return [
        (other, one)
        for other, one in _offers(part)
        if other.kind != "threshold" or (other.priority, other.exclusive) >= rank
    ]


def _may_join(terms: Terms, before: list[tuple[Terms, Given]], *, model_a: bool) -> bool:
    """Whether a threshold may be given on units beside what they have."""
    if not before:
        return True
    if terms.exclusive or any(_goes_alone(one) for _, one in before):
        return False
    if not model_a:
        return all(other.priority != terms.priority for other, _ in before)
    return terms.compound and all(
        one.rule == RULES[COMPOUND] and (other.kind != "threshold" or other.priority == terms.priority)
        for other, one in before
    )


def _said(code: str, terms: Terms) -> Reason:
    """What is said of the offer in the same words on every line; it is put together once."""
    known = terms.said.get(code)
    if known is None:
        detail = needs(terms) if code in ("not_enough", "not_enough_left") else ""
        known = terms.said[code] = Reason(code, terms.id, terms.name, detail=detail)
    return known


def _alone(terms: Terms, row: Row, money: Minor, before: int) -> int | None:
    """What a simple offer would give the whole line by itself, after what others gave it ``before``.

    None for an offer over several units.
    """
    if terms.kind != "simple" or terms.rate is None:
        return None
    item = row.item
    if not before or not row.size:
        return money.rounded(min(terms.rate.saving(item.base), item.price) * row.size // WHOLE)
    left = item.price - before * money.per_unit * WHOLE // row.size
    return money.rounded(
        min(terms.rate.saving(max(min(item.base, left), 0)), max(left, 0)) * row.size // WHOLE
    )


def needs(terms: Terms) -> str:
    """What an offer over several units needs, in words."""
    if terms.is_set:
        if len(terms.groups) == 1:
            return f"{terms.sizes[0]} of its goods"
        pairs = zip(terms.groups, terms.sizes, strict=True)
        return " and ".join(f"{size} of part {group}" for group, size in pairs)
    least: Decimal = terms.tiers[0][0] if terms.tiers else Decimal(1)
    together = (
        " of goods that count together" if sum(not line.exclude for line in terms.discount.lines) > 1 else ""
    )
    return f"{least.normalize():f} {'unit' if least == 1 else 'units'}{together}"
