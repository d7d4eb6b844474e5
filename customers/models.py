"""Who buys: one model of a customer for the till, the order desk and whatever comes later."""

from django.db import models

from channels_app.kinds import MasterData
from hq.models.history import keep_history


class CustomerGroup(MasterData):
    """Customers that are treated alike."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=80)
    history = keep_history()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Customer(MasterData):
    """A person or firm that buys."""

    account = models.CharField("account number", max_length=20, unique=True)
    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=30, blank=True)
    address = models.TextField(blank=True)
    country = models.CharField(max_length=2, blank=True)
    group = models.ForeignKey(
        CustomerGroup, null=True, blank=True, on_delete=models.PROTECT, related_name="customers"
    )
    history = keep_history()

    personal_data = ("name", "email", "phone", "address")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name} ({self.account})"
