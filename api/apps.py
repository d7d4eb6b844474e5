from django.apps import AppConfig
from django.db.models.signals import post_save


class ApiConfig(AppConfig):
    name = "api"
    verbose_name = "API"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from api.demo.welcome import strike_out_spent
        from hq.models import ActivationCode

        post_save.connect(strike_out_spent, sender=ActivationCode)
