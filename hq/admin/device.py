"""The browsers that act as registers: when they were activated, and taking a register away from one."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from hq import navigation
from hq.admin.base import Admin
from hq.cells import ago, status
from hq.models import Device
from hq.navigation import Entry, Section
from hq.panels import Tone


@admin.register(Device)
class DeviceAdmin(Admin):
    """Browsers are added by activation and leave by being revoked: there is nothing to type here."""

    list_display = ["register", "store_shown", "description", "activated_shown", "status_shown"]
    list_filter = ["status", "register__store"]
    list_select_related = ["register__store"]
    search_fields = ["register__number", "register__name", "register__store__name", "description"]
    actions = None
    actions_detail = ["revoke"]
    empty_hint = "No browser is activated yet. Open a register and choose Activate a browser."
    warn_unsaved_form = False
    fieldsets = [(None, {"fields": ["register", "status_shown", "description", "activated_at", "id"]})]
    readonly_fields = ["register", "status_shown", "description", "activated_at", "id"]
    help_texts = {}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @display(description="Store", ordering="register__store__name")
    def store_shown(self, obj: Device) -> str:
        return obj.register.store.name

    @display(description="Activated", ordering="activated_at")
    def activated_shown(self, obj: Device) -> SafeString | str:
        return ago(obj.activated_at)

    @display(description="Status", ordering="status")
    def status_shown(self, obj: Device) -> SafeString:
        is_active = obj.status == Device.Status.ACTIVE
        return status(Tone.GOOD if is_active else Tone.CALM, obj.get_status_display())

    @action(description="Revoke", icon="block", url_path="revoke", permissions=["change"])
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask, then take the register away from this browser."""
        from hq.views import revoke

        return revoke(request, self, object_id)


navigation.add(Section.COMPANY, Entry.of(Device, icon="devices", position=25, title="Activated browsers"))
