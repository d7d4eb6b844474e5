"""Pages of prices that belong to no single row: the calendar of offers, and what should be looked at."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib.admin.sites import site
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from hq import navigation
from hq.models import Store
from hq.navigation import Entry, Section
from hq.pages import add_page
from pricing.below_cost import prices_below_cost
from pricing.calendar import MONTH, WEEKS, calendar, weeks
from pricing.models import Discount, PriceGroup
from pricing.warnings import (
    never_applying,
    open_adjustments,
    open_offers,
    overlaps,
    summary,
    without_currency,
)


class CalendarForm(forms.Form):
    """Which part of the calendar, and for whom."""

    view = forms.ChoiceField(choices=[(MONTH, "Month"), (WEEKS, "Five weeks")], required=False, label="Show")
    store = forms.ModelChoiceField(Store.objects.order_by("name"), required=False, empty_label="Every store")
    group = forms.ModelChoiceField(
        PriceGroup.objects.order_by("name"),
        required=False,
        empty_label="Every price group",
        label="Price group",
    )
    disabled = forms.BooleanField(required=False, label="Disabled ones, too")
    day = forms.DateField(required=False, widget=forms.HiddenInput)


@require_GET
def offer_calendar(request: HttpRequest) -> HttpResponse:
    """Bars of offers over days; what cannot be read in the address falls back to today."""
    _may_see(request)
    form = CalendarForm(request.GET)
    form.is_valid()
    given = form.cleaned_data
    shown = calendar(
        day=_sensible(given.get("day")), view=given.get("view") or MONTH, store=given.get("store"),
        price_group=given.get("group"), with_disabled=given.get("disabled", False),
    )  # fmt: skip
    query = request.GET.copy()
    query.pop("day", None)
    return _page(request, "pricing/calendar.html", "Calendar of offers", {
        "calendar": shown, "weeks": weeks(shown.days), "form": form, "query": query.urlencode(),
        "kept_day": next((day.date for day in shown.days if day.is_today), shown.first),  # in another view, too
        "today": timezone.localdate(),
    })  # fmt: skip


@require_GET
def offer_warnings(request: HttpRequest) -> HttpResponse:
    """Offers that never apply, that lack a currency, that compete; prices below cost."""
    _may_see(request)
    offers = list(open_offers())
    never, without, pairs = never_applying(offers), without_currency(offers), overlaps(offers)
    running = [offer for offer in offers if offer.status == Discount.Status.ENABLED]
    below = prices_below_cost(offers=running, adjustments=list(open_adjustments()))
    return _page(request, "pricing/warnings.html", "Warnings", {
        "never": never, "without": without, "overlaps": pairs, "below": below,
        "summary": summary(never, without, pairs, below),
    })  # fmt: skip


def _may_see(request: HttpRequest) -> None:
    if not request.user.has_perm("pricing.view_discount"):
        raise PermissionDenied


def _sensible(day: date | None) -> date:
    """Today for no day, and for days that no calendar needs."""
    return day if day is not None and 2000 <= day.year <= 2100 else timezone.localdate()


def _page(request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, {**site.each_context(request), "title": title, **context})


add_page("offers/calendar/", offer_calendar, "offer-calendar")
add_page("offers/warnings/", offer_warnings, "offer-warnings")
navigation.add(
    Section.PRICES,
    Entry(
        "Calendar",
        "admin:offer-calendar",
        icon="calendar_month",
        permission="pricing.view_discount",
        position=17,
    ),
    Entry(
        "Warnings", "admin:offer-warnings", icon="warning", permission="pricing.view_discount", position=18
    ),
)
