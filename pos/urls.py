"""Cloud POS."""

from django.urls import path

from pos.pages import card, devices, look, panels, sale, scale, sheets, sign_on, tender

app_name = "pos"

# The first are looked at first: those of every item and every sale.
urlpatterns = [
    path("cart/lines/", sale.scan, name="scan"),
    path("cart/do/<slug:name>/", sale.operation, name="operation"),
    path("cart/", sale.cart, name="cart"),
    path("pay/", tender.pay, name="pay"),
    path("", sale.sell, name="sell"),
    path("look.css", look.look, name="look"),
    path("activate/", sign_on.activate, name="activate"),
    path("activate/manager/", sign_on.activate_with_manager, name="activate-manager"),
    path("waiting/", sign_on.waiting, name="waiting"),
    path("sign-on/", sign_on.enter, name="sign-on"),
    path("sign-off/", sign_on.leave, name="sign-off"),
    path("pay/cancel/", card.cancel, name="card-cancel"),
    path("card/<uuid:intent>/settled/", card.settled, name="card-settled"),
    path("stations/", devices.stations, name="stations"),
    path("print/<uuid:job>/", devices.job, name="job"),
    path("journal/<uuid:retail_transaction>/prints/", devices.prints, name="prints"),
    path("journal/<uuid:retail_transaction>/mail/", devices.mail, name="mail"),
    path("weigh/", scale.weigh, name="weigh"),
    path("weigh/stop/", scale.stop, name="weigh-stop"),
    path("search/", panels.search, name="search"),
    path("customers/", panels.customers, name="customers"),
    path("on-hold/", panels.suspended, name="suspended"),
    path("orders/", panels.orders, name="orders"),
    path("journal/", panels.journal, name="journal"),
    path("journal/<uuid:retail_transaction>/", panels.journal_entry, name="journal-entry"),
    path("return/", panels.take_back, name="return"),
    path("more/", panels.more, name="more"),
    path("drawer/", panels.drawer, name="drawer"),
    path("price/<slug:line>/", sheets.price, name="price"),
    path("charges/", sheets.charges, name="charges"),
    path("status/", sheets.status, name="status"),
    path("tiles/", sale.tiles, name="tiles"),
]
