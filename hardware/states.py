"""Where a device job can stand, and from where it may move where.

``unknown`` is an answer, not an end: the station, which keeps a journal, may still learn that the job was
done. Nothing ever leaves ``done``, ``failed`` or ``cancelled``.
"""

from django.db.models import TextChoices


class JobState(TextChoices):
    QUEUED = "queued", "Waiting for the station"
    SENT = "sent", "Sent to the station"
    ACKNOWLEDGED = "acknowledged", "With the station"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    UNKNOWN = "unknown", "Outcome unknown"
    CANCELLED = "cancelled", "Cancelled"


FINAL = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})
OPEN = frozenset(JobState) - FINAL
MOVES: dict[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.SENT, JobState.CANCELLED, JobState.FAILED}),
    JobState.SENT: frozenset(JobState) - {JobState.QUEUED, JobState.SENT},
    JobState.ACKNOWLEDGED: frozenset(JobState) - {JobState.QUEUED, JobState.SENT, JobState.ACKNOWLEDGED},
    JobState.UNKNOWN: frozenset({JobState.ACKNOWLEDGED, JobState.DONE, JobState.FAILED, JobState.CANCELLED}),
    JobState.DONE: frozenset(),
    JobState.FAILED: frozenset(),
    JobState.CANCELLED: frozenset(),
}


def sources_of(state: JobState) -> list[JobState]:
    """The states from which a job may move to ``state``: the WHERE of its one UPDATE."""
    return [source for source in JobState if state in MOVES[source]]
