"""Pages of registers: what each still lacks, activation of browsers, duplication."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from hq import navigation
from hq.admin.base import Admin, uses
from hq.cells import on_off, status
from hq.models import Device, Register
from hq.navigation import Entry, Section
from hq.panels import Tone
from hq.services.readiness import checklist, checklists


@admin.register(Register)
class RegisterAdmin(Admin):
    list_display = ["name", "number", "store", "station", "browser_shown", "active_shown", "readiness_shown"]
    list_filter = ["store", "is_active", "station", "visual_profile"]
    list_select_related = ["store", "station"]
    search_fields = ["number", "name", "store__name", "store__number"]
    autocomplete_fields = ["store", "station", "visual_profile"]
    actions = ["switch_off", "switch_on"]
    actions_detail = ["activate", "duplicate"]
    change_form_before_template = "hq/register/_before.html"
    empty_hint = (
        "A register is a till: where cashiers sign on and receipts are numbered. It belongs to a store."
    )
    used_by = [uses("devices", "browser")]
    fieldsets = [
        (None, {"fields": ["store", ("name", "number"), "is_active"]}),
        ("Equipment", {"fields": ["station", "visual_profile"]}),
    ]
    help_texts = {
        "store": "Where it stands. Prices, taxes, layout and ways to pay come from there.",
        "name": "As cashiers call it, such as Till 1.",
        "number": "Short and unique in the company; it is part of every receipt's number.",
        "is_active": "Off: it can neither be activated nor sold from.",
        "station": "The computer that drives its printer, drawer and scanner. Empty: this register prints nothing.",
        "visual_profile": "Empty: the store's.",
    }
    labels = {"station": "hardware station", "is_active": "in use"}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Register]:
        active = Count("devices", filter=Q(devices__status=Device.Status.ACTIVE))
        return super().get_queryset(request).annotate(browser_count=active)

    def prepare_rows(self, request: HttpRequest, rows: list[Any]) -> None:
        """The checklist of each register."""
        found = checklists(rows)
        for row in rows:
            row.checklist = found[row.pk]

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """The register's checklist and its browsers."""
        return {
            "register": obj,
            "checklist": checklist(Register.objects.select_related("store").get(pk=obj.pk)),
            "devices": list(obj.devices.all()[:20]),
            "may_activate": self.has_change_permission(request, obj),
        }

    @display(description="Browser", ordering="browser_count")
    def browser_shown(self, obj: Any) -> SafeString:
        if not obj.browser_count:
            return status(Tone.CALM, "None")
        return status(Tone.GOOD, "Activated" if obj.browser_count == 1 else f"{obj.browser_count} activated")

    @display(description="In use", ordering="is_active")
    def active_shown(self, obj: Register) -> SafeString:
        return on_off(obj.is_active, "In use")

    @display(description="Ready")
    def readiness_shown(self, obj: Any) -> SafeString:
        url = reverse("admin:hq_register_change", args=[obj.pk])
        if not obj.is_active:
            return status(Tone.CALM, "Off", url=url)
        hint = " · ".join(step.title for step in obj.checklist.open_steps)
        if obj.checklist.is_ready:
            return status(Tone.GOOD, "Ready", hint=hint, url=url)
        return status(Tone.ASKS, f"{len(obj.checklist.blocking)} to do", hint=hint, url=url)

    @action(description="Activate a browser", icon="key", url_path="activation", permissions=["change"])
    def activate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Issue a one-time code and show it once."""
        from hq.views import activation

        return activation(request, self, object_id)

    @action(description="Duplicate", icon="content_copy", url_path="duplicate", permissions=["add"])
    def duplicate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """A new register like this one."""
        from hq.views import duplicate_register

        return duplicate_register(request, self, object_id)

    @admin.action(description="Switch off", permissions=["change"])
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Register]) -> None:
        """Take the chosen registers out of use."""
        self._switch(request, queryset, is_active=False)

    @admin.action(description="Put into use", permissions=["change"])
    def switch_on(self, request: HttpRequest, queryset: QuerySet[Register]) -> None:
        """Put the chosen registers into use."""
        self._switch(request, queryset, is_active=True)

    def _switch(self, request: HttpRequest, queryset: QuerySet[Register], *, is_active: bool) -> None:
        changed = 0
        for register in queryset.exclude(is_active=is_active):
            register.is_active = is_active
            register.save(update_fields=["is_active"])
            changed += 1
        word = "in use" if is_active else "switched off"
        self.message_user(
            request, f"{changed} registers are now {word}. The stores learn it with the next package."
        )


navigation.add(Section.COMPANY, Entry.of(Register, icon="point_of_sale", position=20, searched=True))
