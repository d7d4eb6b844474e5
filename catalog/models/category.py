from django.db import models

from channels_app.kinds import MasterData
from hq.models.history import keep_history


class Category(MasterData):
    """A node of the category tree."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    position = models.PositiveSmallIntegerField(default=0)
    history = keep_history()

    class Meta:
        ordering = ["position", "name"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name
