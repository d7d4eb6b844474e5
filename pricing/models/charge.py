"""What an order costs beside its goods: delivery modes, charges, and the rules that add them by themselves."""

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models

from channels_app.kinds import MasterData
from hq.models.history import keep_history


class DeliveryMode(MasterData):
    """A way in which goods reach the customer."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=60)
    needs_address = models.BooleanField(default=True, help_text="Goods go to an address, whose taxes count.")
    history = keep_history()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class ChargeCode(MasterData):
    """A charge: freight, gift wrap, a deposit, a bag."""

    class Kind(models.TextChoices):
        CHARGE = "charge", "Charge"
        SHIPPING = "shipping", "Shipping"
        HANDLING = "handling", "Handling"

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=60, help_text="As printed on receipts.")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.CHARGE)
    item_tax_group = models.ForeignKey(
        "catalog.ItemTaxGroup", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_refundable = models.BooleanField(default=True)
    history = keep_history()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class ChargeRule(MasterData):
    """An automatic charge: on what, for whom, and how much."""

    class Level(models.TextChoices):
        HEADER = "header", "The order as a whole"
        LINE = "line", "Each line of some goods"

    class Way(models.TextChoices):
        FIXED = "fixed", "An amount"
        PER_UNIT = "per_unit", "An amount for every unit"
        PERCENT = "percent", "A percentage of the amount"

    charge = models.ForeignKey(ChargeCode, on_delete=models.CASCADE, related_name="rules")
    name = models.CharField(max_length=60)
    is_active = models.BooleanField(default=False)
    level = models.CharField(max_length=6, choices=Level, default=Level.HEADER)
    way = models.CharField(max_length=10, choices=Way, default=Way.FIXED)
    currency = models.ForeignKey("hq.Currency", on_delete=models.PROTECT, related_name="+")
    delivery_mode = models.ForeignKey(
        DeliveryMode, null=True, blank=True, on_delete=models.PROTECT, related_name="charge_rules"
    )
    customer = models.ForeignKey(
        "customers.Customer", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    price_group = models.ForeignKey(
        "pricing.PriceGroup", null=True, blank=True, on_delete=models.CASCADE, related_name="charge_rules"
    )
    is_prorated = models.BooleanField(default=False)
    history = keep_history()

    class Meta:
        ordering = ["charge", "name"]

    def __str__(self) -> str:
        return self.name


class ChargeTier(MasterData):
    """How much is charged for amounts from one limit up to another, both included."""

    rule = models.ForeignKey(ChargeRule, on_delete=models.CASCADE, related_name="tiers")
    least = models.DecimalField(
        "from", max_digits=14, decimal_places=3, default=0, validators=[MinValueValidator(Decimal(0))]
    )
    most = models.DecimalField("up to", max_digits=14, decimal_places=3, null=True, blank=True)
    value = models.DecimalField(
        "is charged", max_digits=14, decimal_places=4, validators=[MinValueValidator(Decimal(0))]
    )

    class Meta:
        ordering = ["rule", "least"]
        constraints = [models.UniqueConstraint(fields=["rule", "least"], name="charge_tier_once")]

    def __str__(self) -> str:
        return f"from {self.least.normalize():f}: {self.value.normalize():f}"


class ChargeGoods(MasterData):
    """Goods whose lines a line charge falls on."""

    rule = models.ForeignKey(ChargeRule, on_delete=models.CASCADE, related_name="goods")
    product = models.ForeignKey(
        "catalog.Product", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    category = models.ForeignKey(
        "catalog.Category", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(product=None) ^ models.Q(category=None),
                name="charge_goods_one_thing",
                violation_error_message="Give a product or a category, not both and not neither.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.product or self.category)
