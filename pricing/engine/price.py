"""What one unit costs before discounts: base price, trade agreement, adjustment, or the price given at the till.

A trade agreement replaces the base price, also when it is dearer. Agreements are asked by price priority: once a
priority holds a price for the product, lower ones are silent. Within a priority the most specific variant goes first,
then the lowest price (``find_next``) or the first by rank.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal

from pricing.engine.checks import Problem, check_number
from pricing.engine.model import ONE, ZERO, Basket, BasketLine, PriceBook, Reason, Value
from pricing.engine.rounding import round_to

HUNDRED = Decimal(100)


class BasePrice(Value, frozen=True):
    """The product's own price: ``price`` for ``per`` units; without a currency it is in the channel's."""

    price: Decimal
    unit: str = "ea"
    per: Decimal = ONE
    currency: str | None = None


class Agreement(Value, frozen=True):
    """A trade agreement price: for one customer, a price group, or all, from a quantity on, in a period."""

    id: str
    product: str
    price: Decimal
    currency: str
    variant: str | None = None  # None: every variant
    specificity: int = 0  # dimensions that a partly named variant fixes; the full variant has the most
    unit: str = "ea"
    per: Decimal = ONE
    min_quantity: Decimal = ZERO
    max_quantity: Decimal | None = None  # exclusive
    starts_at: datetime | None = None
    ends_at: datetime | None = None  # the first moment at which it no longer holds
    customer: str | None = None
    price_group: str | None = None  # neither customer nor group: all
    header_rank: int = 0
    combination_rank: int = 0
    name: str = ""


class Adjustment(Value, frozen=True):
    """A price adjustment on top of the agreement price: percent off, then amount off; or a price."""

    id: str
    name: str = ""
    percent: Decimal = ZERO  # negative raises
    amount: Decimal = ZERO
    price: Decimal | None = None
    price_groups: tuple[str, ...] = ()  # none: all
    variant: str | None = None
    unit: str | None = None
    currency: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


class UnitPrice(Value, frozen=True):
    """The three prices of a line, where the last came from, and the steps that led there."""

    list_price: Decimal
    agreement_price: Decimal
    unit_price: Decimal
    source: str
    steps: tuple[Reason, ...] = ()


def runs_at(moment: datetime, starts_at: datetime | None, ends_at: datetime | None) -> bool:
    """Whether the moment lies in the period: its start belongs to it, its end does not."""
    return (starts_at is None or starts_at <= moment) and (ends_at is None or moment < ends_at)


def book_price(basket: Basket, line: BasketLine, book: PriceBook, *, quantity: Decimal) -> UnitPrice:
    """The unit price from the book at the basket's moment; ``quantity`` is what counts for quantity breaks.

    A product without any price comes back at zero with source ``none``: whether it may be sold is not for the engine
    to say.
    """
    steps: list[Reason] = []
    base = _base_price(basket, line, book, steps)
    agreement, source = _agreement_price(basket, line, book, quantity, base, steps)
    active = agreement
    if source != "none":  # where there is no price, an adjustment that raises would make one
        active, source = _adjusted_price(basket, line, book, agreement, source, steps)
    return UnitPrice(base, agreement, active, source, tuple(steps))


def at_the_till(price: UnitPrice, line: BasketLine) -> UnitPrice:
    """The price when the till gave one: an override goes before a keyed price, both before the book."""
    if line.price_override is not None:
        step = Reason(
            "price_override", line.override_by or "", line.override_reason or "", line.price_override
        )
        return UnitPrice(
            price.list_price, price.agreement_price, line.price_override, "override", (*price.steps, step)
        )
    if line.price_keyed is not None:
        step = Reason("price_keyed", amount=line.price_keyed)
        return UnitPrice(
            price.list_price, price.agreement_price, line.price_keyed, "keyed", (*price.steps, step)
        )
    return price


def breaks_of(agreements: Iterable[Agreement]) -> list[Decimal]:
    """The quantities at which a product's price may change, rising."""
    edges = {agreement.min_quantity for agreement in agreements}
    edges.update(agreement.max_quantity for agreement in agreements if agreement.max_quantity is not None)
    return sorted(edge for edge in edges if edge > ZERO)


def _base_price(basket: Basket, line: BasketLine, book: PriceBook, steps: list[Reason]) -> Decimal:
    base = book.base_price(line.product, line.variant)
    if base is None or base.unit != line.unit or base.currency not in (None, basket.currency.code):
        return ZERO
    price = base.price / base.per if base.per else base.price
    steps.append(Reason("base_price", amount=price))
    return price


def _agreement_price(
    basket: Basket, line: BasketLine, book: PriceBook, quantity: Decimal, base: Decimal, steps: list[Reason]
) -> tuple[Decimal, str]:
    priorities = {group.id: group.priority for group in basket.price_groups}
    applicable: list[tuple[int, Agreement]] = []
    for agreement in book.agreements_of(line.product):
        why_not = _agreement_refused(agreement, basket, line, quantity, priorities)
        if why_not is None:
            applicable.append((priorities.get(agreement.price_group or "", 0), agreement))
        elif why_not in ("quantity", "customer", "price_group"):
            steps.append(Reason(f"agreement_not_{why_not}", agreement.id, agreement.name, agreement.price))
    if not applicable:
        return base, "base" if steps and steps[0].code == "base_price" else "none"
    chosen = choose_agreement(applicable, find_next=basket.settings.find_next)
    for _, agreement in applicable:
        if agreement is not chosen:
            steps.append(Reason("agreement_lost", agreement.id, agreement.name, agreement.price))
    price = chosen.price / chosen.per if chosen.per else chosen.price
    steps.append(Reason("agreement_price", chosen.id, chosen.name, price))
    return price, "agreement"


def _agreement_refused(
    agreement: Agreement,
    basket: Basket,
    line: BasketLine,
    quantity: Decimal,
    priorities: dict[str, int],
) -> str | None:
    """The first thing that keeps the agreement from this line, or None when it applies."""
    if agreement.variant not in (None, line.variant):
        return "variant"
    if agreement.unit != line.unit:
        return "unit"
    if agreement.currency != basket.currency.code:
        return "currency"
    if not runs_at(basket.at, agreement.starts_at, agreement.ends_at):
        return "period"
    if agreement.customer is not None and agreement.customer != basket.customer:
        return "customer"
    if agreement.price_group is not None and agreement.price_group not in priorities:
        return "price_group"
    size = abs(quantity)
    if size < agreement.min_quantity or (
        agreement.max_quantity is not None and size >= agreement.max_quantity
    ):
        return "quantity"
    return None


def choose_agreement(applicable: Iterable[tuple[int, Agreement]], *, find_next: bool) -> Agreement:
    """The agreement that counts among applicable ones, given with their price priority; there must be at least one."""

    def preference(entry: tuple[int, Agreement]) -> tuple:
        priority, agreement = entry
        specific = (agreement.variant is not None, agreement.specificity)
        price = agreement.price / agreement.per if agreement.per else agreement.price
        rank = (agreement.header_rank, agreement.combination_rank, agreement.min_quantity)
        order = (-price,) if find_next else (*rank, -price)
        return (priority, specific, *order)

    return max(sorted(applicable, key=lambda entry: entry[1].id), key=preference)[1]


def _adjusted_price(
    basket: Basket, line: BasketLine, book: PriceBook, price: Decimal, source: str, steps: list[Reason]
) -> tuple[Decimal, str]:
    present = {group.id for group in basket.price_groups}
    best: tuple[Decimal, Adjustment] | None = None
    for adjustment in book.adjustments_of(line.product, line.categories):
        if not _adjustment_fits(adjustment, basket, line, present):
            continue
        adjusted = adjust(price, adjustment, can_raise=basket.settings.adjustments_can_raise)
        if adjusted == price:
            continue
        if best is None or abs(price - adjusted) > abs(price - best[0]):
            best = adjusted, adjustment
    if best is None:
        return price, source
    adjusted, adjustment = best
    adjusted = round_to(adjusted, basket.currency.unit)
    steps.append(Reason("price_adjustment", adjustment.id, adjustment.name, adjusted))
    return adjusted, "adjustment"


def _adjustment_fits(adjustment: Adjustment, basket: Basket, line: BasketLine, present: set[str]) -> bool:
    return (
        adjustment.variant in (None, line.variant)
        and adjustment.unit in (None, line.unit)
        and adjustment.currency in (None, basket.currency.code)
        and runs_at(basket.at, adjustment.starts_at, adjustment.ends_at)
        and (not adjustment.price_groups or not present.isdisjoint(adjustment.price_groups))
    )


def adjust(price: Decimal, adjustment: Adjustment, *, can_raise: bool) -> Decimal:
    """The price after one adjustment, unrounded and never below zero.

    A percentage works before an amount. A fixed price counts only when it lowers the price.
    """
    if adjustment.price is not None:
        return min(price, adjustment.price)
    adjusted = max(price * (HUNDRED - adjustment.percent) / HUNDRED - adjustment.amount, ZERO)
    return adjusted if can_raise else min(adjusted, price)


# --- price rules of the back office ---------------------------------------------------------------------------------


def rule_price(rule: str, basis: Decimal, *, percent: Decimal = ZERO, amount: Decimal = ZERO) -> Decimal:
    """A price by a category rule: ``markup`` on the basis, ``margin`` as a share of the price, or ``fixed_amount``.

    Raises ValueError for another rule or a margin of 100 percent and more.
    """
    if rule == "markup":
        return basis * (HUNDRED + percent) / HUNDRED
    if rule == "margin":
        if percent >= HUNDRED:
            raise ValueError("A margin must be below 100 percent of the price.")
        return basis * HUNDRED / (HUNDRED - percent)
    if rule == "fixed_amount":
        return basis + amount
    raise ValueError(f"Unknown price rule {rule!r}: use markup, margin or fixed_amount.")


def margin_percent(cost: Decimal, price: Decimal) -> Decimal:
    """The margin as percent of the selling price, unrounded; a price of zero has none and raises ValueError."""
    if not price:
        raise ValueError("A price of zero has no margin.")
    return (price - cost) * HUNDRED / price


# --- what is refused where it is entered ----------------------------------------------------------------------------


def written(moment: datetime) -> str:
    """A moment as its own clock shows it."""
    return f"{moment:%-d %b %Y, %H:%M}"


def validate_agreement(agreement: Agreement, shown: Callable[[datetime], str] = written) -> list[Problem]:
    """All that is wrong with a trade agreement as it was entered; empty when it may be used.

    `shown` writes a moment on the clock of whoever reads the words.
    """
    found = check_number(agreement.price, field="price", what="The price", least=ZERO)
    found += check_number(agreement.min_quantity, field="min_quantity", what="The quantity", least=ZERO)
    if agreement.per <= 0:
        found.append(
            Problem("per", "The price is for no units.", "Enter for how many units it is, usually 1.")
        )
    if agreement.max_quantity is not None and agreement.max_quantity <= agreement.min_quantity:
        found.append(Problem("max_quantity", "It ends where it begins.", "Enter a larger quantity, or none."))
    if agreement.customer is not None and agreement.price_group is not None:
        found.append(
            Problem(
                "customer", "A price holds for a price group or for a customer.", "Leave one of them empty."
            )
        )
    return found + _check_period(agreement, shown)


def validate_adjustment(adjustment: Adjustment) -> list[Problem]:
    """All that is wrong with a price adjustment as it was entered; empty when it may be used."""
    found = check_number(adjustment.percent, field="percent", what="The percentage", most=HUNDRED)
    if adjustment.price is not None:
        found += check_number(adjustment.price, field="price", what="The price", least=ZERO)
        if adjustment.percent or adjustment.amount:
            found.append(
                Problem("price", "A price stands beside a percentage or amount.", "Enter only one kind.")
            )
    elif not adjustment.percent and not adjustment.amount:
        found.append(Problem("percent", "It changes nothing.", "Enter a percentage, an amount or a price."))
    return found + _check_period(adjustment, written)


def _check_period(dated: Agreement | Adjustment, shown: Callable[[datetime], str]) -> list[Problem]:
    if dated.starts_at is None or dated.ends_at is None or dated.starts_at < dated.ends_at:
        return []
    return [
        Problem(
            "ends_at",
            f"The end must be after the start, {shown(dated.starts_at)}.",
            "Choose a later end, or none.",
        )
    ]
