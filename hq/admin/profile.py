"""Pages of the profiles that many stores and registers share."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from hq import navigation
from hq.admin.base import Admin, uses
from hq.admin.forms import Form
from hq.cells import counted, on_off
from hq.models import FunctionalityProfile, HardwareProfile, ReceiptProfile, VisualProfile
from hq.navigation import Entry, Section


class ProfileAdmin(Admin):
    """A profile: how many stores a change of it reaches is said before anybody makes it."""

    search_fields = ["name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(store_count=Count("stores", distinct=True))

    @display(description="Used by", ordering="store_count")
    def stores_shown(self, obj: Any) -> str:
        return counted(obj.store_count, "store")


@admin.register(FunctionalityProfile)
class FunctionalityProfileAdmin(ProfileAdmin):
    list_display = [
        "name",
        "merging_shown",
        "printing_shown",
        "closing_shown",
        "lockout_shown",
        "stores_shown",
    ]
    empty_hint = "A functionality profile says what tills do and ask. One is enough to start with."
    used_by = [
        uses("stores", "store", listed="admin:hq_store_changelist?functionality_profile__id__exact={pk}")
    ]
    fieldsets = [
        (None, {"fields": ["name"]}),
        ("Selling", {"fields": ["merge_lines", "max_quantity", "print_receipt", "suspend_hours"]}),
        (
            "Signing on",
            {
                "fields": [
                    "max_pin_attempts",
                    "lockout_minutes",
                    "sign_off_after_minutes",
                    "staff_card_needs_pin",
                ]
            },
        ),
        ("Closing the shift", {"fields": ["blind_close"]}),
    ]
    labels = {
        "merge_lines": "merge equal lines",
        "max_quantity": "largest quantity",
        "print_receipt": "print receipts",
        "suspend_hours": "suspended sales wait, hours",
        "max_pin_attempts": "wrong PINs until lockout",
        "lockout_minutes": "locked out for, minutes",
        "staff_card_needs_pin": "PIN after the staff card",
        "sign_off_after_minutes": "sign off when idle, minutes",
        "blind_close": "blind close",
    }
    help_texts = {
        "name": "Such as Supermarket or Boutique.",
        "merge_lines": "Scanning the same article again raises the quantity instead of adding a line.",
        "max_quantity": "More on one line is refused: it was a barcode typed as a quantity.",
        "print_receipt": "With every sale. Off: the cashier chooses.",
        "suspend_hours": "After this time a suspended sale is voided.",
        "max_pin_attempts": "In a row, for one staff ID in one store.",
        "lockout_minutes": "A manager can let the worker in before.",
        "sign_off_after_minutes": "0 never does.",
        "blind_close": "Hides the expected amounts while the drawer is counted.",
    }

    @display(description="Equal lines", ordering="merge_lines")
    def merging_shown(self, obj: FunctionalityProfile) -> str:
        return "Merged" if obj.merge_lines else "Kept apart"

    @display(description="Receipts", ordering="print_receipt")
    def printing_shown(self, obj: FunctionalityProfile) -> str:
        return "Always printed" if obj.print_receipt else "On request"

    @display(description="Close", ordering="blind_close")
    def closing_shown(self, obj: FunctionalityProfile) -> str:
        return "Blind" if obj.blind_close else "With expected amounts"

    @display(description="Lockout")
    def lockout_shown(self, obj: FunctionalityProfile) -> str:
        return f"{obj.max_pin_attempts} tries, {obj.lockout_minutes} min"


@admin.register(VisualProfile)
class VisualProfileAdmin(ProfileAdmin):
    list_display = ["name", "theme", "accent_shown", "hand_shown", "stores_shown"]
    list_filter = ["theme", "left_handed"]
    empty_hint = "A visual profile gives tills their theme and accent."
    used_by = [
        uses("stores", "store", listed="admin:hq_store_changelist?visual_profile__id__exact={pk}"),
        uses("registers", "register", listed="admin:hq_register_changelist?visual_profile__id__exact={pk}"),
    ]
    fieldsets = [(None, {"fields": ["name", "theme", "accent_hue", "left_handed"]})]
    help_texts = {
        "name": "Such as Daylight counter.",
        "theme": "Light or dark, or as the device is set.",
        "accent_hue": "Degrees on the colour wheel: 195 deep teal, 255 blue, 145 green, 20 brick.",
        "left_handed": "Cart on the right, keys on the left.",
    }

    @display(description="Accent", ordering="accent_hue")
    def accent_shown(self, obj: VisualProfile) -> SafeString:
        return format_html(
            '<span class="th-swatch" style="--hue:{}" aria-hidden="true"></span> {}°',
            obj.accent_hue,
            obj.accent_hue,
        )

    @display(description="Hand", ordering="left_handed")
    def hand_shown(self, obj: VisualProfile) -> str:
        return "Left" if obj.left_handed else "Right"


class ReceiptProfileForm(Form):
    """Lines of header and footer must fit the paper."""

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        columns = self.cleaned_data.get("columns")
        for name in ("header", "footer"):
            for number, line in enumerate((self.cleaned_data.get(name) or "").splitlines(), start=1):
                if columns and len(line.rstrip()) > columns:
                    self.add_error(
                        name,
                        ValidationError(
                            f"Line {number} has {len(line.rstrip())} characters, the paper {columns} columns. "
                            "Break the line.",
                        ),
                    )
        return data


@admin.register(ReceiptProfile)
class ReceiptProfileAdmin(ProfileAdmin):
    form = ReceiptProfileForm
    list_display = ["name", "columns", "digital_shown", "stores_shown"]
    empty_hint = "A receipt profile holds the store's words on paper and the width of the paper."
    used_by = [uses("stores", "store", listed="admin:hq_store_changelist?receipt_profile__id__exact={pk}")]
    change_form_after_template = "hq/receipt_profile/_preview.html"
    fieldsets = [
        (None, {"fields": ["name", "columns"]}),
        ("Words", {"fields": ["header", "footer"]}),
        ("Digital receipt", {"fields": ["digital_receipt_address"]}),
    ]
    labels = {"columns": "paper width", "digital_receipt_address": "address"}
    help_texts = {
        "name": "Such as High street.",
        "columns": "Characters in a line: 42 on 80 mm paper with the usual font.",
        "header": "Under the store's name and address, one line each.",
        "footer": "Thanks, opening hours, how to return things; one line each.",
    }

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """The words as they stand on the paper."""
        return {"receipt_profile": obj, "store_of_preview": obj.stores.first()}

    @display(description="Digital receipt")
    def digital_shown(self, obj: ReceiptProfile) -> SafeString:
        return on_off(bool(obj.digital_receipt_address), "QR code", "None")


navigation.add(
    Section.COMPANY,
    Entry.of(FunctionalityProfile, icon="tune", position=70, title="Profiles").with_tabs(
        Entry.of(FunctionalityProfile, title="Functionality"),
        Entry.of(VisualProfile, title="Visual"),
        Entry.of(ReceiptProfile, title="Receipt"),
        Entry.of(HardwareProfile, title="Hardware"),
    ),
)
