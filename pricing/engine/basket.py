"""Price a basket: prices, discounts, charges and tax, in the order that docs/pricing.md states.

A line whose fate hangs on nothing but itself is priced once per product, price and quantity and then only looked up;
the others go through the steps. Lines with a quantity below zero are priced among themselves, as their sale would be,
and then negated, so that a return undoes its sale.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from pricing.engine import manual
from pricing.engine.charges import (
    Buyer,
    ChargeableLine,
    common_mode,
    compute_charges,
    kept_and_fresh,
    share_discount,
)
from pricing.engine.discounts.levels import MODEL_A, Note
from pricing.engine.discounts.shipping import shipping_discounts
from pricing.engine.discounts.tender import give_tender_discounts
from pricing.engine.discounts.terms import Terms
from pricing.engine.discounts.thresholds import Thresholds
from pricing.engine.explain import line_reasons
from pricing.engine.finish import Rules, TaxStep, tax_totals, totals_of
from pricing.engine.items import Context, Item, Plan, context_of
from pricing.engine.minor import FINE, half_up, shares
from pricing.engine.model import (
    ZERO,
    AppliedDiscount,
    Basket,
    BasketLine,
    Charge,
    ManualDiscount,
    PriceBook,
    PricedBasket,
    PricedCharge,
    PricedLine,
    PricingSettings,
    Reason,
)
from pricing.engine.rows import Given, Row, applied_discounts, line_parts
from pricing.engine.settle import Settler
from pricing.engine.tax import TaxableLine, TaxedLine, compute_taxes


def price_basket(basket: Basket, book: PriceBook) -> PricedBasket:
    """The basket with every line, charge and total priced from the book at the basket's moment."""
    return _Pricing(basket, book).run()


def price_added_line(previous: PricedBasket, basket: Basket, book: PriceBook) -> PricedBasket:
    """The same answer as `price_basket`, reached from the answer before the basket's last line was added."""
    return price_basket(basket, book)


class _Pricing:
    """One basket on its way through the steps."""

    def __init__(self, basket: Basket, book: PriceBook) -> None:
        self.basket = basket
        self.book = book
        self.settings = basket.settings
        self.context: Context = context_of(basket, book)
        self.money = self.context.minor
        self.taxes = TaxStep(basket, book, self.context)
        self.model_a = basket.settings.concurrency_model == MODEL_A
        self.rows: list[Row] = []
        self.done: list[PricedLine | None] = [None] * len(basket.lines)
        self.charges: list[PricedCharge] = []
        self.notes: list[Note] = []
        self._charged: dict[str, Charge] = {}
        self._quantities: dict[tuple, Decimal] | None = None
        # Whether nothing of the order as a whole reaches into its lines.
        self.lines_only = basket.manual_total is None and not basket.tenders and self.taxes.by_line

    def run(self) -> PricedBasket:
        """The priced basket."""
        self._look_up()
        for rows in (
            [row for row in self.rows if row.line.quantity >= 0],
            [row for row in self.rows if row.line.quantity < 0],
        ):
            if rows:
                self._discount(rows)
        self._charge()
        self._total_discount()
        self._tender()
        self._finish()
        lines: list[PricedLine] = self.done  # type: ignore[assignment]
        parts = [line.taxes for line in lines if line.taxes]
        parts += [charge.taxes for charge in self.charges if charge.taxes]
        return PricedBasket(
            tuple(lines),
            totals_of(lines, self.charges),
            tax_totals(parts),
            tuple(self.charges),
            self._explanation(),
            self.basket.currency.code,
        )

    # --- prices -------------------------------------------------------------------------------------------------

    def _look_up(self) -> None:
        """Each line's item; a line that hangs on nothing but itself is done with that."""
        plans, done, lines_only = self.context.plans, self.done, self.lines_only
        for place, line in enumerate(self.basket.lines):
            if line.locked is not None:
                done[place] = line.locked
                continue
            plan = plans.get(
                (line.product, line.variant, line.unit, line.categories, line.attributes, line.item_tax_group)
            )
            if plan is None:
                plan = self._plan(line)
            item = plan.fixed
            if item is None or not is_plain(line):
                item = self._item(plan, line)
                if lines_only and not item.offers.linked and not item.offers.thresholds and is_untouched(line):
                    done[place] = self._alone(place, line, item)
                    continue
            elif lines_only and item.is_alone:
                fields = item.ready.get(line.quantity)
                if fields is None:
                    fields = self._make_ready(place, line, item)
                done[place] = PricedLine(line.id, *fields)
                continue
            self.rows.append(Row(place, line, item, self.money))

    def _plan(self, line: BasketLine) -> Plan:
        key = (line.product, line.variant, line.unit, line.categories, line.attributes, line.item_tax_group)
        return self.context.add_plan(key, self.basket, line, self.book)

    def _item(self, plan: Plan, line: BasketLine) -> Item:
        quantity = line.quantity
        if plan.fixed is None:
            quantity = self._in_basket(line)
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

    def _alone(self, place: int, line: BasketLine, item: Item) -> PricedLine:
        row = Row(place, line, item, self.money)
        Settler(self.context, self.settings).alone(row)
        return self._line(row, self.taxes.rules_of_line(line, item.unit_price.unit_price), None)

    def _make_ready(self, place: int, line: BasketLine, item: Item) -> tuple:
        """The fields of a line of this item and quantity after its id, kept for the next."""
        from msgspec.structs import astuple

        fields = astuple(self._alone(place, line, item))[1:]
        if len(item.ready) > 100:
            item.ready.clear()
        item.ready[line.quantity] = fields
        return fields

    # --- discounts ----------------------------------------------------------------------------------------------

    def _discount(self, rows: list[Row]) -> None:
        """Everything but thresholds, then thresholds, then the lines' discounts by hand."""
        settler = Settler(self.context, self.settings)
        settler.settle(rows)
        self.notes += settler.notes
        if any(row.item.offers.thresholds for row in rows):
            thresholds = Thresholds(rows, self.settings, self.money)
            if self.settings.exclusive_threshold_competes:
                thresholds.compete()
            thresholds.settle()
        on_original = self.settings.compound_behavior == "on_original"
        for row in rows:
            if row.line.manual_discount is not None:
                manual.give_line_discount(row, self.money, on_original=on_original)

    # --- charges, the whole order, tenders ----------------------------------------------------------------------

    def _charge(self) -> None:
        unit = self.basket.currency.unit
        charges = self._all_charges()
        if not charges:
            return
        goods = self._goods()
        offers = self._offers(self.book.shipping_offers()) if any(c.type == "shipping" for c in charges) else []
        for charge in charges:
            given = shipping_discounts(charge, offers, goods, unit)
            off = sum((one.amount for one in given), ZERO)
            left = charge.amount - off
            self.charges.append(
                PricedCharge(
                    charge.id, charge.name, charge.type, charge.amount, off, left, left, (), ZERO, left, charge.line,
                    given, charge.refundable, charge.prorated,
                )
            )  # fmt: skip
        self._charged = dict(zip((charge.id for charge in charges), charges, strict=True))

    def _all_charges(self) -> tuple[Charge, ...]:
        """The charges given, and the automatic ones of the book's rules."""
        rules = getattr(self.book, "charge_rules", None)
        found = rules() if rules is not None else ()
        if not found:
            return self.basket.charges
        lines = [
            ChargeableLine(
                line.id, amount, line.quantity, line.product, line.categories, line.delivery_mode
            )
            for line, amount in zip(self.basket.lines, self._amounts(), strict=True)
            if line.locked is None
        ]
        fresh = compute_charges(
            lines,
            found,
            header_mode=common_mode(lines) if lines else None,
            buyer=Buyer(self.basket.customer, tuple(group.id for group in self.basket.price_groups)),
            unit=self.basket.currency.unit,
        )
        return kept_and_fresh(self.basket.charges, fresh, lines=[line.id for line in self.basket.lines])

    def _amounts(self) -> list[Decimal]:
        """What is to be paid for each line so far, as quoted."""
        amounts = [ZERO if line is None else line.amount for line in self.done]
        for row in self.rows:
            amounts[row.place] = self.money.money(row.left * _sign(row.line))
        return amounts

    def _goods(self) -> Decimal:
        return sum(self._amounts(), ZERO)

    def _total_discount(self) -> None:
        """The order's manual discount, over its lines and, by the setting, its charges."""
        given = self.basket.manual_total
        if given is None:
            return
        rows = [row for row in self.rows if manual.may_discount(row) and row.line.quantity >= 0]
        returned = [row for row in self.rows if manual.may_discount(row) and row.line.quantity < 0]
        if self._is_net_total(given):
            self._net_discount(rows or returned, given)
            return
        if rows or not returned:
            self._give_total(rows, given, self.charges if self.settings.manual_total_covers_charges else [])
        if returned and (given.method == "percent_off" or not rows):
            self._give_total(returned, given, [])

    def _give_total(self, rows: list[Row], given: ManualDiscount, charges: Sequence[PricedCharge]) -> None:
        goods = sum(row.left for row in rows)
        extra = [self.money.units(charge.amount) for charge in charges]
        amount = manual.total_amount(given, goods + sum(extra), self.money)
        of_goods, of_charges = amount, 0
        if extra:
            of_goods, of_charges = shares(amount, [goods, sum(extra)])
            parts = share_discount(
                [self._charged[charge.id] for charge in charges], self.money.money(of_charges), self.money.unit
            )
            self.charges = [_reduced(charge, parts[charge.id], given) for charge in charges]
        if rows:
            manual.give_total_discount(rows, given, of_goods, self.settings.remainder)

    def _is_net_total(self, given: ManualDiscount) -> bool:
        basis = given.basis or self.settings.manual_total_basis
        return basis == "net_total" and self.basket.prices_include_tax and given.method == "amount_off"

    def _net_discount(self, rows: list[Row], given: ManualDiscount) -> None:
        """A total discount named without tax, where prices are with tax: it is taken off the nets."""
        wanted = self.money.units(given.value)
        parts = shares(min(wanted, sum(row.left for row in rows)), [row.left for row in rows])
        for row, part in zip(rows, parts, strict=True):
            row.net_discount = self.money.money(part * _sign(row.line))

    def _tender(self) -> None:
        if not self.basket.tenders:
            return
        terms = self._offers(self.book.tender_offers())
        if terms:
            rows = [row for row in self.rows if row.line.quantity >= 0]
            give_tender_discounts(rows, self.basket.tenders, terms, self.money, self._due)

    def _due(self) -> int:
        """What is due for the basket as it stands, in smallest units."""
        total = sum((line.total for line in self.done if line is not None), ZERO)
        return self.money.units(total + sum((line.total for line in self._taxed().values()), ZERO))

    def _offers(self, discounts: Sequence) -> list[Terms]:
        found: list[Terms] = []
        for discount in discounts:
            terms, why = self.context.terms_of(discount, self.basket)
            if why is None:
                found += terms
        return found

    # --- tax and the answer -------------------------------------------------------------------------------------

    def _taxed(self) -> dict[str, TaxedLine]:
        """Every row and charge with its taxes, computed together."""
        taxables: list[TaxableLine] = []
        for row in self.rows:
            rules = self.taxes.rules_of_line(row.line, row.item.unit_price.unit_price)
            amount = self.money.money(row.left * _sign(row.line))
            taxables.append(
                TaxableLine(row.line.id, amount, row.line.quantity, rules=rules, net_discount=row.net_discount)
            )
        for charge in self.charges:
            rules = self.taxes.rules_of_charge(self._charged[charge.id])
            taxables.append(TaxableLine("charge:" + charge.id, charge.amount, rules=rules))
        result = compute_taxes(
            taxables, prices_include_tax=self.basket.prices_include_tax, rounding=self.taxes.rounding
        )
        return {str(line.line): line for line in result.lines}

    def _finish(self) -> None:
        taxed = self._taxed() if self.rows or self.charges else {}
        for row in self.rows:
            found = taxed[row.line.id]
            if row.net_discount:
                self._quote_net_discount(row, found)
            self.done[row.place] = self._line(row, (), found)
        self.charges = [_with_tax(charge, taxed["charge:" + charge.id]) for charge in self.charges]

    def _quote_net_discount(self, row: Row, found: TaxedLine) -> None:
        """Note a discount named without tax as what it takes off the price with tax."""
        given = self.basket.manual_total
        assert given is not None
        applied = manual.applied_total(given)
        due = self.money.units(abs(found.total))
        row.parts[0].take(Given(applied, row.left - due, "manual", applied), on_original=False)

    def _line(self, row: Row, rules: Rules, taxed: TaxedLine | None) -> PricedLine:
        line, item, money = row.line, row.item, self.money
        sign = _sign(line)
        left = row.left
        gross, amount = money.money(row.gross * sign), money.money(left * sign)
        if taxed is None and rules:
            taxed = self.taxes.of_line(line.id, amount, line.quantity, rules)
        price = item.unit_price
        if taxed is None:
            net, taxes, tax, total = amount, (), ZERO, amount
        else:
            net, taxes, tax, total = taxed.net, taxed.parts, taxed.tax, taxed.total
        return PricedLine(
            line.id, line.product, line.variant, line.quantity, line.unit, price.list_price, price.agreement_price,
            price.unit_price, price.source, gross, applied_discounts(row, money, sign),
            money.money((row.gross - left) * sign), amount, net, taxes, tax, total,
            line_reasons(row, money, model_a=self.model_a), line_parts(row, money, sign),
        )  # fmt: skip

    def _explanation(self) -> tuple[Reason, ...]:
        found = []
        for note in self.notes:
            detail = ", ".join(note.offers)
            if note.gap:
                gap = self.money.money(half_up(note.gap, FINE // 10**self.money.decimals))
                found.append(Reason("search_stopped", amount=gap, detail=detail))
            else:
                found.append(Reason("not_proven", detail=detail))
        return tuple(found)


def is_plain(line: BasketLine) -> bool:
    """Whether nothing about the line itself changes its price or its discounts."""
    return not (
        line.price_override is not None
        or line.price_keyed is not None
        or line.manual_discount is not None
        or line.prevent_all_discounts
        or line.prevent_retail_discounts
        or line.prevent_discounts_on_line
        or line.discount_base_amount is not None
        or line.sales_tax_group is not None
        or line.exemption is not None
        or line.tax_override is not None
    )


def is_untouched(line: BasketLine) -> bool:
    """Whether the line has no discount by hand."""
    return line.manual_discount is None


def is_blocked(line: BasketLine, settings: PricingSettings) -> bool:
    """Whether offers may not be given to the line."""
    if line.prevent_all_discounts or line.prevent_retail_discounts or line.prevent_discounts_on_line:
        return True
    if line.price_override is not None:
        if not settings.apply_discounts_to_price_overrides:
            return True
    elif line.price_keyed is not None and not settings.apply_discounts_to_keyed_prices:
        return True
    return line.manual_discount is not None and settings.manual_vs_system == "replace"


def _sign(line: BasketLine) -> int:
    return -1 if line.quantity < 0 else 1


def _reduced(charge: PricedCharge, off: Decimal, given: ManualDiscount) -> PricedCharge:
    """The charge with its part of a total discount."""
    left = charge.amount - off
    applied = AppliedDiscount(
        "manual_total", "Total discount", "manual_total", off, "manual", given.method, given.value, None, None,
        given.reason, given.by,
    )  # fmt: skip
    return PricedCharge(
        charge.id, charge.name, charge.type, charge.gross, charge.discount + off, left, left, (), ZERO, left,
        charge.line, (*charge.discounts, applied), charge.refundable, charge.prorated,
    )  # fmt: skip


def _with_tax(charge: PricedCharge, found: TaxedLine) -> PricedCharge:
    return PricedCharge(
        charge.id, charge.name, charge.type, charge.gross, charge.discount, charge.amount, found.net, found.parts,
        found.tax, found.total, charge.line, charge.discounts, charge.refundable, charge.prorated,
    )  # fmt: skip

