from typing import Any

from django.apps import AppConfig
from django.db import transaction
from django.db.models import Model
from django.db.models.signals import post_save


class ApiConfig(AppConfig):
    name = "api"
    verbose_name = "API"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_save.connect(_strike_out_spent_codes, sender="hq.ActivationCode")


def _strike_out_spent_codes(sender: type[Model], **said: Any) -> None:
    from api.demo.welcome import strike_out_spent  # the demo company is seldom wanted: not at every start

    transaction.on_commit(strike_out_spent, robust=True)
