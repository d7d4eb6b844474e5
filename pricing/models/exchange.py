"""Exchange rates, by day."""

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models

from channels_app.kinds import MasterData
from hq.models.history import keep_history


class ExchangeRate(MasterData):
    """How much of one currency a unit of another is worth, from a day on until there is a newer rate."""

    currency = models.ForeignKey("hq.Currency", on_delete=models.CASCADE, related_name="exchange_rates")
    into = models.ForeignKey("hq.Currency", on_delete=models.CASCADE, related_name="+")
    rate = models.DecimalField(
        max_digits=18, decimal_places=8, validators=[MinValueValidator(Decimal("0.00000001"))]
    )
    starts_on = models.DateField()
    history = keep_history()

    class Meta:
        ordering = ["currency", "into", "-starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["currency", "into", "starts_on"], name="exchange_rate_once_a_day",
                violation_error_message="They have a rate from that day already. Change it, or choose another day.",
            ),
            models.CheckConstraint(
                condition=~models.Q(currency=models.F("into")),
                name="exchange_rate_of_two_currencies",
                violation_error_message="Choose two different currencies.",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"1 {self.currency_id} = {self.rate.normalize():f} {self.into_id}"
