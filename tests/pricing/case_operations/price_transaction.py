"""price_transaction: a basket through the whole engine."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from pricing.engine.basket import price_basket
from pricing.engine.book import IndexedPriceBook
from pricing.engine.discounts.model import (
    Coupon,
    Discount,
    DiscountLine,
    LeastExpensive,
    LineGroup,
    Tier,
)
from pricing.engine.model import (
    Basket,
    BasketLine,
    BasketTender,
    Charge,
    ManualDiscount,
    OwnTerms,
    PricedBasket,
    PricedLine,
    PriceGroup,
    PricingSettings,
)
from pricing.engine.money import Currency, currency
from pricing.engine.price import BasePrice
from pricing.engine.tax import TaxRounding
from tests.pricing.case_operations.compute_tax import rule_of

AMOUNTS = ("amount_off", "unit_price", "deal_price")
MANUAL = ("manual_line", "manual_total")


def run(case: dict[str, Any]) -> dict[str, Any]:
    """The case's answer in the words of its `expected`."""
    priced = price_basket(basket_of(case), book_of(case))
    by_hand = {one["type"]: one["id"] for one in case["discounts"] if one["type"] in MANUAL}
    lines = [_line_answer(line, by_hand) for line in priced.lines]
    applied = {discount for line in lines for discount in line["applied"]}
    return {
        "lines": lines,
        "charges": [_charge_answer(charge) for charge in priced.charges],
        "totals": _totals(priced, case),
        "taxes": _taxes(priced),
        "not_applied": [one["id"] for one in case["discounts"] if one["id"] not in applied],
        "allocation_sum": sum((line["discount"] for line in lines), Decimal(0)),
    }


def basket_of(case: dict[str, Any]) -> Basket:
    """The case's lines, manual discounts, charges and tenders as the engine takes them."""
    given, settings = case.get("input") or {}, case["settings"]
    manual = {one["type"]: one for one in case["discounts"] if one["type"] in MANUAL}
    return Basket(
        lines=tuple(_line(line, case) for line in case["lines"]),
        currency=currency_of(case),
        at=datetime(2026, 6, 1, 12, tzinfo=UTC),
        price_groups=tuple(
            PriceGroup(group) for group in given.get("price_groups", settings.get("price_groups", ()))
        ),
        coupons=tuple(given.get("coupons", ())),
        manual_total=_manual(manual.get("manual_total")),
        settings=settings_of(case),
        prices_include_tax=any(tax.get("price_included") for tax in case["taxes"])
        or settings.get("prices_include_tax", False),
        charges=tuple(_charge(charge, case) for charge in case.get("charges") or ()),
        tenders=tuple(
            BasketTender(str(number), tender["type"], Decimal(tender["amount"]))
            for number, tender in enumerate(case.get("tenders") or ())
        ),
    )


def book_of(case: dict[str, Any]) -> IndexedPriceBook:
    """The prices, offers and taxes of the case. A line's price is its product's; taxes hang on the line."""
    rules = {tax["id"]: rule_of(tax, case) for tax in case["taxes"]}
    taxes = {}
    for thing in (*case["lines"], *(case.get("charges") or ())):
        codes = _codes(thing, case)
        taxes[None, "+".join(codes)] = tuple(rules[code] for code in codes)
    return IndexedPriceBook(
        base_prices={
            (_master(line), _variant(line)): BasePrice(Decimal(line["price"]), unit=line.get("unit", "ea"))
            for line in case["lines"]
        },
        discounts=[discount_of(one, case) for one in case["discounts"] if one["type"] not in MANUAL],
        taxes=taxes,
    )


def currency_of(case: dict[str, Any]) -> Currency:
    """The currency, with the case's own precision where it names one."""
    unit = (case["settings"].get("money_rounding") or {}).get("precision")
    return Currency(case["currency"], Decimal(unit)) if unit else currency(case["currency"])


def settings_of(case: dict[str, Any]) -> PricingSettings:
    """The settings that the case names; what it does not name does not matter to it."""
    told = case["settings"]
    same = (
        "concurrency_model", "compound_behavior", "exclusive_threshold_competes", "least_expensive_distribute",
        "apply_discounts_to_price_overrides", "manual_vs_system", "manual_total_covers_charges", "tax_engine",
        "percent_rounding_scope",
    )  # fmt: skip
    found: dict[str, Any] = {name: told[name] for name in same if name in told}
    if "tax_rounding" in told:
        precision = told["tax_rounding"].get("precision", "0.01")
        found["tax_rounding"] = TaxRounding(
            told["tax_rounding"]["level"],
            told["tax_rounding"].get("by", "tax_code"),
            Decimal("0.01") if precision == "unrounded" else Decimal(precision),
            told["tax_rounding"].get("mode", "half_up"),
        )
    remainder = (told.get("allocation") or {}).get("remainder")
    if remainder in ("last", "first", "one_cent_each_from_first"):
        found["remainder"] = "last" if remainder == "last" else "first"
    return PricingSettings(**found)


def discount_of(one: dict[str, Any], case: dict[str, Any]) -> Discount:
    """A discount of the schema as the engine's."""
    one = _before_tax(one, case)
    least, limit = one.get("least_expensive"), one.get("quantity_limit")
    of_sets = one["type"] == "mix_and_match"
    tiers = [
        Tier(Decimal(tier.get("min_qty") or tier.get("min_amount")), tier["method"], Decimal(tier["value"]))
        for tier in one.get("tiers", ())
    ]
    if one.get("threshold_amount") is not None and not tiers:
        tiers = [Tier(Decimal(one["threshold_amount"]), one["method"], Decimal(one["value"]))]
    if one.get("min_qty") is not None and not tiers:
        tiers = [Tier(Decimal(one["min_qty"]), one["method"], Decimal(one["value"]))]
    return Discount(
        id=one["id"],
        kind=one["type"],
        lines=tuple(_discount_lines(one)),
        method=one["method"],
        value=None if one["value"] is None else Decimal(one["value"]),
        concurrency=one["concurrency"],
        priority=one["priority"],
        tiers=tuple(tiers),
        tier_inclusive=one.get("threshold_inclusive", True),
        groups=tuple(
            LineGroup(group["group"], int(group["qty_needed"]), group.get("mandatory", False))
            for group in one.get("line_groups", ())
        ),
        least_expensive=least and LeastExpensive(least["count"], least["method"], Decimal(least["value"])),
        favor={"favor_retailer": "retailer"}.get(one.get("multiple_occurrences"), "customer"),
        quantity_limit=Decimal(limit) if limit and not of_sets else None,
        max_applications=int(limit) if limit and of_sets else None,
        limit_scope="product"
        if "master" in str(case["settings"].get("quantity_limit_scope", "master"))
        else "basket",
        max_discount=Decimal(one["max_discount_amount"]) if one.get("max_discount_amount") else None,
        count_non_discountable=one.get("count_non_discountable", False),
        currency=one.get("currency"),
        price_groups=tuple(one.get("price_groups", ())),
        match_all_price_groups=one.get("match_all_price_groups", False),
        coupon_required=one.get("coupon_required", False),
        coupons=tuple(Coupon(code) for code in one.get("coupon_codes", ())),
        tenders=tuple(_list(one.get("tender"))),
    )


def _before_tax(one: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    """The discount with its amounts as before tax, where the case means them with the tax on top of the prices."""
    if case["settings"].get("offers_include_tax"):
        if one["method"] in AMOUNTS and one["value"] is not None:
            one = {**one, "value": str(Decimal(one["value"]) / _with_tax(one, case))}
        if one.get("threshold_amount") is not None:
            one = {**one, "threshold_amount": str(Decimal(one["threshold_amount"]) / _with_tax(one, case))}
    if one.get("cap_includes_tax") and one.get("max_discount_amount"):
        one = {**one, "max_discount_amount": str(Decimal(one["max_discount_amount"]) / _with_tax(one, case))}
    return one


def _with_tax(one: dict[str, Any], case: dict[str, Any]) -> Decimal:
    """What the discount's goods come to with the taxes on top of their prices, for each unit without them."""
    rates = {
        tax["id"]: Decimal(tax["rate"]) / 100
        for tax in case["taxes"]
        if tax["kind"] == "percent" and not tax.get("price_included")
    }
    net = whole = Decimal(0)
    for line in filter(partial(_reaches, one), case["lines"]):
        amount = Decimal(line["price"]) * Decimal(line["qty"])
        net += amount
        whole += amount * (1 + sum((rates.get(code, Decimal(0)) for code in _codes(line, case)), Decimal(0)))
    return whole / net if net else Decimal(1)


def _reaches(one: dict[str, Any], line: dict[str, Any]) -> bool:
    """Whether the discount's scope holds the line's product."""
    scope = one["scope"]
    if scope == "all":
        return True
    names = scope.get("products", ()) if isinstance(scope, dict) else scope
    categories = scope.get("categories", ()) if isinstance(scope, dict) else ()
    return line["product"] in names or bool({*_list(line.get("category"))}.intersection(categories))


def _discount_lines(one: dict[str, Any]) -> list[DiscountLine]:
    unit = one.get("unit")
    found: list[DiscountLine] = []
    groups, lines = one.get("line_groups", ()), one.get("discount_lines", ())
    for group in groups:  # what its goods are given stands with the group, or with a line of the same goods
        told = next((line for line in lines if line.get("products") == group["products"]), group)
        own = {
            "method": told.get("method"),
            "value": Decimal(told["value"]) if told.get("value") else None,
        }
        found.append(_goods(group["products"], unit, group=group["group"], **own))
    for line in () if groups else lines:
        scope = line.get("scope", line.get("products", one.get("scope", "all")))
        value = Decimal(line["value"]) if line.get("value") else None
        found.append(_goods(scope, line.get("unit", unit), method=line.get("method"), value=value))
    if not found:
        found.append(_goods(one["scope"], unit))
    if one.get("exclude"):
        found.append(_goods(one["exclude"], None, exclude=True))
    return found


def _goods(scope: Any, unit: str | None, **more: Any) -> DiscountLine:
    if scope == "all":
        return DiscountLine(everything=True, unit=unit, **more)
    names = scope.get("products", ()) if isinstance(scope, dict) else scope
    categories = scope.get("categories", ()) if isinstance(scope, dict) else ()
    articles = tuple(("article", name) for name in names)
    return DiscountLine(
        products=tuple(names), attributes=articles, categories=tuple(categories), unit=unit, **more
    )


def _line(line: dict[str, Any], case: dict[str, Any]) -> BasketLine:
    manual = next(
        (
            one
            for one in case["discounts"]
            if one["type"] == "manual_line" and (one["scope"] == "all" or line["product"] in one["scope"])
        ),
        None,
    )
    return BasketLine(
        id=str(line["line"]),
        product=_master(line),
        variant=_variant(line),
        quantity=Decimal(line["qty"]),
        unit=line.get("unit", "ea"),
        categories=tuple(_list(line.get("category"))),
        attributes=(("article", line["product"]),),
        item_tax_group="+".join(_codes(line, case)),
        delivery_mode=line.get("delivery_mode"),
        own=OwnTerms(
            price_override=_decimal(line, "price_override"),
            discount_base_amount=_decimal(line, "discount_base_amount"),
            manual_discount=_manual(manual),
            prevent_all_discounts=line.get("prevent_all_discounts", False),
            prevent_manual_discounts=line.get("prevent_manual_discounts", False),
            prevent_retail_discounts=line.get("prevent_retail_discounts", False),
            prevent_tender_discounts=line.get("prevent_tender_discounts", False),
        ).unless_empty(),
    )


def _decimal(line: dict[str, Any], name: str) -> Decimal | None:
    return Decimal(line[name]) if name in line else None


def _master(line: dict[str, Any]) -> str:
    return line.get("master", line["product"])


def _variant(line: dict[str, Any]) -> str:
    """One article may stand on two lines at two prices: the engine knows them as two variants."""
    return f"{line['product']}@{line['price']}"


def _manual(one: dict[str, Any] | None) -> ManualDiscount | None:
    if one is None:
        return None
    return ManualDiscount(one["method"], Decimal(one["value"]), basis=one.get("basis"))


def _charge(charge: dict[str, Any], case: dict[str, Any]) -> Charge:
    kind = charge.get("type") or ("shipping" if charge["id"].upper().startswith("SHIP") else "charge")
    return Charge(
        id=charge["id"],
        amount=Decimal(charge.get("amount") or charge.get("excl_tax") or charge["incl_tax"]),
        type=kind,
        item_tax_group="+".join(_codes(charge, case)),
    )


def _codes(thing: dict[str, Any], case: dict[str, Any]) -> list[str]:
    """The taxes of a line (all that apply to its product) or of a charge (those that it names)."""
    if "product" not in thing:
        return [tax["id"] for tax in case["taxes"] if tax["id"] in thing.get("taxes", ())]
    named = thing.get("taxes")
    return [
        tax["id"]
        for tax in case["taxes"]
        if (
            tax["id"] in named
            if named is not None
            else thing["product"] in tax.get("applies_to", [thing["product"]])
        )
    ]


def _list(value: Any) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


def _line_answer(line: PricedLine, by_hand: dict[str, str]) -> dict[str, Any]:
    return {
        "line": line.id,
        "net": line.net,
        "discount": line.discount,
        "tax": line.tax,
        "total": line.total,
        "taxes": {part.code: part.amount for part in line.taxes},
        "applied": [by_hand.get(discount.id, discount.id) for discount in line.discounts],
        "unit_price": line.unit_price,
    }


def _charge_answer(charge: Any) -> dict[str, Any]:
    return {
        "id": charge.id,
        "net": charge.net,
        "tax": charge.tax,
        "total": charge.total,
        "discount": charge.discount,
    }


def _taxes(priced: PricedBasket) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for total in priced.taxes:
        sums[total.code] = sums.get(total.code, Decimal(0)) + total.amount
    return sums


def _totals(priced: PricedBasket, case: dict[str, Any]) -> dict[str, Decimal]:
    """Discount is that on goods and charges; where no tax is in play, net is what the goods come to."""
    totals = priced.totals
    goods_net = totals.net if case["taxes"] else totals.gross - totals.discount
    return {
        "gross": totals.gross,
        "discount": totals.discount + sum((charge.discount for charge in priced.charges), Decimal(0)),
        "net": goods_net,
        "tax": totals.tax,
        "total": totals.total,
    }
