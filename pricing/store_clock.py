"""Moments on the stores' clocks: "from Monday 06:00" is another instant in Berlin than in London."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models


def store_clock() -> models.CharField:
    """The field beside `starts_at` and `ends_at` that says how they are meant."""
    return models.CharField(
        max_length=40,
        blank=True,
        editable=False,
        help_text="The time zone in which the moments were written, when they are meant on each store's own clock. "
        "Empty: they are the same instant everywhere.",
    )


def has_moments(owner: Any) -> bool:
    """Whether it has a first or a last moment, or a coupon of it has: coupons are meant as their discount is."""
    coupons = owner.coupons.all() if has_coupons(owner) and owner.pk is not None else ()
    return any(one.starts_at or one.ends_at for one in (owner, *coupons))


def has_coupons(owner: Any) -> bool:
    """Whether coupons with moments of their own may belong to it, so that it says how they are meant without any."""
    return hasattr(type(owner), "coupons")


def moment_in(zone: str, moment: datetime | None, clock: str) -> datetime | None:
    """A moment as it is in a store of that zone: the same time of day on its clock, or the same instant.

    A time that a clock skips in spring counts as the moment after the gap, one that comes twice as the first.
    """
    if moment is None or not clock or clock == zone:
        return moment
    return moment.astimezone(ZoneInfo(clock)).replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
