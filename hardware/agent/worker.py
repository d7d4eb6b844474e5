"""One thread per device: it alone talks to the device, so a slow or dead one holds up nothing else."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

from hardware.agent import clock
from hardware.agent.document import DocumentInvalid, read_document
from hardware.agent.drivers.base import (
    DeviceError,
    DeviceRefused,
    DeviceUnavailable,
    Health,
    OutcomeUnknown,
    StationUnable,
)
from hardware.agent.journal import Journal
from hardware.agent.logs import in_its_name
from hardware.agent.options import said_in
from hardware.agent.protocol import Acknowledge, Device, Event, Job, Message, Outcome, Reading, Status

log = logging.getLogger(__name__)

POLL_SECONDS = 5.0
WATCH_SECONDS = 0.7
SLOW_REST = 5  # times as long as its answers took is a slow device left in peace: a receipt waits for them
RETRY_SECONDS = (0.3, 0.6, 1.2, 2.5, 5.0)
FAULT_PAUSE_SECONDS = 1.0
OWED_SECONDS = 900.0
OWED_FOR = {"ready": 20.0, "silent": 60.0}  # the line of a silent one may have died; a new one would tell
PRINTED_AFTER_ALL = "Printed, after a pause."
OUR_FAULT = "The station's driver failed. See its log."


class Cancelled(DeviceRefused):
    """The job was called back while the device worked on it, and the device did stop."""


class Station(Protocol):
    """What a worker needs of its station."""

    journal: Journal

    def send(self, message: Message) -> None:
        """To the server, from any thread; what is lost on the way is sent again from the journal."""

    def build(self, device: Device) -> Any:
        """The device's driver; raises DeviceError."""


class DeviceWorker(threading.Thread):
    """Keeps the device's driver, says how the device is when that changes, and stops when told."""

    def __init__(self, device: Device, station: Station, drawers: Sequence[Device] = ()) -> None:
        super().__init__(name=f"device {device.id}", daemon=True)
        self.run = in_its_name(self.run)
        self.device, self.station, self.drawers = device, station, tuple(drawers)
        self.health: Health | None = None
        self._driver: Any = None
        self._fault = ""
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Ask the thread to end after what it is doing."""
        self._stopping.set()

    def driver(self) -> Any:
        """The driver, built when it is first needed; raises DeviceError."""
        if self._driver is None:
            self._driver = self.station.build(self.device)
        return self._driver

    def drop_driver(self) -> None:
        """Build it anew next time: an emulated device may have come back somewhere else."""
        if self._driver is not None:
            self._driver.close()
            self._driver = None

    def say(self, health: Health) -> None:
        """Tell the server how the device is, if that is news; the log hears of it once."""
        if health == self.health:
            return
        if health.words != OUR_FAULT:
            self._fault = ""
        if self.health is None or self.health.state != health.state:
            log.info("%s is %s: %s", self.device.id, health.state, health.words)
        self.health = health
        for status in self.statuses():
            self.station.send(status)

    def note_fault(self, error: Exception) -> None:
        """A fault of the program, which it may meet again at each turn: the log hears of it once, until all is well."""
        if self._fault != (fault := repr(error)):
            log.exception("The driver of %s failed", self.device.id)
            self._fault = fault
        self.say(Health("absent", OUR_FAULT))
        self.drop_driver()

    def statuses(self) -> list[Status]:
        """The last known state as messages: the device's own, and that of each drawer that hangs on it."""
        health = self.health
        if health is None:
            return []
        return [
            Status(device=name, state=told.state, words=told.words, flags=told.flags)
            for name, told in [
                (self.device.id, health),
                *((drawer.id, drawer_health(drawer, health)) for drawer in self.drawers),
            ]
        ]

    def tell(self, kind: str, data: dict, device: str = "") -> None:
        """Something happened: keep it, then send it."""
        event: Event = self.station.journal.keep_event(device or self.device.id, kind, data)
        self.station.send(event)


def drawer_health(drawer: Device, printer: Health) -> Health:
    """How a drawer is, as far as its printer can tell; it opens also while paper or cover stop the printer."""
    try:
        said_in(drawer.settings, drawer.driver)
    except DeviceRefused as refusal:
        return Health("absent", str(refusal))
    if printer.state in ("absent", "silent") or printer.flags.get("error"):
        return Health(printer.state, f"It hangs on the printer. {printer.words}")
    is_open = printer.flags.get("drawer_open")
    if is_open is None:
        return Health("ready", "Ready; it cannot say whether it is open.")
    return Health("ready", "Open." if is_open else "Shut.", {"open": is_open})


class ListeningWorker(DeviceWorker):
    """For devices that speak by themselves."""

    def run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                driver = self.driver()
                self.say(driver.status())
                driver.listen(self._report, self._stopping.is_set)
                failures = 0
            except DeviceError as error:
                self.say(getattr(error, "health", None) or Health("absent", str(error)))
                self.drop_driver()
                self._stopping.wait(RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)])
                failures += 1
            except Exception as error:
                self.note_fault(error)
                self._stopping.wait(RETRY_SECONDS[-1])
        self.drop_driver()

    def _report(self, kind: str, data: dict) -> None:
        if self.health is not None and self.health.state != "ready":
            self.say(Health("ready", "Ready."))
        self.tell(kind, data)


class JobWorker(DeviceWorker):
    """For printers, which are told what to do: one job at a time, the most urgent first, each at most once."""

    def __init__(self, device: Device, station: Station, drawers: Sequence[Device] = ()) -> None:
        super().__init__(device, station, drawers)
        self._queue: list[tuple[int, int, float, Job]] = []
        self._order = itertools.count()
        self._news = threading.Condition()
        self._known: set[str] = set()
        self._cancelled: set[str] = set()
        self._said: dict[str, str] = {}
        self._failures = 0
        self._retry_at = 0.0
        self._owed: tuple[Job, float] | None = None
        self._drawer_open: bool | None = None
        self._asked_at = self._pulsed_at = -POLL_SECONDS
        self._ask_took = 0.0
        self._has_answered: bool | None = None

    def driver(self) -> Any:
        is_new, driver = self._driver is None, super().driver()
        if is_new and hasattr(driver, "has_answered"):
            if self._has_answered is None:
                self._has_answered = self.station.journal.has_answered(self.device.address)
            driver.has_answered = self._has_answered
        return driver

    def _remember_answer(self) -> None:
        """A device that has ever answered is in trouble when it does not, also after the station's next start."""
        if self._has_answered is False and self._driver is not None and self._driver.has_answered:
            self._has_answered = True
            self.station.journal.note_answered(self.device.address)

    def add(self, job: Job) -> None:
        """Take a job on; one that is known already is left alone."""
        with self._news:
            if job.id in self._known:
                return
            self._known.add(job.id)
            until = clock.now() + job.expires_in if job.expires_in is not None else float("inf")
            heapq.heappush(self._queue, (job.priority, next(self._order), until, job))
            stopped = self._why_prints_wait() if job.kind == "print" else ""
            if stopped:
                self._said[job.id] = stopped
            is_slow = getattr(self._driver, "is_slow", False)
            busy = is_slow or len(self._queue) > 1 or self._retry_at > time.monotonic()
            self._news.notify()
        if stopped:
            self.station.send(Acknowledge(job=job.id, step="waiting", words=stopped))
        elif busy:
            self.station.send(Acknowledge(job=job.id))

    def _why_prints_wait(self) -> str:
        """What is known to stop the device, for a job that comes while another one waits for it already."""
        waits = bool(self._said) or self._owed is not None
        is_stopped = self.health is not None and self.health.state in ("stopped", "silent", "absent")
        return self.health.words if waits and is_stopped and self.health is not None else ""

    def cancel(self, job_id: str) -> bool:
        """Do not begin this job; False when it is none of ours."""
        with self._news:
            if job_id not in self._known:
                return False
            self._cancelled.add(job_id)
            self._news.notify()
        return True

    def drain(self) -> list[Job]:
        """Take back what has not been begun, for another worker to do."""
        with self._news:
            jobs = [job for *_, job in sorted(self._queue, key=lambda entry: entry[:2])]
            self._queue.clear()
            self._known -= {job.id for job in jobs}
        return jobs

    def stop(self) -> None:
        super().stop()
        with self._news:
            self._news.notify()

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._turn()
            except Exception as error:
                self.note_fault(error)
                self._stopping.wait(FAULT_PAUSE_SECONDS)
        self.drop_driver()

    def _turn(self) -> None:
        entry = self._next_entry()
        if entry is not None:
            self._try(entry)
        elif self._owed is not None:
            self._collect_what_is_owed()
        elif time.monotonic() - self._asked_at >= self._poll_seconds():
            self._ask()
            self._warm_up()
        elif not self._idle_seconds():
            self._driver.let_go()

    def _idle_seconds(self) -> float:
        """For how long the driver's line may still lie idle."""
        return getattr(self._driver, "lingers", float("inf"))

    def _warm_up(self) -> None:
        """What the driver needs for its first job is loaded before somebody waits for it."""
        if (warm_up := getattr(self._driver, "warm_up", None)) is not None:
            with suppress(StationUnable):  # the first job says so
                warm_up()

    def _poll_seconds(self) -> float:
        just_pulsed = (
            time.monotonic() - self._pulsed_at < 2 * WATCH_SECONDS
        )  # a drawer takes a moment to move
        is_watched = self._drawer_open or self._retry_at or just_pulsed
        return WATCH_SECONDS if is_watched else max(POLL_SECONDS, SLOW_REST * self._ask_took)

    def _next_entry(self) -> tuple[int, int, float, Job] | None:
        with self._news:
            if not self._may_begin():
                pause = (
                    0.05 if self._owed else max(self._asked_at + self._poll_seconds() - time.monotonic(), 0)
                )
                if self._queue and self._retry_at and not self._owed:
                    pause = min(pause, max(self._retry_at - time.monotonic(), 0))
                pause = min(pause, self._idle_seconds())
                self._news.wait(pause or None if pause else 0)
            return self._pop() if not self._stopping.is_set() and self._may_begin() else None

    def _pop(self) -> tuple[int, int, float, Job]:
        """The most urgent job; while a drawer has to rest between two pulses, what waits behind it."""
        if self._queue[0][3].kind == "drawer" and getattr(self._driver, "rests", 0.0) and self._may_print():
            others = [entry for entry in self._queue if entry[3].kind != "drawer"]
            if others and not self._is_over(self._queue[0]):
                self._queue.remove(chosen := min(others))
                heapq.heapify(self._queue)
                return chosen
        return heapq.heappop(self._queue)

    def _may_begin(self) -> bool:
        if not self._queue:
            return False
        is_drawer = self._queue[0][3].kind == "drawer"
        return self._is_over(self._queue[0]) or (is_drawer and not self._failures) or self._may_print()

    def _is_over(self, entry: tuple[int, int, float, Job]) -> bool:
        return entry[3].id in self._cancelled or entry[2] < clock.now()

    def _may_print(self) -> bool:
        return not self._owed and self._retry_at <= time.monotonic()

    def _try(self, entry: tuple[int, int, float, Job]) -> None:
        job, until = entry[3], entry[2]
        if self.station.journal.state_of(job.id) is not None:
            self._forget(job)
            if outcome := self.station.journal.outcome_of(job.id):
                self.station.send(outcome)
            return
        if job.id in self._cancelled:
            self._finish(
                job, Outcome(job=job.id, result="cancelled", detail="Called back before it was begun.")
            )
            return
        if until < clock.now():
            self._finish(job, Outcome(job=job.id, result="failed", detail=self._too_late(job)))
            return
        begun = threading.Event()
        begin, ahead = partial(self._begin, job, begun), None
        if self._will_probably_print(job):
            ahead = self.station.journal.begin_aside(job.id)
            begin = partial(begin, ahead=ahead)
        try:
            detail, data = self._perform(job, begin)
        except DeviceUnavailable as error:
            if ahead is not None and not ahead.exception() and ahead.result() and not begun.is_set():
                self.station.journal.take_back(job.id)
            self._wait_for_device(entry, error, begun.is_set())
        except Cancelled as error:
            self._finish(job, Outcome(job=job.id, result="cancelled", detail=str(error), data=error.data))
        except DeviceRefused as error:
            self._finish(job, Outcome(job=job.id, result="failed", detail=str(error), data=error.data))
        except DocumentInvalid as error:
            self._finish(job, Outcome(job=job.id, result="failed", detail=str(error)))
        except OutcomeUnknown as error:
            self._finish(job, Outcome(job=job.id, result="unknown", detail=str(error)))
            self._owe(job)
        except Exception:
            log.exception("Job %s failed in its driver", job.id)
            result = "unknown" if begun.is_set() else "failed"
            self._finish(job, Outcome(job=job.id, result=result, detail=OUR_FAULT))
            self.drop_driver()
        else:
            self._failures, self._retry_at = 0, 0.0
            self._finish(job, Outcome(job=job.id, result="done", detail=detail, data=data))
            if job.kind == "drawer":
                self._pulsed_at = time.monotonic()
            if job.kind == "drawer" or self.health is None or self.health.state != "ready":
                self._ask()

    def _will_probably_print(self, job: Job) -> bool:
        """A printer that was ready a moment ago need not wait for the disk before it is asked again."""
        return job.kind == "print" and self.health is not None and self.health.state == "ready"

    def _perform(self, job: Job, begin: Callable[[], None]) -> tuple[str, dict]:
        """Do one job on the driver: what to say about it, and its data. Raises DeviceError's kinds."""
        if job.kind == "print":
            return self.driver().print_document(read_document(job.document), begin=begin), {}
        if job.kind == "drawer":
            connector = 2 if job.document.get("connector") == 2 else 1
            return self.driver().open_drawer(connector, begin=begin), {}
        raise DeviceRefused(f"{self.device.title or self.device.id} cannot do this kind of job.")

    def _begin(
        self,
        job: Job,
        begun: threading.Event,
        data: dict | None = None,
        ahead: Future[bool] | None = None,
    ) -> None:
        if not (ahead.result() if ahead is not None else self.station.journal.begin(job.id, data)):
            raise DeviceRefused("This job has been begun before.")
        begun.set()
        self.station.send(Acknowledge(job=job.id, step="started"))

    def _wait_for_device(
        self, entry: tuple[int, int, float, Job], error: DeviceUnavailable, begun: bool
    ) -> None:
        job = entry[3]
        if begun:  # a driver that has begun may not say so; better unknown than twice
            self._finish(job, Outcome(job=job.id, result="unknown", detail=str(error)))
            return
        if not isinstance(error, StationUnable):
            self.say(error.health)
        if error.health.state == "absent":
            self.drop_driver()
        with self._news:
            heapq.heappush(self._queue, entry)
            # What waits behind it waits for the same; what stops a drawer stops everything.
            waiting = [
                job.id,
                *(one.id for *_, one in self._queue if job.kind in (one.kind, "drawer") and one is not job),
            ]
            untold = [name for name in waiting if self._said.get(name) != str(error)]
            self._said.update(dict.fromkeys(untold, str(error)))
        for name in untold:
            self.station.send(Acknowledge(job=name, step="waiting", words=str(error)))
        self._retry_at = time.monotonic() + RETRY_SECONDS[min(self._failures, len(RETRY_SECONDS) - 1)]
        self._failures += 1

    def _too_late(self, job: Job) -> str:
        return f"Given up: {self._said.get(job.id) or 'it was not begun in time.'}"

    def _finish(self, job: Job, outcome: Outcome) -> None:
        self.station.journal.finish(outcome)
        self._forget(job)
        self.station.send(outcome)

    def _forget(self, job: Job) -> None:
        with self._news:
            self._known.discard(job.id)
            self._cancelled.discard(job.id)
            self._said.pop(job.id, None)

    def _owe(self, job: Job) -> None:
        self._ask()
        if getattr(self._driver, "owes_answer", False):
            self._owed = (job, time.monotonic())

    def _collect_what_is_owed(self) -> None:
        """The receipt may come out after all: the paper is refilled, and the printer goes on where it stopped."""
        job, since = self._owed
        if self._driver is not None and self._driver.settle():
            self._owed = None
            self._finish(job, Outcome(job=job.id, result="done", detail=PRINTED_AFTER_ALL))
            self._ask()
            return
        waited = time.monotonic() - since
        known = getattr(self._driver, "owed_for", OWED_FOR)
        patience = known.get(self.health.state if self.health is not None else "", OWED_SECONDS)
        if not getattr(self._driver, "owes_answer", False) or waited > patience:
            self._owed = None
            self.drop_driver()
        elif time.monotonic() - self._asked_at >= WATCH_SECONDS:
            self._ask()

    def _ask(self) -> None:
        """Ask the device how it is, and tell of a drawer that was opened or shut."""
        self._asked_at = time.monotonic()
        try:
            health = self.driver().status()
        except DeviceError as error:
            health = getattr(error, "health", None) or Health("absent", str(error))
        self._ask_took = time.monotonic() - self._asked_at
        self._remember_answer()
        if health.state == "absent":
            self.drop_driver()
        if health.state in ("ready", "attention") and self._retry_at:
            self._retry_at, self._failures = 0.0, 0
        self.say(health)
        is_open = health.flags.get("drawer_open")
        if is_open is not None and self._drawer_open is not None and is_open != self._drawer_open:
            about = self.drawers[0].id if self.drawers else self.device.id
            self.tell("drawer", {"open": is_open}, about)
        self._drawer_open = is_open if is_open is not None else self._drawer_open


class ScaleWorker(JobWorker):
    """For scales: a weighing is over when the weight is stable, when time is up, or when it is called back."""

    def _poll_seconds(self) -> float:
        """One that was silent is asked again soon: somebody stands before it, and nothing is queued behind."""
        return POLL_SECONDS

    def _perform(self, job: Job, begin: Callable[[], None]) -> tuple[str, dict]:
        if job.kind != "weigh":
            raise DeviceRefused(f"{self.device.title or self.device.id} cannot do this kind of job.")
        with suppress(DeviceUnavailable):  # of a disk that is full: a weighing may be done twice
            begin()
        try:
            if job.document.get("zero"):
                self.driver().zero()
                return "Set to zero.", {}
            self.driver().tell_price(int(job.document.get("price", 0)))
            seconds = min(float(job.document.get("seconds", 15)), 120.0)
            read = self.driver().watch if job.document.get("watch") else self.driver().weigh
            reading = read(seconds, partial(self._tell_reading, job))
        except DeviceUnavailable as error:
            self.say(error.health)
            raise DeviceRefused(str(error)) from error  # the cashier asks again; a weight is never waited for
        return reading.words, reading.as_data()

    def _tell_reading(self, job: Job, reading: Any) -> None:
        if job.id in self._cancelled:
            raise Cancelled("Called back.")
        if reading is None:
            return
        self.station.send(Reading(job=job.id, data=reading.as_data()))
