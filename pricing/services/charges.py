"""Automatic charges as head office enters them, on a page or in a sheet."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from pricing.engine.charges import ChargeRule as Rule
from pricing.engine.charges import ChargeTier as Tier
from pricing.engine.charges import check_rule
from pricing.engine.checks import Problem
from pricing.models import ChargeRule, ChargeTier

ANY = Tier(Decimal(0), None, Decimal(0))
FIELDS = {"prorated": "is_prorated", "customer_group": "price_group"}


def problems_of(
    rule: ChargeRule, tiers: Iterable[ChargeTier] | None = None, goods: Iterable[str] = ()
) -> list[Problem]:
    """What is wrong with a rule, its goods, and its tiers from the lowest up if they are given; by its fields."""
    of_it = [ANY] if tiers is None else [Tier(one.least, one.most, one.value) for one in tiers]
    found = check_rule(
        Rule(
            id="", code="?", tiers=tuple(of_it), level=rule.level,
            way=rule.way, customer=rule.customer_id and str(rule.customer_id),
            customer_group=rule.price_group_id and str(rule.price_group_id),
            products=tuple(goods), prorated=rule.is_prorated,
        )
    )  # fmt: skip
    return [Problem(FIELDS.get(one.field, one.field), one.message, one.remedy, one.row) for one in found]
