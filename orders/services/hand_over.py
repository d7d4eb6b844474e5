"""Orders on their way to a till: the store's tills see what was released to them, and one of them calls it up."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from hq.models import Register
from orders.models import Order
from orders.services.desk import find_orders, handed_over
from pos.errors import OrderElsewhere, OrderNotHere
from pos.headquarters import CalledUp, OrderedLine, WaitingOrder
from pos.models import RetailTransaction

MOST_WAITING = 50


def waiting_orders(*, store: int, text: str = "") -> Sequence[WaitingOrder]:
    """The store's orders that no sale has handed over yet, the oldest first; by number or caller where asked for."""
    released = find_orders(text, Order.State.RELEASED).filter(store=store).order_by("taken_at")
    orders = list(released.prefetch_related("lines")[:MOST_WAITING])
    became = handed_over(orders)
    return [_waiting(order, became[order.pk].at_register) for order in orders]


def _waiting(order: Order, at: Register | None) -> WaitingOrder:
    return WaitingOrder(
        number=order.number,
        customer=order.customer.name,
        phone=order.customer.phone,
        total=round(order.total, order.store.currency.decimals),
        line_count=len(order.lines.all()),
        taken_at=order.taken_at,
        note=order.note,
        register=at.pk if at else None,
        at_register=at.name if at else "",
    )


@transaction.atomic
def call_up(*, number: str, store: int, sale: UUID, register: int, again: bool) -> CalledUp:
    """The order for an open sale of the store, which has it from now on; the same sale may ask again.

    Raises OrderNotHere for one that does not wait in this store, and OrderElsewhere where another register has it,
    unless `again` says that it is to be taken from there.
    """
    order = _released(number, store)
    became = handed_over([order])[order.pk]
    if became.sale is not None and became.sale.pk != sale:
        raise OrderNotHere(number=order.number, why=f"it was handed over as {became.sale.receipt_number}.")
    elsewhere = became.at_register
    if elsewhere and elsewhere.pk != register and order.sale != sale and not again:
        raise OrderElsewhere(number=order.number, register=elsewhere.name)
    order.earlier_sales = _unheard_of(order, but=sale)
    order.sale, order.register_id, order.called_up_at = sale, register, timezone.now()
    order.version = F("version") + 1  # type: ignore[assignment]
    order.save(update_fields=["sale", "earlier_sales", "register", "called_up_at", "version"])
    return CalledUp(
        number=order.number,
        lines=tuple(OrderedLine(line.code, line.quantity, line.price) for line in order.lines.all()),
        customer=order.customer.account,
        customer_name=order.customer.name,
        coupons=tuple(order.coupons),
        affiliation=order.affiliation,
        mode=order.delivery_mode,
        recipient=order.recipient,
        street=order.street,
        city=order.city,
        region=order.region,
        postcode=order.postcode,
        country=order.country,
        priced_at=order.priced_at,
        total=round(order.total, order.store.currency.decimals),
        note=order.note,
        earlier=tuple(order.earlier_sales),
    )


@transaction.atomic
def give_back(*, number: str, store: int, sale: UUID) -> None:
    """Nothing came of calling the order up for that sale: it waits again, unless another sale has it by now."""
    order = _released(number, store)
    if order.sale != sale:
        return
    earlier = order.earlier_sales
    order.sale, order.register = (earlier[-1] if earlier else None), None
    order.earlier_sales = earlier[:-1]
    order.version = F("version") + 1  # type: ignore[assignment]
    order.save(update_fields=["sale", "earlier_sales", "register", "version"])


def _unheard_of(order: Order, *, but: UUID) -> list[UUID]:
    """The sales that called the order up before, of which nothing has come up: each may have handed it over."""
    called = dict.fromkeys(sale for sale in (*order.earlier_sales, order.sale) if sale not in (None, but))
    heard = set(RetailTransaction.objects.filter(pk__in=called).values_list("pk", flat=True))
    return [sale for sale in called if sale not in heard]


def _released(number: str, store: int) -> Order:
    found = (
        Order.objects.select_for_update(of=("self",))
        .select_related("store__currency", "customer")
        .filter(pk=Order.key_of(number), store=store)
    )
    order = found.first()
    if order is None:
        raise OrderNotHere(number=number[:20], why="this store has none of that number.")
    if order.state != Order.State.RELEASED:
        raise OrderNotHere(
            number=order.number, why=f"it is {order.get_state_display().lower()} at the order desk."
        )
    return order
