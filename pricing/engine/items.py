"""What the book says of one product to one kind of customer on one stretch of time, worked out once and kept.

A `Context` is everything of a basket but its lines: currency, groups, customer, coupons, settings, and a stretch of
time in which no offer begins or ends. Within it a `Plan` holds a product's offers and prices, and an `Item` the plan
at one unit price. Plans are made when a product is first met, from the offers that touch it and no others.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from pricing.engine.discounts.eligibility import changes_on, coupon_used, day_bounds, refusal
from pricing.engine.discounts.model import MIX_AND_MATCH, QUANTITY, SIMPLE, THRESHOLD, Discount
from pricing.engine.discounts.terms import Rate, Slot, Terms, compile_discount, fits, is_excluded, rate_of
from pricing.engine.minor import fine, minor
from pricing.engine.model import Basket, BasketLine, PriceBook, Reason
from pricing.engine.price import UnitPrice, at_the_till, book_price, breaks_of
from pricing.engine.shelves import NONE_YET, Known, Manner, Name, Shelf, name_of
from pricing.engine.tax import TaxRule

if TYPE_CHECKING:
    from pricing.engine.rows import Fare

CONTEXTS_KEPT = 32
PLANS_KEPT = 50_000
SETTLED_KEPT = 5_000
FARES_KEPT = 200  # by item


class AtLevel:
    """An item's simple discounts of one priority, by mode; compound ones in the order in which they compound.

    `has_rivals` where a compound one is on the item by several of its lines, of which the best is given.
    """

    __slots__ = ("best", "compound", "exclusive", "has_rivals")

    def __init__(self) -> None:
        self.exclusive: list[Terms] = []
        self.best: list[Terms] = []
        self.compound: list[Terms] = []
        self.has_rivals = False


NOTHING = AtLevel()


class Offers:
    """The offers that may reach an item: simple ones by priority, and those whose gift hangs on other units."""

    __slots__ = (
        "levels", "limited", "linked", "needs", "roles", "several", "singles", "thresholds", "tiered",
    )  # fmt: skip

    def __init__(self) -> None:
        self.levels: dict[int, AtLevel] = {}
        self.singles: list[Terms] = []
        self.several: list[Terms] = []  # mix and match, quantity, with a ceiling
        self.linked: list[Terms] = []  # the same, and what ties the lines of one with a ceiling
        self.needs: list[
            tuple[Slot, bool]
        ] = []  # what the item helps to fill, and whether by whole units only
        self.roles: dict[Terms, list[tuple[int, Rate | None]]] = {}
        self.tiered: list[Terms] = []
        self.limited: list[Terms] = []
        self.thresholds: list[Terms] = []

    def add_single(self, terms: Terms) -> None:
        """A simple discount."""
        self.singles.append(terms)
        if terms.cap is not None or terms.limit is not None:
            self._link(terms.tie or terms)
            self.limited.append(terms)
            self.several.append(terms)
            return
        at = self.levels.setdefault(terms.priority, AtLevel())
        at.has_rivals = at.has_rivals or any(one.id == terms.id for one in at.compound)
        (at.exclusive if terms.exclusive else at.compound if terms.compound else at.best).append(terms)
        at.compound.sort(key=lambda one: (one.rank, one.order))

    def add_several(self, terms: Terms) -> None:
        """A mix and match or quantity discount."""
        self.several.append(terms)
        if terms.is_set:
            self.linked.append(terms)
            self.needs += [(terms.slots[group], True) for group, _ in self.roles[terms]]
            return
        self._link(terms)
        if terms.tie is not None:
            self._link(terms.tie)

    def _link(self, terms: Terms) -> None:
        if terms not in self.linked:
            self.linked.append(terms)
            self.needs.append((terms.slots[0], False))

    def only_slot(self) -> Slot | None:
        """What there is to fill, where that is all that one offer of several units needs; None where there is more."""
        if len(self.needs) != 1 or len(self.linked) != 1 or len(self.linked[0].slots) != 1:
            return None
        return self.needs[0][0]

    def when_blocked(self) -> Offers:
        """What is left for goods that may not be discounted: to help others reach a set or an amount."""
        left = Offers()
        for terms in self.several:
            if terms.is_set and terms.helpers:
                left.roles[terms] = self.roles[terms]
                left.add_several(terms)
        left.thresholds = [terms for terms in self.thresholds if terms.helpers]
        return left


class Item:
    """A product at a unit price: what lines of it have in common."""

    __slots__ = (
        "alone", "base", "blocked", "everyday", "fares", "is_alone", "key", "levels", "linked",
        "lonely", "offers", "plan", "price", "product", "rank", "rules", "serial", "single", "slot", "standings",
        "steps", "taxed_alone", "thresholds", "touching", "unit_price",
    )  # fmt: skip

    def __init__(
        self, plan: Plan, unit_price: UnitPrice, base: int | None, blocked: bool, serial: int
    ) -> None:
        self.plan = plan
        self.product = plan.product
        self.unit_price = unit_price
        self.price = fine(unit_price.unit_price)
        self.base = self.price if base is None else base
        self.blocked = blocked
        self.offers = plan.offers.when_blocked() if blocked else plan.offers
        self.serial = serial
        self.key = (*plan.sorting, self.price, self.base, blocked)
        self.rank = (-self.price, self.key)  # dearest first
        self.alone: object = None  # how one unit fares with no others, once it is known
        self.linked = self.offers.linked
        self.slot = self.offers.only_slot()
        self.thresholds = self.offers.thresholds
        self.is_alone = not self.linked and not self.thresholds
        levels = set(self.offers.levels)
        levels.update(terms.priority for terms in self.offers.several)
        self.levels = sorted(levels, reverse=True)  # priorities of its offers that are no thresholds
        blocking = (Reason("blocked"),) if blocked else ()
        self.steps = (*unit_price.steps, *plan.refused, *blocking)  # what every line of it has to explain
        singles = [] if blocked else self.offers.singles
        self.touching = [*singles, *(one for one in self.offers.several if one.kind != SIMPLE)]
        self.everyday = self._everyday()
        self.single: tuple[int, Terms | None] | None = None  # what `option` answers
        self.rules: tuple[TaxRule, ...] | None = None  # the taxes of a plain line, once they were asked for
        self.taxed_alone = False  # whether these hang on the line alone
        self.lonely: dict[int, Fare] = (
            NONE_YET  # of plain lines by size, none of the offers of several units in reach
        )
        self.fares: dict[tuple, Fare] = NONE_YET  # of plain lines by fate
        self.standings: dict[Terms, tuple[Rate | None, int]] = NONE_YET

    def keep(self, fate: tuple, fare: Fare) -> None:
        """Remember what became of a plain line that was treated so."""
        if len(self.fares) >= FARES_KEPT or self.fares is NONE_YET:
            self.fares = {}
        self.fares[fate] = fare

    def keep_lonely(self, size: int, fare: Fare) -> None:
        """Remember what became of a plain line of that size which no offer of several units reached."""
        if len(self.lonely) >= FARES_KEPT or self.lonely is NONE_YET:
            self.lonely = {}
        self.lonely[size] = fare

    def standing(self, terms: Terms) -> tuple[Rate | None, int]:
        """What a discounted unit is given in a set, as a rate and as a saving; nothing where it has no part in it."""
        known = self.standings.get(terms)
        if known is None:
            if self.standings is NONE_YET:
                self.standings = {}
            roles = self.roles_in(terms)
            rate = roles[-1][1] if roles else None
            saving = 0 if rate is None else min(rate.saving(self.base), self.price)
            known = self.standings[terms] = rate, saving
        return known

    def _everyday(self) -> int | None:
        """The only priority of the item's offers, when all of them are best-price offers of the simplest kinds."""
        if len(self.levels) != 1 or self.blocked or self.base != self.price:
            return None
        at = self.at(self.levels[0])
        if at.exclusive or at.compound:
            return None
        unusual = any(
            one.exclusive or one.compound or one.retailer or one.cap is not None or one.limit is not None
            for one in self.linked
        )
        return None if unusual else self.levels[0]

    def option(self) -> tuple[int, Terms | None]:
        """What a unit of an everyday item is given by itself, and by which discount."""
        if self.single is None:
            saving, best = 0, None
            for terms in self.at(self.levels[0]).best:
                found = min(terms.rate.saving(self.base), self.price)  # type: ignore[union-attr]
                if found > saving or (found == saving and best is not None and terms.order < best.order):
                    saving, best = found, terms
            self.single = saving, best
        return self.single

    def at(self, level: int) -> AtLevel:
        """The simple discounts of that priority."""
        return self.offers.levels.get(level, NOTHING)

    @property
    def several(self) -> list[Terms]:
        return self.offers.several

    @property
    def tiered(self) -> list[Terms]:
        return self.offers.tiered

    @property
    def limited(self) -> list[Terms]:
        return self.offers.limited

    def roles_in(self, terms: Terms) -> Sequence[tuple[int, Rate | None]]:
        """The groups of a set that a unit may fill, with what a discounted unit is given."""
        return self.offers.roles.get(terms, ())

    def takes_part(self, terms: Terms) -> bool:
        """Whether the item may be used by this discount of several units."""
        return terms in self.offers.several


class Plan:
    """A product's offers and prices in a context."""

    __slots__ = (
        "_edges", "_items", "_prices", "context", "ends", "fixed", "offers", "product", "refused", "sample",
        "sorting", "starts",
    )  # fmt: skip

    def __init__(self, context: Context, basket: Basket, line: BasketLine, book: PriceBook) -> None:
        self.context = context
        self.product = line.product
        self.sample = line
        self.sorting = (line.product, line.variant or "", line.unit)
        self.offers = Offers()
        self.refused: list[Reason] = []
        # The stretch of time in which nothing of this product changes; None where the day itself is the limit.
        self.starts: datetime | None = None
        self.ends: datetime | None = None
        touching = book.offers_for(line.product, line.variant, line.categories, line.attributes)
        for discount in sorted(touching, key=lambda one: one.id):  # however the book lists them
            self._consider(discount, basket, line)
        agreements = book.agreements_of(line.product)
        self._edges = breaks_of(agreements)
        for dated in (*agreements, *book.adjustments_of(line.product, line.categories)):
            self._narrow(basket.at, (dated.starts_at, dated.ends_at))
        self._prices: dict[int, UnitPrice] = {}
        self._items: dict[tuple, Item] = {}
        self.fixed = None if self._edges else self._plain_item(basket, line, book)

    def _narrow(self, at: datetime, instants: Iterable[datetime | None]) -> None:
        """End the stretch of time at the nearest instants at which something of the product changes."""
        for instant in instants:
            if instant is None:
                continue
            self.context.narrow(at, instant)
            if instant <= at:
                self.starts = instant if self.starts is None else max(self.starts, instant)
            else:
                self.ends = instant if self.ends is None else min(self.ends, instant)

    def _consider(self, discount: Discount, basket: Basket, line: BasketLine) -> None:
        self._narrow(basket.at, changes_on(discount, self.context.local))
        if is_excluded(discount, line):
            self.refused.append(Reason("excluded", discount.id, discount.name))
            return
        terms, why = self.context.terms_of(discount, basket)
        if why is not None:
            self.refused.append(why)
            return
        for one in terms:
            self._place(one, line)

    def _place(self, terms: Terms, line: BasketLine) -> None:
        offers, discount = self.offers, terms.discount
        if terms.kind in (SIMPLE, QUANTITY):
            assert terms.line is not None
            if not fits(terms.line, line):
                if terms.line.unit not in (None, line.unit):
                    self.refused.append(
                        Reason("other_unit", terms.id, terms.name, detail=terms.line.unit or "")
                    )
            elif terms.kind == SIMPLE:
                if terms.rate is not None:
                    offers.add_single(terms)
            else:
                offers.tiered.append(terms)
                offers.add_several(terms)
        elif terms.kind == MIX_AND_MATCH:
            roles = _roles(terms, line)
            if roles:
                offers.roles[terms] = roles
                offers.add_several(terms)
        elif terms.kind == THRESHOLD and any(
            _names(rule, line) for rule in discount.lines if not rule.exclude
        ):
            offers.thresholds.append(terms)

    def _plain_item(self, basket: Basket, line: BasketLine, book: PriceBook) -> Item:
        """The item on lines that have no price of their own, whatever the line has by which the product is met."""
        if line.own is not None:
            line = line.with_own(price_override=None, price_keyed=None, discount_base_amount=None)
        return self.item(basket, line, book, line.quantity)

    def item(
        self, basket: Basket, line: BasketLine, book: PriceBook, quantity: Decimal, *, blocked: bool = False
    ) -> Item:
        """The item at the price that counts for the line, ``quantity`` units of the product being in the basket."""
        place = bisect_right(self._edges, abs(quantity)) if self._edges else 0
        price = self._prices.get(place)
        if price is None:
            price = book_price(basket, self.sample, book, quantity=quantity)
            self._prices[place] = price
        if line.price_override is not None or line.price_keyed is not None:
            price = at_the_till(price, line)
        base = None if line.discount_base_amount is None else fine(line.discount_base_amount)
        key = (place, price.unit_price, price.source, price.steps[-1:], base, blocked)
        item = self._items.get(key)
        if item is None:
            if len(self._items) > 200:
                self._items.clear()
            item = self._items[key] = Item(self, price, base, blocked, self.context.next_serial())
        return item


def _roles(terms: Terms, line: BasketLine) -> list[tuple[int, Rate | None]]:
    """Every group the line's goods may fill, with the rate of the first line of the discount that lets them in."""
    roles: dict[int, Rate | None] = {}
    for rule in terms.discount.lines:
        group = terms.groups.get(rule.group)
        if rule.exclude or group is None or group in roles or not fits(rule, line):
            continue
        own = rate_of(rule.method, rule.value) if rule.method and rule.value is not None else None
        roles[group] = own or terms.rate
    return sorted(roles.items(), key=lambda role: role[0])


def _names(rule: object, line: BasketLine) -> bool:
    """Whether a threshold's line names the goods: thresholds have no unit."""
    return fits(replace(rule, unit=None), line)  # type: ignore[type-var]


class Context:
    """Everything of a basket but its lines, over a stretch of time in which no offer met so far begins or ends."""

    __slots__ = (
        "_compiled", "_manners", "_remembered", "_serial", "_states", "by_product", "day", "day_ends", "day_starts",
        "ends", "groups", "is_taxed", "key", "known", "local", "met", "minor", "named", "plans", "settled", "settler",
        "starts", "tax_step", "taxes", "zone",
    )  # fmt: skip

    def __init__(self, key: tuple, basket: Basket, compiled: dict[int, tuple[Discount, list[Terms]]]) -> None:
        self.key = key
        self.zone = ZoneInfo(basket.time_zone)
        self.local = basket.at.astimezone(self.zone)
        self.day = self.local.date()
        self.day_starts, self.day_ends = self.starts, self.ends = day_bounds(self.local, self.zone)
        self.groups = frozenset(group.id for group in basket.price_groups)
        self.minor = minor(basket.currency)
        self.plans: dict[tuple, Plan] = {}
        self.known: dict[Name, Shelf] = {}  # of plain lines
        self._manners: dict[Manner, Manner] = {}
        self.by_product: dict[str, list[Plan]] = {}
        self.met: set[tuple[str, str | None, str]] = set()  # product, variant and unit of the plans
        self.named: dict[Terms, set[str]] = {}  # by offer of several units: the products met that it names
        self.settled: dict[tuple, object] = {}  # how the units of a component fare
        self.tax_step: Any = None  # made by the first basket: both hang on nothing but the context
        self.settler: Any = None
        self.taxes: dict[tuple[str | None, str | None], tuple[TaxRule, ...]] = {}
        self.is_taxed = False  # whether a line has had taxes: else totals need not look for any
        self._compiled = compiled
        self._states: dict[int, tuple[Discount, list[Terms], Reason | None]] = {}
        self._serial = 0
        self._remembered = 0

    def add_plan(self, goods: tuple, basket: Basket, line: BasketLine, book: PriceBook) -> Plan:
        """The plan of a product that is met for the first time."""
        if len(self.plans) >= PLANS_KEPT:
            self.plans.clear()
            self._forget()
            self.by_product.clear()
            self.met.clear()
            self.named.clear()
        plan = self.plans[goods] = Plan(self, basket, line, book)
        self.by_product.setdefault(plan.product, []).append(plan)
        self.met.add((line.product, line.variant, line.unit))
        for terms in plan.offers.linked:
            self.named.setdefault(terms, set()).add(plan.product)
        return plan

    def remember(self, line: BasketLine, manner: Manner, seen: Known) -> None:
        """Keep what is known of plain lines like this one."""
        if self._remembered >= PLANS_KEPT:
            self._forget()
        self._remembered += 1
        name = name_of(line)
        shelf = first = self.known.get(name)
        while shelf is not None and shelf.manner != manner:
            shelf = shelf.beside
        if shelf is None:
            shelf = self.known[name] = Shelf(self._manners.setdefault(manner, manner), first)
        shelf.keep(line.quantity, seen)

    def _forget(self) -> None:
        self.known.clear()
        self._manners.clear()
        self._remembered = 0

    def next_serial(self) -> int:
        """A number for a new item."""
        self._serial += 1
        return self._serial

    def terms_of(self, discount: Discount, basket: Basket) -> tuple[list[Terms], Reason | None]:
        """The discount ready for arithmetic, or the reason why it is no candidate."""
        known = self._states.get(id(discount))
        if known is None:
            for instant in changes_on(discount, self.local):
                self.narrow(basket.at, instant)
            known = self._states[id(discount)] = (discount, *self._judge(discount, basket))
        return known[1], known[2]

    def narrow(self, at: datetime, instant: datetime) -> None:
        """End the stretch of time, which holds the moment, where something begins or ends."""
        if instant <= at:
            self.starts = max(self.starts, instant)
        else:
            self.ends = min(self.ends, instant)

    def _judge(self, discount: Discount, basket: Basket) -> tuple[list[Terms], Reason | None]:
        why = refusal(discount, basket, self.groups, basket.at.astimezone(self.zone))
        if why is not None:
            code, detail = why
            return [], Reason(code, discount.id, discount.name or discount.id, detail=detail)
        kept = self._compiled.get(id(discount))
        if kept is None:
            kept = self._compiled[id(discount)] = (discount, compile_discount(discount))
        coupon = coupon_used(discount, basket)
        if coupon is None:
            return kept[1], None
        terms = compile_discount(discount)
        for one in terms:
            one.coupon = coupon.code
        return terms, None

    def holds(self, at: datetime) -> bool:
        """Whether the moment lies in the context's stretch of time."""
        return self.starts <= at < self.ends


class _Kept:
    """What is kept for one book: its version, compiled discounts, and contexts, the latest first."""

    __slots__ = ("compiled", "contexts", "version")

    def __init__(self, version: object) -> None:
        self.version = version
        self.compiled: dict[int, tuple[Discount, list[Terms]]] = {}
        self.contexts: list[Context] = []


_books: WeakKeyDictionary[PriceBook, _Kept] = WeakKeyDictionary()


def context_of(basket: Basket, book: PriceBook) -> Context:
    """The context of the basket, kept from an earlier basket when there was one like it."""
    kept = _books.get(book)
    if kept is None or kept.version != book.version:
        kept = _books[book] = _Kept(book.version)
    key = (
        basket.currency, basket.time_zone, basket.price_groups, basket.customer, basket.channel, basket.coupons,
        basket.coupon_usage, basket.settings, basket.prices_include_tax, basket.tax, basket.include_drafts,
        basket.affiliations, basket.loyalty_tier,
    )  # fmt: skip
    for place, context in enumerate(kept.contexts):
        if context.key == key and context.starts <= basket.at < context.ends:
            if place > 4:
                kept.contexts.insert(0, kept.contexts.pop(place))
            return context
    context = Context(key, basket, kept.compiled)
    kept.contexts.insert(0, context)
    del kept.contexts[CONTEXTS_KEPT:]
    return context
