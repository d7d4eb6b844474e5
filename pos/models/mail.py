"""Receipts that go by e-mail: a row first, so that none is lost with a message queue."""

from django.db import models
from django.db.models import Q

from channels_app.kinds import ChannelLocal, LooseForeignKey


class ReceiptMail(ChannelLocal):
    """One receipt to one address. The address is personal data: it is forgotten with the row after a month."""

    register = LooseForeignKey("hq.Register")
    retail_transaction = models.UUIDField()
    address = models.EmailField(max_length=254)
    request_id = models.UUIDField(unique=True)
    asked_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-asked_at"]
        indexes = [
            models.Index(fields=["asked_at"], name="receipt_mails_to_send", condition=Q(sent_at=None)),
        ]

    def __str__(self) -> str:
        return f"Receipt {self.retail_transaction} by e-mail"
