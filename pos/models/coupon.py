"""Coupons whose uses are limited over all stores: what headquarters has promised to open sales."""

from django.db import models

from channels_app.kinds import HeadquartersOnly


class CouponHold(HeadquartersOnly):
    """One use of a coupon, kept for an open sale until the sale's record comes up (or too long has passed)."""

    code = models.CharField(max_length=40)
    sale = models.UUIDField(help_text="The cart's id, which is that of the sale's record.")
    store = models.ForeignKey("hq.Store", on_delete=models.CASCADE, related_name="+")
    customer_account = models.CharField(max_length=20, blank=True)
    held_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "sale"], name="coupon_held_once_a_sale")]

    def __str__(self) -> str:
        return f"{self.code} in an open sale"
