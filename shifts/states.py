"""The life of a shift, as a table."""

from django.db import models


class ShiftStatus(models.TextChoices):
    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"


MOVES: dict[ShiftStatus, frozenset[ShiftStatus]] = {
    ShiftStatus.OPEN: frozenset({ShiftStatus.CLOSED}),
    ShiftStatus.CLOSED: frozenset(),
}
