"""Customers in the back office."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from import_export.admin import ImportExportModelAdmin
from unfold.decorators import display

from customers.models import (
    Affiliation,
    Customer,
    CustomerAffiliation,
    CustomerGroup,
    LoyaltyCard,
    LoyaltyTier,
)
from customers.resources import CustomerResource
from hq import navigation
from hq.admin.base import Admin, Inline, uses
from hq.admin.company import CountryForm
from hq.admin.exchange import Exchange
from hq.cells import counted, on_off
from hq.navigation import Entry, Section


class AffiliationInline(Inline):
    model = CustomerAffiliation
    fields = ["affiliation"]
    autocomplete_fields = ["affiliation"]
    verbose_name = "affiliation"
    verbose_name_plural = "affiliations"


class CardInline(Inline):
    model = LoyaltyCard
    fields = ["number", "tier", "is_active"]
    autocomplete_fields = ["tier"]
    verbose_name = "card"
    verbose_name_plural = "loyalty cards"
    labels = {"is_active": "in use"}


@admin.register(Customer)
class CustomerAdmin(Exchange, ImportExportModelAdmin, Admin):
    form = CountryForm
    resource_classes = [CustomerResource]
    list_display = ["name", "account", "group", "phone", "email", "country"]
    list_filter = ["group", "country"]
    list_select_related = ["group"]
    search_fields = ["name", "account", "phone", "email"]
    search_help_text = "Name, account, phone or e-mail"
    autocomplete_fields = ["group"]
    inlines = [AffiliationInline, CardInline]
    empty_hint = (
        "Add the customers that have prices, taxes or cards of their own; or import your list with Import."
    )
    fieldsets = [
        (None, {"fields": ["name", "account", "group"]}),
        ("How to reach them", {"fields": ["phone", "email", "address", "country"]}),
    ]
    help_texts = {
        "name": "Person or firm.",
        "account": "Unique; on invoices and in the journal.",
        "group": "Customers of a group are treated alike.",
        "phone": "The till finds a customer by it, with or without the country's code.",
        "email": "Digital receipts go there.",
        "address": "One line each.",
        "country": "Two letters, such as GB.",
    }


@admin.register(CustomerGroup)
class CustomerGroupAdmin(Admin):
    list_display = ["name", "code", "customers_shown"]
    search_fields = ["name", "code"]
    empty_hint = "Customer groups are optional: make one where some customers are treated differently."
    used_by = [
        uses("customers", "customer", listed="admin:customers_customer_changelist?group__id__exact={pk}")
    ]
    fieldsets = [(None, {"fields": ["name", "code"]})]
    help_texts = {"name": "Such as Trade.", "code": "Short and unique."}

    def get_queryset(self, request: HttpRequest) -> QuerySet[CustomerGroup]:
        return super().get_queryset(request).annotate(customer_count=Count("customers"))

    @display(description="Customers", ordering="customer_count")
    def customers_shown(self, obj: Any) -> str:
        return counted(obj.customer_count, "customer")


@admin.register(Affiliation)
class AffiliationAdmin(Admin):
    list_display = ["name", "code", "customers_shown"]
    search_fields = ["name", "code"]
    empty_hint = "An affiliation is what some customers have in common, such as staff; prices can hang on it."
    used_by = [uses("customers", "customer")]
    fieldsets = [(None, {"fields": ["name", "code"]})]
    help_texts = {"name": "Such as Staff, Students or Trade.", "code": "Short and unique."}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Affiliation]:
        return super().get_queryset(request).annotate(customer_count=Count("customers"))

    @display(description="Customers", ordering="customer_count")
    def customers_shown(self, obj: Any) -> str:
        return counted(obj.customer_count, "customer")


@admin.register(LoyaltyTier)
class LoyaltyTierAdmin(Admin):
    list_display = ["name", "code", "rank", "cards_shown"]
    search_fields = ["name", "code"]
    empty_hint = (
        "A tier is a step of the loyalty programme, such as Silver; prices and offers can hang on it."
    )
    used_by = [uses("cards", "card", listed="admin:customers_loyaltycard_changelist?tier__id__exact={pk}")]
    fieldsets = [(None, {"fields": ["name", "code", "rank"]})]
    help_texts = {
        "name": "Such as Silver.",
        "code": "Short and unique.",
        "rank": "The higher number is the better tier.",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[LoyaltyTier]:
        return super().get_queryset(request).annotate(card_count=Count("cards"))

    @display(description="Cards", ordering="card_count")
    def cards_shown(self, obj: Any) -> str:
        return counted(obj.card_count, "card")


@admin.register(LoyaltyCard)
class LoyaltyCardAdmin(Admin):
    list_display = ["number", "customer", "tier", "state_shown"]
    list_filter = ["tier", "is_active"]
    list_select_related = ["customer", "tier"]
    search_fields = ["number", "customer__name", "customer__account"]
    autocomplete_fields = ["customer", "tier"]
    empty_hint = "A loyalty card ties a customer to a tier of the programme."
    fieldsets = [(None, {"fields": ["number", "customer", "tier", "is_active"]})]
    labels = {"is_active": "in use"}
    help_texts = {
        "number": "As printed on the card.",
        "customer": "Whose card it is.",
        "tier": "Its prices and offers are this customer's.",
        "is_active": "Off: a lost card gives nothing.",
    }

    @display(description="Status")
    def state_shown(self, obj: LoyaltyCard) -> SafeString:
        return on_off(obj.is_active, "In use", "Off")


navigation.add(
    Section.CUSTOMERS,
    Entry.of(Customer, icon="group", position=10, searched=True),
    Entry.of(CustomerGroup, icon="workspaces", position=20),
    Entry.of(Affiliation, icon="diversity_3", position=30),
    Entry.of(LoyaltyTier, icon="loyalty", position=40, title="Loyalty").with_tabs(
        Entry.of(LoyaltyTier, title="Tiers"), Entry.of(LoyaltyCard, title="Cards")
    ),
)
