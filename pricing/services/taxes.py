"""Taxes as head office enters them: what could not be computed is refused where it is entered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from itertools import product
from typing import Any

from django.db.models import QuerySet
from msgspec.structs import replace

from pricing.engine import tax_codes as engine
from pricing.engine.checks import Problem
from pricing.engine.tax_checks import check_based_on, check_group
from pricing.models import TaxCode, TaxRate


def problems_of(code: TaxCode) -> list[Problem]:
    """What is wrong with a tax code by itself: what it is a share of, as its fields have it now."""
    others = {row.code: as_engine(row) for row in _rows().exclude(pk=code.pk)} if code.of else {}
    return check_based_on(as_engine(code), others)


def problems_where_they_meet(
    sales: Mapping[str, Collection[int]],
    items: Mapping[str, Collection[int]],
    entered: Mapping[int, engine.TaxCode] | None = None,
) -> list[Problem]:
    """What is wrong with taxes that meet on a line, for groups of either kind with the keys of their codes.

    `entered` are codes as they were entered, in the place of those that are kept.
    """
    known = {row.pk: as_engine(row) for row in _rows()} | dict(entered or {})
    seen: set[frozenset[int]] = set()
    for (place, charged), (goods, paid) in product(sales.items(), items.items()):
        together = frozenset(charged) & frozenset(paid)
        if together in seen:
            continue
        seen.add(together)
        for problem in check_group([known[pk] for pk in sorted(together)]):
            return [replace(problem, message=f"In {place} on {goods}: {problem.message}")]
    return []


def codes_of_groups(rows: QuerySet) -> dict[str, set[int]]:
    """The keys of the codes of each sales-tax or item-tax group, by its name."""
    found: dict[str, set[int]] = defaultdict(set)
    for group, code in rows.values_list("group__name", "tax_code_id"):
        found[group].add(code)
    return found


def as_engine(row: TaxCode, rates: tuple[engine.DatedRate, ...] | None = None) -> engine.TaxCode:
    """A tax code as the engine's value, with the rates that it has or is to have."""
    if rates is None:
        rates = rates_of(row.rates.all()) if row.pk else ()
    return engine.TaxCode(
        row.code, rates,
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
    return TaxCode.objects.select_related("of").prefetch_related("rates")
