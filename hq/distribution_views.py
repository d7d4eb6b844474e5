"""The operations pages of channel data exchange that belong to no single row."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin.sites import site
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from channels_app.errors import DomainError
from channels_app.models import ChannelDatabase
from channels_app.registry import EVERYTHING, JOBS, is_upload
from channels_app.selectors import database_rows, newest_version
from channels_app.services.compare import compare
from channels_app.services.rollback import roll_back
from channels_app.services.schedules import ask_for_uploads, run_jobs
from channels_app.tasks import send_soon
from hq.cells import counted
from hq.distribution_forms import TakeBackForm


@require_http_methods(["GET", "POST"])
def overview(request: HttpRequest) -> HttpResponse:
    """Every channel database and every job: what is where, how old, and what is the matter."""
    if not request.user.has_perm("channels_app.view_channeldatabase"):
        raise PermissionDenied
    if request.method == "POST":
        if not request.user.has_perm("channels_app.change_channeldatabase"):
            raise PermissionDenied
        _act(request)
        return redirect("admin:distribution")
    rows = database_rows()
    shown = [row for row in rows if not request.GET.get("trouble") or row.needs_somebody]
    return _page(request, "hq/distribution/overview.html", "Distribution", {
        "rows": shown, "total": len(rows), "troubled": sum(row.needs_somebody for row in rows),
        "only_trouble": bool(request.GET.get("trouble")), "newest": newest_version(),
        "jobs": [(number, name) for number, name in JOBS.items() if not is_upload(number) and number != EVERYTHING],
        "may_act": request.user.has_perm("channels_app.change_channeldatabase"),
    })  # fmt: skip


@require_GET
def comparison(request: HttpRequest, database_id: UUID) -> HttpResponse:
    """One channel database beside headquarters, table by table."""
    if not request.user.has_perm("channels_app.view_channeldatabase"):
        raise PermissionDenied
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
    if not request.user.has_perm("channels_app.change_channeldatabase"):
        raise PermissionDenied
    database = get_object_or_404(ChannelDatabase.objects.select_related("scale_unit"), pk=database_id)
    form = TakeBackForm(database, request.POST or None)
    if form.is_valid():
        try:
            package = roll_back(
                database, form.cleaned_data["version"], jobs=form.cleaned_data["jobs"], by=request.user
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            send_soon([package])
            messages.success(request, f"{database.name} goes back, and is held there until it is released.")
            return redirect("admin:channels_app_package_change", package.pk)
    return _page(request, "hq/distribution/take_back.html", f"Take {database.name} back", {
        "opts": ChannelDatabase._meta, "original": database, "database": database, "form": form,
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
    if packages:
        messages.success(request, f"{counted(len(packages), 'package')} built and on the way.")
    else:
        messages.info(
            request, "Nothing to send: every channel database has what it needs, or gets it already."
        )


def _page(request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
    step = title if "original" in context else ""
    return render(request, template, {**site.each_context(request), "title": title, "step": step, **context})
