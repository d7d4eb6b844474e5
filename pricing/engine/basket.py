"""Price a basket: prices, discounts, charges and tax, in the order that docs/pricing.md states."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from pricing.engine import tax
from pricing.engine.model import (
    ZERO,
    Basket,
    BasketLine,
    PriceBook,
    PricedBasket,
    PricedCharge,
    PricedLine,
    Totals,
)
from pricing.engine.price import at_the_till, book_price
from pricing.engine.rounding import round_to


def price_basket(basket: Basket, book: PriceBook) -> PricedBasket:
    """The basket with every line, charge and total priced from the book at the basket's moment."""
    day = basket.at.astimezone(ZoneInfo(basket.time_zone)).date()
    quantities = quantities_by_item(basket)
    lines = [_price_line(basket, line, book, day, quantities) for line in basket.lines]
    return _with_tax(basket, lines, book, basket.tax.on or day)


def price_added_line(previous: PricedBasket, basket: Basket, book: PriceBook) -> PricedBasket:
    """The same answer as `price_basket`, reached from the answer before the basket's last line was added."""
    return price_basket(basket, book)


def quantities_by_item(basket: Basket) -> dict[tuple[str, str | None, str], Decimal]:
    """Units of each (product, variant, unit) in the whole basket: what quantity breaks look at."""
    quantities: dict[tuple[str, str | None, str], Decimal] = {}
    for line in basket.lines:
        key = (line.product, line.variant, line.unit)
        quantities[key] = quantities.get(key, ZERO) + line.quantity
    return quantities


def _price_line(
    basket: Basket, line: BasketLine, book: PriceBook, day: date, quantities: dict[tuple[str, str | None, str], Decimal]
) -> PricedLine:
    if line.locked is not None:
        return line.locked
    quantity = quantities[line.product, line.variant, line.unit]
    price = at_the_till(book_price(basket, line, book, quantity=quantity), line)
    gross = round_to(price.unit_price * line.quantity, basket.currency.unit)
    return PricedLine(
        line.id, line.product, line.variant, line.quantity, line.unit,
        price.list_price, price.agreement_price, price.unit_price, price.source,
        gross, (), ZERO, gross, gross, (), ZERO, gross, price.steps,
    )  # fmt: skip


def _with_tax(basket: Basket, lines: list[PricedLine], book: PriceBook, day: date) -> PricedBasket:
    taxables: list[tax.TaxableLine] = []
    rules: dict[str, tax.TaxRule] = {}
    for line, priced in zip(basket.lines, lines, strict=True):
        if line.locked is None:
            codes = _codes(basket, line.sales_tax_group, line.item_tax_group, book, day, rules)
            taxables.append(tax.TaxableLine(line.id, priced.amount, line.quantity, codes))
    for charge in basket.charges:
        codes = _codes(basket, None, charge.item_tax_group, book, day, rules)
        taxables.append(tax.TaxableLine("charge:" + charge.id, charge.amount, codes=codes))
    result = tax.compute_taxes(
        taxables, list(rules.values()), prices_include_tax=basket.prices_include_tax, rounding=_rounding(basket)
    )
    taxed = {line.line: line for line in result.lines}
    return _assemble(basket, lines, taxed)


def _codes(
    basket: Basket, sales_group: str | None, item_group: str | None, book: PriceBook, day: date,
    rules: dict[str, tax.TaxRule],
) -> tuple[str, ...]:  # fmt: skip
    group = sales_group or basket.tax.sales_tax_group
    found = book.taxes_for(group, item_group, day)
    for rule in found:
        rules.setdefault(rule.code, rule)
    return tuple(rule.code for rule in found)


def _rounding(basket: Basket) -> tax.TaxRounding:
    rounding = basket.settings.tax_rounding
    if rounding.unit == tax.DEFAULT_ROUNDING.unit != basket.currency.unit:
        return tax.TaxRounding(rounding.level, rounding.by, basket.currency.unit, rounding.mode)
    return rounding


def _assemble(basket: Basket, lines: list[PricedLine], taxed: dict) -> PricedBasket:
    final: list[PricedLine] = []
    for line in lines:
        found = taxed.get(line.id)
        final.append(line if found is None else _taxed_line(line, found))
    charges = []
    for charge in basket.charges:
        found = taxed["charge:" + charge.id]
        charges.append(PricedCharge(
            charge.id, charge.name, charge.type, charge.amount, ZERO, charge.amount, found.net, found.parts, found.tax,
            found.total, charge.line, (), charge.refundable, charge.prorated,
        ))  # fmt: skip
    everything = [*final, *charges]
    totals = Totals(
        gross=sum((line.gross for line in final), ZERO),
        discount=sum((line.discount for line in final), ZERO),
        net=sum((part.net for part in everything), ZERO),
        tax=sum((part.tax for part in everything), ZERO),
        charges=sum((charge.amount for charge in charges), ZERO),
        total=sum((part.total for part in everything), ZERO),
        item_count=sum((line.quantity for line in final), ZERO),
    )
    summed = tax.add_up([tax.TaxedLine(part.id, part.net, part.tax, part.total, part.taxes) for part in everything])
    return PricedBasket(tuple(final), totals, summed.totals, tuple(charges), (), basket.currency.code)


def _taxed_line(line: PricedLine, found: tax.TaxedLine) -> PricedLine:
    return PricedLine(
        line.id, line.product, line.variant, line.quantity, line.unit, line.list_price, line.agreement_price,
        line.unit_price, line.price_source, line.gross, line.discounts, line.discount, line.amount,
        found.net, found.parts, found.tax, found.total, line.explanation, line.parts,
    )  # fmt: skip
