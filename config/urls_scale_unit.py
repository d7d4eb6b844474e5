"""What a scale unit serves: Cloud POS at the root, the REST API, stations, and the exchange."""

from django.conf import settings
from django.urls import path, re_path
from django.views.static import serve

from config.health import healthz
from config.routes import mount

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    *mount("api/", "api.urls"),
    *mount("exchange/", "channels_app.urls_scale_unit"),
    *mount("stations/", "hardware.urls"),
    re_path(r"^media/(?P<path>.*)$", serve, {"document_root": settings.MEDIA_ROOT}, name="media"),
    *mount("shift/", "shifts.urls"),
    *mount("", "pos.urls"),
]
