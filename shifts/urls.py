"""Shifts, as a cashier sees them."""

from django.urls import path

from shifts import clock_pages, pages

app_name = "shifts"

urlpatterns = [
    path("open/", pages.start, name="open"),
    path("close/", pages.finish, name="close"),
    path("cash/", pages.cash, name="cash"),
    path("x-report/", pages.x_report, name="x-report"),
    path("clock/", clock_pages.time_clock, name="clock"),
]
