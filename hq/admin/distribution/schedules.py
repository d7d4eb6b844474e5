"""Pages of schedules, and of the jobs with their tables."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from channels_app.models import Job, Schedule
from channels_app.registry import collected, is_upload, tables_of
from channels_app.services.recurrence import keep_recurrence
from channels_app.services.schedules import run_schedule
from channels_app.tasks import send_soon
from hq import navigation
from hq.admin.base import Page, RecordPage
from hq.admin.steps import asks_first
from hq.cells import ago, counted, on_off
from hq.navigation import Entry, Section


@admin.register(Schedule)
class ScheduleAdmin(Page):
    list_display = ["name", "active_shown", "jobs_shown", "group", "when_shown", "run_shown"]
    list_filter = ["is_active", "group", "jobs"]
    list_select_related = ["group", "interval", "crontab"]
    search_fields = ["name"]
    filter_horizontal = ["jobs"]
    actions_detail = ["run_now"]
    fieldsets = [
        (None, {"fields": ["name", "is_active", "jobs", "group"]}),
        ("When", {"fields": [("interval", "crontab"), ("window_from", "window_to")]}),
        (
            "With care",
            {"fields": [("canary", "canary_minutes"), "stop_above_percent", "size_limit_mb", "tell"]},
        ),
    ]
    labels = {
        "is_active": "active",
        "group": "for",
        "tell": "who is told",
        "interval": "every",
        "crontab": "at set times",
    }
    help_texts = {
        "name": "Such as Prices, hourly.",
        "group": "The channel databases that it serves.",
        "is_active": "Off: it runs only by hand.",
    }
    empty_hint = "A schedule sends jobs to a group of channel databases again and again."

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Tell the scheduler of what was changed."""
        super().save_related(request, form, formsets, change)
        keep_recurrence(form.instance)

    @display(description="Active", ordering="is_active")
    def active_shown(self, obj: Schedule) -> SafeString:
        return on_off(obj.is_active, "Active", "Paused")

    @display(description="Jobs")
    def jobs_shown(self, obj: Schedule) -> str:
        return ", ".join(job.number for job in obj.jobs.all())

    @display(description="When")
    def when_shown(self, obj: Schedule) -> str:
        return str(obj.interval or obj.crontab or "–")

    @display(description="Last run", ordering="last_run_at")
    def run_shown(self, obj: Schedule) -> SafeString | str:
        return ago(obj.last_run_at)

    @action(description="Run now", icon="play_arrow", permissions=["change"])
    @asks_first("Run this schedule once, at once?", "Run now")
    def run_now(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Run it once, at once."""
        packages = run_schedule(self.get_queryset(request).get(pk=object_id))
        send_soon(packages)
        said = (
            f"{counted(len(packages), 'package')} built."
            if packages
            else "It has run: nobody lacks anything."
        )
        messages.success(request, said)
        return redirect("admin:channels_app_schedule_change", object_id)


@admin.register(Job)
class JobAdmin(RecordPage):
    list_display = ["number", "name", "direction", "tables_shown"]
    list_filter = ["direction"]
    search_fields = ["number", "name"]

    @display(description="Tables")
    def tables_shown(self, obj: Job) -> str:
        if is_upload(obj.number):
            models = dict.fromkeys(entry.model for entry in collected() if entry.job == obj.number)
            return ", ".join(str(model._meta.verbose_name_plural) for model in models)
        return ", ".join(table.label for table in tables_of([obj.number])) or "none yet"


navigation.add(
    Section.DISTRIBUTION,
    Entry.of(Schedule, icon="schedule", position=30).with_tabs(
        Entry.of(Schedule, icon="schedule"), Entry.of(Job, icon="list_alt")
    ),
)
