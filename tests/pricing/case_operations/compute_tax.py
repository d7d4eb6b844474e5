"""compute_tax: the lines' and charges' taxes, by line, by code and in all."""

from decimal import Decimal
from typing import Any

from pricing.engine.money import currency
from pricing.engine.rounding import round_to
from pricing.engine.tax import (
    TaxableLine,
    TaxedLine,
    TaxInterval,
    TaxResult,
    TaxRounding,
    TaxRule,
    compute_taxes,
)

ONE = Decimal(1)


def run(case: dict[str, Any]) -> dict[str, Any]:
    """The case's answer in the words of its `expected`."""
    result = taxed(case)
    answers = {line.line: _line_answer(line) for line in result.lines}
    charges = [charge["id"] for charge in case.get("charges", []) if "id" in charge]
    return {
        "lines": [{"line": line["line"], **answers[line["line"]]} for line in case["lines"]],
        "charges": [{"id": charge, **answers[charge]} for charge in charges],
        "taxes": _by_code(result),
        "totals": {"net": result.net, "tax": result.tax, "total": result.total},
    }


def taxed(case: dict[str, Any]) -> TaxResult:
    """The case's lines, as they stand after discounts, and charges with their taxes."""
    rules = tuple(rule_of(tax, case) for tax in case["taxes"])
    rounding = rounding_of(case)
    lines = [
        TaxableLine(
            line["line"],
            _amount(line, rounding),
            Decimal(line["qty"]),
            rules=tuple(r for r, tax in zip(rules, case["taxes"], strict=True) if _pays(line, tax)),
        )
        for line in case["lines"]
    ]
    lines += [_charge_line(charge, case, rules) for charge in case.get("charges", [])]
    return compute_taxes(lines, rounding=rounding)


def rule_of(tax: dict[str, Any], case: dict[str, Any]) -> TaxRule:
    """The engine's rule for a tax of the schema."""
    return TaxRule(
        tax["id"],
        Decimal(tax["rate"]),
        kind=tax["kind"],
        included=tax.get("price_included", case["settings"].get("prices_include_tax", False)),
        affects_next_base=tax.get("affects_next_base", False),
        base_affected_by_previous=tax.get("base_affected_by_previous", True),
        of=tax.get("of"),
        calculate_before=tax.get("calculate_before", False),
        intervals=tuple(
            TaxInterval(Decimal(i["from"]), None if i["to"] is None else Decimal(i["to"]), Decimal(i["rate"]))
            for i in tax.get("intervals", [])
        ),
        method=tax.get("method", "whole"),
        marginal_base=tax.get("marginal_base", "net_line"),
    )


def rounding_of(case: dict[str, Any]) -> TaxRounding:
    """The rounding that the case's settings name; per line in the currency's unit when they name none."""
    told = case["settings"].get("tax_rounding", {})
    precision = told.get("precision", "unrounded")
    return TaxRounding(
        level=told.get("level", "per_line"),
        by=told.get("by", "tax_code"),
        unit=currency(case["currency"]).unit if precision == "unrounded" else Decimal(precision),
        mode=told.get("mode", "half_up"),
        within_line=case["settings"].get("tax_engine") == "d365_tax_calculation_service",
    )


def _amount(line: dict[str, Any], rounding: TaxRounding) -> Decimal:
    amount = Decimal(line["price"]) * Decimal(line["qty"])
    return amount if rounding.level == "none" else round_to(amount, min(rounding.unit, Decimal("0.01")))


def _pays(line: dict[str, Any], tax: dict[str, Any]) -> bool:
    named = line.get("taxes")
    if named is not None:
        return tax["id"] in named
    return "applies_to" not in tax or line["product"] in tax["applies_to"]


def _charge_line(charge: dict[str, Any], case: dict[str, Any], rules: tuple[TaxRule, ...]) -> TaxableLine:
    amount = Decimal(charge.get("amount") or charge.get("excl_tax") or charge["incl_tax"])
    if charge.get("tax_mode") == "weighted_by_line_net":
        return TaxableLine(charge["id"], amount, weighted=True)
    if "rate" in charge and not charge.get("taxes"):
        as_lines = any(rule.included for rule in rules) or ("amount" not in charge and "incl_tax" in charge)
        included = case["settings"].get("prices_include_tax", as_lines)
        return TaxableLine(
            charge["id"], amount, rules=(TaxRule("charge", Decimal(charge["rate"]), included=included),)
        )
    named = charge.get("taxes", ())
    return TaxableLine(charge["id"], amount, rules=tuple(rule for rule in rules if rule.code in named))


def _line_answer(line: TaxedLine) -> dict[str, Any]:
    return {
        "net": line.net,
        "tax": line.tax,
        "total": line.total,
        "taxes": {part.code: part.amount for part in line.parts},
    }


def _by_code(result: TaxResult) -> dict[str, Decimal]:
    amounts: dict[str, Decimal] = {}
    for total in result.totals:
        amounts[total.code] = amounts.get(total.code, Decimal(0)) + total.amount
    return amounts
