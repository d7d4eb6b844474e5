"""What headquarters serves: the exchange, the order desk, and the admin at the root."""

from django.conf import settings
from django.contrib import admin
from django.urls import path, re_path
from django.views.static import serve

from config.health import healthz
from config.routes import exists, mount

if exists("hq.site"):
    from hq.site import site
else:
    site = admin.site

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    *mount("exchange/", "channels_app.urls_headquarters"),
    *mount("desk/", "orders.urls"),
    re_path(r"^media/(?P<path>.*)$", serve, {"document_root": settings.MEDIA_ROOT}, name="media"),
    path("", site.urls),
]
