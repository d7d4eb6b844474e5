"""Pages of the back office's own people: users, their groups, and who signed in."""

from typing import Any

from axes.models import AccessAttempt
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserCreationForm

from hq import navigation
from hq.admin.base import Page, RecordPage
from hq.admin.forms import Form
from hq.admin.rights import GroupForm, rights_of, table
from hq.cells import ago, counted, on_off
from hq.models import User
from hq.navigation import Entry, Section
from hq.services.back_office_roles import is_built_in


@admin.register(User)
class UserAdmin(DjangoUserAdmin, Page):
    form = Form
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "name_shown", "email", "groups_shown", "last_login_shown", "active_shown"]
    list_filter = ["is_active", "groups", "is_superuser"]
    search_fields = ["username", "first_name", "last_name", "email"]
    filter_horizontal = ()
    autocomplete_fields = ["groups"]
    empty_hint = "Add the people who work in the back office. Store workers are kept under Company."
    readonly_fields = ["password_link"]
    fieldsets = [
        (None, {"fields": ["username", "password_link"]}),
        ("Person", {"fields": [("first_name", "last_name"), "email"]}),
        ("May", {"fields": ["is_active", "is_staff", "is_superuser", "groups"]}),
    ]
    add_fieldsets = [(None, {"fields": ["username", "password1", "password2"]})]
    labels = {"is_staff": "may sign in here", "is_superuser": "may do everything", "is_active": "works here"}
    help_texts = {
        "username": "What this person signs in with.",
        "is_active": "Off: cannot sign in. Rather this than deleting somebody whose changes are on record.",
        "is_staff": "Back-office pages are closed to everybody else.",
        "is_superuser": "Without any check. Better give a group.",
        "groups": "What this person may do comes from the groups.",
        "email": "For messages about exports and alarms.",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Somebody who is added here is meant to sign in here."""
        if not change:
            obj.is_staff = True
        super().save_model(request, obj, form, change)

    @display(description="Password")
    def password_link(self, obj: User) -> SafeString:
        url = reverse("admin:auth_user_password_change", args=[obj.pk])
        return format_html('<a class="th-button th-button--quiet" href="{}">Set a new password</a>', url)

    @display(description="Name", ordering="last_name")
    def name_shown(self, obj: User) -> str:
        return obj.get_full_name() or "–"

    @display(description="Groups")
    def groups_shown(self, obj: User) -> str:
        if obj.is_superuser:
            return "May do everything"
        return ", ".join(group.name for group in obj.groups.all()) or "–"

    @display(description="Last seen", ordering="last_login")
    def last_login_shown(self, obj: User) -> SafeString | str:
        return ago(obj.last_login)

    @display(description="Status", ordering="is_active")
    def active_shown(self, obj: User) -> SafeString:
        return on_off(obj.is_active and obj.is_staff, "Active", "Closed")


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, Page):
    form = GroupForm
    list_display = ["name", "kind_shown", "permissions_shown", "users_shown"]
    search_fields = ["name"]
    filter_horizontal = ()
    empty_hint = "The built-in groups come with every migration; add your own where they do not fit."
    help_texts = {"name": "A role in the back office, such as Buyer."}

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The table of rights to tick, or to read where the group is built in."""
        may_change = self.has_change_permission(request, obj) if obj else True
        return [
            (None, {"fields": ["name"]}),
            ("May", {"fields": ["rights" if may_change else "rights_shown"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["rights_shown"]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Give the group the rights that were ticked."""
        super().save_related(request, form, formsets, change)
        form.instance.permissions.set(form.chosen)

    @display(description="Rights")
    def rights_shown(self, obj: Group) -> SafeString:
        return table(rights_of(obj))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        return (
            super()
            .get_queryset(request)
            .annotate(
                user_count=Count("user", distinct=True),
                permission_count=Count("permissions", distinct=True),
            )
        )

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and not is_built_in(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not is_built_in(obj)

    @display(description="Kind")
    def kind_shown(self, obj: Group) -> str:
        return "Built in" if is_built_in(obj) else "Own"

    @display(description="Permissions", ordering="permission_count")
    def permissions_shown(self, obj: Any) -> str:
        return counted(obj.permission_count, "permission")

    @display(description="Users", ordering="user_count")
    def users_shown(self, obj: Any) -> str:
        return counted(obj.user_count, "user")


@admin.register(AccessAttempt)
class AccessAttemptAdmin(RecordPage):
    """Failed sign-ins. Deleting one lets the person try again at once."""

    list_display = ["username", "ip_address", "failures_since_start", "attempt_time", "user_agent"]
    search_fields = ["username", "ip_address"]
    empty_hint = "Nobody has failed to sign in."

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super(RecordPage, self).has_delete_permission(request, obj)


navigation.add(
    Section.ADMINISTRATION,
    Entry.of(User, icon="person", position=10, title="Back-office users"),
    Entry.of(Group, icon="group", position=20, title="Groups"),
    Entry("Audit", "admin:audit", icon="history", permission="hq.view_user", position=30),
    Entry.of(AccessAttempt, icon="lock_clock", position=40, title="Failed sign-ins"),
)
