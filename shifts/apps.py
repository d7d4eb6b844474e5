from django.apps import AppConfig


class ShiftsConfig(AppConfig):
    name = "shifts"
    verbose_name = "Shifts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from channels_app.postings import register_posting
        from shifts.postings import ALL

        for posting in ALL:
            register_posting(posting)
