"""A period in the back office that is meant on each store's own clock, unless somebody says otherwise."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from unfold.decorators import display
from unfold.widgets import UnfoldBooleanWidget

from hq.admin.forms import Form
from pricing.store_clock import has_coupons, has_moments


class OnStoreClock(Form):
    """A form with `starts_at` and `ends_at`, read and shown on the company's clock."""

    on_store_clock = forms.BooleanField(
        label="On each store's own clock",
        required=False,
        initial=True,
        widget=UnfoldBooleanWidget,
        help_text="Off: at the same instant in every time zone.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            return
        clock = self.instance.clock
        self.initial["on_store_clock"] = bool(clock) or not has_moments(self.instance)
        for name in ("starts_at", "ends_at"):
            if clock and self.initial.get(name):
                written = self.initial[name].astimezone(ZoneInfo(clock))
                self.initial[name] = written.replace(tzinfo=timezone.get_current_timezone())

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        given = self.cleaned_data
        has_any = bool(given.get("starts_at") or given.get("ends_at")) or has_coupons(self.instance)
        is_meant = has_any and given.get("on_store_clock")
        self.instance.clock = timezone.get_current_timezone_name() if is_meant else ""
        return data


class OnStoreClockPage:
    """What the page of such a form says where the period can only be read."""

    @display(description="On each store's own clock")
    def on_store_clock(self, obj: Any) -> str:
        """Whether it is, in words."""
        if not has_moments(obj):
            return "–"
        return "Yes" if obj.clock else "No: at the same instant in every time zone"
