"""Pages of packages: how far each got, what is in it, and what can be done when it failed."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from channels_app.contents import manifest_of
from channels_app.errors import DomainError
from channels_app.models import Package
from channels_app.registry import carried_by_name
from channels_app.services.packages import build_again, cancel
from channels_app.states import LIVE, PackageState
from channels_app.tasks import send_soon
from hq import navigation
from hq.admin.base import RecordPage
from hq.admin.steps import asks_first
from hq.cells import ago, object_link, status
from hq.navigation import Entry, Section
from hq.panels import Tone

TONES = {
    PackageState.STARTED: Tone.CALM, PackageState.AVAILABLE: Tone.CALM, PackageState.DOWNLOADING: Tone.CALM,
    PackageState.APPLIED: Tone.GOOD, PackageState.FAILED: Tone.WRONG, PackageState.CANCELLED: Tone.CALM,
}  # fmt: skip


def package_state(package: Package) -> SafeString:
    """The state of a package as dot and word."""
    waits = package.state == PackageState.AVAILABLE and package.attempts
    tone = Tone.ASKS if waits else TONES[PackageState(package.state)]
    word = "Waits to be sent again" if waits else package.get_state_display()
    return status(tone, word, hint=package.error)


@admin.register(Package)
class PackageAdmin(RecordPage):
    list_display = ["database_shown", "state_shown", "kind", "jobs_shown", "versions_shown", "rows", "took_shown",
                    "started_shown"]  # fmt: skip
    list_display_links = ["database_shown"]
    list_filter = ["state", "database", "kind", "schedule", "started_at"]
    list_select_related = ["database", "schedule"]
    search_fields = ["database__name", "error"]
    actions_detail = ["again", "rebuild", "call_off"]
    change_form_outer_before_template = "hq/distribution/_package.html"
    empty_hint = (
        "A package brings a channel database what it lacks. Schedules build them; so does 'Distribute now'."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Package]:
        return super().get_queryset(request).defer("header")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list:
        return []

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Its progress and its tables."""
        labels = {name: table.label for name, table in carried_by_name().items()}
        manifest = manifest_of(obj) if obj.header else None
        return {
            "package": obj, "state": package_state(obj), "is_live": obj.state in LIVE,
            "percent": obj.sent_bytes * 100 // obj.bytes if obj.bytes else 0,
            "tables": [
                {
                    "label": labels.get(t.table, t.table), "mode": "all rows" if t.mode == "full" else "changes",
                    "rows": t.rows.rows if t.rows else 0, "gone": t.gone.rows if t.gone else 0,
                    "bytes": sum(part.bytes for part in t.parts()),
                }
                for t in (manifest.tables if manifest else ())
            ],
        }  # fmt: skip

    @display(description="Channel database", ordering="database__name")
    def database_shown(self, obj: Package) -> str:
        return obj.database.name

    @display(description="State", ordering="state")
    def state_shown(self, obj: Package) -> SafeString:
        return package_state(obj)

    @display(description="Jobs")
    def jobs_shown(self, obj: Package) -> str:
        return ", ".join(obj.jobs)

    @display(description="Version", ordering="version")
    def versions_shown(self, obj: Package) -> str:
        return f"{obj.previous_version or '–'} → {obj.version}"

    @display(description="Size and time")
    def took_shown(self, obj: Package) -> str:
        took = f", {obj.apply_seconds:.2f} s" if obj.apply_seconds is not None else ""
        return f"{filesizeformat(obj.bytes)}{took}"

    @display(description="Started", ordering="started_at")
    def started_shown(self, obj: Package) -> SafeString | str:
        return ago(obj.started_at)

    def has_operate_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the person may build and cancel; nobody edits a package."""
        return request.user.has_perm("channels_app.change_package")

    @action(description="Try again", icon="refresh", permissions=["operate"])
    @asks_first("Build a package with what this channel database lacks now, and send it?", "Try again")
    def again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Build what the database lacks now, from the same parts where they still hold."""
        return self._build(request, object_id, full=False)

    @action(description="Rebuild in full", icon="sync", permissions=["operate"])
    @asks_first("Build a package with all rows of these jobs, and send it?", "Rebuild in full")
    def rebuild(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Build all rows of its jobs."""
        return self._build(request, object_id, full=True)

    @action(description="Cancel", icon="cancel", permissions=["operate"])
    @asks_first(
        "Call this package off? If the scale unit has it already, it stays applied.", "Cancel the package"
    )
    def call_off(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Call it off."""
        try:
            cancel(self.get_queryset(request).get(pk=object_id))
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "The package is cancelled.")
        return redirect("admin:channels_app_package_change", object_id)

    def _build(self, request: HttpRequest, object_id: str, *, full: bool) -> HttpResponse:
        try:
            package = build_again(self.get_queryset(request).get(pk=object_id), full=full, by=request.user)
        except DomainError as refusal:
            messages.info(request, str(refusal))
            return redirect("admin:channels_app_package_change", object_id)
        send_soon([package])
        return redirect("admin:channels_app_package_change", package.pk)


def link_to(package: Package | None) -> SafeString:
    """A link to a package's page, named by its versions."""
    return object_link(package, f"{package.previous_version or 0} → {package.version}" if package else "")


navigation.add(Section.DISTRIBUTION, Entry.of(Package, icon="inventory", position=20))
