"""What a scale unit serves: Cloud POS at the root, the REST API, stations, and the exchange."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path
from django.views.defaults import server_error
from django.views.static import serve

from api.v1.access import our_fault
from config.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("api/", include("api.urls")),
    path("exchange/", include("channels_app.urls_scale_unit")),
    path("stations/", include("hardware.urls")),
    re_path(r"^media/(?P<path>.*)$", serve, {"document_root": settings.MEDIA_ROOT}, name="media"),
    path("shift/", include("shifts.urls")),
    path("", include("pos.urls")),
]


def handler500(request: HttpRequest) -> HttpResponse:
    """A bug is told to programs in their shape, to people as a page."""
    return our_fault(request) if request.path.startswith("/api/") else server_error(request)
