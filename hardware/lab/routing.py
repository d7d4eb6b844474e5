from django.urls import path

from hardware.lab.consumers import LabConsumer

websocket_urlpatterns = [path("ws/lab/", LabConsumer.as_asgi())]
