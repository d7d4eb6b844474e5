"""Who and what pays no tax, or another: exemptions, holidays and overrides in the back office."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.safestring import SafeString
from import_export.admin import ImportExportModelAdmin
from unfold.decorators import display

from hq.admin.base import Admin, Inline
from hq.admin.company import CountryForm
from hq.admin.exchange import Exchange
from hq.admin.forms import Form, Rows
from hq.cells import on_off, status
from hq.panels import Tone
from pricing.models import (
    DestinationTax,
    TaxExemption,
    TaxExemptionCode,
    TaxHoliday,
    TaxHolidayCode,
    TaxHolidayGroup,
    TaxOverride,
    TaxOverrideCode,
)
from pricing.problems import show_problems
from pricing.services.exemptions import WHOM, problems_of
from pricing.tax_resources import DestinationTaxResource, ExemptionResource, HolidayResource, OverrideResource


def days_status(starts: Any, ends: Any) -> SafeString:
    """Whether a stretch of days is running, ahead or over."""
    today = timezone.localdate()
    if starts and starts > today:
        return status(Tone.ASKS, "Ahead")
    return status(Tone.CALM, "Over") if ends and ends <= today else status(Tone.GOOD, "In force")


class DaysForm(Form):
    """Something whose last day comes after its first."""

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        starts, ends = self.cleaned_data.get("starts_on"), self.cleaned_data.get("ends_on")
        if starts and ends and ends <= starts:
            self.add_error(
                "ends_on", f"The end must be after the start, {starts:%-d %b %Y}. Choose a later day."
            )
        return data


class ExemptionForm(Form):
    """An exemption of one customer, group, product or reason."""

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        found = problems_of(TaxExemption(**self.cleaned_data))
        if set(WHOM) & set(self.errors):  # whom it is for is not known then
            found = (problem for problem in found if problem.field not in WHOM)
        show_problems(self, found)
        return data


class ExemptionCodeInline(Inline):
    model = TaxExemptionCode
    fields = ["tax_code"]
    autocomplete_fields = ["tax_code"]
    verbose_name = "tax"
    verbose_name_plural = "from which taxes (none: all)"
    tab = False


@admin.register(TaxExemption)
class TaxExemptionAdmin(Exchange, ImportExportModelAdmin, Admin):
    form = ExemptionForm
    resource_classes = [ExemptionResource]
    list_display = ["reason", "who_shown", "certificate", "starts_on", "ends_on", "state_shown"]
    list_select_related = ["customer", "customer_group", "product", "reason_code"]
    search_fields = ["reason", "certificate", "customer__name", "customer__account", "product__name"]
    autocomplete_fields = ["customer", "customer_group", "product"]
    inlines = [ExemptionCodeInline]
    empty_hint = "An exemption frees a customer, a group, a product or a reason from tax; or import a list."
    fieldsets = [
        ("Who or what", {"fields": [("customer", "customer_group"), ("product", "reason_code")]}),
        ("Why", {"fields": [("reason", "certificate")]}),
        ("How", {"fields": ["lowers_price", ("starts_on", "ends_on")]}),
    ]
    labels = {
        "lowers_price": "the price goes down by the tax",
        "starts_on": "first day",
        "ends_on": "first day without it",
    }
    help_texts = {
        "customer": "One customer.",
        "customer_group": "Or every customer of a group.",
        "product": "Or one product, whoever buys it.",
        "reason_code": "Or a sale that the till exempts for this reason; without a row here a reason frees from all.",
        "reason": "As printed on receipts.",
        "certificate": "What the tax office will ask for.",
        "lowers_price": "On for goods that leave the country; off: the price stays and is all net.",
        "starts_on": "Empty: since ever.",
        "ends_on": "Empty: for good.",
    }

    @display(description="Who")
    def who_shown(self, obj: TaxExemption) -> str:
        return str(obj.whom)

    @display(description="Status")
    def state_shown(self, obj: TaxExemption) -> SafeString:
        return days_status(obj.starts_on, obj.ends_on)


@admin.register(DestinationTax)
class DestinationTaxAdmin(Exchange, ImportExportModelAdmin, Admin):
    form = CountryForm
    resource_classes = [DestinationTaxResource]
    list_display = ["country", "state", "city", "postcode", "sales_tax_group"]
    list_filter = ["country", "sales_tax_group"]
    list_select_related = ["sales_tax_group"]
    search_fields = ["country", "state", "city", "postcode"]
    autocomplete_fields = ["sales_tax_group"]
    empty_hint = (
        "Goods that are sent pay the taxes of the place that they go to. Without a row for it, the store's. "
        "Many places come in as a list: import it."
    )
    fieldsets = [
        ("Where goods go", {"fields": ["country", ("state", "city"), "postcode"]}),
        ("What they pay", {"fields": ["sales_tax_group"]}),
    ]
    help_texts = {
        "country": "Two letters, such as IE.",
        "state": "Empty: all of the country.",
        "city": "Empty: everywhere there.",
        "postcode": "Or its beginning, such as BT*. The most precise row counts: postcode before city before state.",
        "sales_tax_group": "In the place of the store's.",
    }


class HolidayGroupInline(Inline):
    model = TaxHolidayGroup
    fields = ["group"]
    autocomplete_fields = ["group"]
    verbose_name = "kind of goods"
    verbose_name_plural = "on which goods (none: all)"
    tab = False


class HolidayCodeInline(Inline):
    model = TaxHolidayCode
    fields = ["tax_code"]
    autocomplete_fields = ["tax_code"]
    verbose_name = "tax"
    verbose_name_plural = "from which taxes (none: all)"
    tab = False


@admin.register(TaxHoliday)
class TaxHolidayAdmin(Exchange, ImportExportModelAdmin, Admin):
    form = DaysForm
    resource_classes = [HolidayResource]
    list_display = ["name", "starts_on", "ends_on", "price_limit", "state_shown"]
    search_fields = ["name"]
    inlines = [HolidayGroupInline, HolidayCodeInline]
    empty_hint = (
        "A tax holiday frees some goods of tax for a few days, such as back to school; or import a list."
    )
    fieldsets = [(None, {"fields": ["name", ("starts_on", "ends_on"), "price_limit"]})]
    labels = {"starts_on": "first day", "ends_on": "first day without it", "price_limit": "up to a price of"}
    help_texts = {
        "name": "As printed on receipts.",
        "starts_on": "On the store's calendar.",
        "ends_on": "The day after its last one.",
        "price_limit": "Of one unit after discounts, included, in each store's currency. Empty: at any price.",
    }

    @display(description="Status")
    def state_shown(self, obj: TaxHoliday) -> SafeString:
        return days_status(obj.starts_on, obj.ends_on)


class OverrideCodeFormSet(Rows):
    """An override says what applies instead: a group, or a tax in the place of another."""

    def clean(self) -> None:
        super().clean()
        if any(form.errors for form in self.forms):
            return
        if not (self.kept or self.instance.sales_tax_group_id or self.instance.item_tax_group_id):
            raise ValidationError("It is not said what applies instead. Choose a group above, or a tax here.")


class OverrideCodeInline(Inline):
    model = TaxOverrideCode
    formset = OverrideCodeFormSet
    fields = ["tax_code", "instead"]
    autocomplete_fields = ["tax_code", "instead"]
    verbose_name = "tax"
    verbose_name_plural = "one tax in the place of another (none: it is left out)"
    fk_name = "override"
    tab = False


@admin.register(TaxOverride)
class TaxOverrideAdmin(Exchange, ImportExportModelAdmin, Admin):
    resource_classes = [OverrideResource]
    list_display = ["name", "code", "scope", "sales_tax_group", "item_tax_group", "state_shown"]
    list_filter = ["scope", "is_active"]
    list_select_related = ["sales_tax_group", "item_tax_group"]
    search_fields = ["name", "code"]
    autocomplete_fields = ["sales_tax_group", "item_tax_group"]
    inlines = [OverrideCodeInline]
    empty_hint = (
        "An override is another tax to choose for a sale, such as for food eaten in; or import a list."
    )
    fieldsets = [
        (None, {"fields": [("name", "code"), "scope", "is_active"]}),
        ("What applies instead", {"fields": [("sales_tax_group", "item_tax_group")]}),
    ]
    labels = {"is_active": "active"}
    help_texts = {
        "name": "As the cashier reads it.",
        "code": "Short and unique.",
        "scope": "What it is chosen for.",
        "is_active": "Off: nobody can choose it.",
        "sales_tax_group": "In the place of the store's.",
        "item_tax_group": "In the place of the goods' own.",
    }

    @display(description="Status")
    def state_shown(self, obj: TaxOverride) -> SafeString:
        return on_off(obj.is_active)
