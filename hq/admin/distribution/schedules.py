"""Pages of schedules, and of the jobs with their tables."""

from collections.abc import Collection
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import action, display

from channels_app.models import Job, Schedule
from channels_app.registry import collected, is_upload, tables_of
from channels_app.services.care import pause, resume
from channels_app.services.recurrence import keep_recurrence
from channels_app.services.schedules import run_schedule
from channels_app.tasks import send_soon
from channels_app.trail import note
from hq import navigation
from hq.admin.base import Page, RecordPage
from hq.admin.distribution.trace import Exported, sheet_of
from hq.admin.forms import Form
from hq.admin.steps import asks_first
from hq.cells import ago, counted, on_off, status
from hq.navigation import Entry, Section
from hq.panels import Tone

_COLUMNS = [
    *(
        "name",
        "is_active",
        "jobs",
        "group__name",
        "interval",
        "crontab",
        "follows_changes",
        "window_from",
        "window_to",
    ),
    *(
        "canary__name",
        "canary_minutes",
        "stop_above_percent",
        "size_limit_mb",
        "tell",
        "last_run_at",
        "stopped_because",
    ),
]


class ScheduleForm(Form):
    """A schedule's form: addresses that no mail would reach are refused."""

    def clean_tell(self) -> str:
        """Each line an address."""
        lines = [line.strip() for line in self.cleaned_data["tell"].splitlines() if line.strip()]
        for line in lines:
            try:
                validate_email(line)
            except ValidationError as error:
                raise ValidationError(
                    f"“{line}” is no e-mail address. Write one address on each line."
                ) from error
        return "\n".join(lines)


@admin.register(Schedule)
class ScheduleAdmin(Exported, Page):
    form = ScheduleForm
    resource_classes = [sheet_of(Schedule, _COLUMNS)]
    change_form_before_template = "hq/distribution/_schedule.html"
    list_display = ["name", "active_shown", "jobs_shown", "group", "when_shown", "run_shown"]
    list_filter = ["is_active", "group", "jobs"]
    list_select_related = ["group", "interval", "crontab"]
    search_fields = ["name"]
    filter_horizontal = ["jobs"]
    actions_detail = ["look_first", "run_now", "stop_here", "go_on"]
    fieldsets = [
        (None, {"fields": ["name", "is_active", "jobs", "group"]}),
        ("When", {"fields": ["follows_changes", ("interval", "crontab"), ("window_from", "window_to")]}),
        (
            "With care",
            {"fields": [("canary", "canary_minutes"), "stop_above_percent", "size_limit_mb", "tell"]},
        ),
    ]
    labels = {
        "is_active": "active",
        "tell": "who is told",
        "canary_minutes": "wait, in minutes",
        "stop_above_percent": "stop above, in %",
        "size_limit_mb": "largest package, in MB",
        "window_from": "from",
        "window_to": "to",
        "interval": "every",
        "crontab": "at set times",
    }
    help_texts = {
        "name": "Such as Prices, hourly.",
        "window_from": "Only from this time of the stores' own day, by the clock of each store. Empty: all day.",
        "window_to": "Until this time; one before the start means past midnight.",
        "canary": "These channel databases get a package first; the others wait until it has stood the test.",
        "stop_above_percent": "Stops by itself when more than this share of a run's packages failed. 100: never.",
        "tell": "E-mail addresses, one on each line, that hear of failures and of a stop.",
        "size_limit_mb": "A larger package is not sent, and somebody is told. 0: no limit.",
        "group": "The channel databases that it serves.",
        "is_active": "Off: it runs only by hand.",
    }
    empty_hint = "A schedule sends jobs to a group of channel databases again and again."

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Tell the scheduler of what was changed."""
        super().save_related(request, form, formsets, change)
        if form.instance.is_active and form.instance.stopped_because:
            resume(form.instance)
            form.instance.refresh_from_db()
        keep_recurrence(form.instance)

    def idle_actions(self, obj: Schedule) -> Collection[str]:
        return {"go_on"} if obj.is_active else {"stop_here"}

    @display(description="Active", ordering="is_active")
    def active_shown(self, obj: Schedule) -> SafeString:
        if obj.stopped_because and not obj.is_active:
            return status(Tone.WRONG, "Stopped itself", hint=obj.stopped_because)
        return on_off(obj.is_active, "Active", "Paused")

    @display(description="Jobs")
    def jobs_shown(self, obj: Schedule) -> str:
        return ", ".join(job.number for job in obj.jobs.all())

    @display(description="When")
    def when_shown(self, obj: Schedule) -> str:
        said = str(obj.interval or obj.crontab or "–")
        if obj.follows_changes:
            said += ", and at each change"
        return (
            f"{said}, {obj.window_from:%H:%M}–{obj.window_to:%H:%M} store time" if obj.window_from else said
        )

    @display(description="Last run", ordering="last_run_at")
    def run_shown(self, obj: Schedule) -> SafeString | str:
        return ago(obj.last_run_at)

    @action(description="Preview", icon="visibility", permissions=["view"])
    def look_first(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What it would send now."""
        return redirect(f"{reverse('admin:distribution-preview')}?schedule_id={object_id}")

    @action(description="Pause", icon="pause", permissions=["change"])
    @asks_first("Pause this schedule? What is on its way arrives; nothing further is sent by it.", "Pause")
    def stop_here(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let it run no more until it is resumed."""
        schedule = self.get_queryset(request).get(pk=object_id)
        pause(schedule)
        note(request.user, schedule, "Paused it")
        messages.success(request, f"{schedule} is paused.")
        return redirect("admin:channels_app_schedule_change", object_id)

    @action(description="Resume", icon="resume", permissions=["change"])
    @asks_first("Let this schedule run again at its times?", "Resume")
    def go_on(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let it run again."""
        schedule = self.get_queryset(request).get(pk=object_id)
        resume(schedule)
        note(request.user, schedule, "Resumed it")
        messages.success(request, f"{schedule} runs again.")
        return redirect("admin:channels_app_schedule_change", object_id)

    @action(description="Run now", icon="play_arrow", permissions=["change"])
    @asks_first("Run this schedule once, at once?", "Run now")
    def run_now(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Run it once, at once."""
        schedule = self.get_queryset(request).get(pk=object_id)
        packages = run_schedule(schedule)
        send_soon(packages)
        note(request.user, schedule, f"Ran it: {counted(len(packages), 'package')}")
        said = (
            f"{counted(len(packages), 'package')} built."
            if packages
            else "It has run: nobody lacks anything."
        )
        messages.success(request, said)
        return redirect("admin:channels_app_schedule_change", object_id)


@admin.register(Job)
class JobAdmin(Exported, RecordPage):
    resource_classes = [sheet_of(Job, ["number", "name", "direction"])]
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
