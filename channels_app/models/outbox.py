"""The outbox: every business event is a row written in the transaction of its fact."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func

from channels_app.kinds import ChannelLocal


class CurrentTransactionId(Func):
    """The id of the transaction that writes the row, as a bigint that grows for the life of the cluster."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()


class NextOutboxSequence(Func):
    template = "nextval('channels_app_outbox_sequence')"
    output_field = models.BigIntegerField()


class OutboxEvent(ChannelLocal):
    """One business event. Consumers read in the order (xid, sequence), only below the oldest running transaction.

    A reader of "sequence greater than the last I saw" loses what commits late; hence the transaction id.
    """

    xid = models.BigIntegerField(db_default=CurrentTransactionId(), editable=False)
    sequence = models.BigIntegerField(db_default=NextOutboxSequence(), editable=False)
    topic = models.CharField(max_length=60, help_text="sale.concluded, shift.closed, price.changed …")
    subject = models.CharField(max_length=60, help_text="Primary key of what the event is about.")
    schema_version = models.PositiveSmallIntegerField(default=1)
    payload = models.JSONField(default=dict)
    happened_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["xid", "sequence"], name="outbox_reading_order")]


class OutboxCursor(ChannelLocal):
    """How far one consumer has read, and which events above its mark it has handled already."""

    consumer = models.CharField(max_length=60, unique=True)
    xid = models.BigIntegerField(default=0)
    sequence = models.BigIntegerField(default=0)
    handled = ArrayField(models.UUIDField(), default=list)
    moved_at = models.DateTimeField(auto_now=True)
