"""The order desk in the sidebar of headquarters."""

from hq import navigation
from hq.navigation import Entry, Section
from hq.pages import add_page
from orders.desk import desk, order

add_page("order-desk/", desk, "order-desk")
add_page("order-desk/<int:number>/", order, "order")
navigation.add(
    Section.SALES,
    Entry("Order desk", "admin:order-desk", icon="support_agent", permission="orders.view_order", position=5),
)
