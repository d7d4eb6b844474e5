"""Pages of scale units, their channel databases, and groups of these."""

from collections.abc import Collection, Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from channels_app.errors import DomainError
from channels_app.models import ChannelDatabase, DatabaseGroup, ScaleUnit, StorePlacement
from channels_app.selectors import DatabaseRow, database_rows
from channels_app.services import scale_units
from channels_app.services.packages import serve
from channels_app.services.rollback import release
from channels_app.services.schedules import ask_for_uploads
from channels_app.tasks import send_soon
from channels_app.traffic import traffic
from channels_app.trail import note
from hq import navigation
from hq.admin.base import Column, Page, add_column, uses
from hq.admin.distribution.trace import Exported, sheet_of
from hq.admin.placement import PlacedStoreInline
from hq.admin.steps import asks_first
from hq.cells import ago, counted, object_link, on_off, status
from hq.distribution_charts import bar_chart
from hq.models import Register
from hq.navigation import Entry, Section
from hq.panels import Tone


def state_cell(row: DatabaseRow, url: str = "") -> SafeString:
    """How a channel database is, as dot and word."""
    return status(Tone[row.tone.upper()], row.state.capitalize(), hint=row.error, url=url)


_DATABASE_COLUMNS = [
    *("name", "scale_unit__base_url", "delivery", "is_active", "pinned", "applied_version", "applied_at"),
    *("last_contact_at", "uploaded_at", "unsent", "failures", "last_error"),
]


@admin.register(ChannelDatabase)
class ChannelDatabaseAdmin(Exported, Page):
    resource_classes = [sheet_of(ChannelDatabase, _DATABASE_COLUMNS)]
    list_display = [
        "name",
        "state_shown",
        "version_shown",
        "stores_shown",
        "delivery",
        "contact_shown",
        "unsent_shown",
    ]
    list_filter = ["delivery", "is_active", "pinned", "groups"]
    search_fields = ["name", "scale_unit__name", "placements__store__name", "placements__store__number"]
    inlines = [PlacedStoreInline]
    change_form_outer_after_template = "hq/distribution/_database.html"
    actions_detail = [
        *("look_first", "distribute_now", "take_back"),
        {
            "title": "More",
            "icon": "more_horiz",
            "items": ["collect_now", "send_everything", "let_go", "compare"],
        },
    ]
    fieldsets = [
        (None, {"fields": ["name", "delivery", "is_active", "pinned"]}),
        (
            "How it stands",
            {"fields": ["unit_shown", "version_shown", "contact_shown", "unsent_shown", "last_error"]},
        ),
    ]
    readonly_fields = ["unit_shown", "version_shown", "contact_shown", "unsent_shown", "last_error"]
    labels = {"pinned": "held at its version", "is_active": "gets packages"}
    help_texts = {
        "name": "As the operations pages call it.",
        "delivery": "Pushed: headquarters can reach the scale unit. It pulls: only the other way round.",
        "pinned": "Schedules leave it alone until this is off; set by a rollback.",
    }
    empty_hint = "A channel database comes with its scale unit: add a scale unit."

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It goes with its scale unit."""
        return False

    def get_urls(self) -> list[URLPattern]:
        from hq import distribution_views as views

        site = self.admin_site
        return [
            path(
                "<uuid:database_id>/compare/", site.admin_view(views.comparison), name="distribution-compare"
            ),
            path(
                "<uuid:database_id>/take-back/",
                site.admin_view(views.take_back),
                name="distribution-take-back",
            ),
            *super().get_urls(),
        ]

    def prepare_rows(self, request: HttpRequest, rows: list[Any]) -> None:
        """How each database stands."""
        found = {row.id: row for row in database_rows([row.pk for row in rows])}
        for row in rows:
            row.standing = found[row.pk]

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Its last packages, and what came up from it."""
        return {
            "chart": bar_chart(traffic(timezone.now(), database=obj.pk)),
            "packages": obj.packages.select_related("database", "schedule").defer("header")[:8],
        }

    def idle_actions(self, obj: ChannelDatabase) -> Collection[str]:
        return () if obj.pinned else {"let_go"}

    @display(description="State")
    def state_shown(self, obj: Any) -> SafeString:
        return state_cell(obj.standing)

    @display(description="Version", ordering="applied_version")
    def version_shown(self, obj: ChannelDatabase) -> str | SafeString:
        if obj.applied_version is None:
            return status(Tone.ASKS, "Nothing yet")
        return format_html("{} <span class='th-faint'>· {}</span>", obj.applied_version, ago(obj.applied_at))

    @display(description="Stores")
    def stores_shown(self, obj: Any) -> str:
        return ", ".join(obj.standing.stores) or "–"

    @display(description="Heard of", ordering="last_contact_at")
    def contact_shown(self, obj: ChannelDatabase) -> SafeString | str:
        return ago(obj.last_contact_at)

    @display(description="Not sent up", ordering="unsent")
    def unsent_shown(self, obj: ChannelDatabase) -> str:
        return counted(obj.unsent, "event") if obj.unsent else "–"

    @display(description="Scale unit")
    def unit_shown(self, obj: ChannelDatabase) -> SafeString:
        return object_link(obj.scale_unit)

    @action(description="Preview", icon="visibility", permissions=["view"])
    def look_first(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What would be sent to it now."""
        return redirect(f"{reverse('admin:distribution-preview')}?database={object_id}&job=9999")

    @action(description="Distribute now", icon="send", permissions=["change"])
    @asks_first("Send this channel database what it lacks?", "Distribute now")
    def distribute_now(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Send what it lacks."""
        return self._serve(request, object_id, full=False)

    @action(description="Send everything", icon="sync", permissions=["change"])
    @asks_first("Send all rows of all tables, whatever it has? Selling goes on meanwhile.", "Send everything")
    def send_everything(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Send all rows, whatever it has."""
        return self._serve(request, object_id, full=True)

    @action(description="Collect sales now", icon="move_up", permissions=["change"])
    @asks_first("Ask its scale unit to send up what was sold there?", "Collect sales now")
    def collect_now(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask it to send up what it has."""
        unreached = ask_for_uploads([object_id])
        if unreached:
            messages.warning(
                request, f"{unreached[0].name} could not be reached; it sends by itself when it can."
            )
        else:
            messages.success(request, "It was asked to send what it has.")
        return redirect("admin:channels_app_channeldatabase_change", object_id)

    @action(description="Take back", icon="undo", permissions=["change"])
    def take_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Choose an earlier version to take it back to."""
        return redirect("admin:distribution-take-back", object_id)

    @action(description="Release", icon="play_arrow", permissions=["change"])
    @asks_first("Let schedules serve it again? It gets what headquarters has now.", "Release")
    def let_go(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """End what a rollback began."""
        database = self.get_queryset(request).get(pk=object_id)
        release(database.pk)
        note(request.user, database, "Released it")
        messages.success(request, "Schedules serve it again.")
        return redirect("admin:channels_app_channeldatabase_change", object_id)

    @action(description="Compare", icon="compare_arrows", permissions=["view"])
    def compare(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Compare its tables with headquarters."""
        return redirect("admin:distribution-compare", object_id)

    def _serve(self, request: HttpRequest, object_id: str, *, full: bool) -> HttpResponse:
        database = self.get_queryset(request).get(pk=object_id)
        try:
            package = serve(database, ["9999"], full=full, by=request.user)
        except DomainError as refusal:
            messages.info(request, str(refusal))
            return redirect("admin:channels_app_channeldatabase_change", object_id)
        send_soon([package])
        note(request.user, database, "Sent everything" if full else "Sent what it lacks")
        return redirect("admin:channels_app_package_change", package.pk)


@admin.register(ScaleUnit)
class ScaleUnitAdmin(Exported, Page):
    resource_classes = [sheet_of(ScaleUnit, ["name", "kind", "base_url", "is_active", "created_at"])]
    list_display = ["name", "kind", "base_url", "active_shown", "database_shown"]
    list_filter = ["kind", "is_active"]
    search_fields = ["name", "base_url"]
    actions_detail = ["rotate", "revoke"]
    fieldsets = [(None, {"fields": ["name", "kind", "base_url", "is_active"]})]
    labels = {"is_active": "in use"}
    empty_hint = (
        "A scale unit serves one or more stores from a channel database. Add one to let its stores sell."
    )
    help_texts = {
        "name": "Short, in small letters, such as main or store-12.",
        "kind": "In the cloud beside headquarters, or in a store's back room.",
        "is_active": "Off: it is neither sent to nor listened to. Its stores sell on with the data they have.",
        "base_url": "Where headquarters reaches it, such as http://10.0.0.5:8001.",
    }

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """One that never took or sent anything may go again; any other is taken out of use, and its past stays."""
        database = getattr(obj, "channel_database", None)
        is_unused = database is not None and database.applied_version is None and database.uploaded_at is None
        return is_unused and super().has_delete_permission(request, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Packages that nobody took go with it, which nobody else deletes."""
        _, counts, _, protected = super().get_deleted_objects(objs, request)
        shown = {name: count for name, count in counts.items() if "relationship" not in str(name)}
        return (
            [f"Scale unit {unit}, with its channel database and packages" for unit in objs],
            shown,
            set(),
            protected,
        )

    def save_model(self, request: HttpRequest, obj: ScaleUnit, form: Any, change: bool) -> None:
        """A new one is registered with its channel database; its credential is shown this once."""
        if change:
            super().save_model(request, obj, form, change)
            return
        made = scale_units.register_scale_unit(name=obj.name, base_url=obj.base_url, kind=obj.kind)
        obj.pk, obj._state.adding = made.unit.pk, False
        obj.credential_hash = made.unit.credential_hash
        self._show(request, made.credential)

    @display(description="In use", ordering="is_active")
    def active_shown(self, obj: ScaleUnit) -> SafeString:
        return on_off(obj.is_active, "In use")

    @display(description="Channel database")
    def database_shown(self, obj: ScaleUnit) -> SafeString:
        return object_link(getattr(obj, "channel_database", None))

    @action(description="New credential", icon="key", permissions=["change"])
    @asks_first(
        "Give it a new credential? The old one is good until the new one is used for the first time.",
        "New credential",
    )
    def rotate(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give it a new credential; the former one is good until the new one is used."""
        unit = self.get_queryset(request).get(pk=object_id)
        made = scale_units.rotate_credential(unit)
        note(request.user, unit, "Gave it a new credential")
        self._show(request, made.credential)
        return redirect("admin:channels_app_scaleunit_change", object_id)

    @action(description="Revoke credential", icon="key_off", permissions=["change"])
    @asks_first(
        "Take its credential away at once? Its stores sell on, but nothing goes down or comes up.",
        "Revoke credential",
    )
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Make it a stranger at once."""
        unit = self.get_queryset(request).get(pk=object_id)
        scale_units.revoke_credential(unit)
        note(request.user, unit, "Took its credential away")
        messages.warning(request, "Its credential is good no longer. A new one lets it in again.")
        return redirect("admin:channels_app_scaleunit_change", object_id)

    def _show(self, request: HttpRequest, credential: str) -> None:
        messages.warning(
            request,
            f"Its credential, shown this once: EXCHANGE_CREDENTIAL={credential} – put it into its environment.",
        )


@admin.register(DatabaseGroup)
class DatabaseGroupAdmin(Exported, Page):
    resource_classes = [sheet_of(DatabaseGroup, ["name", "databases"])]
    actions_detail = ["look_first", "take_back", "let_go"]
    list_display = ["name", "size_shown"]
    search_fields = ["name"]
    filter_horizontal = ["databases"]
    used_by = [
        uses("schedules", "schedule", listed="admin:channels_app_schedule_changelist?group__id__exact={pk}")
    ]
    help_texts = {"name": "Such as All stores or First to try."}
    empty_hint = "A group is a set of channel databases that a schedule serves together."

    def get_queryset(self, request: HttpRequest) -> QuerySet[DatabaseGroup]:
        return super().get_queryset(request).annotate(size=Count("databases"))

    def get_urls(self) -> list[URLPattern]:
        from hq import distribution_views as views

        undo = path("<int:group_id>/undo/", self.admin_site.admin_view(views.undo), name="distribution-undo")
        return [undo, *super().get_urls()]

    @display(description="Channel databases", ordering="size")
    def size_shown(self, obj: Any) -> int:
        return obj.size

    @action(description="Preview", icon="visibility", permissions=["view"])
    def look_first(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What would be sent to the group now."""
        return redirect(f"{reverse('admin:distribution-preview')}?group={object_id}&job=9999")

    @action(description="Take back", icon="undo", permissions=["change"])
    def take_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Undo a version in all of its channel databases."""
        return redirect("admin:distribution-undo", object_id)

    @action(description="Release", icon="play_arrow", permissions=["change"])
    @asks_first(
        "Let schedules serve all its channel databases again? They get what headquarters has now.", "Release"
    )
    def let_go(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """End what a rollback of the group began."""
        group = self.get_queryset(request).get(pk=object_id)
        count = release(*group.databases.values_list("pk", flat=True))
        note(request.user, group, f"Released {counted(count, 'channel database')}")
        messages.success(request, f"{counted(count, 'channel database')} released.")
        return redirect("admin:channels_app_databasegroup_change", object_id)


def _data_of(registers: Sequence[Register]) -> dict[Any, SafeString | str]:
    """How fresh the data of each register is: the version of its store's channel database and since when."""
    placed = StorePlacement.objects.filter(store__in={r.store_id for r in registers})
    by_store = {p.store_id: p.channel_database for p in placed.select_related("channel_database")}
    return {
        register.pk: format_html(
            "{} <span class='th-faint'>· {}</span>", d.applied_version, ago(d.applied_at)
        )
        for register in registers
        if (d := by_store.get(register.store_id)) is not None and d.applied_version is not None
    }


add_column(Register, Column("Data as of", _data_of, before="readiness_shown"))


navigation.add(
    Section.DISTRIBUTION,
    Entry.of(ChannelDatabase, icon="database", position=10, searched=True).with_tabs(
        Entry.of(ChannelDatabase, icon="database"),
        Entry.of(ScaleUnit, icon="dns"),
        Entry.of(DatabaseGroup, icon="folder", title="Groups"),
    ),
)
