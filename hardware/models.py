"""Stations as a channel knows them (keys, jobs, what they told), and as headquarters hears of them."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from channels_app.kinds import ChannelLocal, HeadquartersOnly, LooseForeignKey
from hardware.states import JobState
from hq.models.history import keep_history


class DeviceJob(ChannelLocal):
    """One thing that a device is to do once. The row is the truth; messages only point at it.

    ``is_settled`` is true when the station itself has said how it ended; until then an ``unknown`` is only
    our own impatience, and the station is asked again when it is back.
    """

    class Kind(models.TextChoices):
        PRINT = "print", "Print"
        DRAWER = "drawer", "Open the drawer"
        DISPLAY = "display", "Show"
        WEIGH = "weigh", "Weigh"
        PAYMENT = "payment", "Payment"

    station = LooseForeignKey("hq.HardwareStation")
    register = LooseForeignKey("hq.Register")
    kind = models.CharField(max_length=10, choices=Kind)
    device = models.CharField(
        max_length=60, blank=True, db_default="", help_text="Empty: the register's own."
    )
    title = models.CharField(max_length=120, blank=True, db_default="")
    document = models.JSONField(db_default={})
    state = models.CharField(
        max_length=12, choices=JobState, default=JobState.QUEUED, db_default=JobState.QUEUED
    )
    is_settled = models.BooleanField(default=False, db_default=False)
    priority = models.SmallIntegerField(default=5, db_default=5, help_text="1 goes before 9.")
    source = models.CharField(max_length=80, blank=True, db_default="", help_text="What asked for it.")
    request_id = models.UUIDField(null=True, blank=True, help_text="Of a job asked for outside of a sale.")
    copy_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="copies"
    )
    words = models.CharField(
        max_length=300, blank=True, db_default="", help_text="What the station said last."
    )
    answer = models.JSONField(db_default={}, help_text="What the device answered: a weight, for one.")
    journal = models.CharField(max_length=40, blank=True, db_default="", help_text="Journal it was sent to.")
    cancel_asked = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True, blank=True, help_text="After this it is no longer started.")
    sent_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="device_job_state_is_known"),
            models.CheckConstraint(
                condition=~Q(state__in=["done", "failed", "cancelled"]) | Q(finished_at__isnull=False),
                name="finished_device_job_has_finished_at",
            ),
            models.UniqueConstraint(fields=["request_id"], name="device_job_once_per_request"),
        ]
        indexes = [
            models.Index(
                fields=["station", "priority", "created_at"],
                name="device_jobs_to_do",
                condition=Q(state__in=["queued", "sent", "acknowledged", "unknown"]),
            ),
            models.Index(fields=["register", "-created_at"], name="device_jobs_of_register"),
            models.Index(fields=["finished_at"], name="device_jobs_failed", condition=Q(state="failed")),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.title}".strip()


class StationCredential(ChannelLocal):
    """The key with which a paired station authenticates. Only its hash is kept.

    One that ``is_next`` was handed to the station and not used yet: both are good until it is. ``asked_at`` is when
    somebody asked for a new key in place of this one.
    """

    station = LooseForeignKey("hq.HardwareStation")
    key_hash = models.CharField(max_length=64, unique=True)
    host = models.CharField(max_length=120, blank=True, help_text="What the station said of its machine.")
    paired_at = models.DateTimeField(db_default=Now())
    revoked_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    is_next = models.BooleanField(default=False, db_default=False)
    asked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-paired_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["station"],
                condition=Q(revoked_at=None, is_next=False),
                name="one_live_credential_per_station",
            ),
        ]

    def __str__(self) -> str:
        return f"Key of station {self.station_id}"


class PairingCode(ChannelLocal):
    """A short code with which one station is paired once. Only its hash is kept."""

    station = LooseForeignKey("hq.HardwareStation")
    code_hash = models.CharField(max_length=64, unique=True)
    issued_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    key_hash = models.CharField(max_length=64, blank=True, help_text="Of the key that it was used for.")

    class Meta:
        ordering = ["-issued_at"]

    def __str__(self) -> str:
        return f"Pairing code of station {self.station_id}"


class PairingAttempt(ChannelLocal):
    """Codes that were wrong, by the address they came from: after too many, that address waits."""

    address = models.GenericIPAddressField(unique=True)
    failures = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField()


class StationEvent(ChannelLocal):
    """Something a device told, kept under the station's own id: a second copy finds it here."""

    station = LooseForeignKey("hq.HardwareStation")
    register = LooseForeignKey("hq.Register", null=True)
    device = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)
    data = models.JSONField(default=dict)
    refused = models.CharField(max_length=300, blank=True, help_text="Why it had no effect.")
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-received_at"]
        indexes = [models.Index(fields=["received_at"], name="station_event_by_age")]


class StationStatus(ChannelLocal):
    """Whether a station is connected, and how each of its devices is."""

    station = LooseForeignKey("hq.HardwareStation")
    connection = models.UUIDField(null=True, help_text="Of the socket that speaks for the station now.")
    journal = models.CharField(max_length=40, blank=True)
    software = models.CharField(max_length=60, blank=True)
    host = models.CharField(max_length=120, blank=True)
    takes_keys = models.BooleanField(
        default=False, db_default=False, help_text="Its program can be given a new key."
    )
    connected_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    devices = models.JSONField(default=dict, help_text="Device: state, words, flags, since.")
    found = models.JSONField(default=list, help_text="Devices that were discovered and belong to no profile.")
    found_at = models.DateTimeField(null=True)
    log = models.TextField(blank=True, help_text="The end of its log, the last time it was asked for.")
    log_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "station statuses"
        constraints = [models.UniqueConstraint(fields=["station"], name="one_status_per_station")]


class StationOrder(ChannelLocal):
    """Something that headquarters asked of a station here; its id makes a second copy of the order harmless.

    ``answer`` is given again to a second copy; secrets are never kept in it.
    """

    what = models.CharField(max_length=20)
    by = models.CharField(max_length=150, help_text="Who asked, at headquarters.")
    content = models.JSONField(default=dict)
    answer = models.JSONField(default=dict)
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-received_at"]

    def __str__(self) -> str:
        return f"{self.what} by {self.by}"


class StationReport(HeadquartersOnly):
    """How a station stands, as its scale unit told headquarters last."""

    station = models.OneToOneField("hq.HardwareStation", on_delete=models.CASCADE, related_name="report")
    database = models.ForeignKey(
        "channels_app.ChannelDatabase", on_delete=models.CASCADE, related_name="station_reports"
    )
    digest = models.CharField(max_length=16)
    standing = models.JSONField(default=dict)
    is_calm = models.BooleanField(
        default=False, db_default=False, help_text="Connected, its devices well, nothing waiting or unknown."
    )
    changed_at = models.DateTimeField()
    heard_at = models.DateTimeField(help_text="When the scale unit last said that this is so.")

    def __str__(self) -> str:
        return f"Report of {self.station_id}"


class StationCommand(HeadquartersOnly):
    """What somebody at headquarters asked of a station, and what came of it."""

    class What(models.TextChoices):
        CODE = "code", "Pairing code"
        TEST_PRINT = "test_print", "Test print"
        DISCOVER = "discover", "Search for devices"
        LOG = "log", "Log"
        RESTART = "restart", "Restart"
        NEW_KEY = "new_key", "New key"
        REVOKE = "revoke", "Cut off"

    class State(models.TextChoices):
        ASKED = "asked", "Asked"
        DONE = "done", "Done"
        REFUSED = "refused", "Refused"
        UNAVAILABLE = "unavailable", "Not reached"

    audit_verb = "Asked for"

    station = models.ForeignKey("hq.HardwareStation", on_delete=models.CASCADE, related_name="commands")
    what = models.CharField(max_length=20, choices=What)
    by = models.ForeignKey("hq.User", null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=12, choices=State, default=State.ASKED)
    words = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    history = keep_history()

    class Meta:
        ordering = ["-asked_at"]
        verbose_name = "station command"

    def __str__(self) -> str:
        return f"{self.get_what_display()} · {self.station}"
