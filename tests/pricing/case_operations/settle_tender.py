"""settle_tender: what a gift card leaves to be paid, and the net in it."""

from decimal import Decimal
from typing import Any

from pricing.engine.settlement import pay_by_gift_card, remaining_net


def run(case: dict[str, Any]) -> dict[str, Any]:
    """The case's answer in the words of its `expected`."""
    given = {**case.get("input", {}), **case.get("input", {}).get("totals", {})}
    gross = Decimal(given.get("gross") or given.get("total_gross") or given["total"])
    net = Decimal(given.get("net") or given.get("total_net") or gross)
    tenders = case.get("tenders") or given.get("tenders") or [{"amount": given.get("gift_card", "0")}]
    left = gross
    for tender in tenders:
        left = pay_by_gift_card(left, Decimal(tender["amount"])).still_due
    return {"remaining_gross": left, "remaining_net": remaining_net(left, gross, net)}
