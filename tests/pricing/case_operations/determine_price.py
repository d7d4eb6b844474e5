"""determine_price: the price of an article from a category rule, or from trade agreements by rank."""

from decimal import Decimal
from typing import Any

from pricing.engine.price import Agreement, choose_agreement, rule_price
from pricing.engine.rounding import round_to


def run(case: dict[str, Any]) -> dict[str, Any]:
    """The case's answer in the words of its `expected`."""
    given = case["input"]
    if "rule" in given:
        basis = Decimal(given.get(given.get("basis", "cost")) or given["cost"])
        price = rule_price(
            given["rule"],
            basis,
            percent=Decimal(given.get("percent", 0)),
            amount=Decimal(given.get("amount", 0)),
        )
        return {"unit_price": round_to(price, Decimal("0.01"))}
    records = [_agreement(record) for record in given["records"]]
    priorities = {record["id"]: record.get("priority", 0) for record in given["records"]}
    find_next = case["settings"].get("find_next", True)
    chosen = choose_agreement([(priorities[one.id], one) for one in records], find_next=find_next)
    return {"unit_price": chosen.price, "chosen": chosen.id}


def _agreement(record: dict[str, Any]) -> Agreement:
    return Agreement(
        record["id"],
        "p",
        Decimal(record["price"]),
        "USD",
        header_rank=record.get("header_rank", 0),
        combination_rank=record.get("combination_rank", 0),
    )
