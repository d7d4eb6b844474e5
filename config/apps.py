from importlib import import_module

from django.apps import AppConfig


class Wiring(AppConfig):
    name = "config"

    def ready(self) -> None:
        """Whoever sends a task sends it through our Celery app; a process without Django has no use for it."""
        import_module("config.celery")
