"""Where data goes: scale units, their channel databases, the stores behind them, and groups of them."""

from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models

from channels_app.identifiers import uuid7
from channels_app.kinds import HeadquartersOnly

is_unit_name = RegexValidator(
    r"\A[a-z][a-z0-9-]*\Z",
    "Take small letters, digits and hyphens, beginning with a letter, such as store-12.",
)


def is_web_address(value: str) -> None:
    """Refuse what no request could be sent to. Hosts need no dot: a store's network has names of its own."""
    remedy = "Enter where headquarters reaches it, such as http://10.0.0.5:8001."
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise ValidationError(f"“{value}” is no web address: {error}. {remedy}") from error
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or port == 0
        or any(map(str.isspace, value))
    ):
        raise ValidationError(f"“{value}” is no web address. {remedy}")


class ScaleUnit(HeadquartersOnly):
    """A few processes with a channel database that serve one or more stores."""

    class Kind(models.TextChoices):
        CLOUD = "cloud", "Cloud scale unit"
        STORE = "store", "Store scale unit"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=40, unique=True, validators=[is_unit_name])
    kind = models.CharField(max_length=5, choices=Kind, default=Kind.CLOUD)
    base_url = models.CharField(
        "address", max_length=200, validators=[is_web_address],
        help_text="Where headquarters reaches it, such as http://10.0.0.5:8001.",
    )  # fmt: skip
    credential_hash = models.CharField(max_length=64, unique=True, editable=False)
    former_credential_hash = models.CharField(
        max_length=64,
        null=True,
        unique=True,
        editable=False,
        help_text="Still taken after a rotation, until the scale unit has come with the new one.",
    )
    is_active = models.BooleanField(
        default=True, help_text="An inactive scale unit is neither sent to nor listened to."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ChannelDatabase(HeadquartersOnly):
    """The copy of the master data that a scale unit sells from, as headquarters knows it."""

    class Delivery(models.TextChoices):
        PUSH = "push", "Pushed to it"
        PULL = "pull", "It pulls"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    scale_unit = models.OneToOneField(ScaleUnit, on_delete=models.CASCADE, related_name="channel_database")
    name = models.CharField(max_length=60, unique=True)
    delivery = models.CharField(max_length=4, choices=Delivery, default=Delivery.PUSH)
    is_active = models.BooleanField(
        default=True, help_text="Off: it gets no packages; what it sells still comes up."
    )
    pinned = models.BooleanField(
        default=False,
        help_text="Held at its version after a rollback: schedules leave it alone until it is released.",
    )

    applied_version = models.BigIntegerField(null=True, blank=True, editable=False)
    applied_at = models.DateTimeField(null=True, blank=True, editable=False)
    checked_version = models.BigIntegerField(
        null=True,
        editable=False,
        help_text="The mark up to which it is known to lack nothing.",
    )
    skipped_version = models.BigIntegerField(
        null=True,
        editable=False,
        help_text="A package that somebody skipped: what is in it comes again only with a further change.",
    )
    checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    marks = models.JSONField(
        default=dict,
        editable=False,
        help_text="By table: the version it has, the mark it is complete up to, the scope and the columns then.",
    )
    doubt = models.CharField(
        max_length=64, blank=True, editable=False, help_text="Of versions it reported unexpectedly."
    )

    last_contact_at = models.DateTimeField(null=True, blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False)
    next_try_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_error = models.TextField(blank=True, editable=False)

    uploaded_at = models.DateTimeField(null=True, blank=True, editable=False)
    upload_stream = models.CharField(max_length=60, blank=True, editable=False)
    upload_xid = models.BigIntegerField(default=0, editable=False)
    upload_sequence = models.BigIntegerField(default=0, editable=False)
    unsent = models.PositiveIntegerField(
        default=0, editable=False, help_text="Events that it said it has not sent yet."
    )
    unsent_since = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def sells_for(self, store_id: int) -> bool:
        """Whether that store sells from this database."""
        return self.placements.filter(store=store_id).exists()


class StorePlacement(HeadquartersOnly):
    """The channel database that a store sells from: one at a time."""

    store = models.OneToOneField("hq.Store", on_delete=models.CASCADE, related_name="placement")
    channel_database = models.ForeignKey(ChannelDatabase, on_delete=models.PROTECT, related_name="placements")

    class Meta:
        ordering = ["store"]

    def __str__(self) -> str:
        return f"{self.store} in {self.channel_database}"


class DatabaseGroup(HeadquartersOnly):
    """Channel databases that are scheduled together."""

    name = models.CharField(max_length=60, unique=True)
    databases = models.ManyToManyField(ChannelDatabase, blank=True, related_name="groups")

    class Meta:
        ordering = ["name"]
        verbose_name = "channel database group"

    def __str__(self) -> str:
        return self.name
