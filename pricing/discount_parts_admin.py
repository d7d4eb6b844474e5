"""What belongs to a discount on its page: lines, tiers, parts of a set, who and where, coupons."""

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import UnfoldBooleanSwitchWidget

from hq.admin.base import Inline
from hq.admin.forms import Form, Rows
from hq.cells import plain
from pricing.engine.discounts.validate import check_value
from pricing.engine.money import currency as currency_of
from pricing.engine.money import decimals_of
from pricing.models import (
    GOODS,
    Discount,
    DiscountCoupon,
    DiscountCustomer,
    DiscountDeliveryMode,
    DiscountGroup,
    DiscountLine,
    DiscountPriceGroup,
    DiscountStore,
    DiscountTender,
    DiscountTier,
)
from pricing.problems import show_problems

Kind, Given = Discount.Kind, Discount.Given


def may_edit(discount: Any) -> bool:
    """Whether a discount may be changed: an enabled one is fixed. Anything else may."""
    return not isinstance(discount, Discount) or discount.status != Discount.Status.ENABLED


def written(method: str, value: Decimal | None, currency: str | None) -> str:
    """A percentage, or an amount with the decimals of its currency: 10 %, 10.00 GBP."""
    if value is None or method == Given.PERCENT_OFF:
        return plain(value) + (" %" if value is not None else "")
    decimals = decimals_of(value, currency_of(currency or "").decimals)
    return f"{value:,.{decimals}f} {currency or ''}".strip()


# Columns whose value is written otherwise than it is kept.
READ = {
    name: f"{name}_shown"
    for name in ("everything", "value", "minimum", "weekdays", "days_only", "quantity_limit", "max_discount")
}


def to_read(fields: Any, unused: Collection[str] = ()) -> list[Any]:
    """Fields of a form that can only be read, some of them beside one another, without those that mean nothing."""
    kept: list[Any] = []
    for row in fields:
        if isinstance(row, str):
            kept += [READ.get(row, row)] if row not in unused else []
        elif left := tuple(READ.get(name, name) for name in row if name not in unused):
            kept.append(left)
    return kept


class Part(Inline):
    """What belongs to a discount: fixed while it is enabled, since stores sell by it."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and may_edit(obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and may_edit(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and may_edit(obj)

    readonly_fields = ("everything_shown", "value_shown", "minimum_shown")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Values as people write them, where they can only be read."""
        found = super().get_fieldsets(request, obj)
        return (
            found
            if may_edit(obj)
            else [(title, {**options, "fields": to_read(options["fields"])}) for title, options in found]
        )

    @display(description="Value")
    def value_shown(self, obj: Any) -> str:
        """What the line or tier gives by itself, or as its discount says."""
        return written(obj.method or obj.discount.method, obj.value, obj.discount.currency_id)

    @display(description="Everything", boolean=True)
    def everything_shown(self, obj: DiscountLine) -> bool:
        return obj.is_on_everything

    @display(description="From")
    def minimum_shown(self, obj: DiscountTier) -> str:
        return plain(obj.minimum)


class LineForm(Form):
    """A line that says what it is on, if only that it is on everything, and what its own value is where it has one."""

    everything = forms.BooleanField(label="Everything", required=False, widget=UnfoldBooleanSwitchWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["everything"] = self.instance.pk is not None and self.instance.is_on_everything

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        names_goods = any(self.cleaned_data.get(name) for name in GOODS)
        if names_goods and self.cleaned_data.get("everything"):
            self.add_error("everything", "The line names goods. Switch this off, or leave them out.")
        elif (
            not names_goods and not self.cleaned_data.get("everything") and not set(GOODS) & set(self.errors)
        ):
            self.add_error(
                "product",
                "On what? Choose a product, a category, a variant or an attribute, or switch Everything on.",
            )
        if self.cleaned_data.get("attribute") and not self.cleaned_data.get("attribute_value"):
            self.add_error("attribute_value", "Enter its value, as the products have it.")
        method, value = self.cleaned_data.get("method"), self.cleaned_data.get("value")
        if method and "value" not in self.errors:
            show_problems(self, check_value(method, value, "value", Given.values))
        elif value is not None and "method" in self.fields:
            self.add_error("method", "Choose whether the value is a percentage, an amount or a price.")
        return data


class LineInline(Part):
    model = DiscountLine
    form = LineForm
    autocomplete_fields = ["product", "variant", "category", "unit"]
    verbose_name = "line"
    verbose_name_plural = "on what"
    help_texts = {"attribute": "", "attribute_value": ""}
    labels = {"attribute": "attribute", "attribute_value": "is", "value": "value"}

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """What a line of this kind of discount may say."""
        fields = ["everything", "product", "category"]
        if obj is None or obj.kind == Kind.MIX_AND_MATCH:
            fields.append("group")
        if obj is None or obj.kind == Kind.SIMPLE or obj.method == Discount.Method.LINE_SPECIFIC:
            fields += ["method", "value"]
        return [
            *fields,
            "is_excluded",
            "variant",
            "attribute",
            "attribute_value",
            "unit",
        ]  # the rarer ones last


class TierFormSet(Rows):
    """Tiers that give what may be given, each in its own way or as the discount says."""

    def clean(self) -> None:
        super().clean()
        for form in self.kept:
            tier = form.cleaned_data
            if "value" in tier:
                method = tier.get("method") or self.instance.method
                if method in Given.values:
                    show_problems(form, check_value(method, tier["value"], "value", Given.values))


class TierInline(Part):
    model = DiscountTier
    formset = TierFormSet
    fields = ["minimum", "value", "method"]
    verbose_name = "tier"
    verbose_name_plural = "tiers"
    help_texts = {"method": ""}


class GroupInline(Part):
    model = DiscountGroup
    fields = ["code", "quantity", "is_mandatory"]
    verbose_name = "part"
    verbose_name_plural = "parts of the set"
    help_texts = {"is_mandatory": ""}


class TenderInline(Part):
    model = DiscountTender
    fields = ["method"]
    verbose_name = "way of paying"
    verbose_name_plural = "ways of paying"
    labels = {"method": "paid by"}


class DeliveryModeInline(Part):
    model = DiscountDeliveryMode
    fields = ["delivery_mode"]
    verbose_name = "delivery mode"
    verbose_name_plural = "delivery modes (none: all)"


class PriceGroupInline(Part):
    model = DiscountPriceGroup
    fields = ["price_group"]
    autocomplete_fields = ["price_group"]
    verbose_name = "price group"
    verbose_name_plural = "price groups"


class StoreInline(Part):
    model = DiscountStore
    fields = ["store"]
    autocomplete_fields = ["store"]
    verbose_name = "store"
    verbose_name_plural = "stores"


class CustomerInline(Part):
    model = DiscountCustomer
    fields = ["customer"]
    autocomplete_fields = ["customer"]
    verbose_name = "customer"
    verbose_name_plural = "customers"


class CouponForm(Form):
    """A code as tills look it up: in capitals, without spaces."""

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"]).strip().upper()
        if code.split() != [code]:
            raise ValidationError("A code has no spaces. Leave them out.")
        return code


class CouponInline(Part):
    model = DiscountCoupon
    form = CouponForm
    fields = ["code", "is_active", "limit", "limit_per_customer", "limit_per_channel", "starts_at", "ends_at"]
    verbose_name = "coupon"
    verbose_name_plural = "coupons"
    show_change_link = True  # to its uses
    labels = {"is_active": "active", "limit": "uses in all", "starts_at": "starts", "ends_at": "ends"}
    help_texts = {"code": ""}


INLINES_OF = {
    LineInline: {Kind.SIMPLE, Kind.QUANTITY, Kind.MIX_AND_MATCH, Kind.THRESHOLD},
    TierInline: {Kind.QUANTITY, Kind.THRESHOLD, Kind.SHIPPING, Kind.TENDER},
    GroupInline: {Kind.MIX_AND_MATCH},
    TenderInline: {Kind.TENDER},
    DeliveryModeInline: {Kind.SHIPPING},
}
