"""Discounts in the back office: what they give, on what, to whom and when."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.postgres.forms import SimpleArrayField
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from import_export.admin import ImportExportModelAdmin
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextInputWidget

from hq import navigation
from hq.admin.base import Admin
from hq.admin.exchange import Exchange
from hq.admin.steps import asks_first
from hq.cells import NOTHING, counted, plain, status
from hq.navigation import Entry, Section
from hq.panels import Tone
from pricing.below_cost import how_many_more, prices_below_cost
from pricing.discount_parts_admin import (
    INLINES_OF,
    CouponInline,
    CustomerInline,
    DeliveryModeInline,
    GroupInline,
    LineInline,
    PriceGroupInline,
    StoreInline,
    TenderInline,
    TierInline,
    may_edit,
    to_read,
    written,
)
from pricing.discount_resources import CouponResource, DiscountResource
from pricing.models import Discount
from pricing.models.discount import WEEKDAYS
from pricing.selectors import sample_basket
from pricing.services.discounts import (
    METHODS,
    TIERED,
    WITHOUT_GOODS,
    DiscountNotReady,
    disable_discount,
    enable_discount,
    faults_of,
    join_only_part,
    known_methods,
)
from pricing.store_clock_form import OnStoreClock, OnStoreClockPage
from pricing.warnings import about, without_currency

Kind, Given = Discount.Kind, Discount.Given

TONES = {
    "enabled": (Tone.GOOD, "Enabled"),
    "draft": (Tone.ASKS, "Draft"),
    "disabled": (Tone.CALM, "Disabled"),
}


def _method_of(discount: Discount) -> str:
    """How its value is meant: of a set's cheapest, as they are given it."""
    return discount.least_method if discount.method == Discount.Method.LEAST_EXPENSIVE else discount.method


def _unbroken(words: str) -> str:
    """A few words that stay on one line of a narrow column."""
    return words.replace(" ", "\N{NO-BREAK SPACE}")


def _moment(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{_unbroken(f'{local:%-d %b %Y},')} {local:%H:%M}"


def _when(condition: str) -> str:
    """A condition of a field for the browser; a discount that is fixed shows all of its fields."""
    return f"typeof kind === 'undefined' || {condition}"


def _unused(discount: Discount) -> set[str]:
    """Fields that mean nothing for its kind and method."""
    unused: set[str] = set()
    if discount.method != Discount.Method.LEAST_EXPENSIVE:
        unused |= {"least_count", "least_method", "favor"}
    if discount.kind != Kind.MIX_AND_MATCH:
        unused.add("max_applications")
    if discount.kind not in (Kind.SIMPLE, Kind.QUANTITY):
        unused |= {"quantity_limit", "limit_scope"}
    if discount.kind not in (Kind.MIX_AND_MATCH, Kind.THRESHOLD):
        unused.add("counts_blocked_goods")
    return unused


class DiscountForm(OnStoreClock):
    """A discount whose single fields make sense; the whole is checked when it is enabled."""

    weekdays = forms.TypedMultipleChoiceField(
        help_text="None ticked: every day.",
        choices=list(enumerate(WEEKDAYS)),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "th-checks th-checks--short"}),
    )
    days_only = SimpleArrayField(
        forms.DateField(error_messages={"invalid": "Write days such as 2026-11-27, with commas between."}),
        error_messages={"item_invalid": "Day %(nth)s cannot be read."},
        label="Only on these days",
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="Such as 2026-11-27, with commas between. Empty: on all days.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "kind" in self.fields:  # not where it is fixed
            known = {kind: sorted(methods) for kind, methods in METHODS.items()}
            self.fields["kind"].widget.attrs |= {
                "data-behaviour": "methods",
                "data-methods": json.dumps(known),
            }

    def clean_code(self) -> str:
        """A code is the same in capitals and in small letters, as a person reads it out."""
        code = str(self.cleaned_data["code"])
        other = Discount.objects.filter(code__iexact=code).exclude(pk=self.instance.pk).first()
        if other is not None:
            written = f", as {other.code}" if other.code != code else ""
            raise ValidationError(f"Code {code} is taken by discount “{other}”{written}. Choose another.")
        return code

    def clean(self) -> dict[str, Any] | None:
        """Ends after starts, percentages up to 100, a method that the kind knows."""
        data = super().clean()
        given = self.cleaned_data
        starts, ends = given.get("starts_at"), given.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error(
                "ends_at", f"The end must be after the start, {timezone.localtime(starts):%-d %b %Y, %H:%M}."
            )
        if given.get("begins") and given.get("begins") == given.get("ends"):
            self.add_error("ends", "The hours end where they begin. Choose another end, or leave both empty.")
        kind, method, value = given.get("kind"), given.get("method"), given.get("value")
        if kind and method and method not in METHODS[kind]:
            self.add_error("method", f"This kind gives one of: {known_methods(kind)}. Choose one of them.")
        if method == "least_expensive":
            method = given.get("least_method")
        if kind in TIERED or method == Discount.Method.LINE_SPECIFIC:
            self.cleaned_data["value"] = value = None  # its tiers or lines say it: the page hides the field
        if method == "percent_off" and value is not None and value > 100:
            self.add_error("value", f"{plain(value)} % is more than all there is. Enter at most 100.")
        return data


@admin.register(Discount)
class DiscountAdmin(OnStoreClockPage, Exchange, ImportExportModelAdmin, Admin):
    form = DiscountForm
    resource_classes = [DiscountResource, CouponResource]
    list_display = [
        "name",
        "code",
        "kind_shown",
        "gives_shown",
        "lines_shown",
        "period_shown",
        "status_shown",
    ]
    list_filter = ["status", "kind", "concurrency"]
    search_fields = ["name", "code", "lines__product__name", "coupons__code"]
    inlines = [
        LineInline, TierInline, GroupInline, TenderInline, DeliveryModeInline, PriceGroupInline, StoreInline,
        CustomerInline, CouponInline,
    ]  # fmt: skip
    actions_detail = ["try_it", "enable", "disable"]
    empty_hint = "An offer is drafted, looked at, and enabled; stores have it with the next package."
    fieldsets = [
        ("What it gives", {
            "fields": [("name", "code"), "kind", ("method", "value"), "currency",
                       ("least_count", "least_method"), "favor"],
        }),
        ("When", {"fields": ["starts_at", "ends_at", "on_store_clock", "weekdays", ("begins", "ends"), "days_only"]}),
        ("For whom", {"fields": ["coupon_required", "matches_all_price_groups"]}),
        ("Limits", {"fields": [("quantity_limit", "limit_scope"), ("max_applications", "max_discount")]}),
        ("Beside others", {"fields": [("concurrency", "priority"), "counts_blocked_goods"]}),
    ]  # fmt: skip
    conditional_fields = {
        "value": _when("kind != 'quantity' && kind != 'threshold' && method != 'line_specific'"),
        "least_count": _when("method == 'least_expensive'"),
        "least_method": _when("method == 'least_expensive'"),
        "favor": _when("method == 'least_expensive'"),
        "max_applications": _when("kind == 'mix_and_match'"),
        "quantity_limit": _when("kind == 'simple' || kind == 'quantity'"),
        "limit_scope": _when("kind == 'simple' || kind == 'quantity'"),
        "counts_blocked_goods": _when("kind == 'mix_and_match' || kind == 'threshold'"),
    }
    labels = {
        "method": "gives",
        "least_count": "how many of the cheapest",
        "least_method": "each is given",
        "favor": "in favour of",
        "begins": "from hour",
        "ends": "to hour",
        "starts_at": "starts",
        "ends_at": "ends",
        "coupon_required": "needs a coupon",
        "matches_all_price_groups": "needs all of its price groups",
        "quantity_limit": "at most so many units",
        "limit_scope": "counted",
        "max_applications": "at most so many sets",
        "max_discount": "at most so much money",
        "concurrency": "beside other offers",
        "counts_blocked_goods": "counts blocked goods",
    }
    help_texts = {
        "name": "As printed on receipts.",
        "code": "Short and unique.",
        "kind": "What has to be in the basket for it.",
        "method": "What it gives; 3 for 2 gives 100 % off the cheapest of the set.",
        "value": "The percentage, amount or price; empty where tiers or lines say it.",
        "currency": "Amounts, prices and thresholds need one; a mere percentage may hold in all.",
        "starts_at": "The first moment. Empty: since ever.",
        "ends_at": "The first moment without it. Empty: for good.",
        "weekdays": "None ticked: every day.",
        "days_only": "Such as 2026-11-27, with commas between. Empty: on all days.",
        "begins": "In the store's own time.",
        "ends": "In the store's own time; before the beginning means past midnight.",
        "concurrency": "What happens where several offers hold for the same goods.",
        "priority": "The higher number goes first.",
        "max_applications": "How often in one sale. Empty: as often as it fits.",
        "max_discount": "The most that one sale can save by it. Empty: no limit.",
        "least_count": "How many of the cheapest get it.",
        "least_method": "What the cheapest are given.",
        "favor": "Which units make up the sets.",
        "coupon_required": "Given only when one of its codes is shown.",
        "matches_all_price_groups": "On: all of its price groups have to be present, not just one of them.",
        "quantity_limit": "So many units of one sale get it, the dearest first. Empty: all.",
        "limit_scope": "Whether that is of each product or of all.",
        "counts_blocked_goods": "On: goods that may not be discounted help to reach it.",
    }

    change_form_before_template = "pricing/_discount_before.html"

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """What there is to say of it before it goes out, or while it runs."""
        faults = [] if obj.status == Discount.Status.ENABLED else self._missing(obj)
        never, pairs = about(obj)
        below = [row for row in prices_below_cost(offers=[obj]) if row.because is not None]
        if faults:
            never = []  # they say it, and where it is mended
        return {
            "faults": faults,
            "never": never,
            "without": without_currency([obj]),
            "overlaps": pairs,
            "below": below,
            "more": how_many_more(below),
        }

    def _missing(self, obj: Discount) -> list[tuple[str, str, str]]:
        """What keeps it from being enabled: the field or tab, its name, and what to do there."""
        tabs = {
            inline.model._meta.get_field("discount").remote_field.related_name: inline.verbose_name_plural
            for inline in self.inlines
        }
        return [
            (
                fault.field if fault.field in tabs else f"id_{fault.field}",
                capfirst(
                    tabs.get(fault.field) or self.labels.get(fault.field, fault.field.replace("_", " "))
                ),
                fault.text,
            )
            for fault in faults_of(obj)
        ]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        join_only_part(form.instance)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """All fields where it is edited, since its kind may change; where it is read, those that it uses."""
        found = super().get_fieldsets(request, obj)
        if obj is None or may_edit(obj):
            return found
        unused = _unused(obj)
        return [
            (title, {**options, "fields": to_read(options["fields"], unused)}) for title, options in found
        ]

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[type[Any]]:
        """What belongs to its kind; a new one, whose kind is not known yet, shows all."""
        every = super().get_inlines(request, obj)
        return [one for one in every if obj is None or obj.kind in INLINES_OF.get(one, set(Kind))]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Discount]:
        return super().get_queryset(request).annotate(line_count=Count("lines", distinct=True))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An enabled discount is fixed; disable it to edit."""
        return super().has_change_permission(request, obj) and may_edit(obj)

    def has_switch_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the person may enable and disable: who may change discounts, also fixed ones."""
        return request.user.has_perm("pricing.change_discount")

    def idle_actions(self, obj: Discount) -> Collection[str]:
        return {"enable"} if obj.status == Discount.Status.ENABLED else {"disable"}

    @action(description="Try it", url_path="try", permissions=["view"])
    def try_it(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Price a basket that the offer is meant for in the simulator, drafts included."""
        offer = self.get_object(request, str(object_id))
        query = urlencode({"drafts": "on", **sample_basket(offer)}, doseq=True)
        return redirect(f"{reverse('admin:simulator')}?{query}")

    @action(description="Enable", url_path="enable", permissions=["switch"])
    @asks_first("It is checked as a whole and then fixed; stores have it with the next package.", "Enable")
    def enable(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Check it whole and switch it on."""
        try:
            discount = enable_discount(object_id)
        except DiscountNotReady as refusal:
            messages.error(
                request, f"{refusal.details['name']} is not enabled yet. Do what is listed here, then save."
            )
        else:
            messages.success(request, f"{discount.name} is enabled; stores have it with the next package.")
        return redirect("admin:pricing_discount_change", object_id)

    @action(description="Disable", url_path="disable", permissions=["switch"])
    @asks_first("Stores stop giving it with the next package. It can then be edited.", "Disable")
    def disable(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Switch it off, so that it can be edited."""
        discount = disable_discount(object_id)
        messages.success(request, f"{discount.name} is disabled with the next package.")
        return redirect("admin:pricing_discount_change", object_id)

    @display(description="Kind", ordering="kind")
    def kind_shown(self, obj: Discount) -> str:
        return obj.get_kind_display().partition(":")[0]

    @display(description="Gives")
    def gives_shown(self, obj: Discount) -> str:
        method = obj.get_method_display()
        return f"{method}: {_unbroken(self.value_shown(obj))}" if obj.value else method

    @display(description="Value")
    def value_shown(self, obj: Discount) -> str:
        return written(_method_of(obj), obj.value, obj.currency_id)

    @display(description="Weekdays")
    def weekdays_shown(self, obj: Discount) -> str:
        return ", ".join(name for day, name in enumerate(WEEKDAYS) if day in obj.weekdays) or "Every day"

    @display(description="Only on these days")
    def days_only_shown(self, obj: Discount) -> str:
        return ", ".join(f"{day:%-d %b %Y}" for day in obj.days_only) or "On all days"

    @display(description="At most so many units")
    def quantity_limit_shown(self, obj: Discount) -> str:
        return plain(obj.quantity_limit)

    @display(description="At most so much money")
    def max_discount_shown(self, obj: Discount) -> str:
        return written(Given.AMOUNT_OFF, obj.max_discount, obj.currency_id)

    @display(description="On", ordering="line_count")
    def lines_shown(self, obj: Any) -> str:
        return NOTHING if Kind(obj.kind) in WITHOUT_GOODS else _unbroken(counted(obj.line_count, "line"))

    @display(description="When", ordering="starts_at")
    def period_shown(self, obj: Discount) -> str:
        now = timezone.now()
        if obj.starts_at and obj.starts_at > now:
            return f"From {_moment(obj.starts_at)}"
        if obj.ends_at:
            return f"Until {_moment(obj.ends_at)}"
        return _unbroken("For good")

    @display(description="Status", ordering="status")
    def status_shown(self, obj: Discount) -> SafeString:
        tone, word = TONES[obj.status]
        return status(tone, word)


navigation.add(Section.PRICES, Entry.of(Discount, icon="percent_discount", position=15))
