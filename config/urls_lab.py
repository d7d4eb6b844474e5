"""What the device lab serves: the emulated devices of the demo stores."""

from django.urls import include, path

urlpatterns = [path("", include("hardware.lab.urls"))]
