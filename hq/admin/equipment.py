"""Pages of hardware stations and of the profiles that list their devices."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.decorators import display

from hq import navigation
from hq.admin.base import Admin, Inline, uses
from hq.cells import counted, on_off
from hq.models import HardwareDevice, HardwareProfile, HardwareStation
from hq.navigation import Entry, Section


@admin.register(HardwareStation)
class HardwareStationAdmin(Admin):
    list_display = ["name", "number", "store", "hardware_profile", "registers_shown", "active_shown"]
    list_filter = ["store", "hardware_profile", "is_active"]
    list_select_related = ["store", "hardware_profile"]
    search_fields = ["number", "name", "store__name"]
    autocomplete_fields = ["store", "hardware_profile"]
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
        "hardware_profile": "The devices it drives; stations with the same devices share one profile.",
    }
    labels = {"is_active": "in use"}

    def get_queryset(self, request: HttpRequest) -> QuerySet[HardwareStation]:
        return super().get_queryset(request).annotate(register_count=Count("registers"))

    @display(description="Registers", ordering="register_count")
    def registers_shown(self, obj: Any) -> str:
        return counted(obj.register_count, "register")

    @display(description="In use", ordering="is_active")
    def active_shown(self, obj: HardwareStation) -> SafeString:
        return on_off(obj.is_active, "In use")


class HardwareDeviceInline(Inline):
    model = HardwareDevice
    fields = ["name", "kind", "driver", "address", "options"]
    tab = False
    verbose_name = "device"
    verbose_name_plural = "devices"


@admin.register(HardwareProfile)
class HardwareProfileAdmin(Admin):
    list_display = ["name", "devices_shown", "stations_shown"]
    search_fields = ["name"]
    inlines = [HardwareDeviceInline]
    empty_hint = "A hardware profile lists the devices of a station. Stations with the same devices share it."
    used_by = [
        uses(
            "stations",
            "station",
            listed="admin:hq_hardwarestation_changelist?hardware_profile__id__exact={pk}",
        ),
    ]
    fieldsets = [(None, {"fields": ["name"]})]
    help_texts = {"name": "Such as Counter with scale."}

    def get_queryset(self, request: HttpRequest) -> QuerySet[HardwareProfile]:
        return (
            super()
            .get_queryset(request)
            .annotate(
                device_count=Count("devices", distinct=True),
                station_count=Count("stations", distinct=True),
            )
        )

    @display(description="Devices", ordering="device_count")
    def devices_shown(self, obj: Any) -> str:
        return counted(obj.device_count, "device")

    @display(description="Used by", ordering="station_count")
    def stations_shown(self, obj: Any) -> str:
        return counted(obj.station_count, "station")


navigation.add(Section.COMPANY, Entry.of(HardwareStation, icon="print", position=30, searched=True))
