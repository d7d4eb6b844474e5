"""Two callers' orders: one waits in the first store, one for a word from its caller."""

from decimal import Decimal

from customers.models import Customer
from hq.models import Store, User
from orders.services.desk import Wanted, change_order, hold_order, release_order, take_order
from pos.services.simulate import AskedLine

# Names are invented; the numbers are those that Ofcom keeps free for drama.
CALLERS = (("900001", "Ruth Adeyemi", "020 7946 0018"), ("900002", "Ada Ngata", "0117 496 0123"))
RELEASED = (("85123A", "2"), ("22423", "1"), ("20725", "3"))
HELD = (("22386", "4"),)


def make_orders(store: Store, by: User) -> None:
    """Take both orders at that store."""
    ruth, ada = (
        Customer.objects.create(account=account, name=name, phone=phone, country="GB")
        for account, name, phone in CALLERS
    )
    waits = _taken(store, ruth, RELEASED, by, note="Gift wrapped, please")
    release_order(order_id=waits, version=2, by=by)
    held = _taken(store, ada, HELD, by)
    hold_order(order_id=held, version=2, why="Rings back on Friday", by=by)


def _taken(
    store: Store, caller: Customer, lines: tuple[tuple[str, str], ...], by: User, note: str = ""
) -> int:
    order = take_order(store=store, customer=caller, by=by)
    asked = [AskedLine(code, Decimal(quantity)) for code, quantity in lines]
    return change_order(order_id=order.pk, version=1, wanted=Wanted(lines=asked, note=note), by=by).pk
