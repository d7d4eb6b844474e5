"""Time records in the back office: hours by worker and day, entries as they came up, corrections with their reason."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from unfold.decorators import display
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminTimeWidget

from hq import navigation
from hq.admin.base import Admin, RecordPage
from hq.admin.distribution.trace import as_csv
from hq.admin.forms import Form
from hq.models import Store, Worker
from hq.navigation import Entry, Section
from hq.pages import add_page
from shifts.hours import NO_TIME
from shifts.models import TimeCorrection, TimeEntry
from shifts.time_report import WorkedDay, worked_days

LONGEST = timedelta(days=366)


def hours(request: HttpRequest) -> HttpResponse:
    """Who worked when and for how long; this week unless other days are asked for."""
    if not request.user.has_perm("shifts.view_timeentry"):
        raise PermissionDenied
    now = timezone.now()
    today = timezone.localdate(now)
    first = _date(request, "first") or today - timedelta(days=today.weekday())
    last = max(first, min(_date(request, "last") or max(today, first), first + LONGEST))
    store, worker = _number(request, "store"), _number(request, "worker")
    days = worked_days(first=first, last=last, now=now, store=store, worker=worker)
    if "csv" in request.GET:
        return _as_csv(days, first, last)
    known = [day.worked for day in days if day.worked is not None]
    context = {
        "title": "Hours",
        "days": days,
        "total": sum(known, NO_TIME),
        "unknown": len(days) - len(known),
        "first": first,
        "last": last,
        "store": store,
        "worker": worker,
        "stores": Store.objects.order_by("name"),
        "workers": Worker.objects.order_by("name"),
        "may_correct": request.user.has_perm("shifts.add_timecorrection"),
    }
    return render(request, "shifts/hq/hours.html", {**admin.site.each_context(request), **context})


def _as_csv(days: list[WorkedDay], first: date, last: date) -> HttpResponse:
    rows: list[list[Any]] = [
        ["Worker", "Name", "Store", "Day", "From", "To", "Break (min)", "Worked (min)", "Corrected"]
    ]
    for day in days:
        ended, worked = day.ended_at, day.worked
        rows.append(
            [
                day.worker.staff_id,
                day.worker.name,
                day.store.name,
                day.day.isoformat(),
                f"{day.began_at:%H:%M}",
                f"{ended:%H:%M}" if ended else "",
                int(day.breaks.total_seconds() // 60),
                "" if worked is None else int(worked.total_seconds() // 60),
                "yes" if day.is_corrected else "",
            ]
        )
    return as_csv(rows, f"hours-{first}-{last}")


def _date(request: HttpRequest, name: str) -> date | None:
    try:
        return parse_date(request.GET.get(name, ""))
    except ValueError:
        return None


def _number(request: HttpRequest, name: str) -> int | None:
    said = request.GET.get(name, "")
    return int(said) if said.isdecimal() and len(said) < 10 else None


class CorrectionForm(Form):
    """A correction's moment is given on the clock of its store."""

    day = forms.DateField(widget=UnfoldAdminDateWidget, help_text="The day at the store.")
    time = forms.TimeField(widget=UnfoldAdminTimeWidget, help_text="On the store's own clock.")

    class Meta:
        model = TimeCorrection
        fields = ["entry", "worker", "store", "kind", "counts", "reason"]
        widgets = {"entry": forms.HiddenInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            local = self.instance.happened_at.astimezone(ZoneInfo(self.instance.store.time_zone))
            self.initial |= {"day": local.date(), "time": local.time().replace(second=0, microsecond=0)}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        entry = data.get("entry")
        if entry is not None and data.get("worker") not in (None, entry.worker):
            raise ValidationError(
                {"worker": f"This entry is {entry.worker}'s. Add an entry for somebody else instead."}
            )
        if data.get("day") and data.get("time") and data.get("store"):
            local = datetime.combine(data["day"], data["time"], ZoneInfo(data["store"].time_zone))
            if local > timezone.now():
                raise ValidationError({"time": "That is in the future. Enter when it happened."})
            self.instance.happened_at = local
        return data


@admin.register(TimeCorrection)
class TimeCorrectionAdmin(Admin):
    """Corrections are never deleted: what they corrected is left out, or put back, by changing them."""

    form = CorrectionForm
    list_display = ["worker", "store", "kind", "local_shown", "counts", "reason"]
    list_filter = ["worker", "store", "kind", "counts"]
    list_select_related = ["worker", "store"]
    search_fields = ["worker__name", "reason"]
    empty_hint = "A correction is made in Hours, at the entry that is wrong."
    fieldsets = [
        ("Who and where", {"fields": [("worker", "store"), "entry"]}),
        ("What is true", {"fields": ["kind", ("day", "time"), "counts"]}),
        ("Why", {"fields": ["reason"]}),
    ]
    help_texts = {
        "worker": "Whose time it is.",
        "store": "Where the clock hangs.",
        "entry": "The entry that this puts right; none where one is added.",
        "kind": "What happened then: in, out, or a break.",
        "counts": "Off: it was a mistake and is left out.",
        "reason": "It stands beside the entry and in the audit trail.",
    }

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What the clock was told, to be corrected."""
        initial = dict(super().get_changeform_initial_data(request))
        try:
            entry = (
                TimeEntry.objects.select_related("store").filter(pk=request.GET.get("entry") or None).first()
            )
        except ValidationError:
            entry = None
        if entry is not None:
            local = entry.happened_at.astimezone(ZoneInfo(entry.store.time_zone))
            initial |= {
                "entry": entry,
                "worker": entry.worker_id,
                "store": entry.store_id,
                "kind": entry.kind,
                "day": local.date(),
                "time": time(local.hour, local.minute),
            }
        return initial

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The history says why."""
        obj._change_reason = obj.reason[:100]
        super().save_model(request, obj, form, change)

    @display(description="At", ordering="happened_at")
    def local_shown(self, obj: TimeCorrection) -> str:
        return _local(obj)


@admin.register(TimeEntry)
class TimeEntryAdmin(RecordPage):
    list_display = ["worker", "kind", "local_shown", "store", "register_shown"]
    list_filter = ["worker", "store", "kind", "happened_at"]
    date_hierarchy = "happened_at"
    empty_hint = "Workers clock in at any till: Time clock on the sign-on page. It shows here within seconds."

    def get_queryset(self, request: HttpRequest) -> QuerySet[TimeEntry]:
        return super().get_queryset(request).select_related("worker", "store", "register__store")

    @display(description="At", ordering="happened_at")
    def local_shown(self, obj: TimeEntry) -> str:
        return _local(obj)

    @display(description="Register", ordering="register__number")
    def register_shown(self, obj: TimeEntry) -> str:
        return obj.register.name


def _local(obj: TimeEntry | TimeCorrection) -> str:
    """The moment on the store's clock, with its zone's name."""
    return f"{obj.happened_at.astimezone(ZoneInfo(obj.store.time_zone)):%a %d %b %Y, %H:%M %Z}"


add_page("sales/hours/", hours, "hours")
navigation.add(
    Section.SALES,
    Entry(
        "Hours", "admin:hours", icon="schedule", position=30, permission="shifts.view_timeentry"
    ).with_parts(TimeEntry, TimeCorrection),
)
