"""Charges, delivery modes and exchange rates in the back office."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from import_export.admin import ImportExportModelAdmin
from unfold.decorators import display

from hq import navigation
from hq.admin.base import Admin, Inline, uses
from hq.admin.exchange import Exchange
from hq.admin.forms import Form, Rows
from hq.cells import counted, on_off, plain
from hq.navigation import Entry, Section
from pricing.charge_resource import ChargeResource
from pricing.models import ChargeCode, ChargeGoods, ChargeRule, ChargeTier, DeliveryMode, ExchangeRate
from pricing.problems import show_problems
from pricing.resources import ExchangeRateResource
from pricing.services.charges import problems_of


class ChargeRuleForm(Form):
    """A rule whose single fields make sense together; its tiers are checked with it."""

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        show_problems(self, problems_of(ChargeRule(**self.cleaned_data)))
        return data


class TierFormSet(Rows):
    """The tiers of a rule: at least one, one after another."""

    def clean(self) -> None:
        super().clean()
        if any(form.errors for form in self.forms):
            return
        kept = [form for form in self.kept if form.cleaned_data.get("value") is not None]
        kept.sort(key=lambda form: form.cleaned_data["least"])
        names = ("least", "most", "value")
        tiers = [ChargeTier(**{name: form.cleaned_data.get(name) for name in names}) for form in kept]
        for problem in problems_of(ChargeRule(way=self.instance.way or "fixed"), tiers):
            if problem.field != "tiers":
                continue
            if problem.row is None or not kept:
                raise forms.ValidationError(str(problem))
            kept[problem.row].add_error("least", str(problem))


class ChargeTierInline(Inline):
    model = ChargeTier
    formset = TierFormSet
    fields = ["least", "most", "value"]
    verbose_name = "tier"
    verbose_name_plural = "how much, by the amount of the goods"
    tab = False


class GoodsFormSet(Rows):
    """Goods are for charges of a line: one of the whole order looks at no goods."""

    def clean(self) -> None:
        super().clean()
        if self.kept and self.instance.level == ChargeRule.Level.HEADER:
            raise forms.ValidationError(
                "A charge on the whole order falls due whatever is in it. Remove these goods, or charge each line."
            )


class ChargeGoodsInline(Inline):
    model = ChargeGoods
    formset = GoodsFormSet
    fields = ["product", "category"]
    autocomplete_fields = ["product", "category"]
    verbose_name = "article or category"
    verbose_name_plural = "on which goods (for a line charge; none: all)"
    tab = False


@admin.register(ChargeRule)
class ChargeRuleAdmin(Exchange, ImportExportModelAdmin, Admin):
    form = ChargeRuleForm
    resource_classes = [ChargeResource]
    list_display = ["name", "charge", "level", "way", "delivery_mode", "currency", "state_shown"]
    list_filter = ["is_active", "charge", "delivery_mode"]
    list_select_related = ["charge", "delivery_mode", "currency"]
    search_fields = ["name", "charge__name", "charge__code"]
    autocomplete_fields = ["charge", "delivery_mode", "customer", "price_group"]
    inlines = [ChargeTierInline, ChargeGoodsInline]
    empty_hint = "A rule adds a charge by itself, such as 4.95 for delivery below an order of 50."
    fieldsets = [
        (None, {"fields": ["name", "charge", "is_active"]}),
        ("How much", {"fields": ["level", ("way", "currency"), "is_prorated"]}),
        ("When it falls due", {"fields": ["delivery_mode", ("customer", "price_group")]}),
    ]
    labels = {"is_active": "active", "is_prorated": "shared over the lines"}
    help_texts = {
        "name": "For the lists of the back office.",
        "charge": "What it is called and how it is taxed.",
        "is_active": "Off: a draft.",
        "level": "Once for the order, or for each line.",
        "way": "What the figures of the tiers mean.",
        "currency": "Orders in another currency are not charged by it.",
        "is_prorated": "On: a part comes back with each line that comes back.",
        "delivery_mode": "For goods that are delivered this way. Empty: for every sale, also what is carried home.",
        "customer": "Only this customer, whose rule goes before the others. Empty: everybody.",
        "price_group": "Or everybody of a price group.",
    }

    @display(description="Status", ordering="is_active")
    def state_shown(self, obj: ChargeRule) -> SafeString:
        return on_off(obj.is_active, "Active", "Draft")


@admin.register(ChargeCode)
class ChargeCodeAdmin(Admin):
    list_display = ["name", "code", "kind", "item_tax_group", "rules_shown"]
    list_filter = ["kind"]
    list_select_related = ["item_tax_group"]
    search_fields = ["name", "code"]
    autocomplete_fields = ["item_tax_group"]
    empty_hint = "A charge is what an order costs beside its goods: delivery, gift wrap, a deposit."
    used_by = [uses("rules", "rule", listed="admin:pricing_chargerule_changelist?charge__id__exact={pk}")]
    fieldsets = [(None, {"fields": [("name", "code"), "kind", "item_tax_group", "is_refundable"]})]
    labels = {"is_refundable": "comes back with the goods"}
    help_texts = {
        "name": "As printed on receipts.",
        "code": "Short and unique.",
        "kind": "Shipping discounts look at shipping alone.",
        "item_tax_group": "How it is taxed. Empty: no tax is charged on it.",
        "is_refundable": "Off: the shop keeps it when goods come back.",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChargeCode]:
        return super().get_queryset(request).annotate(rule_count=Count("rules"))

    @display(description="Rules", ordering="rule_count")
    def rules_shown(self, obj: Any) -> str:
        return counted(obj.rule_count, "rule")


@admin.register(DeliveryMode)
class DeliveryModeAdmin(Admin):
    list_display = ["name", "code", "address_shown"]
    search_fields = ["name", "code"]
    empty_hint = "A delivery mode is a way in which goods reach the customer, such as parcel or courier."
    used_by = [uses("charge_rules", "charge rule")]
    fieldsets = [(None, {"fields": [("name", "code"), "needs_address"]})]
    labels = {"needs_address": "goes to an address"}
    help_texts = {
        "name": "Such as Parcel, two days.",
        "code": "Short and unique.",
        "needs_address": "On: the till asks for it, and its taxes count. Off: such as collected in another store.",
    }

    @display(description="Goes", ordering="needs_address")
    def address_shown(self, obj: DeliveryMode) -> str:
        return "To an address" if obj.needs_address else "Nowhere: it is collected"


class RateForm(Form):
    """A rate between two currencies."""

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        currency, into = self.cleaned_data.get("currency"), self.cleaned_data.get("into")
        if currency and currency == into:
            self.add_error("into", "A currency has no rate to itself. Choose another one.")
        return data


@admin.register(ExchangeRate)
class ExchangeRateAdmin(Exchange, ImportExportModelAdmin, Admin):
    form = RateForm
    resource_classes = [ExchangeRateResource]
    list_display = ["currency", "into", "rate_shown", "starts_on"]
    list_filter = ["currency", "into"]
    list_select_related = ["currency", "into"]
    empty_hint = (
        "A rate says what one unit of a currency is worth in another, from a day on; or import a list."
    )
    fieldsets = [(None, {"fields": [("currency", "into"), ("rate", "starts_on")]})]
    labels = {"starts_on": "first day", "currency": "currency", "into": "target currency"}
    help_texts = {
        "currency": "One unit of this, such as EUR …",
        "into": "… is worth so many of this, such as GBP.",
        "rate": "So many of the target currency for one of the first.",
        "starts_on": "The first day; it holds until a newer one.",
    }

    @display(description="Rate", ordering="rate")
    def rate_shown(self, obj: ExchangeRate) -> str:
        return plain(obj.rate)


navigation.add(
    Section.PRICES,
    Entry.of(ChargeRule, icon="local_shipping", position=32, title="Charges").with_tabs(
        Entry.of(ChargeRule, title="Automatic charges"),
        Entry.of(ChargeCode, title="Charge codes"),
        Entry.of(DeliveryMode, title="Delivery modes"),
    ),
    Entry.of(ExchangeRate, icon="currency_exchange", position=36),
)
