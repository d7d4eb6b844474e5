"""The pages of hardware profiles: the devices that stations drive."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from hq.admin.base import Admin, Inline, uses
from hq.cells import counted
from hq.models import HardwareDevice, HardwareProfile


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
