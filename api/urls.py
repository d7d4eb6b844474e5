"""The REST API, its description, and the page to try it."""

from csp.decorators import csp_update
from django.urls import include, path, re_path
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from api.v1.access import no_such_address

# The page to try the API: its script is a file of its own, its looks are set by script.
try_it = csp_update({"style-src": ["'unsafe-inline'"]})(
    SpectacularSwaggerSplitView.as_view(url_name="schema")
)

urlpatterns = [
    path("v1/", include("api.v1.urls")),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", try_it, name="api-docs"),
    re_path("", csrf_exempt(no_such_address)),
]
