"""What a channel keeps for itself: open carts, sign-ons, the state of its registers, answered requests."""

from django.db import models

from channels_app.kinds import ChannelLocal, LooseForeignKey


class RegisterState(ChannelLocal):
    """What one register stands at: its counters, the end of its journal's chain, its open shift.

    Written only in the statement that writes the document the counter belongs to, and only if nobody
    wrote it meanwhile (`sequence` is its version).
    """

    register = LooseForeignKey("hq.Register")
    epoch = models.PositiveIntegerField(default=1, help_text="Grows when the register is installed anew.")
    sequence = models.BigIntegerField(default=0, help_text="Number of the last journal record.")
    receipt = models.BigIntegerField(default=0, help_text="Number of the last receipt.")
    shift_sequence = models.BigIntegerField(default=0, help_text="Number of the last shift.")
    last_hash = models.CharField(max_length=64, default="", help_text="Hash of the last journal record.")
    shift = models.UUIDField(null=True, help_text="The open shift.")
    business_date = models.DateField(null=True, help_text="Of the open shift.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["register"], name="one_state_per_register")]


class RegisterDevice(ChannelLocal):
    """A browser that acts as a register here. Its token is kept as a hash."""

    register = LooseForeignKey("hq.Register")
    token_hash = models.CharField(max_length=64, unique=True)
    description = models.CharField(max_length=200, blank=True)
    activated_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)


class SignOn(ChannelLocal):
    """A worker who is signed on at a device; one at a time."""

    device = models.ForeignKey(RegisterDevice, on_delete=models.CASCADE, related_name="sign_ons")
    register = LooseForeignKey("hq.Register")
    worker = LooseForeignKey("hq.Worker")
    token_hash = models.CharField(max_length=64, unique=True)
    signed_on_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["device"],
                condition=models.Q(ended_at=None),
                name="one_sign_on_per_device",
            ),
        ]


class CardSwipe(ChannelLocal):
    """A staff card that was swiped a moment ago, for the register's sign-on page to take up; its id is the event's."""

    register = LooseForeignKey("hq.Register")
    worker = LooseForeignKey("hq.Worker")
    swiped_at = models.DateTimeField()


class FailedSignOn(ChannelLocal):
    """Failures in a row for one staff ID in a store: after too many it is locked for a while."""

    store = LooseForeignKey("hq.Store")
    staff_id = models.CharField(max_length=12)
    failures = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "staff_id"], name="one_failure_count_per_staff_id")
        ]


class StoredCart(ChannelLocal):
    """The open cart of a register: one versioned document."""

    register = LooseForeignKey("hq.Register")
    version = models.BigIntegerField(default=0)
    document = models.BinaryField(help_text="The cart (pos.cart.model.Cart) as zstd-compressed JSON.")
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["register"], name="one_cart_per_register")]


class SuspendedCart(ChannelLocal):
    """A sale put aside, to be recalled at any register of the store."""

    store = LooseForeignKey("hq.Store")
    register = LooseForeignKey("hq.Register")
    worker = LooseForeignKey("hq.Worker")
    document = models.BinaryField(help_text="The cart, as in a stored cart.")
    label = models.CharField(max_length=80, blank=True)
    total = models.DecimalField(max_digits=14, decimal_places=3)
    currency = models.CharField(max_length=3)
    line_count = models.PositiveIntegerField()
    suspended_at = models.DateTimeField()

    class Meta:
        ordering = ["-suspended_at"]
        indexes = [models.Index(fields=["store", "-suspended_at"], name="suspended_by_store")]


class AnsweredRequest(ChannelLocal):
    """A request and the answer it got, so that the same request again gets the same answer."""

    register = LooseForeignKey("hq.Register")
    request_id = models.UUIDField()
    fingerprint = models.CharField(max_length=64, help_text="Of what was asked; other content is refused.")
    document = models.BinaryField(help_text="The cart as it then was.")
    outcome = models.TextField(help_text="What else was answered, as JSON: the notice, the concluded sale.")
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["register", "request_id"], name="request_answered_once")
        ]
        indexes = [models.Index(fields=["answered_at"], name="answered_request_by_age")]


class ReturnedQuantity(ChannelLocal):
    """How many of a sold line have come back: claimed in the statement that concludes the return."""

    line = models.UUIDField(unique=True)
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
