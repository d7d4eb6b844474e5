"""Discounts as head office enters them: what they give, on what, to whom, and when."""

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from channels_app.kinds import MasterData
from hq.models.history import keep_history
from pricing.models.price import PriceGroup

ABOVE_ZERO = MinValueValidator(Decimal("0.0001"), "Give more than zero.")


class Discount(MasterData):
    """One offer. The engine's rules for it are those of docs/pricing.md."""

    class Kind(models.TextChoices):
        SIMPLE = "simple", "Simple: so much off each"
        QUANTITY = "quantity", "Quantity: more off for more"
        MIX_AND_MATCH = "mix_and_match", "Mix and match: a set for a price"
        THRESHOLD = "threshold", "Threshold: off a basket above an amount"

    class Method(models.TextChoices):
        PERCENT_OFF = "percent_off", "Percent off"
        AMOUNT_OFF = "amount_off", "Amount off"
        UNIT_PRICE = "unit_price", "Price of one"
        DEAL_PRICE = "deal_price", "Price of the set"
        LEAST_EXPENSIVE = "least_expensive", "Percent off the cheapest"

    class Concurrency(models.TextChoices):
        EXCLUSIVE = "exclusive", "Exclusive: nothing beside it"
        BEST_PRICE = "best_price", "Best price: the best one wins"
        COMPOUND = "compound", "Compound: together with others"

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        ENABLED = "enabled", "Enabled"
        DISABLED = "disabled", "Disabled"

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=60, help_text="As printed on receipts.")
    kind = models.CharField(max_length=15, choices=Kind)
    method = models.CharField(max_length=15, choices=Method)
    value = models.DecimalField(
        max_digits=14, decimal_places=4, null=True, blank=True, validators=[ABOVE_ZERO],
        help_text="The percentage, amount or price; empty where the tiers say it.",
    )  # fmt: skip
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    concurrency = models.CharField(max_length=10, choices=Concurrency, default=Concurrency.BEST_PRICE)
    priority = models.IntegerField(default=0, help_text="The higher number goes first.")
    currency = models.ForeignKey(
        "hq.Currency", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(validators=[MaxValueValidator(6)]), default=list, blank=True,
        help_text="Monday is 0; empty for every day.",
    )  # fmt: skip
    begins = models.TimeField(null=True, blank=True)
    ends = models.TimeField(null=True, blank=True)
    least_count = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1)], help_text="How many of the cheapest get it."
    )
    max_applications = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    max_discount = models.DecimalField(
        max_digits=14, decimal_places=3, null=True, blank=True, validators=[ABOVE_ZERO]
    )
    coupon_required = models.BooleanField(default=False)

    history = keep_history()

    class Meta:
        ordering = ["-status", "code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(starts_at=None)
                | models.Q(ends_at=None)
                | models.Q(starts_at__lt=models.F("ends_at")),
                name="discount_ends_after_start",
                violation_error_message="The end must be after the start.",
            ),
            models.CheckConstraint(
                condition=~models.Q(method__in=["percent_off", "least_expensive"])
                | models.Q(value=None)
                | models.Q(value__lte=100),
                name="discount_percent_at_most_100",
                violation_error_message="100 % is all there is.",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class DiscountPriceGroup(MasterData):
    """A price group whose stores and customers get a discount; without any, everybody does."""

    discount = models.ForeignKey(Discount, on_delete=models.CASCADE, related_name="price_groups")
    price_group = models.ForeignKey(PriceGroup, on_delete=models.CASCADE, related_name="discounts")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["discount", "price_group"], name="discount_group_once")
        ]

    def __str__(self) -> str:
        return f"{self.discount} for {self.price_group}"


class DiscountGroup(MasterData):
    """A part of a mix and match set: how many units its lines must bring."""

    discount = models.ForeignKey(Discount, on_delete=models.CASCADE, related_name="groups")
    code = models.CharField(max_length=10)
    quantity = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1)])

    class Meta:
        ordering = ["discount", "code"]
        constraints = [models.UniqueConstraint(fields=["discount", "code"], name="discount_set_part_once")]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.code}"


class DiscountLine(MasterData):
    """What a discount is given on (or never given on): a product, a category with all below it, or everything."""

    discount = models.ForeignKey(Discount, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(
        "catalog.Product", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    category = models.ForeignKey(
        "catalog.Category", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    is_excluded = models.BooleanField("never on this", default=False)
    group = models.CharField("part of the set", max_length=10, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(product=None) | models.Q(category=None),
                name="discount_line_one_thing",
                violation_error_message="Give a product or a category, not both; neither means everything.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.product or self.category or "Everything")


class DiscountTier(MasterData):
    """From so many units, or from so much money, this is given."""

    discount = models.ForeignKey(Discount, on_delete=models.CASCADE, related_name="tiers")
    minimum = models.DecimalField("from", max_digits=14, decimal_places=3, validators=[ABOVE_ZERO])
    value = models.DecimalField(max_digits=14, decimal_places=4, validators=[ABOVE_ZERO])

    class Meta:
        ordering = ["discount", "minimum"]
        constraints = [models.UniqueConstraint(fields=["discount", "minimum"], name="discount_tier_once")]

    def __str__(self) -> str:
        return f"from {self.minimum.normalize():f}: {self.value.normalize():f}"


class DiscountCoupon(MasterData):
    """A code that unlocks a discount."""

    discount = models.ForeignKey(Discount, on_delete=models.CASCADE, related_name="coupons")
    code = models.CharField(max_length=40, unique=True, help_text="Capitals and digits.")
    is_active = models.BooleanField(default=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["discount", "code"]

    def __str__(self) -> str:
        return self.code
