"""The stock ledger: what came and went, where, and why. On hand is its sum."""

from django.db import models

from channels_app.kinds import ChannelRecord, LooseForeignKey, MasterData
from hq.models.history import keep_history


class OpeningStock(MasterData):
    """What a store had of a product when its ledger began, or when it was last counted at headquarters."""

    store = models.ForeignKey("hq.Store", on_delete=models.CASCADE, related_name="opening_stock")
    product = models.ForeignKey("catalog.Product", on_delete=models.CASCADE, related_name="+")
    variant = models.ForeignKey(
        "catalog.Variant", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    counted_at = models.DateTimeField(help_text="Movements before this moment are in the quantity already.")
    history = keep_history()

    class Meta:
        verbose_name_plural = "opening stock"
        constraints = [
            models.UniqueConstraint(
                fields=["store", "product", "variant"],
                nulls_distinct=False,
                name="opening_stock_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} in {self.store}: {self.quantity}"


class StockMovement(ChannelRecord):
    """One line of the ledger. It names its debit and its credit, so that finance can read it later."""

    class Account(models.TextChoices):
        ON_HAND = "inventory", "Stock on hand"
        SOLD = "cost_of_goods_sold", "Cost of goods sold"

    store = LooseForeignKey("hq.Store")
    product = LooseForeignKey("catalog.Product")
    variant = LooseForeignKey("catalog.Variant", null=True)
    quantity = models.DecimalField(
        max_digits=14, decimal_places=3, help_text="Into the store positive, out negative."
    )
    unit = models.CharField(max_length=10)
    debit = models.CharField(max_length=30, choices=Account)
    credit = models.CharField(max_length=30, choices=Account)
    source = models.UUIDField(help_text="The retail transaction that moved it.")
    moved_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["store", "product"], name="movement_by_store_product"),
            models.Index(fields=["source"], name="movement_by_source"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} {self.unit} of {self.product_id}"
