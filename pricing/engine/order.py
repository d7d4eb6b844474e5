"""What the order as a whole adds to its lines: charges, the discount on the total, tender discounts, and tax."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import groupby

from pricing.engine import manual
from pricing.engine.charges import (
    Buyer,
    ChargeableLine,
    common_mode,
    compute_charges,
    kept_and_fresh,
    rules_in_reach,
    share_discount,
)
from pricing.engine.discounts.model import AMOUNT_OFF, PERCENT_OFF, Discount
from pricing.engine.discounts.shipping import shared_shipping_discounts
from pricing.engine.discounts.tender import give_tender_discounts
from pricing.engine.discounts.terms import Terms
from pricing.engine.finish import TaxStep
from pricing.engine.items import Context
from pricing.engine.minor import shares
from pricing.engine.model import (
    ZERO,
    AppliedDiscount,
    Basket,
    Charge,
    ManualDiscount,
    PriceBook,
    PricedCharge,
)
from pricing.engine.rows import Fare, Given, Row, sign_of
from pricing.engine.tax import TaxableLine, TaxedLine, compute_taxes


class Order:
    """The rows of a basket that are still open, and the lines that are done, on their way to the total."""

    def __init__(
        self,
        basket: Basket,
        book: PriceBook,
        context: Context,
        taxes: TaxStep,
        rows: Sequence[Row],
        fares: Sequence[Fare],
    ) -> None:
        self.basket = basket
        self.book = book
        self.context = context
        self.money = context.minor
        self.taxes = taxes
        self.rows = rows
        self.fares = fares
        self.charges: list[PricedCharge] = []
        self.settled: list[PricedCharge] = []  # of an earlier sale, on their way back
        self.taxed: dict[str, TaxedLine] = {}
        self._charged: dict[str, Charge] = {}

    def settle(self) -> None:
        """The total discount, charges, then tender discounts; then every open row and charge has its tax.

        Charges look at what the total discount left, unless it is on the charges, too.
        """
        basket = self.basket
        covers_charges = basket.settings.manual_total_covers_charges
        if basket.manual_total is not None and not covers_charges:
            self._total_discount(basket.manual_total)
        charges = self._all_charges()
        if charges:
            self._charge(charges)
        if basket.manual_total is not None and covers_charges:
            self._total_discount(basket.manual_total)
        if basket.tenders:
            self._tender()
        if self.charges or any(not row.plain and self._is_taxed(row) for row in self.rows):
            self.taxed = self._tax()
            for row in self.rows:
                if row.net_discount:
                    self._quote_net_discount(row, self.taxed[row.line.id])
            self.charges = [_with_tax(charge, self.taxed["charge:" + charge.id]) for charge in self.charges]
        self.charges += self.settled

    # --- charges ------------------------------------------------------------------------------------------------

    def _all_charges(self) -> tuple[Charge, ...]:
        """The charges given, and the automatic ones of the book's rules."""
        charge_rules = getattr(self.book, "charge_rules", None)
        rules = charge_rules() if charge_rules is not None else ()
        if not rules:
            return self.basket.charges
        found = rules_in_reach(
            rules, {line.delivery_mode for line in self.basket.lines if line.locked is None}
        )
        if not found:
            return self.basket.charges
        lines = [
            ChargeableLine(line.id, amount, line.own_units, line.product, line.categories, line.delivery_mode)
            for line, amount in zip(self.basket.lines, self._amounts(), strict=True)
            if line.locked is None
        ]
        fresh = compute_charges(
            lines,
            found,
            header_mode=self.basket.delivery_mode or common_mode([one for one in lines if one.quantity > 0]),
            buyer=Buyer(self.basket.customer, tuple(group.id for group in self.basket.price_groups)),
            unit=self.basket.currency.unit,
        )
        return kept_and_fresh(self.basket.charges, fresh, lines=[line.id for line in self.basket.lines])

    def _amounts(self) -> list[Decimal]:
        """What is to be paid for each line so far, as quoted."""
        amounts = [ZERO if fare is None else fare.figures.amount for fare in self.fares]
        for row in self.rows:
            amounts[row.place] = self.money.money(row.left * sign_of(row.line))
        return amounts

    def _charge(self, charges: Sequence[Charge]) -> None:
        """Every charge, with the shipping discounts on it."""
        goods, unit = sum(self._amounts(), ZERO), self.basket.currency.unit
        shipped = any(charge.type == "shipping" for charge in charges)
        offers = self._offers(self.book.shipping_offers()) if shipped else []
        self.settled += [charge.locked for charge in charges if charge.locked is not None]
        modes = {line.id: line.delivery_mode for line in self.basket.lines}
        quoted = (one for one in charges if one.locked is None)
        for _, parts in groupby(quoted, key=lambda one: _whole_of(one, modes)):
            found = list(parts)
            discounts = shared_shipping_discounts(found, offers, goods, unit)
            for charge, given in zip(found, discounts, strict=True):
                off = sum((one.amount for one in given), ZERO)
                self._charged[charge.id] = charge
                self.charges.append(_after_discounts(charge, given, off))

    def _offers(self, discounts: Sequence[Discount]) -> list[Terms]:
        """The terms of those that are candidates."""
        found: list[Terms] = []
        for discount in discounts:
            terms, why = self.context.terms_of(discount, self.basket)
            if why is None:
                found += terms
        return found

    # --- the discount on the total ------------------------------------------------------------------------------

    def _total_discount(self, given: ManualDiscount) -> None:
        """Over the lines that may be discounted and, by the setting, the charges.

        An amount is taken off what is sold; a percentage off what is returned as well, as off its sale.
        """
        sold = [row for row in self.rows if manual.may_discount(row) and row.line.quantity >= 0]
        returned = [row for row in self.rows if manual.may_discount(row) and row.line.quantity < 0]
        settings = self.basket.settings
        basis = given.basis or settings.manual_total_basis
        if basis == "net_total" and self.basket.prices_include_tax and given.method == AMOUNT_OFF:
            self._net_discount(sold or returned, given)
            return
        if sold or not returned:
            self._give_total(sold, given, self.charges)
        if returned and (given.method == PERCENT_OFF or not sold):
            self._give_total(returned, given, [])

    def _give_total(self, rows: list[Row], given: ManualDiscount, charges: Sequence[PricedCharge]) -> None:
        goods = sum(row.left for row in rows)
        extra = sum(self.money.units(charge.amount) for charge in charges)
        of_goods = manual.total_amount(given, goods + extra, self.money)
        if extra:
            of_goods, of_charges = shares(of_goods, [goods, extra])
            parts = share_discount(charges, self.money.money(of_charges), self.money.unit)
            self.charges = [_reduced(charge, parts[charge.id], given) for charge in charges]
        if rows:
            manual.give_total_discount(rows, given, of_goods, self.basket.settings.remainder)

    def _net_discount(self, rows: list[Row], given: ManualDiscount) -> None:
        """An amount named without tax, where prices are with tax: it is taken off the nets."""
        if not rows:
            return
        lefts = [row.left for row in rows]
        wanted = min(self.money.units(given.value), sum(lefts))
        for row, part in zip(rows, shares(wanted, lefts), strict=True):
            row.net_discount = self.money.money(part * sign_of(row.line))

    def _quote_net_discount(self, row: Row, found: TaxedLine) -> None:
        """Note a discount named without tax as what it takes off the price with tax."""
        assert self.basket.manual_total is not None
        applied = manual.applied_total(self.basket.manual_total)
        due = self.money.units(abs(found.total))
        row.parts[0].take(Given(applied, row.left - due, "manual", applied), on_original=False)

    # --- payments and tax ---------------------------------------------------------------------------------------

    def _tender(self) -> None:
        terms = self._offers(self.book.tender_offers())
        if terms:
            rows = [row for row in self.rows if row.line.quantity >= 0]
            credit = -sum(total for total in self._totals() if total < 0)
            give_tender_discounts(rows, self.basket.tenders, terms, self.money, self._due, credit)

    def _due(self) -> int:
        """What is due for the basket as it stands, in smallest units."""
        return sum(self._totals())

    def _totals(self) -> list[int]:
        """What each line and charge comes to as it stands, with tax, in smallest units."""
        open_places = {row.place for row in self.rows}
        found = [fare.figures.total for place, fare in enumerate(self.fares) if place not in open_places]
        found += [charge.total for charge in self.settled]
        found += [line.total for line in self._tax().values()]
        return [self.money.units(total) for total in found]

    def _is_taxed(self, row: Row) -> bool:
        return bool(self.taxes.rules_of_row(row))

    def _tax(self) -> dict[str, TaxedLine]:
        """Every open row and charge with its taxes, computed together."""
        taxables: list[TaxableLine] = []
        for row in self.rows:
            rules = self.taxes.rules_of_row(row)
            amount = self.money.money(row.left * sign_of(row.line))
            line = row.line
            taxables.append(
                TaxableLine(line.id, amount, line.own_units, rules=rules, net_discount=row.net_discount)
            )
        for charge in self.charges:
            rules = self.taxes.rules_of_charge(self._charged[charge.id], self.basket.lines)
            taxables.append(TaxableLine("charge:" + charge.id, charge.amount, rules=rules))
        include, rounding = self.basket.prices_include_tax, self.taxes.rounding
        result = compute_taxes(taxables, prices_include_tax=include, rounding=rounding)
        return {str(line.line): line for line in result.lines}


def _whole_of(charge: Charge, modes: Mapping[str, str | None]) -> tuple[str, str | None]:
    """What a charge is a part of: its rule on the lines that go one way; by itself where it is not shared."""
    if not charge.prorated:
        return charge.id, None
    return charge.id.rsplit(":", 1)[0], modes.get(charge.line or "")


def _after_discounts(charge: Charge, given: tuple[AppliedDiscount, ...], off: Decimal) -> PricedCharge:
    left = charge.amount - off
    return PricedCharge(
        charge.id, charge.name, charge.type, charge.amount, off, left, left, (), ZERO, left, charge.line, given,
        charge.refundable, charge.prorated,
    )  # fmt: skip


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
