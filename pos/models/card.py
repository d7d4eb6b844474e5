"""Card payments as the till knows them: each is a row before its terminal hears of it."""

from django.db import models
from django.db.models import Q

from channels_app.kinds import ChannelLocal, LooseForeignKey


class CardPayment(ChannelLocal):
    """One thing that a card terminal was asked for. Its id is the intent, and the id of the one job it has.

    What is asked stands in the register's cart as its charge until the terminal has answered. A row that is `aside`
    belongs to no cart any more: if it turns out to be approved it is reversed, until it is.
    """

    class Kind(models.TextChoices):
        PAY = "pay", "Payment"
        REFUND = "refund", "Refund"
        REVERSE = "reverse", "Reversal"

    class State(models.TextChoices):
        ASKED = "asked", "At the terminal"
        TAKEN = "taken", "Approved"
        REFUSED = "refused", "Not charged"
        ASIDE = "aside", "Set aside"
        REVERSING = "reversing", "Being reversed"
        REVERSED = "reversed", "Reversed"
        STUCK = "stuck", "To be looked at"

    register = LooseForeignKey("hq.Register")
    worker = LooseForeignKey("hq.Worker")
    cart = models.CharField(max_length=40, help_text="The sale it was asked for.")
    kind = models.CharField(max_length=8, choices=Kind)
    reverses = models.UUIDField(null=True, blank=True, help_text="The payment that a reversal gives back.")
    method = models.CharField(max_length=20)
    amount = models.DecimalField(max_digits=14, decimal_places=3, help_text="Below zero: to the customer.")
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=State)
    words = models.CharField(max_length=300, blank=True, db_default="", help_text="What the terminal said.")
    asked_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["register"], condition=Q(state="asked"), name="one_card_payment_at_work_per_register"
            ),
            models.UniqueConstraint(
                fields=["reverses"],
                condition=Q(state__in=["asked", "aside", "taken"]),
                name="one_reversal_at_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="reverse", reverses__isnull=False)
                | (~Q(kind="reverse") & Q(reverses__isnull=True)),
                name="a_reversal_names_its_payment",
            ),
        ]
        indexes = [
            models.Index(
                fields=["asked_at"],
                name="card_payments_unsettled",
                condition=Q(state__in=["asked", "aside", "reversing", "stuck"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount} {self.currency}: {self.get_state_display()}"
