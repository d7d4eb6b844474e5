"""What is sold."""

from decimal import Decimal

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import Lower

from catalog.barcodes import lookup_key
from catalog.models.category import Category
from channels_app.kinds import MasterData
from hq.models.history import keep_history


def validate_attributes(attributes: object) -> None:
    """Attributes are words or figures by name: ``{"Brand": "Acme", "Net content": "500 g"}``."""
    if not isinstance(attributes, dict):
        raise ValidationError('Write names with their values, such as {"Brand": "Acme"}.')
    for name, value in attributes.items():
        if not name.strip():
            raise ValidationError("An attribute has no name.")
        if not isinstance(value, str | int | float):
            raise ValidationError(f"{name}: give it a word or a figure.")


class Unit(MasterData):
    """A unit of measure, with the decimals that its quantities may have."""

    code = models.CharField(max_length=10, primary_key=True, help_text="pcs, kg, m …")
    name = models.CharField(max_length=40)
    decimals = models.PositiveSmallIntegerField(default=0)
    history = keep_history()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class ItemTaxGroup(MasterData):
    """How a product is taxed: with the store's tax group it picks the tax codes."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=80)
    history = keep_history()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Product(MasterData):
    """An article or a service that can be put on a receipt."""

    class Kind(models.TextChoices):
        ITEM = "item", "Item"
        SERVICE = "service", "Service"

    class PriceEntry(models.TextChoices):
        NONE = "none", "Never asked for"
        MANDATORY = "mandatory", "Always asked for"

    number = models.CharField(max_length=30, unique=True, help_text="Article number, also found by a scan.")
    name = models.CharField(max_length=160)
    description = models.TextField(blank=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.ITEM)
    category = models.ForeignKey(
        Category, null=True, blank=True, on_delete=models.PROTECT, related_name="products"
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="+", help_text="Unit that it is sold in."
    )
    item_tax_group = models.ForeignKey(ItemTaxGroup, on_delete=models.PROTECT, related_name="products")
    is_weighed = models.BooleanField(
        default=False, help_text="The quantity is a weight: from the scale or the label."
    )
    price_entry = models.CharField(
        "price at the till",
        max_length=10,
        choices=PriceEntry,
        default=PriceEntry.NONE,
        help_text="Whether the cashier keys in the price.",
    )
    zero_price_valid = models.BooleanField(default=False, help_text="May be sold for nothing.")
    is_blocked = models.BooleanField("blocked from sale", default=False)
    is_returnable = models.BooleanField(default=True)
    cost = models.DecimalField(
        max_digits=14,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
        help_text="Cost of one unit in the company's currency; for warnings about prices below it.",
    )
    image = models.CharField(
        max_length=200, blank=True, help_text="Path below the media folder, or an address."
    )
    attributes = models.JSONField(
        default=dict,
        blank=True,
        validators=[validate_attributes],
        help_text="Brand, net content and the like, by name.",
    )
    history = keep_history()

    class Meta:
        ordering = ["name"]
        indexes = [
            GinIndex(OpClass(Lower("name"), name="gin_trgm_ops"), name="product_name_trigram"),
            models.Index(Lower("number"), name="product_number_lower"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a number that another product has in other letters: a scan looks for it in any.

        Attributes that are empty in some other way ([], null) are none; a field's validators leave those alone.
        """
        self.attributes = self.attributes or {}
        same = Product.objects.alias(lower=Lower("number")).filter(lower=self.number.lower())
        refuse_twin(self, same.exclude(pk=self.pk).first())


def refuse_twin(product: Product, other: Product | None) -> None:
    """Raises ValidationError where the other's number differs from the product's in its letters only."""
    if other is not None and other.number != product.number:
        raise ValidationError({"number": f"{other.number} is the number of {other.name} already."})


class Variant(MasterData):
    """One size, colour, style and configuration of a product."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    number = models.CharField(max_length=30, unique=True)
    size = models.CharField(max_length=30, blank=True)
    colour = models.CharField(max_length=30, blank=True)
    style = models.CharField(max_length=30, blank=True)
    configuration = models.CharField(max_length=30, blank=True)
    history = keep_history()

    class Meta:
        ordering = ["product", "number"]

    def __str__(self) -> str:
        return " ".join(
            filter(None, [self.product.name, self.colour, self.size, self.style, self.configuration])
        )


class Barcode(MasterData):
    """A code that stands for a product (and a quantity of it) when it is scanned."""

    code = models.CharField(max_length=30, unique=True, help_text="As printed.")
    key = models.CharField(
        max_length=30,
        unique=True,
        editable=False,
        help_text="What a scan is looked up by: worldwide codes as 14 digits, others in capitals.",
    )
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="barcodes")
    variant = models.ForeignKey(
        Variant, null=True, blank=True, on_delete=models.CASCADE, related_name="barcodes"
    )
    quantity = models.DecimalField(
        max_digits=10, decimal_places=3, default=1, help_text="A pack of six is 6."
    )
    history = keep_history()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code

    def save(self, *args: object, **kwargs: object) -> None:
        self.key = lookup_key(self.code)
        super().save(*args, **kwargs)


class ProductUnit(MasterData):
    """Another unit that a product may be sold in, such as a case of 24, with how many of its own unit it holds."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="units")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    factor = models.DecimalField(
        "holds", max_digits=12, decimal_places=4, validators=[MinValueValidator(Decimal("0.0001"))],
        help_text="So many of the product's own unit. A case of 24 is 24.",
    )  # fmt: skip
    history = keep_history()

    class Meta:
        ordering = ["product", "factor"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "unit"],
                name="unit_once_per_product",
                violation_error_message="The product has this unit already.",
            ),
            models.CheckConstraint(
                condition=models.Q(factor__gt=0),
                name="product_unit_holds_something",
                violation_error_message="Give more than zero.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} of {self.product}"


class BarcodeMask(MasterData):
    """How in-store codes that carry a weight or a price are taken apart (prefix, article, value)."""

    class Carries(models.TextChoices):
        WEIGHT = "weight", "Weight"
        PRICE = "price", "Price"

    name = models.CharField(max_length=40, unique=True)
    prefix = models.CharField(max_length=4, help_text="First digits, such as 21.")
    item_digits = models.PositiveSmallIntegerField(default=5, help_text="Digits of the article's number.")
    value_check_digit = models.BooleanField(default=False, help_text="A check digit stands before the value.")
    value_digits = models.PositiveSmallIntegerField(default=5)
    carries = models.CharField(max_length=6, choices=Carries)
    decimals = models.PositiveSmallIntegerField(
        default=3, help_text="Decimals of the value: 3 for grams in kg."
    )
    history = keep_history()

    class Meta:
        ordering = ["prefix"]

    def __str__(self) -> str:
        return self.name
