"""A customer who buys for the first time: headquarters gives the account, the sale goes on with it."""

from uuid import UUID, uuid5

from hq.permissions import Permission
from pos.cart.commands import refuse_when_paying
from pos.cart.model import Cart, Notice
from pos.headquarters import headquarters
from pos.operations import Command, Context, Step, operation
from pos.operations.coupon import name_customer


class AddCustomer(Command, frozen=True, tag="add_customer"):
    """The name, and how the customer can be reached."""

    name: str
    phone: str = ""
    email: str = ""


@operation(
    number=612, code="add_customer", name="New customer", permission=Permission.SELL, command=AddCustomer
)
def add_customer(cart: Cart, command: AddCustomer, context: Context) -> Step:
    """Add a customer at headquarters and put the account on the sale; twice in one sale it is one customer."""
    refuse_when_paying(cart, "change the customer")
    added = headquarters().add_customer(
        request=uuid5(UUID(cart.id), "\n".join((command.name, command.phone, command.email))),
        store=context.till.register.store.id,
        worker=context.worker.staff_id,
        name=command.name,
        phone=command.phone,
        email=command.email,
    )
    named, notice = name_customer(cart, added.account, added.name, context)
    words = f"{added.name} is a customer now, with the account {added.account}."
    added_now = Notice("positive", "customer_added", words, detail={"account": added.account})
    return Step(named, notice=notice or added_now)
