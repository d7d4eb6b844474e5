from django.urls import path

from api.v1 import customers, stations, time_clock, views

app_name = "v1"
urlpatterns = [
    path("activate/", views.Activate.as_view(), name="activate"),
    path("sign-on/", views.SignOn.as_view(), name="sign-on"),
    path("sign-off/", views.SignOff.as_view(), name="sign-off"),
    path("register/", views.Register.as_view(), name="register"),
    path("operations/", views.Operations.as_view(), name="operations"),
    path("products/", views.Products.as_view(), name="products"),
    path("customers/", customers.Customers.as_view(), name="customers"),
    path("cart/", views.Cart.as_view(), name="cart"),
    path("cart/lines/<slug:line>/price/", views.LinePrice.as_view(), name="line-price"),
    path("cart/commands/", views.Commands.as_view(), name="commands"),
    path("cart/tenders/", views.Tenders.as_view(), name="tenders"),
    path("payments/", views.CardPayments.as_view(), name="payments"),
    path("payments/<uuid:intent>/", views.CardPayment.as_view(), name="payment"),
    path("cart/conclude/", views.Conclude.as_view(), name="conclude"),
    path("orders/", views.Orders.as_view(), name="orders"),
    path("suspended/", views.Suspended.as_view(), name="suspended"),
    path("shift/", views.Shift.as_view(), name="shift"),
    path("shift/open/", views.ShiftOpen.as_view(), name="shift-open"),
    path("shift/close/", views.ShiftClose.as_view(), name="shift-close"),
    path("shift/cash/", views.ShiftCash.as_view(), name="shift-cash"),
    path("shift/x-report/", views.ShiftReport.as_view(), name="shift-report"),
    path("time-clock/", time_clock.TimeClock.as_view(), name="time-clock"),
    path("drawer/", views.Drawer.as_view(), name="drawer"),
    path("printers/", stations.Printers.as_view(), name="printers"),
    path("stations/", stations.Stations.as_view(), name="stations"),
    path("journal/", views.Journal.as_view(), name="journal"),
    path("journal/<uuid:record>/", views.JournalRecord.as_view(), name="journal-record"),
    path("journal/<uuid:record>/receipt/", views.Receipt.as_view(), name="receipt"),
]
