"""One station: its journal, a worker per device, and the link to the server.

The link may come and go; jobs that were taken are finished, outcomes and events wait in the journal.
"""

import asyncio
import json
import logging
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from hardware.agent.config import StateFolder
from hardware.agent.devices import build_driver
from hardware.agent.display_worker import DisplayWorker
from hardware.agent.drivers.base import DeviceRefused, DeviceUnavailable
from hardware.agent.logs import in_its_name
from hardware.agent.options import said_in
from hardware.agent.patient_journal import PatientJournal
from hardware.agent.payments import TerminalWorker
from hardware.agent.protocol import (
    ITSELF,
    Acknowledge,
    Device,
    Job,
    Message,
    Outcome,
    Profile,
    Status,
    first_of_kind,
)
from hardware.agent.worker import DeviceWorker, JobWorker, ListeningWorker, ScaleWorker

log = logging.getLogger(__name__)

STARTED_IS_NEWS_AFTER = 0.15
PROBE_SECONDS, HEALS_SECONDS = 30.0, 2.0
WORKERS: dict[str, type[DeviceWorker]] = {
    "scanner": ListeningWorker,
    "reader": ListeningWorker,
    "display": DisplayWorker,
    "scale": ScaleWorker,
    "terminal": TerminalWorker,
}
DEVICE_KIND_FOR = {
    "print": "printer",
    "drawer": "drawer",
    "display": "display",
    "weigh": "scale",
    "payment": "terminal",
}


class HardwareStation:
    """``send`` of a connected link is put in by the link; without one, messages that matter stay in the journal."""

    def __init__(self, folder: StateFolder, lab: str = "") -> None:
        self.folder, self.lab = folder, lab
        self.journal = PatientJournal(folder.journal, lambda words: self.send(status_of_itself(words)))
        self.profile: Profile | None = None
        self.workers: dict[str, DeviceWorker] = {}
        self.outlet: Callable[[Message], None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changing = threading.Lock()
        self._started: dict[str, asyncio.TimerHandle] = {}
        self._disk_watch = DiskWatch(self.journal)

    def start(self) -> None:
        """Begin with the profile of last time, before the server is there."""
        self._loop = asyncio.get_running_loop()
        self._disk_watch.start()
        if (profile := self.folder.profile()) is not None:
            self.apply(profile)

    def send(self, message: Message) -> None:
        """From any thread: hand a message to the link, if there is one."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._hand_over, message)

    def _hand_over(self, message: Message) -> None:
        """Give the link a message; that a job was started is news only while it is not over at once."""
        if isinstance(message, Acknowledge) and message.step == "started" and not message.words:
            timer = self._loop.call_later(STARTED_IS_NEWS_AFTER, self._tell, message)
            self._started[message.job] = timer
            return
        about_job = isinstance(message, Acknowledge | Outcome)
        if about_job and (timer := self._started.pop(message.job, None)) is not None:
            timer.cancel()  # what came since says more
        self._tell(message)

    def _tell(self, message: Message) -> None:
        if isinstance(message, Acknowledge):
            self._started.pop(message.job, None)
        if self.outlet is not None:
            self.outlet(message)

    def apply(self, profile: Profile) -> None:
        """Drive what the profile names: workers of unchanged devices go on, the others are replaced."""
        with self._changing:
            fresh_networks = self.profile is None or self.profile.networks != profile.networks
            self.profile = profile
            wanted = {
                device.id: device for device in profile.devices if not device.address.startswith("printer:")
            }
            homeless: list[Job] = []
            for name, worker in list(self.workers.items()):
                drawers = self._drawers_on(worker.device)
                if wanted.get(name) != worker.device or drawers != worker.drawers or fresh_networks:
                    worker.stop()
                    homeless += worker.drain() if isinstance(worker, JobWorker) else []
                    del self.workers[name]
            for name, device in wanted.items():
                if name not in self.workers:
                    make = WORKERS.get(device.kind, JobWorker)
                    self.workers[name] = make(device, self, self._drawers_on(device))
                    self.workers[name].start()
        for job in homeless:
            self.add(job)

    def build(self, device: Device) -> Any:
        """The driver of a device; an address of the lab is looked up first."""
        networks: Sequence[str] = self.profile.networks if self.profile else ()
        if device.address.startswith("lab:"):
            device = msgspec.structs.replace(device, address=self._ask_lab(device))
        return build_driver(device, networks)

    def _ask_lab(self, device: Device) -> str:
        if not self.lab:
            raise DeviceRefused("The profile names an emulated device, and this station knows no device lab.")
        question = json.dumps(
            {
                "name": device.address.removeprefix("lab:"),
                "kind": device.kind,
                "driver": device.driver,
                "title": device.title,
                "place": device.place,
                "register": device.register or "",
                "settings": device.settings,
            }
        ).encode()
        request = urllib.request.Request(  # noqa: S310 - the address comes from our own command line
            f"{self.lab}/devices/", question, {"Content-Type": "application/json"}
        )
        try:
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(request, timeout=3) as answer:
                return str(json.load(answer)["address"])
        except (OSError, ValueError, KeyError) as error:
            raise DeviceUnavailable("The device lab is not running.") from error

    def add(self, job: Job) -> None:
        """Give a job to the worker of its device; one that has been done is answered from the journal."""
        if self.journal.state_of(job.id) is not None:
            if (outcome := self.journal.outcome_of(job.id)) is not None:
                self.send(outcome)
            return
        try:
            worker, job = self._worker_for(job)
        except DeviceRefused as refusal:
            self._fail(job, str(refusal))
            return
        if worker is None:
            kind = DEVICE_KIND_FOR.get(job.kind, job.kind)
            self._fail(job, f"The station has no {kind} for this register. Check its hardware profile.")
            return
        worker.add(job)

    def _fail(self, job: Job, words: str) -> None:
        outcome = Outcome(job=job.id, result="failed", detail=words)
        self.journal.finish(outcome)
        self.send(outcome)

    def cancel(self, job_id: str) -> None:
        """Do not begin a job; the server hears what became of it."""
        if (outcome := self.journal.outcome_of(job_id)) is not None:
            self.send(outcome)
            return
        taken = [worker.cancel(job_id) for worker in self.workers.values() if isinstance(worker, JobWorker)]
        if not any(taken) and self.journal.state_of(job_id) is None:
            outcome = Outcome(job=job_id, result="cancelled", detail="Called back before it was begun.")
            self.journal.finish(outcome)
            self.send(outcome)

    def show(self, register: str, rows: list[str]) -> None:
        """Show two rows on the register's display, if it has one."""
        device = self._device_for(Job(id="", kind="display", register=register), "display")
        worker = self.workers.get(device.id) if device is not None else None
        if isinstance(worker, DisplayWorker):
            worker.show(rows)

    def _worker_for(self, job: Job) -> tuple[JobWorker | None, Job]:
        device = self._device_for(job, DEVICE_KIND_FOR.get(job.kind, ""))
        if job.kind == "drawer":
            if device is None:
                device = self._device_for(job, "printer")
            elif device.address.startswith("printer:"):
                own = said_in(device.settings, device.driver)
                connector = own.get("connector", job.document.get("connector", 1))
                job = msgspec.structs.replace(job, document={**job.document, "connector": connector})
                device = self._printer_of(device)
        worker = self.workers.get(device.id) if device is not None else None
        return (worker if isinstance(worker, JobWorker) else None), job

    def _device_for(self, job: Job, kind: str) -> Device | None:
        devices = self.profile.devices if self.profile else []
        if job.device:
            named = {device.id: device for device in devices}
            return named.get(f"{job.device}@{job.register}") or named.get(job.device)
        return first_of_kind(devices, kind, job.register)

    def _drawers_on(self, printer: Device) -> tuple[Device, ...]:
        devices = self.profile.devices if self.profile else []
        return tuple(
            device
            for device in devices
            if device.address.startswith("printer:") and self._printer_of(device) == printer
        )

    def _printer_of(self, drawer: Device) -> Device | None:
        name = drawer.address.removeprefix("printer:")
        named = {device.id: device for device in (self.profile.devices if self.profile else [])}
        return named.get(f"{name}@{drawer.register}") or named.get(name)

    def close(self) -> None:
        """Stop the workers and close the journal."""
        self._disk_watch.stop()
        for worker in self.workers.values():
            worker.stop()
        for worker in self.workers.values():
            worker.join(timeout=2)
        self.journal.close()


class DiskWatch(threading.Thread):
    """Looks now and then whether the journal can be written, so that this is known before a sale depends on it."""

    def __init__(self, journal: PatientJournal) -> None:
        super().__init__(name="disk", daemon=True)
        self.run = in_its_name(self.run)
        self._journal, self._stopping = journal, threading.Event()

    def run(self) -> None:
        while not self._stopping.is_set():
            self._journal.probe()
            self._stopping.wait(HEALS_SECONDS if self._journal.trouble else PROBE_SECONDS)

    def stop(self) -> None:
        self._stopping.set()
        if self.is_alive():
            self.join(timeout=2)


def status_of_itself(trouble: str) -> Status:
    """How the station itself is, beside its devices."""
    return Status(device=ITSELF, state="stopped" if trouble else "ready", words=trouble)
