from django.apps import AppConfig


class HqConfig(AppConfig):
    name = "hq"
    verbose_name = "Headquarters"
    default_auto_field = "django.db.models.BigAutoField"
