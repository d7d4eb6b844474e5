"""Registers, the stations they use, and the browsers that act as them."""

from django.db import models
from django.utils import timezone

from channels_app.kinds import HeadquartersOnly, MasterData
from hq.models.history import keep_history
from hq.models.profile import HardwareProfile, VisualProfile
from hq.models.store import Store, receipt_part


class HardwareStation(MasterData):
    """The computer in a store whose agent drives the devices of one or more registers."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="stations")
    number = models.CharField(max_length=10, unique=True)
    name = models.CharField(max_length=60)
    hardware_profile = models.ForeignKey(HardwareProfile, on_delete=models.PROTECT, related_name="stations")
    is_active = models.BooleanField(default=True)
    history = keep_history()

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return self.name


class Register(MasterData):
    """A till: where cashiers sign on, shifts are opened and receipts are numbered."""

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="registers")
    number = models.CharField(
        max_length=10, unique=True, validators=[receipt_part], help_text="Short number, printed on receipts."
    )
    name = models.CharField(max_length=60)
    station = models.ForeignKey(
        HardwareStation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="registers",
        help_text="Empty: this register prints nothing.",
    )
    visual_profile = models.ForeignKey(
        VisualProfile,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="registers",
        help_text="Empty: as the store.",
    )
    epoch = models.PositiveIntegerField(
        default=1,
        editable=False,
        help_text="Numbers counted anew begin with a new epoch: after a move to another channel database.",
    )
    is_active = models.BooleanField(default=True)
    history = keep_history()

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.store} · {self.name}"


class Device(MasterData):
    """A browser that acts as a register, activated once and revocable."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        REVOKED = "revoked", "Revoked"

    id = models.UUIDField(primary_key=True, editable=False)
    register = models.ForeignKey(Register, on_delete=models.CASCADE, related_name="devices")
    description = models.CharField(max_length=200, blank=True, help_text="What the browser said of itself.")
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    activated_at = models.DateTimeField(default=timezone.now)
    history = keep_history()

    class Meta:
        ordering = ["-activated_at"]

    def __str__(self) -> str:
        return f"Device of {self.register}"


class ActivationCode(HeadquartersOnly):
    """A one-time code with which a browser becomes a register."""

    register = models.ForeignKey(Register, on_delete=models.CASCADE, related_name="activation_codes")
    code_hash = models.CharField(max_length=64, unique=True, editable=False, help_text="SHA-256 of the code.")
    issued_at = models.DateTimeField(default=timezone.now)
    issued_by = models.ForeignKey(
        "hq.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    device = models.UUIDField(null=True, blank=True, help_text="The device that used it.")

    class Meta:
        ordering = ["-issued_at"]

    def __str__(self) -> str:
        return f"Activation of {self.register}"
