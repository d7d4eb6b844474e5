"""The life of a shift, as a table."""

from django.db import models


class ShiftStatus(models.TextChoices):
    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"


MOVES: dict[ShiftStatus, frozenset[ShiftStatus]] = {
    ShiftStatus.OPEN: frozenset({ShiftStatus.CLOSED}),
    ShiftStatus.CLOSED: frozenset(),
}


class ClockKind(models.TextChoices):
    """What a worker tells the time clock."""

    IN = "in", "Clock in"
    BREAK = "break", "Begin break"
    BACK = "back", "End break"
    OUT = "out", "Clock out"


CLOCK_MOVES: dict[ClockKind, frozenset[ClockKind]] = {
    ClockKind.OUT: frozenset({ClockKind.IN}),
    ClockKind.IN: frozenset({ClockKind.BREAK, ClockKind.OUT}),
    ClockKind.BACK: frozenset({ClockKind.BREAK, ClockKind.OUT}),
    ClockKind.BREAK: frozenset({ClockKind.BACK, ClockKind.OUT}),
}
