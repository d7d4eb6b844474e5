"""Store workers, what they may do, and where."""

import hashlib

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models

from channels_app.kinds import MasterData
from hq.models.history import keep_history
from hq.models.store import Store
from hq.permissions import Permission


class PermissionGroup(MasterData):
    """A role in the shop: the permissions and the limits of its workers."""

    name = models.CharField(max_length=60, unique=True)
    permissions = ArrayField(models.CharField(max_length=30, choices=Permission), default=list, blank=True)
    max_line_discount_percent = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        default=0,
        validators=[MaxValueValidator(100)],
    )
    max_total_discount_percent = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        default=0,
        validators=[MaxValueValidator(100)],
    )
    history = keep_history()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Worker(MasterData):
    """Somebody who works in a store and signs on at its registers."""

    staff_id = models.CharField(
        "staff ID",
        max_length=12,
        unique=True,
        validators=[RegexValidator(r"^\d{3,12}$", "Use 3 to 12 digits.")],
    )
    name = models.CharField(max_length=80)
    name_on_receipt = models.CharField(max_length=40)
    pin = models.CharField("PIN (hashed)", max_length=200, editable=False)
    card = models.CharField(
        "staff card (hashed)", max_length=64, blank=True, default="", db_index=True, editable=False
    )
    is_active = models.BooleanField(default=True)
    history = keep_history(without=["pin", "card"])

    personal_data = ("name", "name_on_receipt")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def set_pin(self, pin: str) -> None:
        """Keep the PIN's Argon2 hash."""
        self.pin = make_password(pin)

    def check_pin(self, pin: str) -> bool:
        return check_password(pin, self.pin)

    def set_card(self, code: str) -> None:
        """Keep what a swiped card is recognised by; an empty code takes the card away."""
        self.card = card_digest(code) if code else ""


def card_digest(code: str) -> str:
    """What is kept of a staff card: the same for the same card, and slow to guess a card from.

    Of all workers one must be found by it, so its salt is one for all.
    """
    salt = b"the code on a Tillhouse staff card"
    return hashlib.scrypt(code.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32).hex()


class WorkerStore(MasterData):
    """A worker in a store, with the role there."""

    worker = models.ForeignKey(Worker, on_delete=models.CASCADE, related_name="stores")
    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="workers")
    permission_group = models.ForeignKey(PermissionGroup, on_delete=models.PROTECT, related_name="workers")
    history = keep_history()

    class Meta:
        verbose_name = "store of a worker"
        verbose_name_plural = "stores of a worker"
        constraints = [models.UniqueConstraint(fields=["worker", "store"], name="worker_once_per_store")]

    def __str__(self) -> str:
        return f"{self.worker} in {self.store}"
