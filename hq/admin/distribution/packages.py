"""Pages of packages: how far each got, what is in it, and what can be done when it failed."""

from collections.abc import Collection
from typing import Any

from django.contrib import admin, messages
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from channels_app.contents import manifest_of
from channels_app.errors import DomainError
from channels_app.models import Package
from channels_app.progress import Progress
from channels_app.registry import carried_by_name
from channels_app.services.packages import build_again, cancel, how_far, skip
from channels_app.states import LIVE, PackageState
from channels_app.tasks import send_soon
from channels_app.trail import note
from hq import navigation
from hq.admin.base import RecordPage
from hq.admin.distribution.trace import Exported, sheet_of
from hq.admin.steps import asks_first
from hq.cells import ago, object_link, status
from hq.navigation import Entry, Section
from hq.panels import Tone


def package_state(package: Package) -> SafeString:
    """The state of a package as dot and word."""
    return status(Tone[package.tone.upper()], package.progress, hint=package.error)


def _percent(package: Package, read: Progress | None) -> int:
    """Of its bytes while they are sent, of its rows while they are applied."""
    if read and package.rows:
        return min(100, read.rows * 100 // package.rows)
    return package.sent_bytes * 100 // package.bytes if package.bytes else 0


_COLUMNS = [
    *(
        "id",
        "database__name",
        "schedule__name",
        "jobs",
        "kind",
        "state",
        "version",
        "previous_version",
        "rows",
    ),
    *("bytes", "changed_rows", "build_seconds", "apply_seconds", "attempts", "is_rollback", "started_at"),
    *("available_at", "downloading_at", "settled_at", "error"),
]


# Actions that a package of a state has no use for; who calls one all the same is told why.
_IDLE = {
    **{state: {"again", "take_back"} for state in LIVE},
    PackageState.APPLIED: {"again", "call_off", "leave_out"},
    PackageState.FAILED: {"call_off", "take_back"},
    PackageState.CANCELLED: {"call_off", "leave_out", "take_back"},
}


@admin.register(Package)
class PackageAdmin(Exported, RecordPage):
    resource_classes = [sheet_of(Package, _COLUMNS)]
    list_display = ["database_shown", "state_shown", "kind", "jobs_shown", "versions_shown", "rows_shown", "took_shown",
                    "started_shown"]  # fmt: skip
    list_display_links = ["database_shown"]
    list_filter = ["state", "database", "kind", "schedule", "started_at"]
    list_select_related = ["database", "schedule"]
    search_fields = ["database__name", "error"]
    actions_detail = [
        *("again", "call_off"),
        {"title": "More", "icon": "more_horiz", "items": ["rebuild", "leave_out", "take_back"]},
    ]
    change_form_outer_before_template = "hq/distribution/_package.html"
    empty_hint = (
        "A package brings a channel database what it lacks. Schedules build them; so does 'Distribute now'."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Package]:
        return super().get_queryset(request).defer("header")

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """What failed and nothing newer has mended first, then the newest."""
        newer = Package.objects.filter(database=OuterRef("database"), started_at__gt=OuterRef("started_at"))
        is_past = ~Q(state=PackageState.FAILED) | Exists(newer)
        return [Case(When(is_past, then=1), default=0, output_field=IntegerField()).asc(), "-started_at"]

    def idle_actions(self, obj: Package) -> Collection[str]:
        """Only what is under way is cancelled, only what was applied taken back."""
        return _IDLE.get(PackageState(obj.state), ())

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list:
        return []

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Its progress and its tables."""
        labels = {name: table.label for name, table in carried_by_name().items()}
        manifest = manifest_of(obj) if obj.header else None
        read = how_far(obj) if obj.state in LIVE else None
        return {
            "package": obj, "state": package_state(obj), "is_live": obj.state in LIVE,
            "percent": _percent(obj, read), "read": read,
            "reading": labels.get(read.table, read.table) if read else "",
            "seconds": ((obj.settled_at or timezone.now()) - obj.started_at).total_seconds(),
            "steps": _steps(obj),
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

    @display(description="Rows", ordering="rows")
    def rows_shown(self, obj: Package) -> str:
        return f"{obj.rows:,}"

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
        package = self.get_queryset(request).get(pk=object_id)
        try:
            cancel(package)
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            note(request.user, package, "Cancelled it")
            messages.success(request, "The package is cancelled.")
        return redirect("admin:channels_app_package_change", object_id)

    @action(description="Skip", icon="skip_next", permissions=["operate"])
    @asks_first(
        "Leave this package out? Its channel database is left alone until headquarters changes something of the same "
        "tables, or until somebody sends it what it lacks by hand.",
        "Skip the package",
    )
    def leave_out(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Leave it out."""
        package = self.get_queryset(request).get(pk=object_id)
        try:
            skip(package, by=request.user.get_username())
        except DomainError as refusal:
            messages.error(request, str(refusal))
        else:
            note(request.user, package, "Skipped it")
            messages.success(request, "The package is skipped. Its channel database keeps what it has.")
        return redirect("admin:channels_app_package_change", object_id)

    @action(description="Take back", icon="undo", permissions=["operate"])
    def take_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Choose an earlier version to take its channel database back to."""
        package = self.get_queryset(request).get(pk=object_id)
        return redirect("admin:distribution-take-back", package.database_id)

    def _build(self, request: HttpRequest, object_id: str, *, full: bool) -> HttpResponse:
        former = self.get_queryset(request).get(pk=object_id)
        try:
            package = build_again(former, full=full, by=request.user)
        except DomainError as refusal:
            messages.info(request, str(refusal))
            return redirect("admin:channels_app_package_change", object_id)
        send_soon([package])
        note(request.user, former, "Had it built in full" if full else "Had it built again")
        return redirect("admin:channels_app_package_change", package.pk)


def _steps(package: Package) -> list[dict[str, Any]]:
    """The way of a package, with what is done, under way and still to come."""
    sent = package.bytes and package.sent_bytes >= package.bytes
    marks = [
        ("Started", package.started_at, True),
        ("Built", package.available_at, bool(package.available_at)),
        ("On its way", package.downloading_at, bool(package.downloading_at)),
        ("Sent", package.settled_at if sent else None, bool(sent)),
        (
            package.get_state_display() if package.settled_at else "Applied",
            package.settled_at,
            bool(package.settled_at),
        ),
    ]
    return [{"name": name, "at": at, "is_done": is_done} for name, at, is_done in marks]


def link_to(package: Package | None) -> SafeString:
    """A link to a package's page, named by its versions."""
    return object_link(package, f"{package.previous_version or 0} → {package.version}" if package else "")


navigation.add(Section.DISTRIBUTION, Entry.of(Package, icon="inventory", position=20))
