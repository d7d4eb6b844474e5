"""The pages of hardware profiles: the devices that stations drive."""

import json
import re
from typing import Any

import msgspec
from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from hardware.agent.devices import build_driver, check_address
from hardware.agent.drivers.base import DeviceRefused
from hardware.agent.options import fault_of, options_of
from hardware.agent.protocol import Device
from hq.admin.base import Admin, Inline, uses
from hq.admin.forms import Rows
from hq.cells import counted
from hq.models import HardwareDevice, HardwareProfile

Kind = HardwareDevice.Kind
DRIVERS = {
    Kind.PRINTER: ("escpos_network", "escpos_serial", "escpos_usb", "escpos_file", "page_ipp"),
    Kind.DRAWER: ("drawer_printer",),
    Kind.SCANNER: ("scanner_serial",),
    Kind.SCALE: ("scale_8217", "scale_nci", "scale_cas", "scale_dialog06"),
    Kind.DISPLAY: ("display_serial",),
    Kind.TERMINAL: ("zvt_network", "zvt_serial"),
    Kind.READER: ("reader_serial",),
}
ON_A_PRINTER = "printer:"
NAMED_BY_NUMBER = re.compile(r"\{(register|station|store)\}")


class HardwareDeviceForm(forms.ModelForm):
    """One device; its options are read by the very driver that the station will use."""

    driver = forms.ChoiceField(
        choices=[(kind.label, [(name, name) for name in names]) for kind, names in DRIVERS.items()],
        widget=UnfoldAdminSelectWidget,
    )

    def clean_options(self) -> dict[str, Any]:
        """Options have names."""
        options = self.cleaned_data["options"] or {}
        if not isinstance(options, dict):
            raise ValidationError('Write options as names with values, such as {"columns": 32}.')
        if "\\u0000" in json.dumps(options):
            raise ValidationError("There is a NUL in it, which cannot be stored. Take it out.")
        return options

    def clean(self) -> dict[str, Any]:
        """Refuse what no station could drive."""
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        kind, driver, address = data["kind"], data["driver"], data["address"]
        if driver not in DRIVERS[kind]:
            self.add_error(
                "driver", f"This drives no {Kind(kind).label.lower()}: choose {_or(DRIVERS[kind])}."
            )
        elif fault := self._fault_of_options(driver, data["options"]):
            self.add_error("options", fault)
        elif kind == Kind.DRAWER:
            return data  # it has no line of its own
        elif not address:
            self.add_error("address", "Say where it is, such as 10.0.0.7:9100 or /dev/ttyS0.")
        else:
            self._ask_driver(address, data)
        return data

    def _fault_of_options(self, driver: str, options: dict[str, Any]) -> str:
        """Why an option would do nothing or harm. A name that is stored already may stay: stations pass over it."""
        stored = (self.instance.options or {}) if self.initial.get("driver") == driver else {}
        new = {name: value for name, value in options.items() if name not in stored or stored[name] != value}
        known = options_of(driver)
        if unknown := [name for name in new if name not in known]:
            return f"{driver} knows no option {', '.join(unknown)}. Known are {', '.join(known)}."
        return next((fault for name, value in new.items() if (fault := fault_of(driver, name, value))), "")

    def _ask_driver(self, address: str, data: dict[str, Any]) -> None:
        where = "10.0.0.1" if address.startswith("lab") else address
        try:
            device = Device(data["name"], data["kind"], data["driver"], where, settings=data["options"])
            build_driver(device, ())
        except DeviceRefused as refusal:
            self.add_error("options", str(refusal))
            return
        if {"address", "driver"} & set(self.changed_data):  # one that is stored already may stay
            try:
                check_address(msgspec.structs.replace(device, address=NAMED_BY_NUMBER.sub("1", where)))
            except DeviceRefused as refusal:
                self.add_error("address", str(refusal))


def _or(names: tuple[str, ...]) -> str:
    return " or ".join(names)


class HardwareDeviceFormSet(Rows):
    """The devices of a profile: a drawer hangs on one of its printers."""

    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.kept if not form.errors]
        devices = [(form, form.cleaned_data) for form in kept if form.cleaned_data.get("kind")]
        printers = {data["name"] for _, data in devices if data["kind"] == Kind.PRINTER}
        for form, data in devices:
            name = data["address"].removeprefix(ON_A_PRINTER) or "printer"
            if data["kind"] == Kind.DRAWER and not name.startswith("lab") and name not in printers:
                form.add_error(
                    "address", f"No printer of this profile is named {name}: write printer:NAME of one."
                )


class HardwareDeviceInline(Inline):
    model = HardwareDevice
    form = HardwareDeviceForm
    formset = HardwareDeviceFormSet
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
