"""The till's view of its station: the implementation of ``hq.station_port``."""

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from channels_app.doorbell import ring
from hardware.models import DeviceJob, StationStatus
from hardware.services import jobs, payments
from hardware.services.rings import group_of, ring_stations
from hardware.states import JobState
from hq.models import HardwareDevice, Register
from hq.station_port import DeviceView, JobRequest, JobView, PaymentView, PrinterView, StationView

STATE_WORDS = {"ready": "ok", "attention": "warning", "stopped": "down", "silent": "down", "absent": "down"}
KIND_WORDS = dict(HardwareDevice.Kind.choices)
JOB_WORDS = {JobState.QUEUED: "waiting", JobState.SENT: "sent", JobState.ACKNOWLEDGED: "sent"}
AWAY = "The hardware station is away: receipts wait and come out once, when it is back."
NOT_PAIRED = "The hardware station is not paired yet: receipts wait until it is."

_VIEW = """
    SELECT s.name, r.number, st.connection IS NOT NULL AND st.seen_at > now() - %(fresh)s, st.seen_at, st.devices,
        (SELECT count(*) FROM hardware_devicejob j WHERE j.register_id = r.id AND j.station_id = s.id
            AND j.state IN ('queued', 'sent', 'acknowledged')),
        (SELECT count(*) FROM hardware_devicejob j WHERE j.register_id = r.id AND j.station_id = s.id
            AND j.state = 'unknown' AND j.created_at > now() - interval '12 hours'
            AND NOT EXISTS (SELECT 1 FROM hardware_devicejob c WHERE c.copy_of_id = j.id)),
        (SELECT jsonb_agg(jsonb_build_array(d.name, d.kind, d.options) ORDER BY d.kind, d.name)
            FROM hq_hardwaredevice d WHERE d.profile_id = s.hardware_profile_id)
    FROM hq_register r
    JOIN hq_hardwarestation s ON s.id = r.station_id AND s.is_active
    LEFT JOIN hardware_stationstatus st ON st.station_id = s.id
    WHERE r.id = %(register)s
"""


class HardwareStationPort:
    """What the till asks, answered from rows: never from the station itself, so never slow."""

    def view(self, register_id: int) -> StationView:
        """The station, its devices and its queue for one register, in one query."""
        with connection.cursor() as cursor:
            cursor.execute(_VIEW, {"register": register_id, "fresh": jobs.CONNECTED_FOR})
            row = cursor.fetchone()
        if row is None:
            return StationView()
        name, number, connected, seen_at, states, waiting, unknown, devices = row
        connected = bool(connected)
        words = "" if connected else AWAY if seen_at else NOT_PAIRED
        states, devices = _json(states) or {}, _json(devices) or []
        return StationView(
            name=name,
            connected=connected,
            words=words,
            waiting=waiting,
            unknown=unknown,
            devices=tuple(
                _device(device, kind, states.get(device_id(device, options, number)), connected, words)
                for device, kind, options in devices
                if belongs_to(options, number)
            ),
        )

    def jobs(self, register_id: int, limit: int = 20) -> Sequence[JobView]:
        """The register's last jobs, the newest first."""
        rows = DeviceJob.objects.filter(register_id=register_id).order_by("-created_at", "-id")
        return [_job(job) for job in rows.exclude(kind=DeviceJob.Kind.WEIGH)[:limit]]

    def receipt_job(self, source: UUID) -> JobView | None:
        """How the receipt of that sale stands, or its newest copy."""
        found = DeviceJob.objects.filter(source=str(source), kind=DeviceJob.Kind.PRINT)
        job = found.order_by("-created_at", "-id").first()
        return _job(job) if job is not None else None

    def other_printers(self, register_id: int) -> Sequence[PrinterView]:
        """Printers of other registers at the same station that are ready now."""
        from hardware.services.profiles import station_profile  # which names devices as this module does

        register = Register.objects.select_related("station").filter(pk=register_id).first()
        if register is None or register.station is None:
            return []
        names = dict(Register.objects.filter(station=register.station).values_list("number", "name"))
        status = StationStatus.objects.filter(station=register.station, connection__isnull=False).first()
        told = status.devices if status is not None else {}
        return [
            PrinterView(device.id, names.get(device.register or "", register.station.name), words)
            for device in station_profile(register.station).devices
            if device.kind == HardwareDevice.Kind.PRINTER
            and device.register != register.number
            and told.get(device.id, {}).get("state") in ("ready", "attention")
            and (words := told[device.id].get("words", "")) is not None
        ]

    def send(
        self, *, register_id: int, kind: str, document: dict, title: str, request_id: UUID
    ) -> UUID | None:
        """Queue one job outside of a sale."""
        priority = 1 if kind == DeviceJob.Kind.DRAWER else 5
        return jobs.queue_job(
            register_id=register_id,
            kind=kind,
            document=document,
            title=title,
            request_id=request_id,
            priority=priority,
        )

    def reprint(self, *, register_id: int, job_id: UUID, request_id: UUID, device: str = "") -> UUID | None:
        """Print a job again, marked COPY."""
        return jobs.reprint(register_id=register_id, job_id=job_id, request_id=request_id, device=device)

    def announce(self, station_ids: Sequence[int]) -> None:
        """Ring the stations for which jobs have been committed."""
        ring_stations(station_ids)

    def payment(self, intent: UUID) -> PaymentView | None:
        """What the terminal has said of a payment."""
        return payments.view(intent)

    def ask(self, job: JobRequest) -> UUID:
        """Save one job with the id that it has."""
        return jobs.ask(job)

    def cancel(self, *, register_id: int, job_id: UUID) -> bool:
        """Call a job back."""
        return jobs.cancel_job(job_id=job_id, register_id=register_id)

    def show(self, register_id: int, rows: Sequence[str]) -> None:
        """Show two rows on the register's customer display; ``\t`` parts left from right. Nothing waits for it."""
        row = Register.objects.filter(pk=register_id).values_list("station_id", "number").first()
        if row is not None and row[0] is not None:
            ring(group_of(row[0]), {"type": "station.show", "register": row[1], "rows": list(rows)[:2]})


def device_id(name: str, options: dict | None, register_number: str) -> str:
    """How jobs and events name a device: alone, or with its register where each register has its own."""
    return f"{name}@{register_number}" if (options or {}).get("each_register") else name


def belongs_to(options: dict | None, register_number: str) -> bool:
    """Whether a device of the profile serves this register."""
    only = (options or {}).get("register")
    return only is None or str(only) == register_number


def _device(name: str, kind: str, told: dict | None, connected: bool, away: str) -> DeviceView:
    title = KIND_WORDS.get(kind, name)
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
