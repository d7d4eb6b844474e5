"""The exchange API of headquarters, mounted at /exchange/."""

from django.urls import path

from channels_app.exchange import headquarters

app_name = "exchange"
urlpatterns = [
    path("contact/", headquarters.contact, name="contact"),
    path("packages/", headquarters.packages, name="packages"),
    path("packages/<uuid:package_id>/", headquarters.package, name="package"),
    path("packages/<uuid:package_id>/report/", headquarters.report, name="report"),
    path("upload/", headquarters.upload, name="upload"),
    path("<slug:name>/", headquarters.question, name="question"),
]
