"""Pages of store workers and of what they may do."""

from itertools import pairwise
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.widgets import UnfoldAdminPasswordWidget

from hq import navigation
from hq.admin.base import Admin, Inline, uses
from hq.admin.forms import Form
from hq.cells import counted, on_off, status
from hq.models import PermissionGroup, Worker, WorkerStore
from hq.models.worker import card_digest
from hq.navigation import Entry, Section
from hq.panels import Tone
from hq.permissions import Permission


def check_pin(pin: str, staff_id: str) -> None:
    """Refuse a PIN that is no PIN or that the next in the queue would guess."""
    if not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 8):
        raise ValidationError("A PIN is 4 to 8 digits.")
    steps = {int(after) - int(before) for before, after in pairwise(pin)}
    if steps in ({0}, {1}, {-1}):
        raise ValidationError("This PIN is too easy to guess: no repeated digit and no straight run, please.")
    if pin == staff_id:
        raise ValidationError("The PIN must differ from the staff ID.")


class WorkerForm(Form):
    """A worker's form. The PIN goes in and never comes out: what is kept is its hash."""

    new_pin = forms.CharField(
        label="new PIN",
        required=False,
        strip=True,
        max_length=8,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password", "inputmode": "numeric"}),
        help_text="4 to 8 digits, keyed in at sign-on. Empty: the PIN stays as it is.",
    )

    new_card = forms.CharField(
        label="new staff card",
        required=False,
        strip=True,
        max_length=76,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"}),
        help_text="Swipe it at a reader that types, or key in its code. Empty: the card stays as it is.",
    )
    take_card = forms.BooleanField(
        label="take the card away",
        required=False,
        help_text="It signs on nowhere as soon as this is distributed.",
    )

    def clean_new_card(self) -> str:
        """The code on the card, without its marks; refused where another worker has it."""
        code = self.cleaned_data["new_card"].strip("%;?\r\n ")
        if code and len(code) < 4:
            raise ValidationError("A staff card has a code of 4 characters or more.")
        others = Worker.objects.exclude(pk=self.instance.pk)
        if code and others.filter(card=card_digest(code)).exists():
            raise ValidationError("This card is another worker's. Take it away there first.")
        return code

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        pin = self.cleaned_data.get("new_pin")
        if pin:
            try:
                check_pin(pin, self.cleaned_data.get("staff_id") or self.instance.staff_id)
            except ValidationError as error:
                self.add_error("new_pin", error)
        elif not self.instance.pin:
            self.add_error("new_pin", "Enter a PIN: without one this worker cannot sign on.")
        return data

    def save(self, commit: bool = True) -> Worker:
        if self.cleaned_data.get("new_pin"):
            self.instance.set_pin(self.cleaned_data["new_pin"])
            self.instance._change_reason = "PIN set"
        if self.cleaned_data.get("new_card") or self.cleaned_data.get("take_card"):
            self.instance.set_card(self.cleaned_data.get("new_card", ""))
            given = "Staff card given" if self.instance.card else "Staff card taken away"
            self.instance._change_reason = given
        return super().save(commit=commit)


class WorkerStoreInline(Inline):
    model = WorkerStore
    fields = ["store", "permission_group"]
    autocomplete_fields = ["store", "permission_group"]
    tab = False
    verbose_name = "store"
    verbose_name_plural = "works in"


@admin.register(Worker)
class WorkerAdmin(Admin):
    form = WorkerForm
    list_display = ["name", "staff_id", "name_on_receipt", "stores_shown", "pin_shown", "active_shown"]
    list_filter = ["is_active", "stores__store", "stores__permission_group"]
    search_fields = ["name", "staff_id", "name_on_receipt"]
    inlines = [WorkerStoreInline]
    empty_hint = (
        "Workers sign on at tills with a staff ID and a PIN. What they may do comes from their group."
    )
    fieldsets = [
        (None, {"fields": ["name", "name_on_receipt", "is_active"]}),
        ("Signing on", {"fields": ["staff_id", "new_pin", "new_card", "take_card"]}),
    ]
    labels = {"is_active": "works here"}
    help_texts = {
        "name": "Full name, for colleagues in the back office.",
        "name_on_receipt": "What customers read, such as a first name.",
        "is_active": "Off: cannot sign on anywhere. Rather this than deleting somebody who is in the journal.",
        "staff_id": "3 to 12 digits; keyed in at sign-on, and found in the journal.",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Worker]:
        roles = WorkerStore.objects.select_related("store", "permission_group").order_by("store__number")
        return super().get_queryset(request).prefetch_related(Prefetch("stores", queryset=roles))

    @display(description="Works in")
    def stores_shown(self, obj: Worker) -> SafeString | str:
        roles = list(obj.stores.all())
        if not roles:
            return status(Tone.ASKS, "No store", hint="Without a store this worker cannot sign on.")
        shown = ", ".join(f"{role.store.name} ({role.permission_group.name})" for role in roles[:2])
        return shown if len(roles) <= 2 else f"{shown} and {len(roles) - 2} more"

    @display(description="PIN")
    def pin_shown(self, obj: Worker) -> SafeString:
        return status(Tone.GOOD, "Set") if obj.pin else status(Tone.ASKS, "Missing")

    @display(description="Works here", ordering="is_active")
    def active_shown(self, obj: Worker) -> SafeString:
        return on_off(obj.is_active, "Active", "Left")


class PermissionGroupForm(Form):
    """What a role may do, as boxes to tick."""

    permissions = forms.MultipleChoiceField(
        choices=Permission.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "th-checks"}),
        help_text="Beyond this a manager can approve on the spot, and the journal says who did.",
    )


@admin.register(PermissionGroup)
class PermissionGroupAdmin(Admin):
    form = PermissionGroupForm
    list_display = ["name", "permissions_shown", "line_shown", "total_shown", "workers_shown"]
    search_fields = ["name"]
    empty_hint = "A permission group is a role in the shop, such as Cashier or Manager."
    used_by = [
        uses(
            "workers", "worker", listed="admin:hq_worker_changelist?stores__permission_group__id__exact={pk}"
        )
    ]
    fieldsets = [
        (None, {"fields": ["name"]}),
        ("May", {"fields": ["permissions"]}),
        ("Up to", {"fields": ["max_line_discount_percent", "max_total_discount_percent"]}),
    ]
    labels = {
        "max_line_discount_percent": "discount on a line, %",
        "max_total_discount_percent": "discount on a sale, %",
    }
    help_texts = {
        "name": "Such as Cashier.",
        "max_line_discount_percent": "The most this role may take off one line by hand.",
        "max_total_discount_percent": "The most this role may take off a whole sale by hand.",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[PermissionGroup]:
        return super().get_queryset(request).annotate(worker_count=Count("workers"))

    @display(description="May")
    def permissions_shown(self, obj: PermissionGroup) -> str:
        if set(obj.permissions) == set(Permission.values):
            return "Everything"
        return f"{len(obj.permissions)} of {len(Permission.values)}"

    @display(description="Line discount", ordering="max_line_discount_percent")
    def line_shown(self, obj: PermissionGroup) -> str:
        return f"up to {obj.max_line_discount_percent.normalize():f} %"

    @display(description="Sale discount", ordering="max_total_discount_percent")
    def total_shown(self, obj: PermissionGroup) -> str:
        return f"up to {obj.max_total_discount_percent.normalize():f} %"

    @display(description="Workers", ordering="worker_count")
    def workers_shown(self, obj: Any) -> str:
        return counted(obj.worker_count, "worker")


navigation.add(
    Section.COMPANY,
    Entry.of(Worker, icon="badge", position=40, searched=True),
    Entry.of(PermissionGroup, icon="verified_user", position=50),
)
