"""Pages of stores and of the ways to pay."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelect2Widget

from hq import navigation
from hq.admin.base import Admin, Inline, uses
from hq.admin.company import CountryForm
from hq.admin.placement import PlacementInline
from hq.cells import NOTHING, counted, object_link, status
from hq.models import PaymentMethod, Register, Store, StorePaymentMethod, WorkerStore
from hq.navigation import Entry, Section
from hq.panels import Tone
from hq.services.readiness import checklists


class StoreForm(CountryForm):
    """A store's form; the time zone is chosen from the tz database."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "time_zone" in self.fields:
            zones = sorted(
                zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc")
            )
            old = self.fields["time_zone"]
            self.fields["time_zone"] = forms.ChoiceField(
                choices=[
                    ("", "Select value"),
                    *((zone, zone.replace("_", " ")) for zone in zones),
                    ("UTC", "UTC"),
                ],
                widget=UnfoldAdminSelect2Widget,
                label=old.label,
                help_text=old.help_text,
                error_messages={"required": "Choose the time zone in which the store's clocks run."},
            )
        if "screen_layout" in self.fields:
            self.fields["screen_layout"].error_messages["required"] = (
                "Choose a screen layout: without one the tills of this store have no buttons."
            )


class RegisterInline(Inline):
    model = Register
    fields = ["number", "name", "station", "is_active", "open_link"]
    readonly_fields = ["open_link"]
    autocomplete_fields = ["station"]
    labels = {"is_active": "in use"}
    help_texts = {"number": "Unique in the company.", "station": "Empty: prints nothing."}

    @display(description="Checklist")
    def open_link(self, obj: Register) -> SafeString:
        return object_link(obj, "Open") if obj.pk else NOTHING


class StorePaymentMethodInline(Inline):
    model = StorePaymentMethod
    fields = ["position", "method", "opens_drawer", "gives_change", "is_counted", "max_amount"]
    ordering_field = "position"
    hide_ordering_field = True
    verbose_name = "payment method"
    verbose_name_plural = "payment methods"
    labels = {"is_counted": "counted at close", "max_amount": "largest amount"}
    help_texts = {"gives_change": "", "is_counted": "", "max_amount": "Empty: no limit."}


class StoreWorkerInline(Inline):
    model = WorkerStore
    fields = ["worker", "permission_group"]
    autocomplete_fields = ["worker"]
    verbose_name = "worker"
    verbose_name_plural = "workers"


@admin.register(Store)
class StoreAdmin(Admin):
    form = StoreForm
    list_display = [
        "name",
        "number",
        "country",
        "currency",
        "legal_entity",
        "layout_shown",
        "registers_shown",
        "readiness_shown",
    ]
    list_filter = ["legal_entity", "country", "currency", "screen_layout", "functionality_profile"]
    list_select_related = ["currency", "legal_entity", "screen_layout"]
    search_fields = ["number", "name", "address"]
    autocomplete_fields = [
        "legal_entity",
        "currency",
        "sales_tax_group",
        "functionality_profile",
        "receipt_profile",
        "visual_profile",
        "screen_layout",
    ]
    inlines = [RegisterInline, StorePaymentMethodInline, StoreWorkerInline, PlacementInline]
    actions_detail = ["show_readiness", "duplicate"]
    empty_hint = (
        "A store is a place that sells. Add the first one, with its registers and the ways to pay there."
    )
    fieldsets = [
        (None, {"fields": [("name", "number"), "legal_entity"]}),
        ("Where it is", {"fields": ["country", "address", "phone", "time_zone"]}),
        ("Money and tax", {"fields": ["currency", "prices_include_tax", "sales_tax_group", "tax_number"]}),
        (
            "What its registers share",
            {
                "fields": ["screen_layout", "functionality_profile", "receipt_profile", "visual_profile"],
                "description": "A change of a profile reaches all stores that use it, with the next package.",
            },
        ),
        ("Its hardware stations", {"fields": ["station_networks"]}),
    ]
    help_texts = {
        "name": "As customers know it; stands on top of every receipt.",
        "number": "Short and unique, such as 0101. It is part of every receipt's number.",
        "legal_entity": "The company that sells here.",
        "country": "Two letters, such as GB.",
        "address": "As printed on receipts, one line each.",
        "phone": "Printed on receipts; may stay empty.",
        "time_zone": "The clock of the store: it decides which business day a sale belongs to.",
        "currency": "What prices, tenders and drawers of this store are in.",
        "prices_include_tax": "On where the price on the shelf is what the customer pays.",
        "sales_tax_group": "Where sales are taxed; with each product's tax group it picks the rate.",
        "tax_number": "Empty: the number of the legal entity is printed.",
        "screen_layout": "The tabs and buttons of its tills.",
        "functionality_profile": "What its tills do and ask.",
        "receipt_profile": "The words and the width of its receipts.",
        "visual_profile": "Theme and accent of its tills; a register may have its own.",
        "station_networks": "They open network devices in these ranges only, one on each line, such as 10.20.3.0/24."
        " Empty: in those that its scale unit allows.",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Store]:
        return super().get_queryset(request).annotate(register_count=Count("registers"))

    def prepare_rows(self, request: HttpRequest, rows: list[Any]) -> None:
        """How many registers of each store are ready."""
        registers = Register.objects.filter(store__in=rows, is_active=True).select_related("store")
        found = checklists(registers)
        for row in rows:
            own = [found[register.pk] for register in registers if register.store_id == row.pk]
            row.active_registers = len(own)
            row.ready_registers = sum(1 for checklist in own if checklist.is_ready)

    @display(description="Layout", ordering="screen_layout__name")
    def layout_shown(self, obj: Store) -> str:
        return str(obj.screen_layout)

    @display(description="Registers", ordering="register_count")
    def registers_shown(self, obj: Any) -> str:
        return counted(obj.register_count, "register")

    @display(description="Ready")
    def readiness_shown(self, obj: Any) -> SafeString:
        url = f"{reverse('admin:readiness')}?store={obj.pk}"
        if not obj.active_registers:
            return status(Tone.CALM, "No register", url=url)
        if obj.ready_registers == obj.active_registers:
            return status(Tone.GOOD, "Ready", url=url)
        return status(
            Tone.ASKS,
            f"{obj.ready_registers} of {obj.active_registers}",
            url=url,
            hint="Registers that are ready to sell",
        )

    @action(description="Readiness", icon="checklist", url_path="readiness", permissions=["view"])
    def show_readiness(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What the registers of this store still lack."""
        return redirect(f"{reverse('admin:readiness')}?store={object_id}")

    @action(description="Duplicate", icon="content_copy", url_path="duplicate", permissions=["add"])
    def duplicate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A new store like this one."""
        from hq.views import duplicate_store

        return duplicate_store(request, self, object_id)


@admin.register(PaymentMethod)
class PaymentMethodAdmin(Admin):
    list_display = ["name", "kind_shown", "code", "stores_shown"]
    list_filter = ["kind"]
    search_fields = ["name", "code"]
    empty_hint = "Add cash and card first. Each store then says which it takes."
    used_by = [uses("stores", "store")]
    fieldsets = [(None, {"fields": ["name", "kind", "code"]})]
    help_texts = {
        "name": "As on the till's key and on receipts, such as Cash.",
        "kind": "Cash goes into the drawer, card to the terminal, a voucher is paper that is counted.",
        "code": "Short name kept in the journal, such as CASH. Do not change it once used.",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[PaymentMethod]:
        return super().get_queryset(request).annotate(store_count=Count("stores"))

    @display(description="Kind", ordering="kind")
    def kind_shown(self, obj: PaymentMethod) -> str:
        return obj.get_kind_display()

    @display(description="Taken in", ordering="store_count")
    def stores_shown(self, obj: Any) -> str:
        return counted(obj.store_count, "store")


navigation.add(
    Section.COMPANY,
    Entry.of(Store, icon="storefront", position=10, searched=True),
    Entry.of(PaymentMethod, icon="credit_card", position=60),
)
