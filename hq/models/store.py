"""Stores: the places that sell."""

from ipaddress import ip_network
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models

from channels_app.kinds import MasterData
from hq.models.company import Currency, LegalEntity, SalesTaxGroup
from hq.models.history import keep_history
from hq.models.layout import ScreenLayout
from hq.models.profile import FunctionalityProfile, ReceiptProfile, VisualProfile


def check_time_zone(value: str) -> None:
    """Refuse what is not a name of the tz database."""
    if value not in available_timezones():
        raise ValidationError(f"{value} is no time zone. Use a name such as Europe/London.")


def check_networks(value: str) -> None:
    """Refuse what is no list of address ranges."""
    for text in value.split():
        try:
            ip_network(text)
        except ValueError as error:
            raise ValidationError(
                f"{text} is no address range: {error}. Write ranges such as 10.20.3.0/24."
            ) from error


receipt_part = RegexValidator(
    r"^[0-9A-Za-z]+(-[0-9A-Za-z]+)*\Z", "Use letters and figures; it is part of the receipts' numbers."
)


class Store(MasterData):
    """A shop: its address, currency, clock, tax group and the profiles its registers share."""

    number = models.CharField(
        max_length=10, unique=True, validators=[receipt_part], help_text="Short number, printed on receipts."
    )
    name = models.CharField(max_length=80)
    legal_entity = models.ForeignKey(LegalEntity, on_delete=models.PROTECT, related_name="stores")
    country = models.CharField(max_length=2)
    address = models.TextField()
    phone = models.CharField(max_length=30, blank=True)
    tax_number = models.CharField("tax registration number", max_length=30, blank=True)
    time_zone = models.CharField(max_length=40, validators=[check_time_zone])
    currency = models.ForeignKey(Currency, on_delete=models.PROTECT, related_name="stores")
    prices_include_tax = models.BooleanField(default=True)
    sales_tax_group = models.ForeignKey(SalesTaxGroup, on_delete=models.PROTECT, related_name="stores")
    functionality_profile = models.ForeignKey(
        FunctionalityProfile, on_delete=models.PROTECT, related_name="stores"
    )
    receipt_profile = models.ForeignKey(ReceiptProfile, on_delete=models.PROTECT, related_name="stores")
    visual_profile = models.ForeignKey(VisualProfile, on_delete=models.PROTECT, related_name="stores")
    screen_layout = models.ForeignKey(ScreenLayout, on_delete=models.PROTECT, related_name="stores")
    station_networks = models.TextField(
        "address ranges of devices", blank=True, db_default="", default="", validators=[check_networks]
    )
    history = keep_history()

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return self.name


class PaymentMethod(MasterData):
    """A way to pay, company-wide."""

    class Kind(models.TextChoices):
        CASH = "cash", "Cash"
        CARD = "card", "Card"
        VOUCHER = "voucher", "Voucher"
        CURRENCY = "currency", "Foreign money"

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=Kind)
    history = keep_history()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class StorePaymentMethod(MasterData):
    """A way to pay as one store takes it."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="payment_methods")
    method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT, related_name="stores")
    position = models.PositiveSmallIntegerField(default=0)
    opens_drawer = models.BooleanField(default=False)
    gives_change = models.BooleanField(default=False, help_text="More than the amount due may be tendered.")
    is_counted = models.BooleanField(default=False, help_text="Counted when the shift is closed.")
    max_amount = models.DecimalField(
        max_digits=12,
        decimal_places=3,
        null=True,
        blank=True,
        help_text="Largest amount of one tender; empty for none.",
    )
    history = keep_history()

    class Meta:
        ordering = ["store", "position"]
        constraints = [
            models.UniqueConstraint(fields=["store", "method"], name="payment_method_once_per_store")
        ]

    def __str__(self) -> str:
        return f"{self.method} in {self.store}"
