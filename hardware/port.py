"""The till's view of its station: the implementation of ``hq.station_port``."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from channels_app.doorbell import ring
from hardware.agent.protocol import first_of_kind
from hardware.models import DeviceJob, StationStatus
from hardware.postings import seconds_to_live
from hardware.services import jobs, payments, terminal_papers
from hardware.services.handover import hand_over_marked, wake
from hardware.services.rings import group_of
from hardware.standing import trouble_of
from hardware.states import JobState
from hq.models import HardwareDevice, HardwareStation, Register
from hq.station_port import (
    DeviceView,
    JobRequest,
    JobStatement,
    JobView,
    PaymentView,
    PrinterView,
    StationChosen,
    StationOption,
    StationView,
)
from hq.stations import SERVING, with_serving_station

STATE_WORDS = {"ready": "ok", "attention": "warning", "stopped": "down", "silent": "down", "absent": "down"}
KIND_WORDS = dict(HardwareDevice.Kind.choices)
JOB_WORDS = {JobState.QUEUED: "waiting", JobState.SENT: "sent", JobState.ACKNOWLEDGED: "sent"}
DOUBTED_FOR = timedelta(hours=12)
AWAY = "The hardware station is away: receipts wait and come out once, when it is back."
IS_AWAY = "Away: it cannot be used now."
NOT_PAIRED = "The hardware station is not paired yet: receipts wait until it is."

_VIEW = f"""
    SELECT s.name, r.number, st.connection IS NOT NULL AND st.seen_at > now() - %(fresh)s, st.seen_at, st.devices,
        (SELECT count(*) FROM hardware_devicejob j WHERE j.register_id = r.id AND j.station_id = s.id
            AND j.kind = 'print' AND j.state IN ('queued', 'sent', 'acknowledged')),
        (SELECT count(*) FROM hardware_devicejob j WHERE j.register_id = r.id
            AND j.kind = 'print' AND j.state = 'unknown' AND j.created_at > now() - %(doubted_for)s
            AND NOT EXISTS (SELECT 1 FROM hardware_devicejob c WHERE c.copy_of_id = j.id)),
        (SELECT jsonb_agg(jsonb_build_array(d.name, d.kind, d.options) ORDER BY d.kind, d.name)
            FROM hq_hardwaredevice d WHERE d.profile_id = s.hardware_profile_id),
        (SELECT count(*) FROM hardware_devicejob j WHERE j.register_id = r.id AND j.station_id = s.id
            AND j.state = 'queued' AND j.kind = 'print'),
        (SELECT count(*) FROM hardware_devicejob j WHERE j.register_id = r.id AND j.station_id <> s.id
            AND j.kind = 'print' AND j.state IN ('queued', 'sent', 'acknowledged')),
        CASE WHEN s.id = r.station_id THEN '' ELSE coalesce(own.name, '') END,
        s.id <> r.station_id AND back.connection IS NOT NULL AND back.seen_at > now() - %(fresh)s
    FROM hq_register r
    JOIN hq_hardwarestation s ON s.id = {SERVING} AND s.is_active
    LEFT JOIN hardware_stationstatus st ON st.station_id = s.id
    LEFT JOIN hq_hardwarestation own ON own.id = r.station_id
    LEFT JOIN hardware_stationstatus back ON back.station_id = r.station_id
    WHERE r.id = %(register)s
"""


class HardwareStationPort:
    """What the till asks, answered from rows: never from the station itself, so never slow."""

    def view(self, register_id: int) -> StationView:
        """The station, its devices and its queue for one register, in one query."""
        with connection.cursor() as cursor:
            cursor.execute(
                _VIEW, {"register": register_id, "fresh": jobs.CONNECTED_FOR, "doubted_for": DOUBTED_FOR}
            )
            row = cursor.fetchone()
        if row is None:
            return StationView()
        name, number, connected, seen_at, states, waiting, unknown, devices, untaken, elsewhere, own, back = (
            row
        )
        connected = bool(connected)
        states, devices = _json(states) or {}, _json(devices) or []
        words = trouble_of(states) if connected else AWAY if seen_at else NOT_PAIRED
        return StationView(
            name=name,
            connected=connected,
            words=words,
            waiting=waiting,
            unknown=unknown,
            untaken=untaken,
            elsewhere=elsewhere,
            own_name=own,
            own_is_back=bool(back),
            devices=tuple(
                _device(
                    device, kind, options, states.get(device_id(device, options, number)), connected, words
                )
                for device, kind, options in devices
                if belongs_to(options, number)
            ),
        )

    def stations(self, register_id: int) -> Sequence[StationOption]:
        """The stations of the register's store, its own first: what each drives for it, or why it cannot."""
        register = with_serving_station().filter(pk=register_id).first()
        if register is None:
            return []
        stations = HardwareStation.objects.filter(store=register.store_id, is_active=True).order_by("number")
        rows = HardwareDevice.objects.filter(profile__stations__in=stations).order_by("kind", "name")
        kinds: dict[int, list[str]] = {}
        for row in rows.distinct():
            if belongs_to(row.options, register.number):
                name = str((row.options or {}).get("title") or row.get_kind_display())
                kinds.setdefault(row.profile_id, []).append(name.lower())
        fresh = StationStatus.objects.filter(
            connection__isnull=False, seen_at__gt=timezone.now() - jobs.CONNECTED_FOR, station__in=stations
        )
        connected = dict(fresh.values_list("station_id", "devices"))
        options = [
            StationOption(
                id=station.pk,
                name=station.name,
                connected=station.pk in connected,
                words=trouble_of(connected[station.pk]) or _drives(kinds.get(station.hardware_profile_id, []))
                if station.pk in connected
                else IS_AWAY,
                is_own=station.pk == register.station_id,
                is_used=station.pk == register.serving,
            )
            for station in stations
        ]
        return sorted(options, key=lambda option: not option.is_own)

    def chosen(self, choice: StationChosen) -> None:
        """Tell both stations that they drive devices of other registers now, and the new one that jobs wait."""
        for station_id in {choice.old, choice.new, choice.own} - {None}:
            ring(group_of(station_id), {"type": "station.profile"}, merge=True)
        wake([choice.new])

    def jobs(self, register_id: int, limit: int = 20) -> Sequence[JobView]:
        """The register's last jobs, the newest first; before them the prints of which nobody knows the outcome."""
        copies = DeviceJob.objects.filter(copy_of=OuterRef("pk"))
        is_doubted = Q(kind=DeviceJob.Kind.PRINT, state=JobState.UNKNOWN) & ~Exists(copies)
        rows = DeviceJob.objects.filter(register_id=register_id).annotate(
            is_doubted=is_doubted & Q(created_at__gt=timezone.now() - DOUBTED_FOR)
        )
        rows = rows.order_by("-is_doubted", "-created_at", "-id")
        return [_job(job) for job in rows.exclude(kind=DeviceJob.Kind.WEIGH)[:limit]]

    def receipt_job(self, source: UUID) -> JobView | None:
        """How the receipt of that sale stands, or its newest copy."""
        found = DeviceJob.objects.filter(source=str(source), kind=DeviceJob.Kind.PRINT)
        job = found.order_by("-created_at", "-id").first()
        return _job(job) if job is not None else None

    def printers(self, register_id: int) -> Sequence[PrinterView]:
        """The printers that are ready now, the register's own first, then second ones, then other registers'."""
        from hardware.services.profiles import station_profile  # which names devices as this module does

        register = with_serving_station().filter(pk=register_id).first()
        station = HardwareStation.objects.filter(pk=register.serving).first() if register else None
        if register is None or station is None:
            return []
        names = dict(Register.objects.filter(store=register.store_id).values_list("number", "name"))
        status = StationStatus.objects.filter(station=station, connection__isnull=False).first()
        told = status.devices if status is not None else {}
        if trouble_of(told):
            return []
        devices = station_profile(station).devices
        first = first_of_kind(devices, HardwareDevice.Kind.PRINTER, register.number)
        found = [
            (
                device.register not in (None, register.number),
                PrinterView(
                    device=device.id,
                    name=device.title
                    if device.register in (None, register.number)
                    else names.get(device.register, device.title),
                    words=told[device.id].get("words", ""),
                    is_first=device == first,
                ),
            )
            for device in devices
            if device.kind == HardwareDevice.Kind.PRINTER
            and told.get(device.id, {}).get("state") in ("ready", "attention")
        ]
        found.sort(key=lambda pair: (not pair[1].is_first, pair[0], pair[1].device))
        return [printer for _, printer in found]

    def send(
        self,
        *,
        register_id: int,
        kind: str,
        document: dict,
        title: str,
        request_id: UUID,
        device: str = "",
    ) -> UUID | None:
        """Queue one job outside of a sale. Weighing anew calls back a weighing that a page has left open."""
        if kind == DeviceJob.Kind.WEIGH:
            jobs.call_back_others(register_id=register_id, kind=kind, request_id=request_id)
        priority = 1 if kind == DeviceJob.Kind.DRAWER else 5
        return jobs.queue_job(
            register_id=register_id,
            kind=kind,
            document=document,
            title=title,
            request_id=request_id,
            priority=priority,
            device=device,
        )

    def reprint(self, *, register_id: int, job_id: UUID, request_id: UUID, device: str = "") -> UUID | None:
        """Print a job again, marked COPY."""
        return jobs.reprint(register_id=register_id, job_id=job_id, request_id=request_id, device=device)

    def confirm(self, *, register_id: int, job_id: UUID) -> bool:
        """Somebody has seen the paper of a print whose outcome was unknown."""
        return jobs.confirm_print(job_id=job_id, register_id=register_id)

    def shops_copies(self, register_id: int) -> Sequence[JobView]:
        """Card payments of which the terminal has a slip for the shop that no journal keeps."""
        return [_job(job) for job in terminal_papers.shops_copies(register_id)]

    def print_shops_copy(self, *, register_id: int, job_id: UUID, request_id: UUID) -> UUID | None:
        """Print one of those slips."""
        return terminal_papers.print_shops_copy(register_id=register_id, job_id=job_id, request_id=request_id)

    def announce(self, asked: Sequence[JobRequest]) -> None:
        """Hand over jobs that have been committed, or ring the stations for which they wait."""
        hand_over_marked(asked, seconds_to_live)

    def payment(self, intent: UUID) -> PaymentView | None:
        """What the terminal has said of a payment."""
        return payments.view(intent)

    def decision(self, intent: UUID, *, charged: bool, words: str) -> JobStatement | None:
        """How a person ends a payment."""
        return payments.decision(intent, charged=charged, words=words)

    def ask(self, job: JobRequest) -> UUID:
        """Save one job with the id that it has."""
        return jobs.ask(job)

    def cancel(self, *, register_id: int, job_id: UUID) -> bool:
        """Call a job back."""
        return jobs.cancel_job(job_id=job_id, register_id=register_id)

    def show(self, *, station_id: int, register: str, rows: Sequence[str], version: int) -> None:
        """Show two rows on the register's customer display; ``\t`` parts left from right. Nothing waits for it."""
        told = {"type": "station.show", "register": register, "rows": list(rows)[:2], "version": version}
        ring(group_of(station_id), told)


def device_id(name: str, options: dict | None, register_number: str) -> str:
    """How jobs and events name a device: alone, or with its register where each register has its own."""
    return f"{name}@{register_number}" if (options or {}).get("each_register") else name


def belongs_to(options: dict | None, register_number: str) -> bool:
    """Whether a device of the profile serves this register."""
    only = (options or {}).get("register")
    return only is None or str(only) == register_number


def _drives(kinds: Sequence[str]) -> str:
    """What a station has, as a list for people: a receipt printer, two scanners …"""
    words = [
        kind if kinds.count(kind) == 1 else f"{kinds.count(kind)} {kind}s" for kind in dict.fromkeys(kinds)
    ]
    return ", ".join(words).capitalize() or "It drives nothing for this register."


def _device(
    name: str, kind: str, options: dict | None, told: dict | None, connected: bool, away: str
) -> DeviceView:
    title = str((options or {}).get("title") or KIND_WORDS.get(kind, name))
    if not connected:
        return DeviceView(name=title, kind=kind, state="unknown", words=away)
    if told is None:
        return DeviceView(name=title, kind=kind, state="unknown", words="The station has not asked it yet.")
    state = STATE_WORDS.get(told.get("state"), "unknown")
    flags = told.get("flags") or {}
    since = told.get("since")
    return DeviceView(
        name=title,
        kind=kind,
        state=state,
        words=told.get("words", ""),
        paper_low=bool(flags.get("paper_low")),
        open_since=datetime.fromisoformat(since) if since and flags.get("open") else None,
    )


def _job(job: DeviceJob) -> JobView:
    return JobView(
        id=job.pk,
        kind=job.kind,
        state=JOB_WORDS.get(job.state, job.state),
        words=job.words or JobState(job.state).label,
        title=job.title,
        created_at=job.created_at,
        can_reprint=job.kind == DeviceJob.Kind.PRINT,
        source=job.source,
    )


def _json(value):
    return json.loads(value) if isinstance(value, str) else value
