"""Price groups and trade agreements: what a product costs, where, and from when."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models

from channels_app.kinds import MasterData
from hq.models.history import keep_history
from pricing.engine.money import as_money
from pricing.engine.money import currency as currency_of
from pricing.store_clock import store_clock


class PriceGroup(MasterData):
    """A set of prices and discounts that hangs on stores, customers and the like."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=80)
    priority = models.IntegerField(
        default=0, help_text="Prices of the highest priority that has any are used."
    )
    history = keep_history()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """A code is the same in capitals and in small letters, as lists read it."""
        same = PriceGroup.objects.filter(code__iexact=self.code).exclude(pk=self.pk).exclude(code=self.code)
        if (other := same.first()) is not None:
            words = f"Code {self.code} is taken by price group “{other}”, as {other.code}. Choose another."
            raise ValidationError({"code": words})


class StorePriceGroup(MasterData):
    """A price group that is in force in a store."""

    store = models.ForeignKey("hq.Store", on_delete=models.CASCADE, related_name="price_groups")
    price_group = models.ForeignKey(PriceGroup, on_delete=models.CASCADE, related_name="stores")
    history = keep_history()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "price_group"], name="price_group_once_per_store")
        ]

    def __str__(self) -> str:
        return f"{self.price_group} in {self.store}"


class TradeAgreement(MasterData):
    """A sales price for a product in a price group, for a customer or for all, in a currency and a period."""

    product = models.ForeignKey("catalog.Product", on_delete=models.CASCADE, related_name="prices")
    variant = models.ForeignKey(
        "catalog.Variant",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="prices",
        help_text="Empty: every variant.",
    )
    price_group = models.ForeignKey(
        PriceGroup,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="prices",
        help_text="Empty: everywhere.",
    )
    customer = models.ForeignKey(
        "customers.Customer",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="prices",
        help_text="Empty: every customer.",
    )
    unit = models.ForeignKey("catalog.Unit", on_delete=models.PROTECT, related_name="+")
    currency = models.ForeignKey("hq.Currency", on_delete=models.PROTECT, related_name="+")
    quantity_from = models.DecimalField(
        max_digits=12,
        decimal_places=3,
        default=0,
        validators=[MinValueValidator(Decimal(0))],
        help_text="Smallest quantity of the line for which this price holds.",
    )
    amount = models.DecimalField(
        "price", max_digits=14, decimal_places=4, validators=[MinValueValidator(Decimal(0))]
    )
    starts_at = models.DateTimeField(null=True, blank=True, help_text="Empty: since ever.")
    ends_at = models.DateTimeField(
        null=True, blank=True, help_text="The first moment at which it no longer holds."
    )
    clock = store_clock()
    history = keep_history()

    class Meta:
        ordering = ["product", "currency", "-starts_at"]
        indexes = [models.Index(fields=["product", "currency"], name="agreement_by_product")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(starts_at=None)
                | models.Q(ends_at=None)
                | models.Q(starts_at__lt=models.F("ends_at")),
                name="agreement_ends_after_start",
                violation_error_message="The end must be after the start.",
            ),
            models.CheckConstraint(
                condition=models.Q(price_group=None) | models.Q(customer=None),
                name="agreement_group_or_customer",
                violation_error_message="Give a price group or a customer, not both.",
            ),
        ]

    def __str__(self) -> str:
        decimals = currency_of(self.currency_id or "").decimals
        return f"{self.product}: {as_money(self.amount, '', decimals)} {self.currency_id}"
