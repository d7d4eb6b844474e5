"""Discounts as head office enters them: what they give, on what, to whom, and when."""

from datetime import date
from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Upper

from channels_app.kinds import MasterData
from hq.models.history import keep_history
from pricing.models.price import PriceGroup
from pricing.store_clock import store_clock

ABOVE_ZERO = MinValueValidator(Decimal("0.0001"), "Give more than zero.")

# As `weekdays` counts them.
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
GOODS = ("product", "category", "variant", "attribute")  # what a line may name


class Discount(MasterData):
    """One offer. The engine's rules for it are those of docs/pricing.md."""

    class Kind(models.TextChoices):
        SIMPLE = "simple", "Simple: so much off each"
        QUANTITY = "quantity", "Quantity: more off for more"
        MIX_AND_MATCH = "mix_and_match", "Mix and match: a set of goods, as in 3 for 2"
        THRESHOLD = "threshold", "Threshold: off a basket above an amount"
        TENDER = "tender", "Tender: off for paying in some way"
        SHIPPING = "shipping", "Shipping: off the delivery charge"

    class Method(models.TextChoices):
        PERCENT_OFF = "percent_off", "Percent off"
        AMOUNT_OFF = "amount_off", "Amount off"
        UNIT_PRICE = "unit_price", "Price of one"
        DEAL_PRICE = "deal_price", "Price of the set"
        LEAST_EXPENSIVE = "least_expensive", "Off the cheapest of the set"
        LINE_SPECIFIC = "line_specific", "Each line says it"

    class Given(models.TextChoices):
        """What a line, a tier or the cheapest of a set may be given by themselves."""

        PERCENT_OFF = "percent_off", "Percent off"
        AMOUNT_OFF = "amount_off", "Amount off"
        UNIT_PRICE = "unit_price", "Price of one"

    class LimitScope(models.TextChoices):
        PRODUCT = "product", "Of each product"
        BASKET = "basket", "Of all together"

    class Favor(models.TextChoices):
        CUSTOMER = "customer", "The customer: the dearest sets first"
        RETAILER = "retailer", "The shop: the cheapest units first"

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
    clock = store_clock()
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(validators=[MaxValueValidator(6)]), default=list, blank=True,
        help_text="Monday is 0; empty for every day.",
    )  # fmt: skip
    days_only = ArrayField(
        models.DateField(), default=list, blank=True, help_text="When given, these days alone."
    )
    begins = models.TimeField(null=True, blank=True)
    ends = models.TimeField(null=True, blank=True)
    least_count = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1)], help_text="How many of the cheapest get it."
    )
    least_method = models.CharField(
        max_length=15, choices=Given, default=Given.PERCENT_OFF, help_text="What the cheapest are given."
    )
    favor = models.CharField(max_length=10, choices=Favor, default=Favor.CUSTOMER)
    quantity_limit = models.DecimalField(
        max_digits=12, decimal_places=3, null=True, blank=True, validators=[ABOVE_ZERO],
        help_text="Units of one sale that may be given it.",
    )  # fmt: skip
    limit_scope = models.CharField(max_length=10, choices=LimitScope, default=LimitScope.PRODUCT)
    counts_blocked_goods = models.BooleanField(
        default=False, help_text="Goods that may not be discounted help to reach it."
    )
    matches_all_price_groups = models.BooleanField(
        default=False, help_text="Every price group has to be present, not just one."
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
            models.UniqueConstraint(
                Upper("code"),
                name="discount_code_once_in_any_case",
                violation_error_code="code",
                violation_error_message="Another discount has this code in other letters. Choose another.",
            ),
            models.CheckConstraint(
                condition=models.Q(starts_at=None)
                | models.Q(ends_at=None)
                | models.Q(starts_at__lt=models.F("ends_at")),
                name="discount_ends_after_start",
                violation_error_code="ends_at",  # the field to mend
                violation_error_message="The end must be after the start.",
            ),
            models.CheckConstraint(
                condition=~models.Q(method="percent_off")
                & ~models.Q(method="least_expensive", least_method="percent_off")
                | models.Q(value=None)
                | models.Q(value__lte=100),
                name="discount_percent_at_most_100",
                violation_error_code="value",
                violation_error_message="100 %% is all there is.",
            ),
        ]  # fmt: skip

    def runs_on(self, day: date) -> bool:
        """Whether the day is one of its weekdays and dates, where it has any."""
        return (not self.weekdays or day.weekday() in self.weekdays) and (
            not self.days_only or day in self.days_only
        )

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
    is_mandatory = models.BooleanField(
        "must be among them", default=False, help_text="Adds no units: so many of the set must be of it."
    )

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
    variant = models.ForeignKey(
        "catalog.Variant", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    attribute = models.CharField(max_length=40, blank=True, help_text="Such as Brand.")
    attribute_value = models.CharField(max_length=80, blank=True, help_text="Such as Rex London.")
    unit = models.ForeignKey(
        "catalog.Unit", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_excluded = models.BooleanField("never on this", default=False)
    group = models.CharField("part of the set", max_length=10, blank=True)
    method = models.CharField("gives", max_length=15, choices=Discount.Given, blank=True)
    value = models.DecimalField(
        "of its own", max_digits=14, decimal_places=4, null=True, blank=True, validators=[ABOVE_ZERO]
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(product=None) | models.Q(category=None),
                name="discount_line_one_thing",
                violation_error_message="Give a product or a category, not both; neither means everything.",
            ),
            models.CheckConstraint(
                condition=models.Q(attribute="") | models.Q(product=None, category=None, variant=None),
                name="discount_line_attribute_alone",
                violation_error_message="An attribute stands alone: leave product, variant and category empty.",
            ),
        ]

    @property
    def is_on_everything(self) -> bool:
        """Whether it names no goods, and so is on all of them."""
        return not (self.product_id or self.category_id or self.variant_id or self.attribute)

    def __str__(self) -> str:
        attribute = f"{self.attribute}: {self.attribute_value}" if self.attribute else ""
        return str(self.variant or self.product or self.category or attribute or "Everything")


class DiscountTier(MasterData):
    """From so many units, or from so much money, this is given."""

    discount = models.ForeignKey(Discount, on_delete=models.CASCADE, related_name="tiers")
    minimum = models.DecimalField("from", max_digits=14, decimal_places=3, validators=[ABOVE_ZERO])
    value = models.DecimalField(max_digits=14, decimal_places=4, validators=[ABOVE_ZERO])
    method = models.CharField(
        "of its own kind",
        max_length=15,
        choices=Discount.Given,
        blank=True,
        help_text="Empty: as the discount says.",
    )

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
    limit = models.PositiveIntegerField(
        "uses in all", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    limit_per_customer = models.PositiveIntegerField(
        "per customer", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    limit_per_channel = models.PositiveIntegerField(
        "per store", null=True, blank=True, validators=[MinValueValidator(1)]
    )

    class Meta:
        ordering = ["discount", "code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(code=Upper("code")),
                name="coupon_code_in_capitals",
                violation_error_message="Write the code in capitals.",
            ),
            models.CheckConstraint(
                condition=models.Q(starts_at=None)
                | models.Q(ends_at=None)
                | models.Q(starts_at__lt=models.F("ends_at")),
                name="coupon_ends_after_start",
                violation_error_message="The end must be after the start.",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class DiscountStore(MasterData):
    """A store that gives a discount; without any, every store does."""

    discount = models.ForeignKey(Discount, on_delete=models.CASCADE, related_name="stores")
    store = models.ForeignKey("hq.Store", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["discount", "store"], name="discount_store_once")]

    def __str__(self) -> str:
        return f"{self.discount} in {self.store}"


class DiscountCustomer(MasterData):
    """A customer who gets a discount; without any, every customer does."""

    discount = models.ForeignKey(Discount, on_delete=models.CASCADE, related_name="customers")
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["discount", "customer"], name="discount_customer_once")
        ]

    def __str__(self) -> str:
        return f"{self.discount} for {self.customer}"


class DiscountTender(MasterData):
    """A way of paying that earns a tender discount."""

    discount = models.ForeignKey(Discount, on_delete=models.CASCADE, related_name="tenders")
    method = models.ForeignKey("hq.PaymentMethod", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["discount", "method"], name="discount_tender_once")]

    def __str__(self) -> str:
        return str(self.method)


class DiscountDeliveryMode(MasterData):
    """A delivery mode whose charge a shipping discount lowers; without any, all are."""

    discount = models.ForeignKey(Discount, on_delete=models.CASCADE, related_name="delivery_modes")
    delivery_mode = models.ForeignKey("pricing.DeliveryMode", on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["discount", "delivery_mode"], name="discount_delivery_mode_once")
        ]

    def __str__(self) -> str:
        return str(self.delivery_mode)
