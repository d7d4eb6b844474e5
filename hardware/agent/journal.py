"""The station's memory: which jobs it has begun and how they ended, which events nobody has answered yet.

SQLite. That a job is begun is synced to the disk before the next byte goes to a device. All else is safe with the
operating system once it is written, and would only make us ask again after a power cut: an outcome that was lost
leaves the job as begun. A job that stands as begun when the program starts was interrupted: it becomes ``unknown``
and is never begun again. Documents are not kept.

Its id is another one at each start after one that a server was told of, and says which it follows: so a copy of the
file, or one out of a backup, is not taken for the memory of what was done since.
"""

import sqlite3
import threading
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import msgspec

from hardware.agent.logs import in_its_name
from hardware.agent.protocol import Event, JobResult, Outcome

KEEP_DAYS = 45
INTERRUPTED = "The station stopped in the middle of it. Look at the paper: it may be missing or cut short."

_TABLES = """
CREATE TABLE IF NOT EXISTS journal (id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS told (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS job (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('begun', 'done', 'failed', 'unknown', 'cancelled')),
    detail TEXT NOT NULL DEFAULT '', data BLOB NOT NULL DEFAULT x'7b7d',
    answered INTEGER NOT NULL DEFAULT 0, at REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS unanswered_job ON job (at) WHERE NOT answered;
CREATE TABLE IF NOT EXISTS event (
    id TEXT PRIMARY KEY, device TEXT NOT NULL, kind TEXT NOT NULL, data BLOB NOT NULL, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answered (address TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS repeats (address TEXT PRIMARY KEY) WITHOUT ROWID;
"""


class Journal:
    """One file. Safe for the threads of one process; a second process is refused."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._aside = ThreadPoolExecutor(1, "journal")
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
        if path.stat().st_mode & 0o077:  # of a disk that can only be read not even this can be set
            path.chmod(0o600)
        for setting in (
            "locking_mode=EXCLUSIVE",
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "secure_delete=ON",
        ):
            self._db.execute(f"PRAGMA {setting}")
        self._db.executescript(_TABLES)
        self._look_through()
        *former, self.id = self._ids()
        self.former: list[str] = former
        self._db.execute(
            "UPDATE job SET state = 'unknown', detail = ?, answered = 0 WHERE state = 'begun'", (INTERRUPTED,)
        )
        self.prune()

    def _look_through(self) -> None:
        """Raises DatabaseError where any part of the file is damaged, also one that is not read until much later."""
        ((found, *_),) = self._db.execute("PRAGMA quick_check(1)").fetchall()
        if found != "ok":
            error = sqlite3.DatabaseError(found)
            error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise error

    def _ids(self) -> list[str]:
        """The ids that this memory goes on from, the oldest first, and at last its own."""
        read = "SELECT id, id IN (SELECT id FROM told) FROM journal ORDER BY rowid"
        rows = self._db.execute(read).fetchall()
        if not rows or rows[-1][1]:
            fresh = str(uuid.uuid4())
            try:
                self._db.execute("INSERT INTO journal VALUES (?)", (fresh,))
            except sqlite3.OperationalError:  # on a full disk nothing is begun, so the former one does
                if not rows:
                    raise
            else:
                rows.append((fresh, 0))
        return [pk for pk, _ in rows]

    def note_told(self) -> None:
        """A server is about to hear of this memory by its id."""
        with self._lock:
            self._db.execute("INSERT INTO told VALUES (?) ON CONFLICT DO NOTHING", (self.id,))

    def note_known(self) -> None:
        """The server knows it by its id: what was sent to those that it goes on from is now with this one."""
        with self._lock:
            for table in ("journal", "told"):
                self._db.execute(f"DELETE FROM {table} WHERE id <> ?", (self.id,))
        self.former = []

    def state_of(self, job: str) -> str | None:
        """How a job stands, or None when it was never begun."""
        with self._lock:
            row = self._db.execute("SELECT state FROM job WHERE id = ?", (job,)).fetchone()
        return row[0] if row else None

    def begin(self, job: str, data: dict | None = None) -> bool:
        """Write that the job is begun; False when it has been begun before, by whomever.

        ``data`` is what will be needed to find out how it ended, should this be interrupted.
        """
        with self._lock:
            self._db.execute("PRAGMA synchronous=FULL")
            try:
                added = self._db.execute(
                    "INSERT INTO job (id, state, data, at) VALUES (?, 'begun', ?, ?) ON CONFLICT DO NOTHING",
                    (job, msgspec.json.encode(data or {}), time.time()),
                )
            finally:
                self._db.execute("PRAGMA synchronous=NORMAL")
            return added.rowcount == 1

    def begin_aside(self, job: str) -> Future[bool]:
        """``begin`` in a thread of the journal's own: the disk works while the device is asked how it is."""
        return self._aside.submit(in_its_name(partial(self.begin, job)))

    def take_back(self, job: str) -> None:
        """The job was not begun after all: nothing of it has gone to a device. It may be begun later."""
        with self._lock:
            self._db.execute("DELETE FROM job WHERE id = ? AND state = 'begun'", (job,))

    def finish(self, outcome: Outcome) -> None:
        """Write how a job ended. What is known is never overwritten by ``unknown``."""
        row = (outcome.job, outcome.result, outcome.detail, msgspec.json.encode(outcome.data), time.time())
        with self._lock:
            self._db.execute(
                "INSERT INTO job (id, state, detail, data, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE"
                " SET state = excluded.state, detail = excluded.detail, data = excluded.data, answered = 0"
                " WHERE job.state IN ('begun', 'unknown')",
                row,
            )

    def outcome_of(self, job: str) -> Outcome | None:
        """How a job ended, or None while it has not."""
        with self._lock:
            row = self._db.execute(
                "SELECT id, state, detail, data FROM job WHERE id = ? AND state <> 'begun'", (job,)
            ).fetchone()
        return _outcome(row) if row else None

    def unanswered_outcomes(self, limit: int = 500) -> list[Outcome]:
        """Outcomes that the server has not confirmed yet, the oldest first."""
        with self._lock:
            rows = self._db.execute(
                "SELECT id, state, detail, data FROM job WHERE NOT answered AND state <> 'begun'"
                " ORDER BY at LIMIT ?",
                (limit,),
            ).fetchall()
        return [_outcome(row) for row in rows]

    def unknown_with_data(self) -> list[Outcome]:
        """Jobs whose outcome is unknown and that left behind how it can be found out."""
        with self._lock:
            rows = self._db.execute(
                "SELECT id, state, detail, data FROM job WHERE state = 'unknown' AND data <> x'7b7d' ORDER BY at"
            ).fetchall()
        return [_outcome(row) for row in rows]

    def data_of(self, job: str) -> dict:
        """What was written when the job was begun, or with its outcome."""
        with self._lock:
            row = self._db.execute("SELECT data FROM job WHERE id = ?", (job,)).fetchone()
        return msgspec.json.decode(row[0]) if row else {}

    def answered(self, job: str, result: JobResult) -> None:
        """The server has stored this outcome; a better one that came meanwhile stays to be sent."""
        with self._lock:
            self._db.execute("UPDATE job SET answered = 1 WHERE id = ? AND state = ?", (job, result))

    def keep_event(self, device: str, kind: str, data: dict) -> Event:
        """Keep an event until the server has answered it."""
        event = Event(event_id=str(uuid.uuid4()), device=device, kind=kind, data=data)
        with self._lock:
            self._db.execute(
                "INSERT INTO event VALUES (?, ?, ?, ?, ?)",
                (event.event_id, device, kind, msgspec.json.encode(data), time.time()),
            )
        return event

    def unanswered_events(self, limit: int = 500) -> list[Event]:
        """Events that the server has not answered, the oldest first, with their age.

        What happened at a time that is still to come is as old as the clock was set back at least.
        """
        now = time.time()
        with self._lock:
            rows = self._db.execute(
                "SELECT id, device, kind, data, at FROM event ORDER BY at LIMIT ?", (limit,)
            ).fetchall()
        return [
            Event(event_id=pk, device=device, kind=kind, data=msgspec.json.decode(data), age=abs(now - at))
            for pk, device, kind, data, at in rows
        ]

    def forget_events(self, ids: Sequence[str]) -> None:
        """The server has these events. Of a card, whose number may be money, nothing stays in the files, either."""
        with self._lock:
            delete = partial(self._db.execute, "DELETE FROM event WHERE id = ? RETURNING kind")
            if ("card",) in [delete((pk,)).fetchone() for pk in ids]:
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def has_answered(self, address: str) -> bool:
        """Whether the device at this address has ever said anything; a terminal: whether it has something booked."""
        with self._lock:
            return (
                self._db.execute("SELECT 1 FROM answered WHERE address = ?", (address,)).fetchone()
                is not None
            )

    def note_answered(self, address: str) -> None:
        """The device at this address has said something."""
        with self._lock:
            self._db.execute("INSERT INTO answered VALUES (?) ON CONFLICT DO NOTHING", (address,))

    def repeats(self, address: str) -> bool:
        """Whether a terminal has ever told of its last transaction: then that it tells of none means something."""
        with self._lock:
            found = self._db.execute("SELECT 1 FROM repeats WHERE address = ?", (address,)).fetchone()
        return found is not None

    def note_repeats(self, address: str) -> None:
        """The terminal at this address has told of a transaction."""
        with self._lock:
            self._db.execute("INSERT INTO repeats VALUES (?) ON CONFLICT DO NOTHING", (address,))

    def forget_answered(self, address: str) -> None:
        """The terminal at this address has closed its day, and may tell of nothing before it."""
        with self._lock:
            self._db.execute("DELETE FROM answered WHERE address = ?", (address,))

    def prune(self) -> None:
        """Drop what is old and answered: a server does not send a job again after so long."""
        with self._lock:
            self._db.execute("DELETE FROM job WHERE answered AND at < ?", (time.time() - KEEP_DAYS * 86400,))

    def close(self) -> None:
        self._aside.shutdown()
        with self._lock:
            self._db.close()


def _outcome(row: tuple) -> Outcome:
    job, state, detail, data = row
    return Outcome(job=job, result=state, detail=detail, data=msgspec.json.decode(data))
