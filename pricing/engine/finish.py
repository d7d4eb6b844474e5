"""The last steps: which taxes each line pays, what they come to, and the document's totals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from pricing.engine.items import Context
from pricing.engine.minor import Minor
from pricing.engine.model import ZERO, Basket, BasketLine, Charge, PriceBook, PricedCharge, Totals
from pricing.engine.rows import ODD, Fare, Row, dearest_unit, quantity_of, unpacked
from pricing.engine.tax import (
    DEFAULT_ROUNDING,
    TaxableLine,
    TaxedLine,
    TaxPart,
    TaxRounding,
    TaxRule,
    TaxTotal,
    compute_line_taxes,
)
from pricing.engine.tax_codes import Exemption, TaxBook, TaxOverride, exempt, in_order
from pricing.engine.tax_intervals import asks_the_invoice

Rules = tuple[TaxRule, ...]


class TaxStep:
    """The taxes of the lines and charges of the baskets of one context."""

    def __init__(self, basket: Basket, book: PriceBook, context: Context) -> None:
        self.prices_include_tax = basket.prices_include_tax
        self.tax = basket.tax
        self.book = book
        self.context = context
        self.day = basket.tax.on or context.day
        self.rounding = _rounding(basket)
        self.by_line = self.rounding.level in ("per_line", "none") and (
            self.rounding.level == "none" or self.rounding.by == "tax_code" or self.rounding.within_line
        )
        self._plain = not basket.tax.exemptions and basket.tax.override is None
        self._table: TaxBook | None = getattr(book, "tax_book", None)
        holidays = () if self._table is None else self._table.holidays
        self._asks_the_price = any(holiday.price_limit is not None for holiday in holidays)

    def rules_of_goods(self, item_tax_group: str | None, unit_price: Decimal) -> Rules:
        """The taxes of a line that has no tax matters of its own."""
        tax = self.tax
        if self._plain:
            return self._rules(tax.sales_tax_group, item_tax_group, unit_price)
        return self._special(tax.sales_tax_group, item_tax_group, unit_price, tax.override, tax.exemptions)

    def rules_of_row(self, row: Row) -> Rules:
        """The taxes the line pays at the price to which its discounts have brought it."""
        line, item, tax = row.line, row.item, self.tax
        own = line.own
        has_taxes = own is not None and (own.sales_tax_group or own.exemption or own.tax_override)
        if not has_taxes and not (self._asks_the_price and item.rules and row.left != row.gross):
            return item.rules or ()
        exemptions = tax.exemptions if line.exemption is None else (line.exemption, *tax.exemptions)
        group = line.sales_tax_group or tax.sales_tax_group
        return self._special(
            group, line.item_tax_group, dearest_unit(row), line.tax_override or tax.override, exemptions
        )

    def rules_of_charge(self, charge: Charge, lines: Sequence[BasketLine]) -> Rules:
        """The taxes the charge pays: those of its own tax group, where its line or the goods of its mode go to."""
        tax = self.tax
        group = tax.sales_tax_group
        if charge.line is not None:
            group = next((one.sales_tax_group for one in lines if one.id == charge.line), None) or group
        elif charge.delivery_mode is not None:
            sent = (one.sales_tax_group for one in lines if one.delivery_mode == charge.delivery_mode)
            group = next(filter(None, sent), None) or group
        if self._plain:
            return self._rules(group, charge.item_tax_group, charge.amount)
        return self._special(group, charge.item_tax_group, charge.amount, tax.override, tax.exemptions)

    def _rules(self, group: str | None, item_group: str | None, unit_price: Decimal) -> Rules:
        table = self._table
        if table is not None and self._asks_the_price:
            return table.rules_for(group, item_group, self.day, unit_price=unit_price)
        known = self.context.taxes.get((group, item_group))
        if known is None:
            source = table.rules_for if table is not None else self.book.taxes_for
            known = self.context.taxes[group, item_group] = tuple(source(group, item_group, self.day))
        return known

    def _special(
        self,
        group: str | None,
        item_group: str | None,
        unit_price: Decimal,
        override: TaxOverride | None,
        exemptions: Sequence[Exemption],
    ) -> Rules:
        if self._table is not None:
            return self._table.rules_for(
                group, item_group, self.day, unit_price=unit_price, exemptions=exemptions, override=override
            )
        if override is not None:
            group, item_group = override.sales_tax_group or group, override.item_tax_group or item_group
        rules = self._rules(group, item_group, unit_price)
        for exemption in in_order(exemptions):
            rules = exempt(rules, exemption, self.day)
        return rules

    def stands_alone(self, rules: Rules) -> bool:
        """Whether a line's taxes can be told from the line alone."""
        return not rules or (self.by_line and not asks_the_invoice(rules))

    def of_line(self, name: str, amount: Decimal, quantity: Decimal, rules: Rules) -> TaxedLine:
        """The taxes of one line that stands alone."""
        return compute_line_taxes(
            TaxableLine(name, amount, quantity, rules=rules),
            prices_include_tax=self.prices_include_tax,
            rounding=self.rounding,
        )


def _rounding(basket: Basket) -> TaxRounding:
    rounding, unit = basket.settings.tax_rounding, basket.currency.unit
    within = rounding.within_line or basket.settings.tax_engine == "d365_tax_calculation_service"
    if rounding.unit == DEFAULT_ROUNDING.unit:
        return TaxRounding(rounding.level, rounding.by, unit, rounding.mode, within)
    return TaxRounding(rounding.level, rounding.by, rounding.unit, rounding.mode, within)


def totals_of(fares: Sequence[Fare], charges: Sequence[PricedCharge], money: Minor) -> Totals:
    """The sums of the document."""
    whole, left, units, taxed, more, odd = unpacked(sum([fare.sums for fare in fares]), 6)
    gross, discount, tax = money.money(whole), money.money(whole - left), money.money(taxed)
    net, total = money.money(left + more - taxed), money.money(left + more)
    count = quantity_of(units)
    if odd:
        for figures in [fare.figures for fare in fares if fare.sums == ODD]:
            gross += figures.gross
            count += figures.quantity
            discount += figures.discount
            net += figures.net
            tax += figures.tax
            total += figures.total
    charged = ZERO
    for charge in charges:
        net += charge.net
        tax += charge.tax
        total += charge.total
        charged += charge.amount
    return Totals(gross, discount, net, tax, charged, total, count)


def tax_totals(parts: Iterable[tuple[TaxPart, ...]]) -> tuple[TaxTotal, ...]:
    """The document's taxes by code, rate and standing, in the order in which they first appear."""
    sums: dict[tuple[str, Decimal, str], list] = {}
    for taxes in parts:
        for part in taxes:
            key = (part.code, part.rate, part.status)
            known = sums.get(key)
            if known is None:
                sums[key] = [part.base, part.amount, part]
            else:
                known[0] += part.base
                known[1] += part.amount
    return tuple(
        TaxTotal(first.code, first.rate, base, amount, first.status, first.name, first.reason)
        for base, amount, first in sums.values()
    )
