"""What headquarters answers when a till asks for orders."""

from uuid import UUID

import msgspec

from channels_app.exchange.wire import as_shape
from channels_app.models import ChannelDatabase
from channels_app.prepared import prepared
from channels_app.questions import answers
from hq.models import Register
from orders.services.hand_over import call_up, give_back, waiting_orders
from pos.errors import OrderNotHere


@prepared
class OrdersAsked(msgspec.Struct, frozen=True):
    """Which orders wait in a store; all of them, or those of a number or caller."""

    store: int
    text: str = ""


@prepared
class OrderAsked(msgspec.Struct, frozen=True):
    """An order that a till takes into an open sale; `again` takes it from another register."""

    number: str
    store: int
    sale: UUID
    register: int
    again: bool = False


@prepared
class OrderGivenBack(msgspec.Struct, frozen=True):
    """An order that a till called up for a sale, and could not put into it."""

    number: str
    store: int
    sale: UUID


@answers("orders")
def orders(database: ChannelDatabase, said: dict) -> dict:
    """The orders that wait in a store."""
    asked = as_shape(said, OrdersAsked)
    if not database.sells_for(asked.store):
        return {"orders": []}
    return {"orders": msgspec.to_builtins(waiting_orders(store=asked.store, text=asked.text))}


@answers("order")
def order(database: ChannelDatabase, said: dict) -> dict:
    """An order with all that is in it; the sale that asks has it from now on."""
    asked = as_shape(said, OrderAsked)
    if not database.sells_for(asked.store) or not Register.objects.filter(pk=asked.register).exists():
        raise OrderNotHere(number=asked.number[:20], why="this store has none of that number.")
    found = call_up(
        number=asked.number,
        store=asked.store,
        sale=asked.sale,
        register=asked.register,
        again=asked.again,
    )
    return msgspec.to_builtins(found)


@answers("order-off")
def order_off(database: ChannelDatabase, said: dict) -> dict:
    """Nothing came of calling an order up: it waits again."""
    asked = as_shape(said, OrderGivenBack)
    if database.sells_for(asked.store):
        give_back(number=asked.number, store=asked.store, sale=asked.sale)
    return {}
