"""The journal: what happened at a register, in order, append-only and chained by hashes."""

from django.db import models

from channels_app.kinds import ChannelRecord, LooseForeignKey


class RetailTransaction(ChannelRecord):
    """One record of a register's journal. `document` is what was hashed, to the byte."""

    class Kind(models.TextChoices):
        SALE = "sale", "Sale"
        VOIDED = "voided", "Voided sale"
        OPEN_SHIFT = "open_shift", "Shift opened"
        CLOSE_SHIFT = "close_shift", "Shift closed"
        CASH = "cash", "Cash movement"
        OPEN_DRAWER = "open_drawer", "Drawer opened"
        REPRINT = "reprint", "Receipt copy"
        STATION = "station", "Station chosen"

    kind = models.CharField(max_length=12, choices=Kind)
    store = LooseForeignKey("hq.Store")
    register = LooseForeignKey("hq.Register")
    worker = LooseForeignKey("hq.Worker")
    shift = models.UUIDField(null=True, db_index=True)
    epoch = models.PositiveIntegerField()
    sequence = models.BigIntegerField()
    receipt_number = models.CharField(max_length=40, blank=True)
    business_date = models.DateField()
    concluded_at = models.DateTimeField()
    currency = models.CharField(max_length=3)
    customer_account = models.CharField(max_length=20, blank=True)
    item_count = models.DecimalField(max_digits=14, decimal_places=3, default=0)
    net = models.DecimalField(max_digits=16, decimal_places=3, default=0)
    discount = models.DecimalField(max_digits=16, decimal_places=3, default=0)
    tax = models.DecimalField(max_digits=16, decimal_places=3, default=0)
    total = models.DecimalField(max_digits=16, decimal_places=3, default=0, help_text="Including tax.")
    request_id = models.UUIDField()
    document = models.TextField(help_text="The whole record as JSON, exactly as hashed.")
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, help_text="SHA-256 of the previous hash and the document.")

    class Meta:
        ordering = ["concluded_at"]
        constraints = [
            models.UniqueConstraint(fields=["register", "epoch", "sequence"], name="journal_sequence_once"),
            models.UniqueConstraint(
                fields=["receipt_number"],
                condition=~models.Q(receipt_number=""),
                name="receipt_number_once",
            ),
        ]
        indexes = [
            models.Index(fields=["store", "-concluded_at"], name="journal_by_store"),
            models.Index(fields=["business_date", "store"], name="journal_by_day"),
        ]

    def __str__(self) -> str:
        return self.receipt_number or f"{self.get_kind_display()} {self.sequence}"


class SalesLine(ChannelRecord):
    """A line of a sale, with its price, discounts and taxes and the rule and reason of each."""

    retail_transaction = models.ForeignKey(RetailTransaction, on_delete=models.PROTECT, related_name="lines")
    line = models.PositiveIntegerField()
    product = LooseForeignKey("catalog.Product", null=True)
    variant = LooseForeignKey("catalog.Variant", null=True)
    product_number = models.CharField(max_length=30)
    name = models.CharField(max_length=160)
    barcode = models.CharField(max_length=60, blank=True)
    quantity = models.DecimalField(
        max_digits=14, decimal_places=3, help_text="Negative when goods come back."
    )
    unit = models.CharField(max_length=10)
    list_price = models.DecimalField(max_digits=16, decimal_places=4)
    unit_price = models.DecimalField(max_digits=16, decimal_places=4)
    price_source = models.CharField(max_length=40)
    discount = models.DecimalField(max_digits=16, decimal_places=3, default=0)
    net = models.DecimalField(max_digits=16, decimal_places=3, help_text="Without tax.")
    tax = models.DecimalField(max_digits=16, decimal_places=3)
    total = models.DecimalField(max_digits=16, decimal_places=3, help_text="Including tax.")
    detail = models.JSONField(help_text="Discounts, taxes and the explanation of the price.")
    reason = models.CharField(max_length=20, blank=True, help_text="Reason code of an override or a return.")
    returned_line = models.UUIDField(null=True, db_index=True, help_text="The line that this one takes back.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["retail_transaction", "line"], name="sales_line_once")]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.name}"


class TenderLine(ChannelRecord):
    """A payment, or change given back, of a sale."""

    retail_transaction = models.ForeignKey(
        RetailTransaction, on_delete=models.PROTECT, related_name="tenders"
    )
    line = models.PositiveIntegerField()
    method = models.CharField(max_length=20, help_text="Code of the payment method.")
    kind = models.CharField(max_length=10)
    amount = models.DecimalField(
        max_digits=16, decimal_places=3, help_text="What stays: tendered less change."
    )
    tendered = models.DecimalField(max_digits=16, decimal_places=3)
    change = models.DecimalField(max_digits=16, decimal_places=3, default=0)
    currency = models.CharField(max_length=3)
    detail = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["retail_transaction", "line"], name="tender_line_once")
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.amount}"
