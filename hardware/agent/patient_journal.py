"""A journal that outlives a disk that is full or cannot be written.

Nothing is begun then, so nothing can come out twice; what ended meanwhile is remembered, told to the server as
always, and written when the disk can be written again. What the journal says is that memory before the file.
"""

import logging
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from hardware.agent.drivers.base import StationUnable
from hardware.agent.journal import Journal
from hardware.agent.protocol import Event, JobResult, Outcome

log = logging.getLogger(__name__)

MOST_EVENTS = 500
DAMAGED = "The station's journal is damaged", "move journal.sqlite3 away"
CANNOT_WRITE = "The station's disk cannot be written", "mend the disk"
WHAT_AND_REMEDY = {
    sqlite3.SQLITE_FULL: ("The station's disk is full", "make room"),
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
}


def is_trouble(error: sqlite3.Error) -> bool:
    """Whether the disk is to blame, and not another program that holds the journal, nor ours."""
    of_the_file = type(error) in (sqlite3.OperationalError, sqlite3.DatabaseError)
    return of_the_file and not is_held(error)


def is_held(error: BaseException) -> bool:
    """Whether another program holds the journal: this one was started twice."""
    return isinstance(error, sqlite3.Error) and _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def words_for(error: sqlite3.Error) -> str:
    """What is wrong with the disk and what helps, for headquarters and the cashier."""
    what, remedy = WHAT_AND_REMEDY.get(_code(error), CANNOT_WRITE)
    # short: the till's message has two lines
    return f"{what}: receipts wait. Use another station, or {remedy}."


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


class PatientJournal(Journal):
    """``on_trouble`` is told what is wrong in a sentence, and an empty one when all is well again."""

    def __init__(self, path: Path, on_trouble: Callable[[str], None] = lambda words: None) -> None:
        self.trouble = ""
        self._on_trouble = on_trouble
        self._memory = threading.RLock()
        self._outcomes: dict[str, Outcome] = {}
        self._taken_back: set[str] = set()
        self._events: dict[str, Event] = {}
        self._happened: dict[str, float] = {}  # this run's events, by a clock that nobody sets
        try:
            super().__init__(path)
        except sqlite3.Error:
            if (opened := getattr(self, "_db", None)) is not None:
                opened.close()  # or it would hold the file against the next try
            raise

    def probe(self) -> None:
        """Find out whether the disk can be written, and write what had to wait for it."""
        self._write(self._touch)

    def _touch(self) -> None:
        with self._lock:
            self._db.execute("UPDATE journal SET id = id WHERE id = ?", (self.id,))

    def _write(self, write: Callable[..., Any], *arguments: Any) -> bool:
        """Write what had to wait and then this; False when the disk cannot be written."""
        with self._memory:
            try:
                self._catch_up()
                write(*arguments)
            except sqlite3.DatabaseError as error:
                if not is_trouble(error):
                    raise
                self._note(words_for(error), error)
                return False
            self._note("")
            return True

    def _catch_up(self) -> None:
        for job in list(self._taken_back):
            super().take_back(job)
            self._taken_back.discard(job)
        for job, outcome in list(self._outcomes.items()):
            super().finish(outcome)
            del self._outcomes[job]

    def _note(self, words: str, error: sqlite3.Error | None = None) -> None:
        if words == self.trouble:
            return
        self.trouble = words
        if words:
            log.error("%s (%s)", words, error)
        else:
            log.info("The disk can be written again")
        self._on_trouble(words)

    def note_told(self) -> None:
        self._write(super().note_told)

    def note_known(self) -> None:
        self._write(super().note_known)

    def begin(self, job: str, data: dict | None = None) -> bool:
        """As ever; raises StationUnable while it cannot be written down."""
        answer: list[bool] = []
        if self._write(lambda: answer.append(super(PatientJournal, self).begin(job, data))):
            return answer[0]
        raise StationUnable(self.trouble)

    def take_back(self, job: str) -> None:
        with self._memory:
            if not self._write(super().take_back, job):
                self._taken_back.add(job)

    def finish(self, outcome: Outcome) -> None:
        with self._memory:
            is_open = (None, "begun", "unknown")
            if not self._write(super().finish, outcome) and self.state_of(outcome.job) in is_open:
                self._outcomes[outcome.job] = outcome

    def state_of(self, job: str) -> str | None:
        with self._memory:
            if (held := self._outcomes.get(job)) is not None:
                return held.result
            state = super().state_of(job)
            return None if state == "begun" and job in self._taken_back else state

    def outcome_of(self, job: str) -> Outcome | None:
        with self._memory:
            return self._outcomes.get(job) or super().outcome_of(job)

    def unanswered_outcomes(self, limit: int = 500) -> list[Outcome]:
        with self._memory:
            written = [one for one in super().unanswered_outcomes(limit) if one.job not in self._outcomes]
            return [*written, *self._outcomes.values()][:limit]

    def unknown_with_data(self) -> list[Outcome]:
        with self._memory:
            written = [one for one in super().unknown_with_data() if one.job not in self._outcomes]
            held = [one for one in self._outcomes.values() if one.result == "unknown" and one.data]
            return written + held

    def answered(self, job: str, result: JobResult) -> None:
        self._write(super().answered, job, result)  # else it is sent once more, and answered again

    def keep_event(self, device: str, kind: str, data: dict) -> Event:
        kept: list[Event] = []
        with self._memory:
            if not self._write(
                lambda: kept.append(super(PatientJournal, self).keep_event(device, kind, data))
            ):
                kept.append(Event(event_id=str(uuid.uuid4()), device=device, kind=kind, data=data))
                self._events[kept[0].event_id] = kept[0]
            self._happened[kept[0].event_id] = time.monotonic()
            for known in (self._events, self._happened):
                while len(known) > MOST_EVENTS:
                    del known[next(iter(known))]
        return kept[0]

    def unanswered_events(self, limit: int = 500) -> list[Event]:
        now = time.monotonic()
        with self._memory:
            told = [*super().unanswered_events(limit), *self._events.values()][:limit]
            ages = {pk: now - at for pk, at in self._happened.items()}
        return [msgspec.structs.replace(one, age=ages.get(one.event_id, one.age)) for one in told]

    def forget_events(self, ids: Sequence[str]) -> None:
        with self._memory:
            for pk in ids:
                self._happened.pop(pk, None)
            written = [pk for pk in ids if self._events.pop(pk, None) is None]
        if written:
            self._write(super().forget_events, written)  # else it is sent once more, and is known there

    def note_answered(self, address: str) -> None:
        self._write(super().note_answered, address)

    def note_repeats(self, address: str) -> None:
        self._write(super().note_repeats, address)

    def forget_answered(self, address: str) -> None:
        self._write(super().forget_answered, address)
