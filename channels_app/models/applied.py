"""What a channel database knows of the packages it has applied."""

from django.db import models

from channels_app.kinds import ChannelLocal


class DataVersion(ChannelLocal):
    """The one row that says which version of the master data this channel database sells from."""

    singleton = models.BooleanField(default=True, unique=True, editable=False)
    version = models.BigIntegerField(help_text="Grows with every applied package; caches are keyed by it.")
    package = models.UUIDField(help_text="The package applied last.")
    applied_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(singleton=True), name="one_data_version_row")]
