"""Websockets of the till."""

from django.urls import path

from pos.consumers import RegisterConsumer

websocket_urlpatterns = [path("ws/register/", RegisterConsumer.as_asgi())]
