from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ChannelsAppConfig(AppConfig):
    name = "channels_app"
    verbose_name = "Channel data exchange"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(_prepare_database, dispatch_uid="channels_app")


def _prepare_database(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """After migrating: headquarters tracks its changes and has its jobs; a channel's copy is not tracked."""
    from channels_app.services.preparation import prepare_tables

    if using == "default":
        prepare_tables(sender.label)
