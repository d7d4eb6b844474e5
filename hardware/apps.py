from django.apps import AppConfig


class HardwareConfig(AppConfig):
    name = "hardware"
    verbose_name = "Hardware"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from channels_app.announcements import when_applied
        from channels_app.postings import register_posting
        from hardware.port import HardwareStationPort
        from hardware.postings import DEVICE_JOBS, JOBS_BROUGHT, STATION_CHOICES
        from hardware.services.rings import ring_about_profiles
        from hq.station_port import provide

        for posting in (DEVICE_JOBS, STATION_CHOICES, JOBS_BROUGHT):
            register_posting(posting)
        provide(HardwareStationPort())
        when_applied(ring_about_profiles)
