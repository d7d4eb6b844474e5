from django.urls import path

from hardware.consumers import StationConsumer

websocket_urlpatterns = [path("ws/station/", StationConsumer.as_asgi())]
