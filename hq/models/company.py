"""The company: legal entities, currencies, and the classification that taxes hang on."""

from django.core.validators import MinValueValidator
from django.db import models

from channels_app.kinds import MasterData
from hq.models.history import keep_history


class Currency(MasterData):
    """A currency with its smallest unit and the smallest amount that can be paid in cash."""

    code = models.CharField(max_length=3, primary_key=True, help_text="ISO 4217, such as GBP.")
    name = models.CharField(max_length=60)
    symbol = models.CharField(max_length=5)
    decimals = models.PositiveSmallIntegerField(
        default=2, help_text="Digits after the decimal point: 0, 2 or 3."
    )
    cash_unit = models.DecimalField(
        max_digits=9,
        decimal_places=3,
        default="0.01",
        validators=[MinValueValidator(0)],
        help_text="Smallest amount payable in cash: 0.01, or 0.05 where small coins are gone.",
    )
    history = keep_history()

    class Meta:
        ordering = ["code"]
        verbose_name_plural = "currencies"

    def __str__(self) -> str:
        return self.code


class Denomination(MasterData):
    """A note or coin that a drawer can hold."""

    class Kind(models.TextChoices):
        NOTE = "note", "Note"
        COIN = "coin", "Coin"

    currency = models.ForeignKey(Currency, on_delete=models.CASCADE, related_name="denominations")
    value = models.DecimalField(max_digits=12, decimal_places=3)
    kind = models.CharField(max_length=4, choices=Kind)
    history = keep_history()

    class Meta:
        ordering = ["currency", "-value"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "value", "kind"], name="denomination_once")
        ]

    def __str__(self) -> str:
        return f"{self.value.normalize():f} {self.currency_id}"


class LegalEntity(MasterData):
    """The company in the eyes of the law: what is printed on receipts and stands behind the tax number."""

    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=120)
    country = models.CharField(max_length=2, help_text="ISO 3166, such as GB.")
    tax_number = models.CharField("tax registration number", max_length=30, blank=True)
    address = models.TextField(blank=True)
    currency = models.ForeignKey(Currency, on_delete=models.PROTECT, related_name="+")
    history = keep_history()

    class Meta:
        verbose_name_plural = "legal entities"

    def __str__(self) -> str:
        return self.name


class SalesTaxGroup(MasterData):
    """Where a sale is taxed: with the product's tax group it picks the tax codes."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=80)
    history = keep_history()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class ReasonCode(MasterData):
    """Why somebody did what needs a reason: an override, a void, a return, opening the drawer."""

    class Use(models.TextChoices):
        PRICE_OVERRIDE = "price_override", "Price override"
        DISCOUNT = "discount", "Manual discount"
        VOID = "void", "Void"
        RETURN = "return", "Return"
        OPEN_DRAWER = "open_drawer", "Open drawer"
        CASH = "cash", "Cash in and out"
        TAX = "tax", "Tax exemption"

    code = models.CharField(max_length=20, unique=True)
    use = models.CharField(max_length=20, choices=Use)
    text = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField(default=0)
    history = keep_history()

    class Meta:
        ordering = ["use", "position", "code"]

    def __str__(self) -> str:
        return self.text
