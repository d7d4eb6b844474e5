"""Price adjustments and the pricing policy in the back office."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.safestring import SafeString
from import_export.admin import ImportExportModelAdmin
from unfold.decorators import display

from hq import navigation
from hq.admin.base import Admin, Inline
from hq.admin.exchange import Exchange
from hq.admin.forms import Rows
from hq.cells import counted, plain, status
from hq.navigation import Entry, Section
from hq.panels import Tone
from pricing.adjustment_resource import AdjustmentResource
from pricing.below_cost import prices_below_cost, warn_below_cost
from pricing.models import PriceAdjustment, PriceAdjustmentLine, PricingPolicy
from pricing.problems import show_problems
from pricing.services.adjustments import WITHOUT_GOODS, problems_of
from pricing.store_clock_form import OnStoreClock, OnStoreClockPage

NUMBERS = {"percent", "amount"}


class AdjustmentForm(OnStoreClock):
    """An adjustment that changes something, in one way, in a period that ends after it starts."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in NUMBERS & set(self.fields):
            self.fields[name].required = False

    def clean_percent(self) -> Decimal:
        return self.cleaned_data["percent"] or Decimal(0)

    def clean_amount(self) -> Decimal:
        return self.cleaned_data["amount"] or Decimal(0)

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        given = self.cleaned_data
        if not NUMBERS & set(self.errors):
            names = ("percent", "amount", "price", "currency", "starts_at", "ends_at")
            said = {name: given[name] for name in names if given.get(name) is not None}
            show_problems(self, problems_of(PriceAdjustment(**said)))
        return data


class AdjustmentLineFormSet(Rows):
    """The goods of an adjustment: without any, an active one would do nothing and look as if it did."""

    def clean(self) -> None:
        super().clean()
        if any(form.errors for form in self.forms) or not self.instance.is_active:
            return
        if not self.kept:
            raise ValidationError(WITHOUT_GOODS)


class AdjustmentLineInline(Inline):
    model = PriceAdjustmentLine
    formset = AdjustmentLineFormSet
    fields = ["product", "variant", "category"]
    autocomplete_fields = ["product", "variant", "category"]
    verbose_name = "line"
    verbose_name_plural = "on what"
    tab = False


@admin.register(PriceAdjustment)
class PriceAdjustmentAdmin(OnStoreClockPage, Exchange, ImportExportModelAdmin, Admin):
    form = AdjustmentForm
    resource_classes = [AdjustmentResource]
    list_display = ["name", "change_shown", "price_group", "lines_shown", "period_shown", "state_shown"]
    list_filter = ["is_active", "price_group"]
    list_select_related = ["price_group"]
    search_fields = ["name", "lines__product__name", "lines__product__number"]
    autocomplete_fields = ["price_group"]
    inlines = [AdjustmentLineInline]
    empty_hint = "An adjustment changes the prices of many goods for a time, such as 5 % less on a category."
    fieldsets = [
        (None, {"fields": ["name", "is_active"]}),
        ("The change: one of these", {"fields": [("percent", "amount"), ("price", "currency")]}),
        ("For whom", {"fields": ["price_group"]}),
        ("When", {"fields": ["starts_at", "ends_at", "on_store_clock"]}),
    ]
    labels = {"is_active": "active", "percent": "percent off", "amount": "amount off"}
    help_texts = {
        "name": "As the explanation of a price says it.",
        "is_active": "Off: a draft; on: stores price by it with the next package.",
        "percent": "Of the price; −5 makes it 5 % dearer.",
        "amount": "Of one unit, after the percentage; below zero makes it dearer.",
        "price": "Counts where it is lower than the price.",
        "currency": "Needed for an amount or a price.",
        "price_group": "The stores and customers that it holds for. Empty: everybody.",
        "starts_at": "The first moment. Empty: since ever.",
        "ends_at": "The first moment without it. Empty: for good.",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[PriceAdjustment]:
        return super().get_queryset(request).annotate(line_count=Count("lines", distinct=True))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """With its goods; whoever enters it hears which prices it leaves below cost."""
        super().save_related(request, form, formsets, change)
        rows = prices_below_cost(adjustments=[form.instance])
        warn_below_cost(request, [row for row in rows if row.because is not None])

    @display(description="Change")
    def change_shown(self, obj: PriceAdjustment) -> str:
        if obj.price is not None:
            return f"{plain(obj.price)} {obj.currency_id or ''}"
        parts = [f"{plain(-obj.percent)} %"] if obj.percent else []
        parts += [f"{plain(-obj.amount)} {obj.currency_id or ''}"] if obj.amount else []
        return " and ".join(parts)

    @display(description="On", ordering="line_count")
    def lines_shown(self, obj: Any) -> str:
        return counted(obj.line_count, "line")

    @display(description="Until", ordering="ends_at")
    def period_shown(self, obj: PriceAdjustment) -> str:
        return f"{timezone.localtime(obj.ends_at):%-d %b %Y, %H:%M}" if obj.ends_at else "For good"

    @display(description="Status", ordering="is_active")
    def state_shown(self, obj: PriceAdjustment) -> SafeString:
        if not obj.is_active:
            return status(Tone.ASKS, "Draft")
        now = timezone.now()
        if obj.ends_at and obj.ends_at <= now:
            return status(Tone.CALM, "Over")
        return (
            status(Tone.ASKS, "Ahead")
            if obj.starts_at and obj.starts_at > now
            else status(Tone.GOOD, "In force")
        )


@admin.register(PricingPolicy)
class PricingPolicyAdmin(Admin):
    """One row: the list leads to it, and there is no second."""

    empty_hint = "The defaults hold until something is chosen here."
    list_display = ["__str__", "concurrency_model", "compound_behavior"]
    fieldsets = [
        ("Where several offers hold", {"fields": [
            "concurrency_model", "compound_behavior", "exclusive_threshold_competes",
        ]}),
        ("Prices", {"fields": ["find_next", "adjustments_can_raise"]}),
        ("By hand at the till", {"fields": [
            "manual_vs_system", "apply_discounts_to_price_overrides", "apply_discounts_to_keyed_prices",
            "manual_total_covers_charges",
        ]}),
        ("Tax", {"fields": ["tax_rounding"]}),
    ]  # fmt: skip
    labels = {
        "concurrency_model": "priorities",
        "compound_behavior": "compound discounts count",
        "exclusive_threshold_competes": "exclusive thresholds compete with exclusive offers",
        "find_next": "the lowest price counts",
        "adjustments_can_raise": "adjustments may raise prices",
        "manual_vs_system": "a discount by hand is given",
        "apply_discounts_to_price_overrides": "offers on overridden prices",
        "apply_discounts_to_keyed_prices": "offers on keyed prices",
        "manual_total_covers_charges": "the discount on the total covers charges",
    }
    help_texts = {
        "concurrency_model": "Whether offers of lower priority are added to those of a higher one.",
        "compound_behavior": "10 % and 20 % on 100.00 leave 72.00, or 70.00 on the original price.",
        "exclusive_threshold_competes": "On: the better one is given. Off: the other goes first.",
        "find_next": "Of several prices at one priority. Off: the one with the largest quantity counts.",
        "adjustments_can_raise": "Off: an adjustment that makes it dearer is left out.",
        "manual_vs_system": "What becomes of the line's offers.",
        "apply_discounts_to_price_overrides": "Off: a price set at the till is final.",
        "apply_discounts_to_keyed_prices": "For goods whose price is keyed in or read from a label.",
        "manual_total_covers_charges": "Off: it is taken off the goods alone.",
        "tax_rounding": "By law or by habit of the country.",
    }

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only while there is none."""
        return super().has_add_permission(request, obj) and not PricingPolicy.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Straight to the one row, if it is there."""
        policy = PricingPolicy.objects.first()
        if policy is not None and not request.GET:
            return redirect("admin:pricing_pricingpolicy_change", policy.pk)
        return super().changelist_view(request, extra_context)


navigation.add(
    Section.PRICES,
    Entry.of(PriceAdjustment, icon="trending_down", position=11, title="Price adjustments"),
    Entry.of(PricingPolicy, icon="tune", position=40),
)
