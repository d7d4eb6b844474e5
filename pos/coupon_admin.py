"""Coupons in the back office: how often each was used, in which sales, and what open sales hold of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from hq import navigation
from hq.admin.base import Column, RecordPage, add_column
from hq.cells import NOTHING, money, object_link, status
from hq.models import Currency, Store
from hq.navigation import Entry, Section
from hq.panels import Tone
from pos.services.coupons import coupon_usage, latest_uses, open_holds
from pricing.engine.money import currency as currency_of
from pricing.models import Discount, DiscountCoupon

SHOWN = 100  # latest uses on a coupon's page


def _uses(coupons: Sequence[DiscountCoupon]) -> Mapping[Any, SafeString]:
    codes = [coupon.code for coupon in coupons]
    used = {one.code: one.total for one in coupon_usage(codes, store=0, customer="")}
    held = Counter(hold.code for hold in open_holds(codes, timezone.now()))
    return {
        coupon.pk: _words(used.get(coupon.code, 0), held[coupon.code], coupon.limit) for coupon in coupons
    }


def _words(used: int, held: int, limit: int | None) -> SafeString:
    words = f"{used:,}" if limit is None else f"{used:,} of {limit:,}"
    return format_html("{}{}", words, f" · {held:,} held" if held else "")


def _limits(coupons: Sequence[DiscountCoupon]) -> Mapping[Any, Any]:
    found = {}
    for coupon in coupons:
        words = [
            f"{limit:,} {what}"
            for limit, what in (
                (coupon.limit, "in all"),
                (coupon.limit_per_customer, "per customer"),
                (coupon.limit_per_channel, "per store"),
            )
            if limit is not None
        ]
        found[coupon.pk] = ", ".join(words) or NOTHING
    return found


@admin.register(DiscountCoupon)
class CouponPage(RecordPage):
    """Coupons are entered on the page of their offer; here is what became of them."""

    list_display = ["code", "offer_shown", "status_shown", "period_shown"]
    list_filter = ["is_active", "discount"]
    search_fields = ["code", "discount__name", "discount__code"]
    search_help_text = "Code or offer"
    ordering = ["code"]
    empty_hint = "Coupons are entered on the page of the offer that they unlock."
    fieldsets = [
        (None, {"fields": [("code", "offer_shown"), ("status_shown", "period_shown")]}),
        ("Limits", {"fields": [("limit", "limit_per_customer", "limit_per_channel")]}),
    ]
    change_form_after_template = "pos/hq/coupon_uses.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[DiscountCoupon]:
        return super().get_queryset(request).select_related("discount")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["offer_shown", "status_shown", "period_shown"]

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """The latest uses with their sales, and the open sales that hold one."""
        uses = latest_uses(obj.code, SHOWN)
        stores = Store.objects.in_bulk({use.store for use in uses})
        symbols = dict(Currency.objects.values_list("code", "symbol"))
        return {
            "uses": [
                {
                    "at": use.at,
                    "sale": format_html(
                        '<a class="th-link" href="{}">{}</a>',
                        reverse("admin:pos_retailtransaction_change", args=[use.sale]),
                        use.receipt_number,
                    ),
                    "store": stores.get(use.store, ""),
                    "customer": use.customer,
                    "given": money(
                        use.given,
                        use.currency,
                        symbol=symbols.get(use.currency, ""),
                        decimals=currency_of(use.currency).decimals,
                    ),
                }
                for use in uses
            ],
            "total": sum(one.total for one in coupon_usage([obj.code], store=0, customer="")),
            "holds": open_holds([obj.code], timezone.now()),
        }

    @display(description="Offer", ordering="discount__name")
    def offer_shown(self, obj: DiscountCoupon) -> SafeString:
        return object_link(obj.discount)

    @display(description="Status")
    def status_shown(self, obj: DiscountCoupon) -> SafeString:
        now = timezone.now()
        if obj.discount.status != Discount.Status.ENABLED:
            return status(Tone.CALM, f"Offer {obj.discount.get_status_display().lower()}")
        if not obj.is_active:
            return status(Tone.CALM, "Off")
        if obj.ends_at is not None and obj.ends_at <= now:
            return status(Tone.CALM, "Over")
        if obj.starts_at is not None and obj.starts_at > now:
            return status(Tone.ASKS, "To come")
        return status(Tone.GOOD, "Valid")

    @display(description="Valid", ordering="ends_at")
    def period_shown(self, obj: DiscountCoupon) -> SafeString | str:
        if obj.starts_at is None and obj.ends_at is None:
            return "always"
        starts, ends = (
            one and date_format(timezone.localtime(one), "j M Y") for one in (obj.starts_at, obj.ends_at)
        )
        if starts and ends:
            return f"{starts} – {ends}"
        return f"from {starts}" if starts else f"until {ends}"


add_column(DiscountCoupon, Column("Limits", _limits))
add_column(DiscountCoupon, Column("Used", _uses))
navigation.add(
    Section.PRICES, Entry.of(DiscountCoupon, icon="confirmation_number", position=16, title="Coupons")
)
