"""Price adjustments: what changes many prices at once without touching any of them."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from channels_app.kinds import MasterData
from hq.models.history import keep_history
from pricing.models.price import PriceGroup
from pricing.store_clock import store_clock


class PriceAdjustment(MasterData):
    """A percentage, an amount or a price on top of the trade agreements of some goods, for a period."""

    name = models.CharField(max_length=60)
    is_active = models.BooleanField(default=False)
    percent = models.DecimalField(
        max_digits=7, decimal_places=3, default=0,
        validators=[MinValueValidator(Decimal(-1000)), MaxValueValidator(Decimal(100))],
    )  # fmt: skip
    amount = models.DecimalField(max_digits=14, decimal_places=4, default=0)
    price = models.DecimalField(
        max_digits=14, decimal_places=4, null=True, blank=True, validators=[MinValueValidator(Decimal(0))]
    )
    currency = models.ForeignKey(
        "hq.Currency", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    price_group = models.ForeignKey(
        PriceGroup, null=True, blank=True, on_delete=models.CASCADE, related_name="adjustments"
    )
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    clock = store_clock()
    history = keep_history()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(starts_at=None)
                | models.Q(ends_at=None)
                | models.Q(starts_at__lt=models.F("ends_at")),
                name="adjustment_ends_after_start",
                violation_error_message="The end must be after the start.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PriceAdjustmentLine(MasterData):
    """Goods whose price is adjusted: a product, one of its variants, or a category with all below it."""

    adjustment = models.ForeignKey(PriceAdjustment, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(
        "catalog.Product", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    variant = models.ForeignKey(
        "catalog.Variant", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    category = models.ForeignKey(
        "catalog.Category", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(product=None) ^ models.Q(category=None),
                name="adjustment_line_one_thing",
                violation_error_message="Give a product or a category, not both and not neither.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.variant or self.product or self.category)
