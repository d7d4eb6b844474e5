"""The station that a register uses for a while in place of its own."""

from django.db import models
from django.db.models import F, Q

from channels_app.kinds import ChannelLocal, LooseForeignKey


class StationChoice(ChannelLocal):
    """A cashier's word that her register uses another station of her store; until she goes back, `left_at` is empty.

    Kept after she has gone back: the station may still owe an answer, for a card payment for one.
    """

    register = LooseForeignKey("hq.Register")
    station = LooseForeignKey("hq.HardwareStation")
    worker = LooseForeignKey("hq.Worker", null=True)
    chosen_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-chosen_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["register", "station"], name="station_choice_once_per_register_and_station"
            ),
            models.UniqueConstraint(
                fields=["register"], condition=Q(left_at=None), name="one_station_chosen_per_register"
            ),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(left_at__gte=F("chosen_at")), name="station_left_after_chosen"
            ),
        ]

    def __str__(self) -> str:
        return f"Register {self.register_id} at station {self.station_id}"
