"""Prices and taxes in the back office."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from import_export.admin import ImportExportModelAdmin
from unfold.decorators import display

from catalog.models import ItemTaxGroup, Product
from hq import navigation
from hq.admin.base import Admin, Column, Inline, add_column, add_inline, uses
from hq.admin.company import CountryForm
from hq.admin.exchange import Exchange
from hq.admin.forms import Form, Rows
from hq.cells import NOTHING, counted, money, plain, status
from hq.models import SalesTaxGroup, Store
from hq.navigation import Entry, Section
from hq.panels import Tone
from hq.services.duplicate import copied_with_store
from pricing import pages  # noqa: F401  # registers its pages
from pricing.adjustment_admin import PriceAdjustmentAdmin  # noqa: F401  # registers itself
from pricing.audience_admin import GROUPS_OF_AUDIENCE
from pricing.charge_admin import ChargeRuleAdmin  # noqa: F401  # registers itself
from pricing.discount_admin import DiscountAdmin  # noqa: F401  # registers itself
from pricing.discount_resources import TaxRateResource
from pricing.engine.checks import check_period
from pricing.engine.tax_checks import check_rate, check_rates_apart
from pricing.engine.tax_codes import DatedRate, RateRow, dated_rates
from pricing.models import (
    DestinationTax,
    ItemTaxGroupCode,
    PriceGroup,
    SalesTaxGroupCode,
    StorePriceGroup,
    TaxCode,
    TaxExemption,
    TaxHoliday,
    TaxOverride,
    TaxRate,
    TradeAgreement,
)
from pricing.problems import show_problems
from pricing.resources import PriceResource
from pricing.services.prices import faults_of, identity_of, twin_of
from pricing.services.taxes import as_engine, codes_of_groups, problems_of, problems_where_they_meet
from pricing.store_clock_form import OnStoreClock, OnStoreClockPage
from pricing.tax_admin import TaxExemptionAdmin  # noqa: F401  # registers itself


class PriceForm(OnStoreClock):
    """A price that can be found: its end after its start, its unit the product's, for a group or a customer."""

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        names = set(self.fields) & {field.name for field in TradeAgreement._meta.fields}
        given = {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name) is not None}
        price = TradeAgreement(**given, pk=self.instance.pk)
        for field, fault in faults_of(price):
            self.add_error(field, fault)
        if not self.errors and price.product_id and (other := twin_of(price)):
            self.add_error(
                "amount", f"There is such a price already, {other}. Change that one, or give another start."
            )
        return data


_PRICE_HELP = {
    "product": "What it is a price of.",
    "variant": "Empty: every variant.",
    "price_group": "The stores and customers that it holds for. Empty: everywhere.",
    "customer": "Empty: every customer.",
    "unit": "The amount is for one of these.",
    "currency": "A store looks only at prices in its own currency.",
    "quantity_from": "Holds from so many of it in one sale. 0: always.",
    "amount": "With tax where the store's prices include it.",
    "starts_at": "The first moment. Empty: since ever.",
    "ends_at": "The first moment without it. Empty: for good.",
}


def period_status(starts: Any, ends: Any, now: Any) -> SafeString:
    """Whether a period is running, ahead or over."""
    if starts and starts > now:
        return status(Tone.ASKS, "Ahead")
    if ends and ends <= now:
        return status(Tone.CALM, "Over")
    return status(Tone.GOOD, "In force")


class PriceFormSet(Rows):
    """The prices of a product, no two of them for the same; rows are counted from the top, those to be deleted, too."""

    def clean(self) -> None:
        super().clean()
        first: dict[tuple[Any, ...], int] = {}
        for number, form in enumerate(self.forms, 1):
            if form.errors or form not in self.kept:
                continue
            other = first.setdefault(identity_of(form.instance), number)
            if other != number:
                form.add_error(
                    "amount",
                    f"Rows {other} and {number} are prices for the same. Remove one, or give it another start, "
                    "quantity or price group.",
                )


class PriceInline(Inline):
    model = TradeAgreement
    form = PriceForm
    formset = PriceFormSet
    fields = [
        "price_group",
        "unit",
        "currency",
        "quantity_from",
        "amount",
        "starts_at",
        "ends_at",
        "on_store_clock",
    ]
    verbose_name = "price"
    verbose_name_plural = "prices"
    help_texts: Mapping[str, str] = dict.fromkeys(_PRICE_HELP, "")
    labels = {"quantity_from": "from"}


@admin.register(TradeAgreement)
class TradeAgreementAdmin(OnStoreClockPage, Exchange, ImportExportModelAdmin, Admin):
    form = PriceForm
    resource_classes = [PriceResource]
    list_display = [
        "product",
        "amount_shown",
        "whom_shown",
        "quantity_shown",
        "starts_shown",
        "ends_shown",
        "state_shown",
    ]
    list_filter = ["price_group", "currency", "product__category"]
    list_select_related = ["product", "price_group", "customer", "unit", "currency", "variant__product"]
    search_fields = ["product__name", "product__number", "customer__name", "customer__account"]
    search_help_text = "Product, article number or customer"
    autocomplete_fields = ["product", "variant", "price_group", "customer"]
    empty_hint = "Enter a price here or with its product, or import a price list with Import."
    fieldsets = [
        ("What", {"fields": ["product", "variant"]}),
        ("For whom", {"fields": ["price_group", "customer"]}),
        ("Price", {"fields": [("amount", "currency"), ("unit", "quantity_from")]}),
        ("When", {"fields": ["starts_at", "ends_at", "on_store_clock"]}),
    ]
    help_texts = _PRICE_HELP

    @display(description="Price", ordering="amount")
    def amount_shown(self, obj: TradeAgreement) -> SafeString:
        decimals = max(obj.currency.decimals, -int(obj.amount.normalize().as_tuple().exponent))
        return money(obj.amount, symbol=obj.currency.symbol, decimals=decimals)

    @display(description="For")
    def whom_shown(self, obj: TradeAgreement) -> str:
        return str(obj.customer or obj.price_group or "Everybody")

    @display(description="From", ordering="quantity_from")
    def quantity_shown(self, obj: TradeAgreement) -> str:
        return f"{plain(obj.quantity_from)} {obj.unit_id}" if obj.quantity_from else "Any"

    @display(description="Starts", ordering="starts_at")
    def starts_shown(self, obj: TradeAgreement) -> str:
        return _moment(obj.starts_at)

    @display(description="Ends", ordering="ends_at")
    def ends_shown(self, obj: TradeAgreement) -> str:
        return _moment(obj.ends_at)

    @display(description="Status")
    def state_shown(self, obj: TradeAgreement) -> SafeString:
        return period_status(obj.starts_at, obj.ends_at, timezone.now())


def _moment(moment: Any) -> str:
    return date_format(timezone.localtime(moment), "j M Y, H:i") if moment else "–"


class StorePriceGroupInline(Inline):
    model = StorePriceGroup
    fields = ["price_group"]
    autocomplete_fields = ["price_group"]
    verbose_name = "price group"
    verbose_name_plural = "price groups"


class PriceGroupStoreInline(Inline):
    model = StorePriceGroup
    fields = ["store"]
    autocomplete_fields = ["store"]
    verbose_name = "store"
    verbose_name_plural = "stores where it is in force"


@admin.register(PriceGroup)
class PriceGroupAdmin(Admin):
    list_display = ["name", "code", "priority", "prices_shown", "stores_shown"]
    search_fields = ["name", "code"]
    inlines = [PriceGroupStoreInline, *GROUPS_OF_AUDIENCE]
    empty_hint = "A price group is a price list. One for all stores of a currency is enough to start with."
    used_by = [
        uses("stores", "store"),
        uses("prices", "price", listed="admin:pricing_tradeagreement_changelist?price_group__id__exact={pk}"),
    ]
    fieldsets = [(None, {"fields": ["name", "code", "priority"]})]
    help_texts = {
        "name": "Such as United Kingdom or Outlet.",
        "code": "Short and unique, for imports and exports.",
        "priority": "Where several hold, prices of the highest priority that has any are used.",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[PriceGroup]:
        return (
            super()
            .get_queryset(request)
            .annotate(
                price_count=Count("prices", distinct=True),
                store_count=Count("stores", distinct=True),
            )
        )

    @display(description="Prices", ordering="price_count")
    def prices_shown(self, obj: Any) -> str:
        return counted(obj.price_count, "price")

    @display(description="Stores", ordering="store_count")
    def stores_shown(self, obj: Any) -> str:
        return counted(obj.store_count, "store")


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
        if not all(formset.is_valid() for formset in self.beside):
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
    skip_admin_log = True  # every row keeps its own history
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
        found = [
            f"{rate.percent.normalize():f} %"
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


def _prices_now(products: Sequence[Product]) -> Mapping[int, SafeString]:
    """The price of one piece that holds for everybody or in most stores today, for a list of products."""
    now = timezone.now()
    rows = (
        TradeAgreement.objects.filter(product__in=products, customer=None, variant=None, quantity_from__lte=1)
        .filter(Q(starts_at=None) | Q(starts_at__lte=now))
        .filter(Q(ends_at=None) | Q(ends_at__gt=now))
        .select_related("currency")
        .order_by("product_id", "currency_id", "amount")
    )
    found: dict[int, dict[str, SafeString]] = {}
    for row in rows:
        shown = money(row.amount, symbol=row.currency.symbol, decimals=row.currency.decimals)
        found.setdefault(row.product_id, {}).setdefault(row.currency_id, shown)
    line = '<span class="th-nowrap">{}</span>'
    return {
        pk: format_html(line, format_html_join(" · ", "{}", ((price,) for price in own.values())))
        for pk, own in found.items()
    }


add_column(Product, Column("Price", _prices_now, before="barcodes_shown"))
add_inline(Product, PriceInline)
add_inline(Store, StorePriceGroupInline)
add_inline(SalesTaxGroup, SalesGroupCodeInline)
add_inline(ItemTaxGroup, ItemGroupCodeInline)
copied_with_store(StorePriceGroup)
navigation.add(
    Section.PRICES,
    Entry.of(TradeAgreement, icon="sell", position=10),
    Entry.of(PriceGroup, icon="price_check", position=20),
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
