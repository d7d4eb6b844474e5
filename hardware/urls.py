from django.urls import path

from hardware import views

app_name = "hardware"
urlpatterns = [
    path("pair/", views.pair, name="pair"),
    path("tillhouse-station.zip", views.agent, name="agent"),
]
