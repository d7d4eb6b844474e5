"""Periods in spreadsheets as the pages have them: on each store's own clock, unless a row says otherwise."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils import timezone

from hq.admin.sheet import BooleanWidget, DateTimeWidget, Field
from pricing.store_clock import has_coupons, has_moments

COLUMN = "on_store_clock"


class MomentField(Field):
    """A moment as it was written, on whatever clock; `of` leads from the row to what has the period."""

    def __init__(self, name: str, *, of: str = "") -> None:
        path = f"{of}__{name}" if of else name
        super().__init__(path, name, DateTimeWidget(), readonly=bool(of))
        self.of = of

    def export(self, instance: Any, **kwargs: Any) -> Any:
        """The time of day that was entered."""
        owner = _owner(instance, self.of)
        moment: datetime | None = self.get_value(instance)
        if owner is not None and moment is not None and owner.clock:
            written = moment.astimezone(ZoneInfo(owner.clock))
            moment = written.replace(tzinfo=timezone.get_current_timezone())
        return self.widget.render(moment, **kwargs)


class ClockField(Field):
    """Whether a period is meant on each store's own clock: 1 or 0, empty without a period."""

    def __init__(self, *, of: str = "") -> None:
        super().__init__(f"{of}__clock" if of else "clock", COLUMN, readonly=True)
        self.of = of

    def export(self, instance: Any, **kwargs: Any) -> str:
        """As it is entered."""
        owner = _owner(instance, self.of)
        return ("1" if owner.clock else "0") if owner is not None and has_moments(owner) else ""


def usual_clock(owner: Any) -> bool:
    """Whether a row that says nothing means each store's own clock: where it was so, and in every new period."""
    return owner.pk is None or bool(owner.clock) or not has_moments(owner)


def set_clock(owner: Any, said: Any, usual: bool) -> None:
    """Note how the period is meant that was just read on the company's clock. Raises ValidationError."""
    try:
        is_meant = BooleanWidget().clean(said)
    except ValueError as error:
        raise ValidationError({COLUMN: str(error)}) from error
    if is_meant is None and owner.pk is not None and has_coupons(owner) and not _has_period(owner):
        return  # its coupons are in a list of their own
    if is_meant is None:
        is_meant = usual
    has_any = _has_period(owner) or has_coupons(owner)
    owner.clock = timezone.get_current_timezone_name() if is_meant and has_any else ""


def _owner(instance: Any, of: str) -> Any:
    return getattr(instance, of, None) if of else instance  # a line that is new has no discount yet


def _has_period(owner: Any) -> bool:
    return bool(owner.starts_at or owner.ends_at)
