"""Profiles: settings that many registers share, kept once."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from channels_app.kinds import MasterData
from hq.models.history import keep_history

MOST_ON_A_LINE = 100_000  # a ceiling beside another offer is searched by units: more take time and memory


class FunctionalityProfile(MasterData):
    """What the till does and asks in a store."""

    name = models.CharField(max_length=60, unique=True)
    merge_lines = models.BooleanField(
        default=False,
        help_text="Scanning the same article again raises the quantity instead of adding a line.",
    )
    max_quantity = models.PositiveIntegerField(
        default=9999, validators=[MinValueValidator(1), MaxValueValidator(MOST_ON_A_LINE)],
        help_text="Largest quantity on one line.",
    )  # fmt: skip
    max_pin_attempts = models.PositiveSmallIntegerField(default=5, validators=[MinValueValidator(1)])
    lockout_minutes = models.PositiveSmallIntegerField(default=10, validators=[MinValueValidator(1)])
    sign_off_after_minutes = models.PositiveSmallIntegerField(
        default=0,
        help_text="Sign off a register nobody uses; 0 never does.",
    )
    staff_card_needs_pin = models.BooleanField(
        default=True,
        help_text="A swiped staff card says who it is and the PIN follows; off, the card alone signs on.",
    )
    print_receipt = models.BooleanField(default=True, help_text="Print a receipt with every sale.")
    blind_close = models.BooleanField(
        default=True, help_text="Hide the expected amounts while the drawer is counted."
    )
    suspend_hours = models.PositiveSmallIntegerField(default=24, help_text="How long a suspended sale waits.")
    history = keep_history()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class VisualProfile(MasterData):
    """How the till looks: theme, accent and the hand that uses it."""

    class Theme(models.TextChoices):
        AUTO = "auto", "As the device"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    name = models.CharField(max_length=60, unique=True)
    theme = models.CharField(max_length=5, choices=Theme, default=Theme.AUTO)
    accent_hue = models.PositiveSmallIntegerField(
        default=195,
        validators=[MaxValueValidator(360)],
        help_text="Hue of the accent in degrees; 195 is the deep teal.",
    )
    left_handed = models.BooleanField(default=False, help_text="Cart on the right, keys on the left.")
    history = keep_history()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ReceiptProfile(MasterData):
    """The store's words on paper and the width they are set in."""

    name = models.CharField(max_length=60, unique=True)
    columns = models.PositiveSmallIntegerField(
        default=42,
        choices=[(32, "32 (58 mm)"), (42, "42 (80 mm, font A)"), (48, "48 (80 mm)")],
    )
    header = models.TextField(blank=True, help_text="Under the store's name, one line each.")
    footer = models.TextField(blank=True, help_text="Thanks, opening hours, return policy.")
    digital_receipt_address = models.URLField(
        blank=True,
        help_text="Address of the digital receipt; the receipt's number is added and printed as a QR code.",
    )
    history = keep_history()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class HardwareProfile(MasterData):
    """The devices that a station drives, as a list that many stations can share."""

    name = models.CharField(max_length=60, unique=True)
    history = keep_history()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class HardwareDevice(MasterData):
    """One device of a hardware profile: which driver speaks to it and where it is."""

    class Kind(models.TextChoices):
        PRINTER = "printer", "Receipt printer"
        DRAWER = "drawer", "Cash drawer"
        SCANNER = "scanner", "Scanner"
        SCALE = "scale", "Scale"
        DISPLAY = "display", "Customer display"
        TERMINAL = "terminal", "Card terminal"
        READER = "reader", "Magnetic card reader"

    profile = models.ForeignKey(HardwareProfile, on_delete=models.CASCADE, related_name="devices")
    name = models.SlugField(max_length=40, help_text="Short name by which jobs and events speak of it.")
    kind = models.CharField(max_length=10, choices=Kind)
    driver = models.CharField(max_length=40, help_text="Driver of the station, such as escpos_network.")
    address = models.CharField(max_length=200, blank=True, help_text="Host and port, serial device or file.")
    options = models.JSONField(default=dict, blank=True, help_text="The driver's own settings.")
    history = keep_history()

    class Meta:
        ordering = ["profile", "kind", "name"]
        constraints = [
            models.UniqueConstraint(fields=["profile", "name"], name="device_name_once_per_profile")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"
