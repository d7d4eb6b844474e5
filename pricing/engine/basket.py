"""Price a basket: prices, discounts, charges and tax, in the order that docs/pricing.md states.

A plain line, which has nothing of its own but a quantity, is priced once per product, price and quantity where its fate
hangs on nothing else, and once per fate where offers tie it to others; after that it is only looked up. Lines with a
quantity below zero are priced among themselves, as their sale would be, and then negated, so that a return
undoes its sale.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from pricing.engine import manual
from pricing.engine.discounts.contest import Note
from pricing.engine.discounts.levels import MODEL_A
from pricing.engine.discounts.thresholds import Thresholds
from pricing.engine.explain import line_reasons
from pricing.engine.finish import TaxStep, tax_totals, totals_of
from pricing.engine.items import Context, Item, Plan, context_of
from pricing.engine.minor import FINE, half_up
from pricing.engine.model import (
    ONE,
    ZERO,
    Basket,
    BasketLine,
    Figures,
    PriceBook,
    PricedBasket,
    PricedCharge,
    PricedLine,
    PricingSettings,
    Reason,
)
from pricing.engine.order import Order
from pricing.engine.rows import (
    Fare,
    Row,
    applied_discounts,
    fare_of,
    line_parts,
    packed,
    quantity_of,
    sign_of,
    units_of,
)
from pricing.engine.settle import Settler, tie
from pricing.engine.shelves import Known, Manner
from pricing.engine.tax import TaxedLine


def price_basket(basket: Basket, book: PriceBook) -> PricedBasket:
    """The basket with every line, charge and total priced from the book at the basket's moment."""
    return Pricing(basket, book).run()


def price_added_line(previous: PricedBasket, basket: Basket, book: PriceBook) -> PricedBasket:
    """The same answer as `price_basket`, reached from the answer before the basket's last line was added."""
    from pricing.engine.added import price_added

    return price_added(previous, basket, book) or price_basket(basket, book)


class Pricing:
    """One basket on its way through the steps."""

    def __init__(self, basket: Basket, book: PriceBook) -> None:
        self.basket = basket
        self.book = book
        self.settings = basket.settings
        self.context: Context = context_of(basket, book)
        self.money = self.context.minor
        if self.context.settler is None:
            self.context.tax_step = TaxStep(basket, book, self.context)
            self.context.settler = Settler(self.context, basket.settings)
        self.taxes: TaxStep = self.context.tax_step
        self.settler: Settler = self.context.settler
        self.model_a = basket.settings.concurrency_model == MODEL_A
        self.fares: list[Fare] = [None] * len(basket.lines)  # type: ignore[list-item]
        self.notes: list[Note] = []
        self.starts, self.ends = self.context.day_starts, self.context.day_ends
        self._quantities: dict[tuple, Decimal] | None = None
        # Whether nothing of the order as a whole reaches into its lines.
        self.lines_only = basket.manual_total is None and not basket.tenders and self.taxes.by_line

    def run(self) -> PricedBasket:
        """The priced basket."""
        rows: list[Row] = []
        for alone, tied in self._look_up():
            if alone or tied:
                rows += self._discount(alone, tied)
        charges = self._order(rows)
        fares = self.fares
        figures = [fare.figures for fare in fares]
        taxes = [taxes for fare in fares if (taxes := fare.taxes)] if self.context.is_taxed else []
        taxes += [charge.taxes for charge in charges if charge.taxes]
        return PricedBasket(
            tuple(map(PricedLine, [line.id for line in self.basket.lines], figures)),
            totals_of(fares, charges, self.money),
            tax_totals(taxes) if taxes else (),
            tuple(charges),
            _explanation(self.notes, self.money.decimals, self.money.money) if self.notes else (),
            self.basket.currency.code,
            self.starts,
            self.ends,
        )

    def _order(self, rows: list[Row]) -> list[PricedCharge]:
        """Finish the open rows with what the order as a whole adds to them; its charges."""
        order = Order(self.basket, self.book, self.context, self.taxes, rows, self.fares)
        order.settle()
        taxed = order.taxed
        for row in rows:
            fare = self._fare(row, taxed.get(row.line.id) if taxed else None)
            self.fares[row.place] = fare
            if row.fate is not None:
                row.item.keep(row.fate, fare)
        return order.charges

    # --- prices -------------------------------------------------------------------------------------------------

    def _look_up(self) -> Iterable[tuple[list[Row], list[Row]]]:
        """Rows sold and rows returned, each that stand alone and that offers may tie; known plain lines are done."""
        fares, money = self.fares, self.money
        known = self.context.known if self.lines_only else {}
        alone: tuple[list[Row], list[Row]] = ([], [])
        tied: tuple[list[Row], list[Row]] = ([], [])
        for place, line in enumerate(self.basket.lines):
            product, variant = line.product, line.variant
            manner = line.unit, line.categories, line.attributes, line.item_tax_group
            shelf = known.get(product if variant is None else (product, variant))  # name_of, without the call
            while shelf is not None and shelf.manner != manner:
                shelf = shelf.beside
            if shelf is None or line.own is not None:
                seen = None
            elif line.quantity == ONE:
                fare = shelf.fare
                if fare is not None:
                    fares[place] = fare
                    continue
                seen = shelf.one
            else:
                seen = shelf.more.get(str(line.quantity))
            if seen is None:
                seen = self._see(line, manner)
                if seen is None:
                    fares[place] = fare_of(line.locked.figures, money)
                    self.context.is_taxed |= bool(line.locked.taxes)
                    continue
            elif seen.dated:
                self._narrow(seen.item.plan)
            if seen.fare is not None:
                fares[place] = seen.fare
                continue
            item = seen.item
            row = Row(place, line, item, money, seen.plain, seen.size)
            (tied if item.linked else alone)[seen.returned].append(row)
        return zip(alone, tied, strict=True)

    def _see(self, line: BasketLine, manner: Manner) -> Known | None:
        """What is to be known of the line; it is kept when it is plain. None when its figures are settled."""
        if line.locked is not None:
            return None
        context = self.context
        goods = (line.product, line.variant, manner)
        plan = context.plans.get(goods) or context.add_plan(goods, self.basket, line, self.book)
        if plan.starts is not None or plan.ends is not None:
            self._narrow(plan)
        plain = line.own is None
        item = plan.fixed
        if item is None or not plain:
            item = self._item(plan, line)
        if item.rules is None:
            self._learn_taxes(item, line)
        plain = plain and self.lines_only and item.taxed_alone
        returned, size = line.quantity < 0, units_of(line.quantity)
        if plain and item.is_alone:
            row = Row(0, line, item, self.money, True, size)
            self.settler.alone(row)
            seen = Known(item, size, self._fare(row, None), True, returned)
        else:
            together = plain and not returned and not item.thresholds
            seen = Known(item, size, None, together, returned)
        if plain and plan.fixed is not None:
            context.remember(line, manner, seen)
        return seen

    def _narrow(self, plan: Plan) -> None:
        """The answer holds no longer than the prices and offers of each of its goods."""
        if plan.starts is not None:
            self.starts = max(self.starts, plan.starts)
        if plan.ends is not None:
            self.ends = min(self.ends, plan.ends)

    def _item(self, plan: Plan, line: BasketLine) -> Item:
        quantity = line.quantity if plan.fixed is not None else self._in_basket(line)
        return plan.item(self.basket, line, self.book, quantity, blocked=is_blocked(line, self.settings))

    def _in_basket(self, line: BasketLine) -> Decimal:
        """Units of the line's goods in the whole basket, sold or returned: what quantity breaks look at."""
        if self._quantities is None:
            self._quantities = {}
            for one in self.basket.lines:
                if one.locked is None:
                    key = (one.product, one.variant, one.unit, one.quantity < 0)
                    self._quantities[key] = self._quantities.get(key, ZERO) + one.quantity
        return self._quantities[line.product, line.variant, line.unit, line.quantity < 0]

    def _learn_taxes(self, item: Item, line: BasketLine) -> None:
        """The taxes of the item on a plain line of it."""
        item.rules = self.taxes.rules_of_goods(line.item_tax_group, item.unit_price.unit_price)
        item.taxed_alone = self.taxes.stands_alone(item.rules)

    # --- discounts ----------------------------------------------------------------------------------------------

    def _discount(self, alone: list[Row], tied: list[Row]) -> list[Row]:
        """Everything but thresholds, then thresholds, then the lines' discounts by hand; the rows not done with."""
        settler = self.settler
        for row in alone:
            settler.alone(row)
        notes = len(self.notes)
        rows = alone + self._tied(tied) if tied else alone
        if any(row.item.thresholds for row in rows):
            if self.settings.exclusive_threshold_competes:
                freed = Thresholds(rows, self.settings, self.money).compete()
                gone = {row.place for row in freed}
                kept = [row for row in tied if row.place not in gone]
                if kept and len(kept) < len(tied):  # goods of their sets were freed for a threshold
                    del self.notes[notes:]
                    rows = alone + [row for row in tied if row.place in gone] + self._again(kept)
            Thresholds(rows, self.settings, self.money).settle()
        for row in rows:
            if row.line.manual_discount is not None:
                manual.give_line_discount(row, self.money, on_original=self.settings.on_original)
        return rows

    def _again(self, tied: list[Row]) -> list[Row]:
        """The same as `_tied` for rows that were settled with others, which are gone now."""
        for row in tied:
            row.fare = row.fate = None
        return self._tied(tied)

    def _tied(self, tied: list[Row]) -> list[Row]:
        """Rows that offers of several units may tie together; what is known from an earlier basket is done."""
        fares, settler = self.fares, self.settler
        rows: list[Row] = []
        together, lonely = tie(tied)
        for row in lonely:
            fare = row.item.lonely.get(row.size) if row.plain else None
            if fare is None:
                settler.alone(row)
                if not row.plain:
                    rows.append(row)
                    continue
                fare = self._fare(row, None)
                row.item.keep_lonely(row.size, fare)
            fares[row.place] = fare
        for component, terms in together:
            self.notes += settler.settle_component(component, terms)
            for row in component:
                if row.fare is not None:
                    fares[row.place] = row.fare
                else:
                    rows.append(row)
        return rows

    # --- the answer ---------------------------------------------------------------------------------------------

    def _fare(self, row: Row, taxed: TaxedLine | None) -> Fare:
        line, item, money = row.line, row.item, self.money
        sign = sign_of(line)
        left, whole = row.left, row.gross
        gross, amount = money.money(whole * sign), money.money(left * sign)
        if taxed is None and item.rules and row.plain:
            taxed = self.taxes.of_line(line.id, amount, line.quantity, self.taxes.rules_of_row(row))
        price = item.unit_price
        if taxed is None or not taxed.parts:
            net, taxes, tax, total = amount, (), ZERO, amount
        else:
            net, taxes, tax, total = taxed.net, taxed.parts, taxed.tax, taxed.total
        discounted = left != whole
        figures = Figures(
            line.product, line.variant, line.quantity, line.unit, price.list_price, price.agreement_price,
            price.unit_price, price.source, gross, applied_discounts(row, money, sign) if discounted else (),
            money.money((whole - left) * sign), amount, net, taxes, tax, total,
            line_reasons(row, money, model_a=self.model_a),
            line_parts(row, money, sign) if len(row.parts) > 1 else (),
        )  # fmt: skip
        if taxes:
            self.context.is_taxed = True
        if taxes or quantity_of(row.size) != abs(line.quantity):
            return fare_of(figures, money)
        return Fare(figures, packed((sign * whole, sign * left, sign * row.size)))


def _explanation(notes: Iterable[Note], decimals: int, money: object) -> tuple[Reason, ...]:
    """What the search for the best combination has to tell."""
    found = []
    for note in notes:
        detail = ", ".join(note.offers)
        if note.gap:
            gap = money(half_up(note.gap, FINE // 10**decimals))  # type: ignore[operator]
            found.append(Reason("search_stopped", amount=gap, detail=detail))
        else:
            found.append(Reason("not_proven", detail=detail))
    return tuple(found)


def is_blocked(line: BasketLine, settings: PricingSettings) -> bool:
    """Whether offers may not be given to the line."""
    if line.prevent_all_discounts or line.prevent_retail_discounts or line.prevent_discounts_on_line:
        return True
    if line.price_override is not None:
        if not settings.apply_discounts_to_price_overrides:
            return True
    elif line.price_keyed is not None and not settings.apply_discounts_to_keyed_prices:
        return True
    replaced = line.manual_discount is not None and not line.prevent_manual_discounts
    return replaced and settings.manual_vs_system == "replace"
