"""Rows that narrow what another row says: once the last of them is gone, it would hold for everybody.

A discount for one price group, whose price group is deleted, would be everybody's. So what is named in the last such
row stays until the other says something else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.utils import NestedObjects
from django.db import router
from django.db.models import Model
from django.utils.text import capfirst


@dataclass(frozen=True)
class Limit:
    """How rows narrow what they belong to: the field that leads there, and whom it would hold for without them.

    `all_count` names what it says where each row narrows it, also beside others.
    """

    of: str
    without: str
    all_count: str = ""


_limits: dict[type[Model], Limit] = {}


def add_limit(model: type[Model], of: str, without: str, *, all_count: str = "") -> None:
    """Let no row go whose deletion takes the last row of this kind along, and not what that row narrows."""
    _limits[model] = Limit(of, without, all_count)


class Widened(str):
    """Why a row stays, where pages list what protects it: something would hold for more than it says."""

    names_a_limit = True


def widened_without(rows: Sequence[Any]) -> list[Widened]:
    """What would hold for more than it says once these rows are deleted, in sentences."""
    if not rows:
        return []
    collector = NestedObjects(using=router.db_for_write(type(rows[0])))
    collector.collect(rows)
    return [
        words
        for model, limit in _limits.items()
        for words in _widened(model, limit, collector.data.get(model, ()), collector.data)
    ]


def _widened(model: type[Model], limit: Limit, gone: Iterable[Any], all_gone: Any) -> Iterable[Widened]:
    by_owner: dict[Any, set[Any]] = defaultdict(set)
    for row in gone:
        by_owner[getattr(row, limit.of)].add(row.pk)
    for owner, keys in by_owner.items():
        if owner in all_gone.get(type(owner), ()):
            continue
        left = model._default_manager.filter(**{limit.of: owner}).exclude(pk__in=keys)
        if left.exists() and not (limit.all_count and getattr(owner, limit.all_count)):
            continue
        kind = capfirst(owner._meta.verbose_name)
        yield Widened(f"{kind} “{owner}” would then hold {limit.without}.")
