"""What headquarters answers when a till has a customer who is new."""

from uuid import UUID

import msgspec

from channels_app.exchange.wire import NotUnderstood, as_shape
from channels_app.models import ChannelDatabase
from channels_app.prepared import prepared
from channels_app.questions import answers
from customers.services.adding import add_customer
from hq.models import Store


@prepared
class NewCustomer(msgspec.Struct, frozen=True):
    """Who buys for the first time, in which store, served by which worker (staff ID)."""

    request: UUID
    store: int
    name: str
    phone: str = ""
    email: str = ""
    worker: str = ""


@answers("customer")
def customer(database: ChannelDatabase, said: dict) -> dict:
    """Add the customer, once."""
    asked = as_shape(said, NewCustomer)
    store = Store.objects.filter(pk=asked.store, placement__channel_database=database).first()
    if store is None:
        raise NotUnderstood(why="the store is none of this scale unit.")
    where = f"Added at the till in {store.name} by {asked.worker}"
    added = add_customer(
        request=asked.request, name=asked.name, phone=asked.phone, email=asked.email, where=where
    )
    return {"account": added.account, "name": added.name}
