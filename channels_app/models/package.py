"""What headquarters has built and sent, and how far each package got."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from channels_app.identifiers import uuid7
from channels_app.kinds import HeadquartersOnly
from channels_app.models.change import SnapshotField
from channels_app.models.job import Schedule
from channels_app.models.place import ChannelDatabase
from channels_app.states import LIVE, MOVES, IllegalPackageMove, PackageState


class Mark(HeadquartersOnly):
    """A moment of headquarters' data: everything that its snapshot sees. Its number is a version."""

    number = models.BigIntegerField(primary_key=True)
    snapshot = SnapshotField(help_text="What was committed: changes it does not see belong to later marks.")
    cluster = models.CharField(
        max_length=40, help_text="The database cluster whose transaction ids these are."
    )
    cut_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"Version {self.number}"


class Part(HeadquartersOnly):
    """A compressed piece of one table, kept once and shared by all packages that need it."""

    class Kind(models.TextChoices):
        FULL = "full", "All rows"
        CHANGED = "changed", "New and changed rows"
        GONE = "gone", "Keys that left"
        RESTORED = "old", "All rows as they were"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    table = models.CharField(max_length=63)
    kind = models.CharField(max_length=7, choices=Kind)
    scope = models.CharField(max_length=64, help_text="Digest of the facet values that the rows were cut by.")
    schema = models.CharField(max_length=64)
    since = models.BigIntegerField(
        default=0, help_text="The mark after which its changes begin; 0 for all rows."
    )
    version = models.BigIntegerField()
    rows = models.BigIntegerField()
    raw_bytes = models.BigIntegerField()
    bytes = models.BigIntegerField()
    checksum = models.CharField(max_length=64)
    file = models.CharField(max_length=200, blank=True)
    is_sound = models.BooleanField(
        default=True, help_text="Off when a channel found it broken: it is not used again."
    )
    built_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["table", "kind", "scope", "-version"], name="part_by_content")]
        constraints = [
            models.UniqueConstraint(
                fields=["table", "kind", "scope", "schema", "since", "version"],
                condition=Q(is_sound=True),
                name="part_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.kind} {self.version}"


class Package(HeadquartersOnly):
    """What one channel database gets in one run, or what headquarters took from it."""

    class Kind(models.TextChoices):
        FULL = "full", "Full"
        DELTA = "delta", "Delta"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    database = models.ForeignKey(ChannelDatabase, on_delete=models.CASCADE, related_name="packages")
    schedule = models.ForeignKey(Schedule, null=True, on_delete=models.SET_NULL, related_name="packages")
    jobs = ArrayField(models.CharField(max_length=10))
    kind = models.CharField(max_length=6, choices=Kind)
    state = models.CharField(max_length=12, choices=PackageState, default=PackageState.STARTED)
    version = models.BigIntegerField()
    previous_version = models.BigIntegerField(null=True)
    is_rollback = models.BooleanField(default=False)
    rolled_back_to = models.BigIntegerField(
        null=True, help_text="The version whose rows a rollback brings again."
    )
    hold_until = models.DateTimeField(null=True, help_text="Not sent before, while a canary is watched.")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    rows = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    checksum = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 of the header, which names all parts."
    )
    header = models.BinaryField(default=b"", editable=False)
    parts = models.ManyToManyField(Part, related_name="packages")
    error = models.TextField(blank=True)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    sent_bytes = models.BigIntegerField(default=0)
    changed_rows = models.BigIntegerField(
        default=0, help_text="Rows that applying it inserted, updated or deleted."
    )
    started_at = models.DateTimeField(default=timezone.now)
    available_at = models.DateTimeField(null=True)
    downloading_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    build_seconds = models.FloatField(null=True)
    apply_seconds = models.FloatField(null=True)

    class Meta:
        ordering = ["-started_at"]
        indexes = [
            models.Index(fields=["database", "-started_at"], name="package_by_database"),
            models.Index(fields=["state", "next_try_at"], name="package_by_state"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["database"],
                condition=Q(state__in=LIVE),
                name="one_live_package_per_database",
            ),
            models.CheckConstraint(
                condition=Q(state__in=LIVE) | Q(settled_at__isnull=False),
                name="settled_package_has_settled_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} package {self.version} for {self.database}"

    @property
    def progress(self) -> str:
        """Its state in words; sent to its last byte, it is being applied, or waits for that."""
        if self.state == PackageState.DOWNLOADING and self.bytes and self.sent_bytes >= self.bytes:
            return "Being applied"
        if self.state == PackageState.AVAILABLE and self.hold_until is not None:
            return "Waits for the canaries"
        if self.state == PackageState.AVAILABLE and self.attempts:
            return "Waits to be sent again"
        return str(self.get_state_display())

    @property
    def tone(self) -> str:
        """How much it asks for: calm, good, asks or wrong."""
        if self.state == PackageState.AVAILABLE and self.attempts:
            return "asks"
        return {PackageState.APPLIED: "good", PackageState.FAILED: "wrong"}.get(
            PackageState(self.state), "calm"
        )

    def move_to(self, state: PackageState) -> None:
        """Take the next state. Raises IllegalPackageMove when the table of moves does not allow it."""
        if state not in MOVES[PackageState(self.state)]:
            raise IllegalPackageMove(state=self.get_state_display().lower(), wanted=state.label.lower())
        self.state = state
        now = timezone.now()
        if state is PackageState.AVAILABLE:
            self.available_at, self.settled_at, self.error = now, None, ""
        elif state is PackageState.DOWNLOADING:
            self.downloading_at = now
        else:
            self.settled_at = now


class UploadHour(HeadquartersOnly):
    """What one channel database sent up in one hour."""

    database = models.ForeignKey(ChannelDatabase, on_delete=models.CASCADE, related_name="upload_hours")
    hour = models.DateTimeField()
    events = models.PositiveIntegerField(default=0)
    rows = models.PositiveIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["-hour"]
        constraints = [models.UniqueConstraint(fields=["database", "hour"], name="upload_hour_once")]

    def __str__(self) -> str:
        return f"{self.database} {self.hour:%Y-%m-%d %H:00}"


class QuarantinedRecord(HeadquartersOnly):
    """What a channel sent and headquarters could not take, with the reason. It blocks nothing."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    database = models.ForeignKey(ChannelDatabase, on_delete=models.CASCADE, related_name="quarantine")
    topic = models.CharField(max_length=60)
    subject = models.CharField(max_length=60)
    rows = models.JSONField(help_text="By table, the rows as the channel sent them.")
    reason = models.TextField()
    received_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveIntegerField(default=1)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolution = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering = ["-received_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["database", "topic", "subject"],
                condition=Q(resolved_at=None),
                name="quarantined_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.subject}"
