"""What callers have ordered: kept at headquarters, handed over and paid at a till of the store."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models

from catalog.models import Product
from channels_app.kinds import HeadquartersOnly
from customers.models import Customer
from hq.models import Register, Store


class Order(HeadquartersOnly):
    """An order at the prices that the caller was told; ``sale`` is the sale in which a till called it up.

    ``earlier_sales`` called it up before; nothing of them had come up when it was taken from there: they may be paid.

    Amounts are in the store's currency, as its prices are: with tax or without.
    """

    class State(models.TextChoices):
        OPEN = "open", "Being taken"
        HELD = "held", "On hold"
        RELEASED = "released", "Released to the store"
        CANCELLED = "cancelled", "Cancelled"

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="orders")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="orders")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    why = models.CharField("why it waits, or was cancelled", max_length=200, blank=True)
    note = models.CharField("note for the store", max_length=200, blank=True)
    coupons = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    affiliation = models.CharField(max_length=20, blank=True)
    delivery_mode = models.CharField(max_length=20, blank=True, help_text="Empty: picked up at the store.")
    recipient = models.CharField(max_length=120, blank=True)
    street = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=60, blank=True)
    region = models.CharField("state", max_length=60, blank=True)
    postcode = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2, blank=True)
    currency = models.CharField(max_length=3)
    priced_at = models.DateTimeField(help_text="The moment whose prices and offers it has.")
    total = models.DecimalField(max_digits=16, decimal_places=3, default=Decimal(0))
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    taken_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(
        default=1, help_text="Counts its changes, so that an old page is noticed."
    )
    sale = models.UUIDField(null=True, editable=False)
    earlier_sales = ArrayField(models.UUIDField(), default=list, editable=False)
    register = models.ForeignKey(
        Register, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    called_up_at = models.DateTimeField(null=True)

    personal_data = ("recipient", "street", "city", "postcode")

    class Meta:
        ordering = ["-taken_at"]
        indexes = [
            models.Index(fields=["store", "state", "-taken_at"], name="orders_by_store"),
            models.Index(fields=["sale"], name="orders_by_sale", condition=~models.Q(sale=None)),
        ]

    def __str__(self) -> str:
        return f"Order {self.number}"

    @property
    def number(self) -> str:
        """What the caller is told and the till asks for."""
        return f"{self.pk:06d}"

    @staticmethod
    def key_of(number: str) -> int:
        """The key of the order with that number; 0, which none has, for what is no number of an order."""
        figures = number.strip().removeprefix("#")
        return int(figures) if figures.isascii() and figures.isdigit() and len(figures) <= 18 else 0


class OrderLine(HeadquartersOnly):
    """So much of what ``code`` stands for, at the price that the caller was told; ``price`` where one was keyed in."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    place = models.PositiveIntegerField()
    code = models.CharField(max_length=80)
    quantity = models.DecimalField(
        max_digits=14, decimal_places=3, validators=[MinValueValidator(Decimal("0.001"))]
    )
    price = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    product = models.ForeignKey(Product, null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=200, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    unit_price = models.DecimalField(max_digits=16, decimal_places=4, default=Decimal(0))
    discount = models.DecimalField(max_digits=16, decimal_places=3, default=Decimal(0))
    tax = models.DecimalField(max_digits=16, decimal_places=3, default=Decimal(0))
    total = models.DecimalField(max_digits=16, decimal_places=3, default=Decimal(0))
    priced = models.JSONField(default=dict, help_text="The line as it was priced, with why.")

    class Meta:
        ordering = ["order", "place"]
        constraints = [models.UniqueConstraint(fields=["order", "place"], name="order_place_once")]

    def __str__(self) -> str:
        return f"{self.quantity} {self.name or self.code}"
