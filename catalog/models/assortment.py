"""Assortments: which products a store sells, and from when."""

from django.db import models

from catalog.models.category import Category
from catalog.models.product import Product
from channels_app.kinds import MasterData
from hq.models.history import keep_history


class Assortment(MasterData):
    """A set of products offered in a set of stores."""

    name = models.CharField(max_length=80, unique=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(
        null=True, blank=True, help_text="The first day on which it is no longer offered."
    )
    history = keep_history()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(starts_on=None)
                | models.Q(ends_on=None)
                | models.Q(starts_on__lt=models.F("ends_on")),
                name="assortment_ends_after_start",
                violation_error_message="The end must be after the start.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AssortmentLine(MasterData):
    """A product, or a whole category with what is below it, in an assortment; or left out of it."""

    assortment = models.ForeignKey(Assortment, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    is_excluded = models.BooleanField(default=False)
    history = keep_history()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(product=None) ^ models.Q(category=None),
                name="assortment_line_product_or_category",
                violation_error_message="Give either a product or a category.",
            ),
        ]

    def __str__(self) -> str:
        return f"{'without ' if self.is_excluded else ''}{self.product or self.category}"


class AssortmentStore(MasterData):
    """A store that offers an assortment."""

    assortment = models.ForeignKey(Assortment, on_delete=models.CASCADE, related_name="stores")
    store = models.ForeignKey("hq.Store", on_delete=models.CASCADE, related_name="assortments")
    history = keep_history()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assortment", "store"], name="assortment_once_per_store")
        ]

    def __str__(self) -> str:
        return f"{self.assortment} in {self.store}"
