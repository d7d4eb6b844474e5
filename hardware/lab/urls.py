from django.http import HttpRequest, JsonResponse
from django.urls import path

from hardware.lab import views
from hardware.lab.devices import LAB


def healthz(request: HttpRequest) -> JsonResponse:
    """Ready, with the number of devices."""
    return JsonResponse({"ready": True, "devices": len(LAB.devices)})


app_name = "lab"
urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", healthz, name="healthz"),
    path("devices/", views.devices, name="devices"),
    path("bench/<slug:slug>/", views.bench, name="bench"),
    path("bench/<slug:slug>/pages/<int:number>/", views.pages_printed, name="page"),
    path("bench/<slug:slug>/touch/", views.touch, name="touch"),
]
