"""What a channel database knows of headquarters and of the packages that it has received."""

from django.db import models
from django.utils import timezone

from channels_app.kinds import ChannelLocal
from channels_app.states import ReceivedState


class DataVersion(ChannelLocal):
    """The one row that says which version of the master data this channel database sells from."""

    singleton = models.BooleanField(default=True, unique=True, editable=False)
    version = models.BigIntegerField(help_text="Grows with every applied package; caches are keyed by it.")
    package = models.UUIDField(help_text="The package applied last.")
    applied_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(singleton=True), name="one_data_version_row")
        ]


class TableVersion(ChannelLocal):
    """The version of one table's rows here: the next delta must begin where it ends."""

    table = models.CharField(max_length=63, unique=True)
    version = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.table} {self.version}"


class ReceivedPackage(ChannelLocal):
    """A package that came here. Its id is the package's own, so that it is received and applied once."""

    state = models.CharField(max_length=12, choices=ReceivedState, default=ReceivedState.DOWNLOADING)
    version = models.BigIntegerField()
    previous_version = models.BigIntegerField(null=True)
    header_checksum = models.CharField(max_length=64)
    size = models.BigIntegerField(help_text="Bytes, with the header.")
    received_bytes = models.BigIntegerField(default=0)
    content = models.BinaryField(
        null=True,
        editable=False,
        help_text="All of a small package until it is settled; a larger one lies in a file.",
    )
    rows = models.BigIntegerField(default=0)
    changed_rows = models.BigIntegerField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True)
    error = models.TextField(blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    reported_at = models.DateTimeField(null=True, help_text="When headquarters knew of the outcome.")

    class Meta:
        ordering = ["received_at"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state=ReceivedState.APPLIED) | models.Q(applied_at__isnull=False),
                name="applied_package_has_applied_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.state}"


class ExchangeState(ChannelLocal):
    """The one row that says who this scale unit is to headquarters, and when the two last spoke."""

    singleton = models.BooleanField(default=True, unique=True, editable=False)
    database = models.UUIDField(null=True, help_text="This channel database, as headquarters numbers it.")
    name = models.CharField(max_length=60, blank=True)
    is_pulling = models.BooleanField(default=False)
    last_contact_at = models.DateTimeField(null=True)
    last_try_at = models.DateTimeField(null=True)
    ask_again_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    stream = models.CharField(
        max_length=60, blank=True, help_text="Names the numbering of this database's outbox."
    )
    last_upload_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(singleton=True), name="one_exchange_state_row")
        ]

    def __str__(self) -> str:
        return self.name
