"""Prices and price groups in the back office; the other pages of pricing register themselves."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from import_export.admin import ImportExportModelAdmin
from unfold.decorators import display

from catalog.models import Product
from hq import navigation
from hq.admin.base import Admin, Column, Inline, add_column, add_inline, add_sheet, uses
from hq.admin.exchange import Exchange
from hq.admin.forms import Rows
from hq.admin.limits import add_limit
from hq.cells import counted, money, plain, status
from hq.models import Currency, Store
from hq.navigation import Entry, Section
from hq.panels import Tone
from hq.services.duplicate import copied_with_store
from pricing import pages  # noqa: F401  # registers its pages
from pricing.adjustment_admin import PriceAdjustmentAdmin  # noqa: F401  # registers itself
from pricing.article_list import ArticleListResource
from pricing.audience_admin import GROUPS_OF_AUDIENCE
from pricing.below_cost import prices_below_cost, warn_below_cost
from pricing.charge_admin import ChargeRuleAdmin  # noqa: F401  # registers itself
from pricing.discount_admin import DiscountAdmin  # noqa: F401  # registers itself
from pricing.engine.money import decimals_of
from pricing.models import (
    ChargeGoods,
    DiscountCustomer,
    DiscountDeliveryMode,
    DiscountPriceGroup,
    DiscountStore,
    DiscountTender,
    PriceGroup,
    StorePriceGroup,
    TaxExemptionCode,
    TaxHolidayCode,
    TaxHolidayGroup,
    TradeAgreement,
)
from pricing.resources import PriceGroupResource, PriceResource
from pricing.services.prices import faults_of, identity_of, on_our_clock, remarks, twin_of
from pricing.store_clock_form import OnStoreClock, OnStoreClockPage
from pricing.tax_code_admin import TaxCodeAdmin  # noqa: F401  # registers itself, and the other tax pages


class PriceForm(OnStoreClock):
    """A price that can be found: its end after its start, its unit the product's, for a group or a customer."""

    has_all_beside = False  # the product's other prices are on the same page, and may change with it

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "unit" in self.fields:
            self.fields["unit"].required = False
        if "currency" in self.fields and self.instance.pk is None:
            known = Currency.objects.values_list("pk", flat=True)[:2]
            self.fields["currency"].initial = known[0] if len(known) == 1 else None

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        product = self.cleaned_data.get("product") or getattr(self.instance, "product", None)
        if product is not None and product.unit_id and "unit" in self.cleaned_data:
            self.cleaned_data["unit"] = self.cleaned_data["unit"] or product.unit
        names = set(self.fields) & {field.name for field in TradeAgreement._meta.fields}
        given = {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name) is not None}
        price = TradeAgreement(**given, pk=self.instance.pk)
        for field, fault in faults_of(price):
            self.add_error(field, fault)
        looks = not self.has_all_beside and not self.errors and price.product_id
        if looks and (other := twin_of(price)):
            self.add_error(
                "amount", f"There is such a price already, {other}. Change that one, or give another start."
            )
        return data


_PRICE_HELP = {
    "product": "What it is a price of.",
    "variant": "Empty: every variant.",
    "price_group": "The stores and customers that it holds for. Empty: everywhere.",
    "customer": "Empty: every customer.",
    "unit": "The amount is for one of these. Empty: the product's own.",
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


class PriceRow(PriceForm):
    """A price among all others of its product."""

    has_all_beside = True


class PriceFormSet(Rows):
    """The prices of a product, no two of them for the same; rows are counted from the top, those to be deleted, too."""

    request: HttpRequest | None = None

    def clean(self) -> None:
        super().clean()
        first: dict[tuple[Any, ...], int] = {}
        for number, form in enumerate(self.forms, 1):
            if form.errors or form not in self.kept:
                continue
            other = first.setdefault(identity_of(form.instance), number)
            if other != number:
                form.add_error(
                    "price_group",  # the widest column
                    f"Rows {other} and {number} are prices for the same. Remove one, or give it another start, "
                    "quantity or price group.",
                )
        units = self._units_kept()
        for form in self.kept:
            unit = form.cleaned_data.get("unit")
            if units is not None and unit is not None and str(unit.pk) not in units and not form.errors:
                form.add_error(
                    "unit",
                    f"This is a price by {unit}, and the product keeps no such unit. Remove the price, too.",
                )

    def _units_kept(self) -> set[str] | None:
        """By what the product is sold once its page is saved; None where the page does not show its units."""
        count = self.data.get("units-TOTAL_FORMS", "")
        if not count.isdecimal() or len(count) > 4:
            return None
        own = self.data.get("unit") or self.instance.unit_id
        rows = (f"units-{place}" for place in range(int(count)))
        return {
            own,
            *(self.data.get(f"{row}-unit", "") for row in rows if not self.data.get(f"{row}-DELETE")),
        }

    def save(self, commit: bool = True) -> Any:
        saved = super().save(commit)
        if self.request is not None and commit:
            warn_below_cost(self.request, prices_below_cost(among=Q(product=self.instance.pk)))
            _remark(self.request, self.instance)
        return saved


def _remark(request: HttpRequest, product: Product) -> None:
    for words in remarks(product.prices.select_related("product")):
        messages.warning(request, words)


class PriceInline(Inline):
    """The prices of a product; saved with its cost, they are compared with it."""

    model = TradeAgreement
    form = PriceRow
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

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Who saves the prices hears which are below cost."""
        formset = super().get_formset(request, obj, **kwargs)
        formset.request = request
        return formset


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

    def save_model(self, request: HttpRequest, obj: TradeAgreement, form: Any, change: bool) -> None:
        """Whoever enters a price below cost, one that never counts, or one that cannot be paid, hears it."""
        super().save_model(request, obj, form, change)
        warn_below_cost(request, prices_below_cost(among=Q(pk=obj.pk)))
        _remark(request, obj.product)

    @display(description="Price", ordering="amount")
    def amount_shown(self, obj: TradeAgreement) -> SafeString:
        decimals = decimals_of(obj.amount, obj.currency.decimals)
        return money(obj.amount, symbol=obj.currency.symbol, decimals=decimals)

    @display(description="For")
    def whom_shown(self, obj: TradeAgreement) -> str:
        return str(obj.customer or obj.price_group or "Everybody")

    @display(description="From", ordering="quantity_from")
    def quantity_shown(self, obj: TradeAgreement) -> str:
        return f"{plain(obj.quantity_from)} {obj.unit_id}" if obj.quantity_from else "Any"

    @display(description="Starts", ordering="starts_at")
    def starts_shown(self, obj: TradeAgreement) -> str:
        return on_our_clock(obj.starts_at)

    @display(description="Ends", ordering="ends_at")
    def ends_shown(self, obj: TradeAgreement) -> str:
        return on_our_clock(obj.ends_at)

    @display(description="Status")
    def state_shown(self, obj: TradeAgreement) -> SafeString:
        return period_status(obj.starts_at, obj.ends_at, timezone.now())


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
class PriceGroupAdmin(Exchange, ImportExportModelAdmin, Admin):
    resource_classes = [PriceGroupResource]
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
        decimals = decimals_of(row.amount, row.currency.decimals)
        shown = money(row.amount, symbol=row.currency.symbol, decimals=decimals)
        found.setdefault(row.product_id, {}).setdefault(row.currency_id, shown)
    line = '<span class="th-nowrap">{}</span>'
    return {
        pk: format_html(line, format_html_join(" · ", "{}", ((price,) for price in own.values())))
        for pk, own in found.items()
    }


add_column(Product, Column("Price", _prices_now, before="barcodes_shown"))
add_inline(Product, PriceInline)
add_inline(Store, StorePriceGroupInline)
copied_with_store(StorePriceGroup)
add_sheet(Product, ArticleListResource)
navigation.add(
    Section.PRICES,
    Entry.of(TradeAgreement, icon="sell", position=10),
    Entry.of(PriceGroup, icon="price_check", position=20),
)
add_limit(DiscountPriceGroup, "discount", "for everybody", all_count="matches_all_price_groups")
add_limit(DiscountCustomer, "discount", "for everybody")
add_limit(DiscountStore, "discount", "in every store")
add_limit(DiscountTender, "discount", "for every way of paying")
add_limit(DiscountDeliveryMode, "discount", "for every way of sending")
add_limit(ChargeGoods, "rule", "for all goods")
add_limit(TaxHolidayGroup, "holiday", "for all goods")
add_limit(TaxHolidayCode, "holiday", "for all taxes")
add_limit(TaxExemptionCode, "exemption", "for all taxes")
