"""What headquarters serves: the exchange, and the back office at the root."""

from django.conf import settings
from django.urls import include, path, re_path
from django.views.static import serve

from config.health import healthz
from hq.site import site

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("exchange/", include("channels_app.urls_headquarters")),
    re_path(r"^media/(?P<path>.*)$", serve, {"document_root": settings.MEDIA_ROOT}, name="media"),
    path("", site.urls),
]
