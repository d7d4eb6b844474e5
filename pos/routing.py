"""Websockets of the till."""

from django.urls import path

from pos.consumers import RegisterConsumer, SignOnConsumer

websocket_urlpatterns = [
    path("ws/register/", RegisterConsumer.as_asgi()),
    path("ws/sign-on/", SignOnConsumer.as_asgi()),
]
