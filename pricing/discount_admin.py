"""Discounts in the back office: what they give, on what, to whom and when."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from channels_app.errors import DomainError
from hq import navigation
from hq.admin.base import Admin, Inline
from hq.admin.steps import asks_first
from hq.cells import counted, plain, status
from hq.navigation import Entry, Section
from hq.panels import Tone
from pricing.models import (
    Discount,
    DiscountCoupon,
    DiscountGroup,
    DiscountLine,
    DiscountPriceGroup,
    DiscountTier,
)
from pricing.selectors import sample_basket
from pricing.services.discounts import disable_discount, enable_discount

TONES = {
    "enabled": (Tone.GOOD, "Enabled"),
    "draft": (Tone.ASKS, "Draft"),
    "disabled": (Tone.CALM, "Disabled"),
}


class Part(Inline):
    """What belongs to a discount: fixed while it is enabled, since stores sell by it."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and _may_edit(obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _may_edit(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_edit(obj)


class LineInline(Part):
    model = DiscountLine
    fields = ["product", "category", "group", "is_excluded"]
    autocomplete_fields = ["product", "category"]
    verbose_name = "line"
    verbose_name_plural = "on what"


class TierInline(Part):
    model = DiscountTier
    fields = ["minimum", "value"]
    verbose_name = "tier"
    verbose_name_plural = "tiers"


class GroupInline(Part):
    model = DiscountGroup
    fields = ["code", "quantity"]
    verbose_name = "part"
    verbose_name_plural = "parts of the set"


class PriceGroupInline(Part):
    model = DiscountPriceGroup
    fields = ["price_group"]
    autocomplete_fields = ["price_group"]
    verbose_name = "price group"
    verbose_name_plural = "for whom"


class CouponInline(Part):
    model = DiscountCoupon
    fields = ["code", "is_active", "starts_at", "ends_at"]
    verbose_name = "coupon"
    verbose_name_plural = "coupons"


def _may_edit(discount: Any) -> bool:
    return not isinstance(discount, Discount) or discount.status != Discount.Status.ENABLED


@admin.register(Discount)
class DiscountAdmin(Admin):
    list_display = ["name", "code", "kind", "gives_shown", "lines_shown", "period_shown", "status_shown"]
    list_filter = ["status", "kind", "concurrency"]
    search_fields = ["name", "code", "lines__product__name", "coupons__code"]
    inlines = [LineInline, TierInline, GroupInline, PriceGroupInline, CouponInline]
    actions_detail = ["try_it", "enable", "disable"]
    empty_hint = "An offer is drafted, looked at, and enabled; stores have it with the next package."
    fieldsets = [
        (None, {"fields": [("name", "code"), "kind", ("method", "value"), "currency"]}),
        ("When", {"fields": [("starts_at", "ends_at"), "weekdays", ("begins", "ends")]}),
        ("Beside others", {"fields": ["concurrency", "priority"]}),
        ("Limits", {"fields": ["max_applications", "max_discount", "least_count", "coupon_required"]}),
    ]
    help_texts = {
        "name": "As printed on receipts.",
        "code": "Short and unique.",
        "kind": "What has to be in the basket for it.",
        "method": "What it gives.",
        "value": "The percentage, amount or price; empty where the tiers say it.",
        "currency": "An amount or price needs one; a percentage may hold in all.",
        "starts_at": "The first moment. Empty: since ever.",
        "ends_at": "The first moment without it. Empty: for good.",
        "weekdays": "Numbers from 0 (Monday) to 6, with commas. Empty: every day.",
        "begins": "In the store's own time.",
        "ends": "In the store's own time.",
        "concurrency": "What happens where several offers hold for the same goods.",
        "priority": "The higher number goes first.",
        "max_applications": "How often in one sale. Empty: as often as it fits.",
        "max_discount": "The most that one sale can save by it. Empty: no limit.",
        "least_count": "For the cheapest of a set: how many of them.",
        "coupon_required": "Given only when one of its codes is shown.",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Discount]:
        return super().get_queryset(request).annotate(line_count=Count("lines", distinct=True))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An enabled discount is fixed; disable it to edit."""
        return super().has_change_permission(request, obj) and _may_edit(obj)

    def has_switch_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the person may enable and disable: who may change discounts, also fixed ones."""
        return request.user.has_perm("pricing.change_discount")

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
        except DomainError as refusal:
            messages.error(request, str(refusal))
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

    @display(description="Gives")
    def gives_shown(self, obj: Discount) -> str:
        value = plain(obj.value) if obj.value is not None else ""
        unit = " %" if obj.method in ("percent_off", "least_expensive") else f" {obj.currency_id or ''}"
        return f"{obj.get_method_display()}: {value}{unit}" if value else obj.get_method_display()

    @display(description="On", ordering="line_count")
    def lines_shown(self, obj: Any) -> str:
        return counted(obj.line_count, "line")

    @display(description="When", ordering="starts_at")
    def period_shown(self, obj: Discount) -> str:
        now = timezone.now()
        if obj.starts_at and obj.starts_at > now:
            return f"From {timezone.localtime(obj.starts_at):%-d %b %Y, %H:%M}"
        return f"Until {timezone.localtime(obj.ends_at):%-d %b %Y, %H:%M}" if obj.ends_at else "For good"

    @display(description="Status", ordering="status")
    def status_shown(self, obj: Discount) -> SafeString:
        tone, word = TONES[obj.status]
        return status(tone, word)


navigation.add(Section.PRICES, Entry.of(Discount, icon="percent_discount", position=15))
