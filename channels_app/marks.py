"""Marks: moments of headquarters' data. What a package brings a channel to is a mark."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction

from channels_app.changes import cluster_id
from channels_app.models import ForgottenChanges, Mark

_CUTTING = 0x7111_0001  # advisory lock: one mark is cut at a time, so that numbers grow with their snapshots


@dataclass(frozen=True)
class Moment:
    """The snapshot that the surrounding transaction sees, and the number it has if something is made of it."""

    number: int
    snapshot: str
    cluster: str

    def keep(self) -> Mark:
        """Remember it: a channel database is going to stand at it."""
        return Mark.objects.get_or_create(
            number=self.number, defaults={"snapshot": self.snapshot, "cluster": self.cluster}
        )[0]


@contextmanager
def one_moment() -> Iterator[Moment]:
    """A transaction in which all that is read is headquarters' data as of one moment."""
    if connection.in_atomic_block:
        raise transaction.TransactionManagementError("A moment needs a transaction of its own.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_CUTTING])
        locked = True
        try:
            with transaction.atomic():
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                cursor.execute("SELECT nextval('channels_app_mark_number'), pg_current_snapshot()::text")
                number, snapshot = cursor.fetchone()
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_CUTTING])
                locked = False
                yield Moment(number, str(snapshot), cluster_id())
        finally:
            if locked:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_CUTTING])


def usable_marks(numbers: set[int], cluster: str) -> dict[int, str]:
    """The snapshots of those marks from which a delta can still be cut.

    A mark is of no use when its changes have been forgotten, or when it was cut in another database cluster.
    """
    forgotten = ForgottenChanges.objects.values_list("before", flat=True).first() or 0
    marks = Mark.objects.filter(number__in=numbers, cluster=cluster)
    return {mark.number: mark.snapshot for mark in marks if int(mark.snapshot.split(":")[0]) >= forgotten}


def raise_marks_above(number: int) -> None:
    """Let further marks have numbers above one that a channel has already (headquarters came from a backup)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval('channels_app_mark_number', greatest(last_value, %s)) FROM channels_app_mark_number",
            [number],
        )
