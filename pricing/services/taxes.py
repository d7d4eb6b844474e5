"""Taxes as head office enters them: what could not be computed is refused in its field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pricing.engine import tax_codes as engine
from pricing.engine.checks import Problem
from pricing.engine.tax_checks import check_based_on, check_group
from pricing.models import TaxCode, TaxRate


def problems_of(code: TaxCode, given: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a tax code as it was entered, alone and beside the taxes that it is charged together with."""
    this = _entered(code, given)
    if this is None:
        return []
    others = {row.code: as_engine(row) for row in _rows().exclude(pk=code.pk)}
    found = check_based_on(this, others)
    if found or code.pk is None:
        return found
    for group in code.sales_tax_groups.values_list("group_id", flat=True):
        beside = _rows().filter(sales_tax_groups__group=group).exclude(pk=code.pk)
        together = [row for row in beside if _meet(code, row)]
        found = check_group([this, *(as_engine(row) for row in together)])
        if found:
            return found
    return []


def as_engine(row: TaxCode) -> engine.TaxCode:
    """A tax code as the engine's value."""
    return engine.TaxCode(
        row.code, rates_of(row.rates.all()),
        name=row.name, kind=row.kind, sequence=row.sequence, affects_next_base=row.affects_next_base,
        base_affected_by_previous=row.base_affected_by_previous, of=row.of.code if row.of else None,
        calculate_before=row.calculate_before, method=row.method, marginal_base=row.marginal_base,
    )  # fmt: skip


def rates_of(rows: Iterable[TaxRate]) -> tuple[engine.DatedRate, ...]:
    """Rates as the engine's values."""
    return engine.dated_rates(
        engine.RateRow(row.percent, row.starts_on, row.ends_on, row.above, row.up_to) for row in rows
    )


def _rows() -> Any:
    return TaxCode.objects.select_related("of").prefetch_related("rates", "item_tax_groups")


def _meet(one: TaxCode, other: TaxCode) -> bool:
    """Whether some goods pay both."""
    groups = set(one.item_tax_groups.values_list("group_id", flat=True))
    return any(row.group_id in groups for row in other.item_tax_groups.all())


def _entered(code: TaxCode, given: Mapping[str, Any]) -> engine.TaxCode | None:
    if not {"code", "kind"} <= set(given):
        return None
    rates: Iterable[Any] = code.rates.all() if code.pk else ()
    based_on = given.get("of")
    return engine.TaxCode(
        given["code"], rates_of(rates),
        kind=given["kind"], sequence=given.get("sequence") or 0,
        affects_next_base=given.get("affects_next_base", False),
        base_affected_by_previous=given.get("base_affected_by_previous", True),
        of=based_on.code if based_on else None, calculate_before=given.get("calculate_before", False),
    )  # fmt: skip
