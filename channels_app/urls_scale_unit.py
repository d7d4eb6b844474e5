"""The exchange API of a scale unit, mounted at /exchange/."""

from django.urls import path

from channels_app.exchange import scale_unit

app_name = "exchange"
urlpatterns = [
    path("push/<uuid:package_id>/", scale_unit.push, name="push"),
    path("wake/", scale_unit.wake, name="wake"),
    path("checksums/", scale_unit.sums, name="checksums"),
    path("<slug:name>/", scale_unit.order, name="order"),
]
