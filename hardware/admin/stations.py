"""The pages of hardware stations: how each stands, and what headquarters can ask of it."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from unfold.contrib.filters.admin import DropdownFilter
from unfold.decorators import action, display

from hardware import pages
from hardware.alerts import state_of
from hardware.models import StationReport
from hardware.services.reports import standing_of
from hq import navigation
from hq.admin.base import Admin, uses
from hq.admin.forms import Form
from hq.admin.steps import asks_first
from hq.cells import NOTHING, ago, counted, object_link, status
from hq.models import HardwareStation, Register, Store
from hq.navigation import Entry, Section
from hq.panels import Tone
from hq.services.new_station import next_number, own_profile, print_there


class NeedsSomebody(DropdownFilter):
    """Those that are well, and those that are not or of which nothing is known."""

    title = "how it is"
    parameter_name = "calm"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "To look at"), ("yes", "Well")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "yes":
            return queryset.filter(report__is_calm=True)
        return queryset.exclude(report__is_calm=True) if self.value() == "no" else queryset


class StationForm(Form):
    """A station may come without a profile: it gets one of its own, which its search fills."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "hardware_profile" in self.fields:
            self.fields["hardware_profile"].required = self.instance.pk is not None


@admin.register(HardwareStation)
class HardwareStationAdmin(Admin):
    form = StationForm
    list_display = [
        "name",
        "number",
        "store",
        "state_shown",
        "heard_shown",
        "devices_shown",
        "queue_shown",
        "software_shown",
    ]
    list_filter = [NeedsSomebody, "store", "hardware_profile", "is_active"]
    list_select_related = ["store", "hardware_profile"]
    search_fields = ["number", "name", "store__name"]
    autocomplete_fields = ["store", "hardware_profile"]
    actions = ["roll_out"]
    actions_detail = ["pair", "restart", "new_key", "cut_off"]
    change_form_outer_before_template = "hardware/station/_outside.html"  # it has forms of its own
    empty_hint = "A hardware station is the computer in a store that drives printer, drawer and scanner."
    used_by = [uses("registers", "register", listed="admin:hq_register_changelist?station__id__exact={pk}")]
    fieldsets = [
        (None, {"fields": ["store", ("name", "number"), "is_active"]}),
        ("Devices", {"fields": ["hardware_profile"]}),
    ]
    help_texts = {
        "store": "Where the computer stands.",
        "name": "As people call it, such as Counter.",
        "number": "Short and unique in the company.",
        "is_active": "Off: its registers print nothing.",
        "hardware_profile": "The devices it drives; stations with the same devices share one profile. "
        "A new station may do without: it gets its own, for the devices that it finds.",
    }
    labels = {"is_active": "in use"}

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("roll-out/", view(pages.roll_out), name="station-roll-out"),
            path("<int:pk>/live/", view(pages.live), name="station-live"),
            path("<int:pk>/command/", view(pages.command), name="station-command"),
            path("<int:pk>/log/", view(pages.log), name="station-log"),
            path("<int:pk>/adopt/", view(pages.adopt), name="station-adopt"),
            *super().get_urls(),
        ]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The next number; and the store where there is one only."""
        store = Store.objects.first() if Store.objects.count() == 1 else None
        known = {"store": store.pk} if store else {}
        return {"number": next_number(), **known, **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """A new station with a profile, and its store's registers printing on it where it is the first."""
        if obj.hardware_profile_id is None:
            obj.hardware_profile = own_profile(store=obj.store, name=obj.name)
        super().save_model(request, obj, form, change)
        if not change and (registers := print_there(obj)):
            names = get_text_list([register.name for register in registers], "and")
            self.message_user(request, f"{names} will print there. Its pairing code connects the computer.")

    def prepare_rows(self, request: HttpRequest, rows: list[Any]) -> None:
        """What was heard of each station last."""
        now = timezone.now()
        reports = {report.station_id: report for report in StationReport.objects.filter(station__in=rows)}
        for row in rows:
            row.heard = reports.get(row.pk)
            row.standing = standing_of(row.heard)
            row.alert = state_of(row.heard, row.standing, now)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What goes with stations; registers that use one keep it, and are named."""
        deleted, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        stations = list(objs)
        registers = Register.objects.filter(station__in=stations).select_related("store", "station")
        if registers:
            perms_needed = set()
            form = "{}, at {}" if len(stations) > 1 else "{}"
            protected = [format_html(form, object_link(one), one.station) for one in registers]
        return deleted, counts, perms_needed, protected

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """The station as it was heard of last; the page asks for how it is now when it is open."""
        return pages.last_heard(request, obj)

    @display(description="State")
    def state_shown(self, obj: Any) -> SafeString:
        if not obj.is_active:
            return status(Tone.CALM, "Off")
        url = reverse("admin:hq_hardwarestation_change", args=[obj.pk])
        return status(obj.alert.tone, obj.alert.word, hint=obj.alert.sentence, url=url)

    @display(description="Heard of")
    def heard_shown(self, obj: Any) -> SafeString | str:
        if obj.standing is None:
            return NOTHING
        return ago(obj.heard.heard_at if obj.standing.connected else obj.standing.seen_at)

    @display(description="Devices")
    def devices_shown(self, obj: Any) -> SafeString | str:
        if obj.standing is None or not obj.standing.devices:
            return NOTHING
        total = counted(len(obj.standing.devices), "device")
        broken = sum(device.needs_somebody for device in obj.standing.devices)
        if not broken or not obj.standing.connected:
            return total
        return format_html("{} <span class='th-faint'>{}</span>", total, f"{broken} to look at")

    @display(description="Queue")
    def queue_shown(self, obj: Any) -> SafeString | str:
        if obj.standing is None:
            return NOTHING
        standing = obj.standing
        parts = [(standing.waiting, "waiting"), (standing.unknown, "unknown"), (standing.failed, "failed")]
        return " · ".join(f"{number} {word}" for number, word in parts if number) or NOTHING

    @display(description="Agent")
    def software_shown(self, obj: Any) -> SafeString | str:
        return (obj.standing and obj.standing.software.removeprefix("tillhouse-")) or NOTHING

    @action(description="Pairing code", icon="qr_code_2", url_path="pairing", permissions=["change"])
    def pair(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Issue a pairing code and show it once."""
        return pages.pairing(request, self, object_id)

    @action(description="Restart", icon="restart_alt", url_path="restart", permissions=["change"])
    @asks_first(
        "Restart the station's program? What it is printing is finished first; its registers print nothing "
        "for a few seconds.",
        "Restart",
    )
    def restart(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Have the agent start afresh."""
        return pages.run(
            request, object_id, "restart", "It was told to restart, and is back in a few seconds."
        )

    @action(description="New key", icon="key", url_path="new-key", permissions=["change"])
    @asks_first(
        "Give the station a new key? It goes on working; the key that it has is gone once the new one is in use.",
        "New key",
    )
    def new_key(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Have the station change its key."""
        return pages.run(
            request, object_id, "new_key", "It is given a new key now, or as soon as it is connected."
        )

    @action(description="Cut off", icon="key_off", url_path="cut-off", permissions=["change"])
    @asks_first(
        "Take the station's key back and close its connection at once? It prints nothing until it is paired anew.",
        "Cut off",
    )
    def cut_off(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Revoke the station's key."""
        return pages.run(request, object_id, "revoke", "It is cut off. A new pairing code lets it in again.")

    @admin.action(description="Pairing file", permissions=["change"])
    def roll_out(self, request: HttpRequest, queryset: QuerySet[HardwareStation]) -> HttpResponse:
        """Codes for the chosen stations in one file."""
        chosen = ",".join(map(str, queryset.values_list("pk", flat=True)))
        return redirect(f"{reverse('admin:station-roll-out')}?stations={chosen}")


navigation.add(Section.COMPANY, Entry.of(HardwareStation, icon="print", position=30, searched=True))
