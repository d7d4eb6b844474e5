"""Screen layouts: grids of buttons that point at operations."""

from django.db import models

from channels_app.kinds import MasterData
from hq.models.history import keep_history


class ScreenLayout(MasterData):
    """A set of button grids, shown as tabs beside the cart."""

    name = models.CharField(max_length=60, unique=True)
    history = keep_history()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ButtonGrid(MasterData):
    """One tab of a layout."""

    layout = models.ForeignKey(ScreenLayout, on_delete=models.CASCADE, related_name="grids")
    name = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField(default=0)
    history = keep_history()

    class Meta:
        ordering = ["layout", "position"]

    def __str__(self) -> str:
        return f"{self.layout}: {self.name}"


class Button(MasterData):
    """A button: an operation with its parameters, such as the product it sells."""

    grid = models.ForeignKey(ButtonGrid, on_delete=models.CASCADE, related_name="buttons")
    position = models.PositiveSmallIntegerField(default=0)
    label = models.CharField(
        max_length=60, blank=True, help_text="Empty: the product's or the operation's name."
    )
    operation = models.PositiveIntegerField(
        help_text="Number of the operation, such as 100 for a product sale."
    )
    product = models.ForeignKey(
        "catalog.Product",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="buttons",
        help_text="For a product sale: what the button sells.",
    )
    parameters = models.JSONField(default=dict, blank=True, help_text="What else the operation needs.")
    hue = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Tint in degrees; empty for a plain key."
    )
    history = keep_history()

    class Meta:
        ordering = ["grid", "position"]

    def __str__(self) -> str:
        return self.label or str(self.product or self.operation)
