"""Exemptions from tax as head office enters them, on a page or in a sheet."""

from __future__ import annotations

from collections.abc import Iterator

from hq.models import ReasonCode
from pricing.engine.checks import Problem, check_period
from pricing.models import TaxExemption

WHOM = ("customer", "customer_group", "product", "reason_code")


def problems_of(one: TaxExemption) -> Iterator[Problem]:
    """What is wrong with an exemption."""
    given = [name for name in WHOM if getattr(one, f"{name}_id") is not None]
    if len(given) > 1:
        yield Problem(
            given[-1], "It is for one customer, group, product or reason.", "Leave the others empty."
        )
    elif not given:
        yield Problem(
            "customer", "Say who or what is exempt:", "choose a customer, group, product or reason."
        )
    elif one.reason_code is not None and one.reason_code.use != ReasonCode.Use.TAX:
        yield Problem(
            "reason_code", f"“{one.reason_code}” is no reason for an exemption.", "Choose one of those."
        )
    yield from check_period(one.starts_on, one.ends_on)
