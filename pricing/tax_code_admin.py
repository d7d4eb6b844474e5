"""Taxes in the back office: tax codes with their rates, where and on what they are charged."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from import_export.admin import ImportExportModelAdmin
from unfold.decorators import display

from catalog.models import ItemTaxGroup
from hq import navigation
from hq.admin.base import Admin, Inline, add_inline
from hq.admin.company import CountryForm
from hq.admin.exchange import Exchange
from hq.admin.forms import Form, Rows
from hq.cells import NOTHING, status
from hq.models import SalesTaxGroup
from hq.navigation import Entry, Section
from hq.panels import Tone
from pricing.discount_resources import TaxRateResource
from pricing.engine.checks import check_period
from pricing.engine.tax_checks import check_rate, check_rates_apart
from pricing.engine.tax_codes import DatedRate, RateRow, dated_rates
from pricing.models import (
    DestinationTax,
    ItemTaxGroupCode,
    SalesTaxGroupCode,
    TaxCode,
    TaxExemption,
    TaxHoliday,
    TaxOverride,
    TaxRate,
)
from pricing.problems import show_problems
from pricing.services.taxes import as_engine, codes_of_groups, problems_of, problems_where_they_meet
from pricing.tax_admin import TaxExemptionAdmin  # noqa: F401  # registers itself


class TaxRateFormSet(Rows):
    """The rates of one tax code: on every day at most one, or amounts that follow one another from zero."""

    def clean(self) -> None:
        super().clean()
        rows = [(form, row) for form, row in self.rows if "ends_on" not in form.errors]
        periods = dated_rates([row for _, row in rows])
        for problem in check_rates_apart(periods):
            show_problems(_form_of(rows, periods[problem.row or 0]), [problem])
        for period in periods:
            for problem in check_rate(self.instance.kind, period):
                above = period.intervals[problem.row or 0].above if period.intervals else None
                fields = {"rate": "percent", "intervals": "above"}
                show_problems(_form_of(rows, period, above), [problem], fields)

    @property
    def rows(self) -> list[tuple[Form, RateRow]]:
        """The rates as they were entered, each with its form."""
        return [(form, _rate_row(form)) for form in self.kept if form.cleaned_data.get("percent") is not None]


class TaxRateForm(Form):
    """A rate in a period that ends after it starts, for amounts from zero on where nobody says otherwise."""

    def clean_above(self) -> Decimal:
        return self.cleaned_data.get("above") or Decimal(0)

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        show_problems(
            self, check_period(self.cleaned_data.get("starts_on"), self.cleaned_data.get("ends_on"))
        )
        return data


def _rate_row(form: Form) -> RateRow:
    given = form.cleaned_data
    return RateRow(
        given["percent"], given.get("starts_on"), given.get("ends_on"), given.get("above") or Decimal(0),
        given.get("up_to"),
    )  # fmt: skip


def _form_of(rows: Sequence[tuple[Form, RateRow]], period: DatedRate, above: Decimal | None = None) -> Form:
    """The form that a problem of a period, or of its interval above an amount, stands in."""
    of_period = [(form, row) for form, row in rows if row[1:3] == (period.starts_on, period.ends_on)]
    return next((form for form, row in of_period if row.above == above), of_period[-1][0])


class TaxRateInline(Inline):
    model = TaxRate
    form = TaxRateForm
    formset = TaxRateFormSet
    fields = ["percent", "starts_on", "ends_on", "above", "up_to"]
    tab = False
    verbose_name = "rate"
    verbose_name_plural = "rates, by period; or by amount, one row for each"
    labels = {
        "percent": "rate, %",
        "starts_on": "first day",
        "ends_on": "first day without it",
        "above": "for amounts above",
    }
    help_texts = {"starts_on": "", "ends_on": "", "above": "", "up_to": ""}


class TaxCodeSalesInline(Inline):
    model = SalesTaxGroupCode
    fields = ["group", "exempt_reason"]
    labels = {"exempt_reason": "shown, but exempt because"}
    help_texts = {"exempt_reason": ""}
    autocomplete_fields = ["group"]
    tab = False
    verbose_name = "sales tax group"
    verbose_name_plural = "where it is charged"


class TaxCodeItemFormSet(Rows):
    """Where a tax is charged on goods it can be computed beside the others: `beside` are its rates and its places."""

    beside: Sequence[Any] = ()

    def clean(self) -> None:
        super().clean()
        if any(form.errors for form in self.forms) or not all(formset.is_valid() for formset in self.beside):
            return
        rates, places = self.beside
        own, others = self.instance.pk or 0, {"tax_code": self.instance.pk}
        charged = codes_of_groups(SalesTaxGroupCode.objects.exclude(**others))
        paid = codes_of_groups(ItemTaxGroupCode.objects.exclude(**others))
        groups = [[form.cleaned_data["group"].name for form in formset.kept] for formset in (places, self)]
        for problem in problems_where_they_meet(
            *(
                {name: all_of[name] | {own} for name in names}
                for names, all_of in zip(groups, (charged, paid), strict=True)
            ),
            {own: as_engine(self.instance, dated_rates([row for _, row in rates.rows]))},
        ):
            raise ValidationError(str(problem))


class TaxCodeItemInline(Inline):
    model = ItemTaxGroupCode
    formset = TaxCodeItemFormSet
    fields = ["group"]
    autocomplete_fields = ["group"]
    tab = False
    verbose_name = "item tax group"
    verbose_name_plural = "on which goods it is charged"


class TaxCodeForm(CountryForm):
    """A tax that can be computed: what it is a share of exists, and no tax is computed on itself."""

    def _post_clean(self) -> None:
        super()._post_clean()
        if not {"code", "kind", "of"} & set(self.errors):
            show_problems(self, problems_of(self.instance))


@admin.register(TaxCode)
class TaxCodeAdmin(Exchange, ImportExportModelAdmin, Admin):
    form = TaxCodeForm
    resource_classes = [TaxRateResource]
    list_display = ["name", "code", "country", "rate_shown", "sales_shown", "items_shown"]
    list_filter = ["country"]
    search_fields = ["name", "code"]
    inlines = [TaxRateInline, TaxCodeSalesInline, TaxCodeItemInline]
    empty_hint = "A tax code is one tax with its rates by period, such as VAT standard rate."
    fieldsets = [
        (None, {"fields": [("name", "code"), "country"]}),
        ("How it is computed", {"fields": [("kind", "of"), "calculate_before", ("method", "marginal_base")]}),
        ("Beside other taxes", {"fields": ["sequence", "affects_next_base", "base_affected_by_previous"]}),
    ]
    conditional_fields = {"of": "kind == 'percent_of_tax'", "calculate_before": "kind == 'fixed_per_unit'"}
    labels = {
        "of": "of which tax",
        "method": "rates by amount",
        "marginal_base": "decided by",
        "calculate_before": "percentages are computed on it",
        "affects_next_base": "later taxes are computed on it",
        "base_affected_by_previous": "it is computed on such earlier taxes",
    }
    help_texts = {
        "name": "As printed on receipts, such as VAT 20 %.",
        "code": "Short and unique; kept in the journal.",
        "country": "Two letters; for reports only.",
        "kind": "VAT and sales taxes are a percentage of net; deposits and duties an amount per unit.",
        "of": "Only for a tax on a tax.",
        "method": "Only where rates below name amounts.",
        "marginal_base": "What is looked up in those amounts.",
        "calculate_before": "On for a duty that is itself taxed.",
        "sequence": "The lower number is computed first.",
        "affects_next_base": "On for a tax that others are stacked upon.",
        "base_affected_by_previous": "Off: it looks at the goods alone.",
    }

    def _create_formsets(self, request: HttpRequest, obj: Any, change: bool) -> Any:
        formsets, inlines = super()._create_formsets(request, obj, change)
        if len(formsets) == len(self.inlines):  # somebody who may edit sees all of them
            formsets[-1].beside = formsets[:-1]
        return formsets, inlines

    def get_queryset(self, request: HttpRequest) -> QuerySet[TaxCode]:
        return (
            super()
            .get_queryset(request)
            .prefetch_related(
                "rates",
                "sales_tax_groups__group",
                "item_tax_groups__group",
            )
        )

    @display(description="Today")
    def rate_shown(self, obj: TaxCode) -> SafeString:
        today = timezone.localdate()
        unit = "\N{NO-BREAK SPACE}" + (
            "per\N{NO-BREAK SPACE}unit" if obj.kind == TaxCode.Kind.FIXED_PER_UNIT else "%"
        )
        found = [
            f"{rate.percent.normalize():f}{unit}"
            for rate in obj.rates.all()
            if (rate.starts_on is None or rate.starts_on <= today)
            and (rate.ends_on is None or today < rate.ends_on)
        ]
        if found:
            return SafeString(found[0] if len(found) == 1 else f"{found[0]} to {found[-1]}, by amount")
        return status(Tone.ASKS, "No rate today", hint="Add a rate for a period that contains today.")

    @display(description="Where")
    def sales_shown(self, obj: TaxCode) -> SafeString:
        return _names(row.group.name for row in obj.sales_tax_groups.all())

    @display(description="On")
    def items_shown(self, obj: TaxCode) -> SafeString:
        return _names(row.group.name for row in obj.item_tax_groups.all())


def _names(names: Any) -> SafeString:
    return format_html_join(", ", "{}", ((name,) for name in names)) or NOTHING


class GroupCodesFormSet(Rows):
    """The taxes of a group can be computed beside one another, on all goods and in all places."""

    def clean(self) -> None:
        super().clean()
        if any(form.errors for form in self.forms):
            return
        own = {str(self.instance): {form.cleaned_data["tax_code"].pk for form in self.kept}}
        if self.model is SalesTaxGroupCode:
            found = problems_where_they_meet(own, codes_of_groups(ItemTaxGroupCode.objects))
        else:
            found = problems_where_they_meet(codes_of_groups(SalesTaxGroupCode.objects), own)
        if found:
            raise ValidationError(str(found[0]))


class SalesGroupCodeInline(Inline):
    model = SalesTaxGroupCode
    formset = GroupCodesFormSet
    fields = ["tax_code", "exempt_reason"]
    labels = {"exempt_reason": "shown, but exempt because"}
    help_texts = {"exempt_reason": ""}
    autocomplete_fields = ["tax_code"]
    verbose_name = "tax code"
    verbose_name_plural = "tax codes charged here"
    tab = False


class ItemGroupCodeInline(Inline):
    model = ItemTaxGroupCode
    formset = GroupCodesFormSet
    fields = ["tax_code"]
    autocomplete_fields = ["tax_code"]
    verbose_name = "tax code"
    verbose_name_plural = "tax codes charged on these goods"
    tab = False


add_inline(SalesTaxGroup, SalesGroupCodeInline)
add_inline(ItemTaxGroup, ItemGroupCodeInline)
navigation.add(
    Section.PRICES,
    Entry.of(TaxCode, icon="percent", position=30, title="Taxes").with_tabs(
        Entry.of(TaxCode, title="Tax codes"),
        Entry.of(SalesTaxGroup, title="Sales tax groups"),
        Entry.of(ItemTaxGroup, title="Item tax groups"),
        Entry.of(TaxExemption, title="Exemptions"),
        Entry.of(DestinationTax, title="Destinations"),
        Entry.of(TaxHoliday, title="Holidays"),
        Entry.of(TaxOverride, title="Overrides"),
    ),
)
