"""Headquarters' pages and buttons of a hardware station: parse, ask one service, show the answer."""

import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.sites import site
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from channels_app.errors import DomainError, Unavailable
from channels_app.models import ScaleUnit
from hardware import qr
from hardware.alerts import DEVICE_TONES, DEVICE_WORDS, Alert, alerts, state_of
from hardware.models import StationReport
from hardware.services import adoption, commands
from hardware.services.commands import Code
from hardware.services.reports import is_old, standing_of
from hardware.standing import Details, DeviceStanding, JobLine, Standing
from hardware.states import JobState
from hq.access import access_station
from hq.models import HardwareStation
from hq.panels import Tone

KINDS = ["printer", "drawer", "scanner", "reader", "scale", "display", "terminal"]
SHOWN_HISTORY, SHOWN_COMMANDS = 20, 8
JOB_TONES = {
    JobState.DONE: Tone.GOOD, JobState.FAILED: Tone.WRONG, JobState.UNKNOWN: Tone.ASKS,
}  # fmt: skip
JOB_WORDS = {
    JobState.QUEUED: "Waiting", JobState.SENT: "Sent", JobState.ACKNOWLEDGED: "With the station",
    JobState.DONE: "Done", JobState.FAILED: "Failed", JobState.UNKNOWN: "Outcome unknown",
    JobState.CANCELLED: "Called back",
}  # fmt: skip
VALIDITY = {60: "1 hour", 1440: "1 day", 10080: "7 days", 43200: "30 days"}
DONE_WORDS = {
    "test_print": "The test print is on its way. It comes out within two minutes, or not at all.",
    "discover": "The station is looking around. What it finds is offered here in a moment.",
}
MOST_STATIONS = 2000
OFF = Alert(Tone.CALM, "Off", "It is not in use: its registers print nothing.")


def last_heard(request: HttpRequest, station: HardwareStation) -> dict[str, Any]:
    """What the page of a station shows before it has asked how the station is now."""
    report = StationReport.objects.filter(station=station).first()
    standing = standing_of(report)
    return _context(request, station, report, Details(standing=standing) if standing else None, "")


@require_GET
def live(request: HttpRequest, pk: int) -> HttpResponse:
    """The station as it is now: asked of its scale unit, or what was heard last and why not more."""
    station = access_station(request.user, pk, "view")
    details, problem = None, ""
    if station.is_active:
        try:
            details = commands.look_at(station)
        except DomainError as refusal:
            problem = str(refusal)
    report = StationReport.objects.filter(station=station).first()
    if details is None and (standing := standing_of(report)) is not None:
        details = Details(standing=standing)
    context = _context(request, station, report, details, problem) | {"is_live": not problem}
    return render(request, "hardware/station/_live.html", context)


@require_POST
def command(request: HttpRequest, pk: int) -> HttpResponse:
    """A button of the page: a test print on one printer, or a search for devices."""
    what = request.POST.get("what", "")
    if what not in DONE_WORDS:
        messages.error(request, "There is no such button. Use those of the page.")
        return redirect("admin:hq_hardwarestation_change", pk)
    return run(request, pk, what, DONE_WORDS[what], device=request.POST.get("device", ""))


def run(request: HttpRequest, pk: Any, what: str, words: str, **more: str) -> HttpResponse:
    """Give one command, say what came of it, and go back to the station's page."""
    station = access_station(request.user, pk)
    try:
        commands.command(station=station, what=what, by=request.user, **more)
    except DomainError as refusal:
        _say(request, refusal)
    else:
        messages.success(request, words)
    return redirect("admin:hq_hardwarestation_change", station.pk)


@require_POST
def log(request: HttpRequest, pk: int) -> HttpResponse:
    """The end of the agent's log as a text file."""
    station = access_station(request.user, pk)
    try:
        answer = commands.command(station=station, what="log", by=request.user)
    except DomainError as refusal:
        _say(request, refusal)
        return redirect("admin:hq_hardwarestation_change", station.pk)
    name = f"station-{_slug(station.number)}-{timezone.localtime():%Y-%m-%d-%H%M}.log"
    return _file(answer["text"].encode(), name, "text/plain; charset=utf-8")


@require_POST
def adopt(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a discovered device into the station's profile."""
    station = access_station(request.user, pk)
    given = {name: request.POST.get(name, "") for name in ("address", "driver", "register")}
    try:
        row = adoption.adopt(
            station=station, by=request.user, for_all=request.POST.get("for") == "all", **given
        )
    except DomainError as refusal:
        _say(request, refusal)
    else:
        messages.success(
            request,
            f"{row.get_kind_display()} {row.name} is in the profile {row.profile}. "
            "The station drives it as soon as the next package has arrived.",
        )
    return redirect("admin:hq_hardwarestation_change", station.pk)


@require_http_methods(["GET", "POST"])
def pairing(request: HttpRequest, admin: ModelAdmin, object_id: str) -> HttpResponse:
    """Explain pairing; on POST issue a code and show it, this once."""
    station = access_station(request.user, object_id)
    context = {
        **site.each_context(request), "opts": admin.opts, "original": station, "title": "Pairing code",
        "step": "Pairing code", "station": station,
        "standing": standing_of(StationReport.objects.filter(station=station).first()),
    }  # fmt: skip
    if request.method == "POST":
        try:
            (issued,) = commands.pairing_codes(stations=[station], by=request.user)
        except DomainError as refusal:
            _say(request, refusal)
        else:
            context |= {"issued": issued, "qr": qr.svg(issued.link)}
    return render(request, "hardware/station/pairing.html", context)


@require_http_methods(["GET", "POST"])
def roll_out(request: HttpRequest) -> HttpResponse:
    """Pairing codes for many stations as a file, or one file for each scale unit in an archive."""
    if not request.user.has_perm(commands.RIGHT):
        raise PermissionDenied("You may not change hardware stations.")
    wanted = [int(pk) for pk in request.GET.get("stations", "").split(",") if re.fullmatch(r"\d{1,18}", pk)]
    stations = list(
        HardwareStation.objects.filter(pk__in=wanted[:MOST_STATIONS]).select_related("store", "report")
    )
    if not stations:
        messages.error(request, "Choose the stations in the list, then the action Pairing file.")
        return redirect("admin:hq_hardwarestation_changelist")
    if request.method == "POST":
        minutes = request.POST.get("minutes", "")
        if minutes in map(str, VALIDITY):
            try:
                return _pairing_file(
                    commands.pairing_codes(stations=stations, by=request.user, minutes=int(minutes))
                )
            except DomainError as refusal:
                _say(request, refusal)
        else:
            messages.error(
                request, "Say how long the codes are good: choose one of the times that are offered."
            )
    paired = [s for s in stations if (found := standing_of(getattr(s, "report", None))) and found.paired_at]
    servers = set(
        ScaleUnit.objects.filter(
            channel_database__placements__store__in={station.store_id for station in stations}
        ).values_list("base_url", flat=True)
    )
    server = servers.pop() if len(servers) == 1 else "ADDRESS"
    context = {
        "opts": HardwareStation._meta, "title": "Pairing file", "step": "Pairing file", "stations": stations,
        "paired": paired, "validity": VALIDITY.items(), "server": server, "file": _file_name(server),
    }  # fmt: skip
    return render(request, "hardware/station/roll_out.html", {**site.each_context(request), **context})


def _pairing_file(codes: Sequence[Code]) -> HttpResponse:
    by_server: dict[str, list[str]] = defaultdict(list)
    for code in codes:
        by_server[code.server].append(f"{code.code} {code.station.number} {code.station.name}\n")
    files = {_file_name(server): "".join(lines) for server, lines in by_server.items()}
    if len(files) == 1:
        ((name, text),) = files.items()
        return _file(text.encode(), name, "text/plain; charset=utf-8")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return _file(archive.getvalue(), "pairing.zip", "application/zip")


def _file(content: bytes, name: str, content_type: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type=content_type, headers=headers)


def _file_name(server: str) -> str:
    """What the pairing file of a scale unit is called, in the browser's folder and in the command."""
    return f"pairing-{_slug(server)}.txt"


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", re.sub(r"^\w+://", "", text)).strip("-") or "station"


def _say(request: HttpRequest, refusal: DomainError) -> None:
    """That nobody answered asks for patience; a refusal asks for something else."""
    level = messages.WARNING if isinstance(refusal, Unavailable) else messages.ERROR
    messages.add_message(request, level, str(refusal))


def _context(
    request: HttpRequest,
    station: HardwareStation,
    report: StationReport | None,
    details: Details | None,
    problem: str,
) -> dict[str, Any]:
    now = timezone.now()
    standing = details.standing if details else None
    if standing and not station.is_active:  # what was heard last is from before it was switched off
        standing = msgspec.structs.replace(standing, connected=False)
    state = state_of(report, standing, now) if station.is_active else OFF
    found = adoption.not_adopted(station, standing.found) if standing else []
    return {
        "station": station, "report": report, "standing": standing, "problem": problem, "state": state,
        "alerts": _alerts(report, standing, now) if station.is_active else [OFF],
        "devices": [
            (device, DEVICE_TONES.get(device.state, Tone.CALM).css, DEVICE_WORDS.get(device.state, "Not asked yet"))
            for device in sorted(standing.devices if standing else (), key=_place)
        ],
        "found": [(device, adoption.offers(device)) for device in found],
        "queue": [_line(job) for job in (details.queue if details else ())],
        "history": [_line(job) for job in (details.history[:SHOWN_HISTORY] if details else ())],
        "refused_events": details.refused_events if details else (),
        "commands": station.commands.select_related("by")[:SHOWN_COMMANDS],
        "command_tones": {"done": "good", "refused": "wrong", "unavailable": "asks", "asked": "calm"},
        "registers": station.registers.filter(is_active=True),
        "shared_by": station.hardware_profile.stations.count(),
        "may_command": request.user.has_perm(commands.RIGHT),
        "may_adopt": request.user.has_perm(adoption.RIGHT),
    }  # fmt: skip


def _place(device: DeviceStanding) -> tuple[str, int, str]:
    """Register by register, and there what prints before what scans."""
    return device.register or "", KINDS.index(device.kind) if device.kind in KINDS else len(KINDS), device.id


def _alerts(report: StationReport | None, standing: Standing | None, now: Any) -> list[Alert]:
    if report is None or standing is None or is_old(report, now):
        return [state_of(report, standing, now)]
    return alerts(standing, now)


def _line(job: JobLine) -> dict[str, Any]:
    state = JobState(job.state) if job.state in JobState.values else None
    return {
        "job": job,
        "tone": JOB_TONES.get(state, Tone.CALM).css if state else "calm",
        "word": JOB_WORDS.get(state, job.state) if state else job.state,
    }
