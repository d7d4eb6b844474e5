"""What the order desk refuses, and what a till hears when it asks for an order."""

from channels_app.errors import DomainError


class OrderChanged(DomainError):
    code = "order_changed"
    message = "Order {number} was changed meanwhile by {by}. Look at it as it is now, and say it again."


class OrderNotOpen(DomainError):
    code = "order_not_open"
    message = "Order {number} is {state}: {remedy}"


class OrderIncomplete(DomainError):
    code = "order_incomplete"
    message = "{why}"
