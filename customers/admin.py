"""Customers in the back office."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from import_export.admin import ImportExportModelAdmin
from unfold.decorators import display

from customers.models import Customer, CustomerGroup
from customers.resources import CustomerResource
from hq import navigation
from hq.admin.base import Admin, uses
from hq.admin.company import CountryForm
from hq.admin.exchange import Exchange
from hq.cells import counted
from hq.navigation import Entry, Section


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
    empty_hint = "Customers are added at the till and at the order desk; or import your list with Import."
    fieldsets = [
        (None, {"fields": ["name", "account", "group"]}),
        ("How to reach them", {"fields": ["phone", "email", "address", "country"]}),
    ]
    help_texts = {
        "name": "Person or firm.",
        "account": "Unique; on invoices and in the journal.",
        "group": "Customers of a group are treated alike.",
        "phone": "The order desk finds a caller by it.",
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


navigation.add(
    Section.CUSTOMERS,
    Entry.of(Customer, icon="group", position=10, searched=True),
    Entry.of(CustomerGroup, icon="workspaces", position=20),
)
