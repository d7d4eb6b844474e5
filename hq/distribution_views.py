"""The operations pages of channel data exchange that belong to no single row."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin.sites import site
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from channels_app.errors import DomainError
from channels_app.models import ChannelDatabase, DatabaseGroup
from channels_app.registry import EVERYTHING, JOBS
from channels_app.selectors import SHOWN_JOBS, DatabaseRow, database_rows, newest_version
from channels_app.services.compare import compare
from channels_app.services.preview import preview
from channels_app.services.rollback import roll_back, undo_version
from channels_app.services.schedules import ask_for_uploads, run_jobs, run_schedule
from channels_app.tasks import send_soon
from channels_app.traffic import traffic
from channels_app.trail import note
from hq.admin.distribution.trace import as_csv
from hq.cells import counted
from hq.distribution_charts import bar_chart
from hq.distribution_forms import PreviewForm, TakeBackForm, UndoForm


@require_http_methods(["GET", "POST"])
def overview(request: HttpRequest) -> HttpResponse:
    """Every channel database and every job: what is where, how old, and what is the matter."""
    _require(request, "view")
    if request.method == "POST":
        _require(request, "change")
        _act(request)
        return redirect(request.get_full_path())
    rows = database_rows()
    shown = _chosen(request, rows)
    if request.GET.get("export"):
        return _exported(shown)
    return _page(request, "hq/distribution/overview.html", "Distribution", {
        "rows": shown, "total": len(rows), "troubled": sum(row.needs_somebody for row in rows),
        "newest": newest_version(), "jobs": [(number, JOBS[number]) for number in SHOWN_JOBS],
        "groups": DatabaseGroup.objects.values_list("name", flat=True), "chosen": request.GET.dict(),
        "filter": request.GET.urlencode(), "is_filtered": any(request.GET.values()),
        "chart": bar_chart(traffic(timezone.now())),
        "may_act": request.user.has_perm("channels_app.change_channeldatabase"),
    })  # fmt: skip


def _chosen(request: HttpRequest, rows: Sequence[DatabaseRow]) -> list[DatabaseRow]:
    """The rows that fit the filters: trouble, a group, a job that waits, a name or store."""
    asked = request.GET
    words = asked.get("q", "").strip().casefold()
    return [
        row
        for row in rows
        if (not asked.get("trouble") or row.needs_somebody)
        and (not asked.get("group") or asked["group"] in row.groups)
        and (not asked.get("job") or any(c.number == asked["job"] and c.kind != "complete" for c in row.jobs))
        and (not words or words in row.name.casefold() or words in (s.casefold() for s in row.stores))
    ]


def _exported(rows: Sequence[DatabaseRow]) -> HttpResponse:
    head = [
        "channel database",
        "stores",
        "groups",
        "state",
        "version",
        "applied at",
        "heard of",
        "not sent up",
        "error",
    ]
    lines = [
        [
            row.name, " ".join(row.stores), ", ".join(row.groups), row.state, row.version or "",
            row.applied_at and row.applied_at.isoformat(), row.last_contact_at and row.last_contact_at.isoformat(),
            row.unsent, row.error, *(f"{cell.kind} {cell.version or ''}".strip() for cell in row.jobs),
        ]
        for row in rows
    ]  # fmt: skip
    return as_csv([[*head, *SHOWN_JOBS], *lines], f"distribution-{timezone.localtime():%Y-%m-%d-%H%M}")


@require_http_methods(["GET", "POST"])
def before_publishing(request: HttpRequest) -> HttpResponse:
    """What publishing would change, for how many stores, old → new; and the button that does it."""
    _require(request, "view")
    form = PreviewForm(request.POST if request.method == "POST" else request.GET or None)
    if request.method == "POST":
        _require(request, "change")
        if form.is_valid():
            return _publish(request, form)
    found = preview(form.databases(), form.jobs()) if form.is_bound and form.is_valid() else None
    return _page(request, "hq/distribution/preview.html", "Preview", {
        "form": form, "preview": found, "schedule": form.schedule if found else None,
        "may_act": request.user.has_perm("channels_app.change_channeldatabase"),
    })  # fmt: skip


def _publish(request: HttpRequest, form: PreviewForm) -> HttpResponse:
    if form.schedule is not None:
        packages = run_schedule(form.schedule)
        note(request.user, form.schedule, f"Ran it: {counted(len(packages), 'package')}")
    else:
        packages = run_jobs(form.jobs(), form.databases(), requested_by=request.user)
        for package in packages:
            note(request.user, package, "Published it after a preview")
    send_soon(packages)
    held = sum(package.hold_until is not None for package in packages)
    words = f"{counted(len(packages), 'package')} built." if packages else "Nothing was left to send."
    if held:
        wait = "waits" if held == 1 else "wait"
        words += f" {held} of them {wait} until the canaries have stood the test."
    messages.success(request, words)
    return redirect("admin:distribution")


@require_GET
def comparison(request: HttpRequest, database_id: UUID) -> HttpResponse:
    """One channel database beside headquarters, table by table."""
    _require(request, "view")
    database = get_object_or_404(ChannelDatabase.objects.select_related("scale_unit"), pk=database_id)
    differences, refusal = [], ""
    try:
        differences = compare(database)
    except DomainError as error:
        refusal = str(error)
    wrong = [d for d in differences if not d.is_equal and not d.is_pending]
    return _page(request, "hq/distribution/comparison.html", "Compared with headquarters", {
        "opts": ChannelDatabase._meta, "original": database, "database": database, "differences": differences,
        "wrong": wrong, "refusal": refusal,
    })  # fmt: skip


@require_http_methods(["GET", "POST"])
def take_back(request: HttpRequest, database_id: UUID) -> HttpResponse:
    """Choose an earlier version and the jobs whose rows go back to it."""
    _require(request, "change")
    database = get_object_or_404(ChannelDatabase.objects.select_related("scale_unit"), pk=database_id)
    form = TakeBackForm(database, request.POST or None)
    if form.is_valid():
        version = form.cleaned_data["version"]
        try:
            package = roll_back(database, version, jobs=form.cleaned_data["jobs"], by=request.user)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            send_soon([package])
            note(request.user, database, f"Took it back to version {version}")
            messages.success(request, f"{database.name} goes back, and is held there until it is released.")
            return redirect("admin:channels_app_package_change", package.pk)
    return _page(request, "hq/distribution/take_back.html", f"Take {database.name} back", {
        "opts": ChannelDatabase._meta, "original": database, "database": database, "form": form,
    })  # fmt: skip


@require_http_methods(["GET", "POST"])
def undo(request: HttpRequest, group_id: int) -> HttpResponse:
    """Undo a version in all channel databases of a group, with one button for each version."""
    _require(request, "change")
    group = get_object_or_404(DatabaseGroup, pk=group_id)
    form = UndoForm(group, request.POST or None)
    if form.is_valid():
        version = form.cleaned_data["version"]
        databases = list(group.databases.values_list("pk", flat=True))
        packages, refusals = undo_version(databases, version, jobs=form.cleaned_data["jobs"], by=request.user)
        send_soon(packages)
        for refusal in refusals:
            messages.warning(request, str(refusal))
        if packages:
            words = counted(len(packages), "channel database")
            note(request.user, group, f"Took back version {version} in {words}")
            messages.success(request, f"{words} of {group} go back, and are held until they are released.")
            return redirect("admin:distribution")
        return redirect("admin:distribution-undo", group.pk)
    return _page(request, "hq/distribution/undo.html", f"Take {group} back", {
        "opts": DatabaseGroup._meta, "original": group, "group": group, "form": form, "versions": form.versions,
    })  # fmt: skip


def _act(request: HttpRequest) -> None:
    chosen = ChannelDatabase.objects.filter(is_active=True)
    if ids := request.POST.getlist("database"):
        chosen = chosen.filter(pk__in=ids)
    databases = list(chosen.values_list("pk", flat=True))
    if request.POST.get("action") == "collect":
        unreached = ask_for_uploads(databases)
        reached = len(databases) - len(unreached)
        messages.success(request, f"{counted(reached, 'scale unit')} asked to send up what there is.")
        for database in unreached:
            messages.warning(
                request, f"{database.name} could not be reached; it sends by itself when it can."
            )
        return
    ChannelDatabase.objects.filter(pk__in=databases).update(next_try_at=None)
    packages = run_jobs([EVERYTHING], databases, requested_by=request.user)
    send_soon(packages)
    for package in packages:
        note(request.user, package, "Distributed it from the overview")
    if packages:
        messages.success(request, f"{counted(len(packages), 'package')} built and on the way.")
    else:
        messages.info(
            request, "Nothing to send: every channel database has what it needs, or gets it already."
        )


def _require(request: HttpRequest, verb: str) -> None:
    if not request.user.has_perm(f"channels_app.{verb}_channeldatabase"):
        raise PermissionDenied


def _page(request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
    step = title if "original" in context else ""
    return render(request, template, {**site.each_context(request), "title": title, "step": step, **context})
