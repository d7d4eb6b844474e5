"""Shifts: who answers for which money from when to when; and who was at work."""

from django.db import models

from channels_app.kinds import ChannelRecord, HeadquartersOnly, LooseForeignKey
from hq.models.history import keep_history
from shifts.states import ClockKind, ShiftStatus


class Shift(ChannelRecord):
    """A period at a register that starts with a float and ends with a count."""

    store = LooseForeignKey("hq.Store")
    register = LooseForeignKey("hq.Register")
    number = models.CharField(max_length=40, unique=True)
    status = models.CharField(max_length=10, choices=ShiftStatus, default=ShiftStatus.OPEN)
    business_date = models.DateField()
    currency = models.CharField(max_length=3)
    opened_at = models.DateTimeField()
    opened_by = LooseForeignKey("hq.Worker")
    closed_at = models.DateTimeField(null=True)
    closed_by = LooseForeignKey("hq.Worker", null=True)

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["register"],
                condition=models.Q(status="open"),
                name="one_open_shift_per_register",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="closed") | models.Q(closed_at__isnull=False),
                name="closed_shift_has_closed_at",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ShiftTotal(ChannelRecord):
    """What a shift took and gave in one way of paying, kept up with every sale."""

    shift = models.ForeignKey(Shift, on_delete=models.PROTECT, related_name="totals")
    method = models.CharField(max_length=20)
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=16, decimal_places=3, default=0)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shift", "method", "currency"], name="shift_total_once")
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.amount}"


class CashMovement(ChannelRecord):
    """Money that went into or out of the drawer without a sale: float, removal, drops."""

    class Kind(models.TextChoices):
        START = "start", "Starting float"
        FLOAT = "float", "Float entry"
        REMOVAL = "removal", "Tender removal"
        SAFE_DROP = "safe_drop", "Safe drop"
        BANK_DROP = "bank_drop", "Bank drop"

    shift = models.ForeignKey(Shift, on_delete=models.PROTECT, related_name="cash_movements")
    kind = models.CharField(max_length=10, choices=Kind)
    method = models.CharField(max_length=20)
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(
        max_digits=16, decimal_places=3, help_text="Into the drawer positive, out negative."
    )
    reason = models.CharField(max_length=120, blank=True)
    worker = LooseForeignKey("hq.Worker")
    happened_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"


class TenderDeclaration(ChannelRecord):
    """What was counted in one way of paying at the close, beside what was expected."""

    shift = models.ForeignKey(Shift, on_delete=models.PROTECT, related_name="declarations")
    method = models.CharField(max_length=20)
    currency = models.CharField(max_length=3)
    expected = models.DecimalField(max_digits=16, decimal_places=3)
    counted = models.DecimalField(max_digits=16, decimal_places=3)
    denominations = models.JSONField(default=dict, help_text="Pieces by value, where they were counted so.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shift", "method", "currency"], name="declared_once")]

    @property
    def over_short(self):
        return self.counted - self.expected

    def __str__(self) -> str:
        return f"{self.method}: {self.counted} of {self.expected}"


class TimeEntry(ChannelRecord):
    """What a worker told the time clock of a register. It is never changed; headquarters corrects beside it."""

    store = LooseForeignKey("hq.Store")
    register = LooseForeignKey("hq.Register")
    worker = LooseForeignKey("hq.Worker")
    kind = models.CharField(max_length=5, choices=ClockKind)
    happened_at = models.DateTimeField()

    class Meta:
        ordering = ["-happened_at"]
        verbose_name = "time entry"
        verbose_name_plural = "time entries"
        indexes = [models.Index(fields=["worker", "-happened_at"], name="time_entry_by_worker")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.happened_at:%Y-%m-%d %H:%M}"


class TimeCorrection(HeadquartersOnly):
    """What headquarters holds true instead of a time entry, or beside those that are there, and why."""

    entry = models.OneToOneField(
        TimeEntry, null=True, blank=True, on_delete=models.PROTECT, related_name="correction"
    )
    worker = models.ForeignKey("hq.Worker", on_delete=models.PROTECT, related_name="+")
    store = models.ForeignKey("hq.Store", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=5, choices=ClockKind)
    happened_at = models.DateTimeField()
    counts = models.BooleanField(default=True, help_text="Off: the entry was a mistake and is left out.")
    reason = models.CharField(max_length=200)
    history = keep_history()

    class Meta:
        ordering = ["-happened_at"]

    def __str__(self) -> str:
        return f"{self.worker}: {self.get_kind_display()}, {self.happened_at:%Y-%m-%d %H:%M}"
