"""The order desk: orders are taken, priced as the store's tills would, held, released to the store, cancelled.

Whoever changes an order names the version that was looked at; of two people one is told. Prices are those of the moment
of the last change, and hold until the goods are handed over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal

import msgspec
from django.db import transaction
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet
from django.utils import timezone

from customers.models import Customer
from hq.models import Register, Store, User
from orders.errors import OrderChanged, OrderIncomplete, OrderNotOpen
from orders.models import Order, OrderLine
from pos.models import RetailTransaction
from pos.services.customers import search_customers
from pos.services.simulate import MOST_LINES, Asked, AskedLine, Simulation, simulate
from pricing.engine.tax_codes import Destination
from pricing.models import DeliveryMode

State = Order.State
HANDED_OVER = "handed_over"
PRICED = ["product", "name", "unit", "unit_price", "discount", "tax", "total", "priced"]


@dataclass(frozen=True)
class Delivery:
    """How the goods reach the caller; without a mode they are picked up at the store."""

    mode: str = ""
    recipient: str = ""
    street: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""


ADDRESS = tuple(one.name for one in fields(Delivery) if one.name != "mode")  # of an order, too


@dataclass(frozen=True)
class Wanted:
    """All that an order says beside its caller and its store."""

    lines: Sequence[AskedLine] = ()
    coupons: tuple[str, ...] = ()
    affiliation: str = ""
    delivery: Delivery = Delivery()
    note: str = ""


@dataclass(frozen=True)
class HandOver:
    """What became of an order at the tills: the sale in which it was handed over, or where it is called up now."""

    sale: RetailTransaction | None = None
    at_register: Register | None = None


class _IsAmong(Func):
    """Whether a value is one of an array's, by the value's own index."""

    template, arg_joiner, output_field = "%(expressions)s)", " = ANY(", BooleanField()


@transaction.atomic
def take_order(*, store: Store, customer: Customer, by: User) -> Order:
    """A new, empty order of the caller at a store; or the one that this worker began there and left untouched."""
    Customer.objects.select_for_update().get(pk=customer.pk)  # of two clicks the second one waits
    untouched = Order.objects.filter(state=State.OPEN, version=1)
    begun = untouched.filter(store=store, customer=customer, taken_by=by).first()
    if begun is not None:
        return begun
    now = timezone.now()
    return Order.objects.create(
        store=store, customer=customer, currency=store.currency.code, priced_at=now,
        taken_by=by, taken_at=now, changed_by=by, changed_at=now,
    )  # fmt: skip


@transaction.atomic
def change_order(*, order_id: int, version: int, wanted: Wanted, by: User) -> Order:
    """The order with this in it, at the prices of now. Raises OrderChanged, OrderNotOpen, or OrderIncomplete.

    Goods that the store's tills would refuse stay in the order with the reason; it cannot be released with them.
    """
    order = _for_change(order_id, version)
    _require(order, (State.OPEN, State.HELD), "take it back first.")
    if len(wanted.lines) > MOST_LINES:
        words = f"An order holds {MOST_LINES} different articles at most: take a second one for the rest."
        raise OrderIncomplete(why=words, field="add")
    for line in wanted.lines:
        if line.quantity is not None and line.quantity != round(line.quantity, 3):
            words = f"{line.code}: {line.quantity:f} has too many decimals. No unit has more than three."
            raise OrderIncomplete(why=words, field="quantity")
    delivery = wanted.delivery
    order.coupons, order.affiliation = list(wanted.coupons), wanted.affiliation
    order.note = wanted.note.strip()[:200]
    order.delivery_mode = delivery.mode
    for name in ADDRESS:
        setattr(order, name, getattr(delivery, name).strip() if delivery.mode else "")
    order.country = order.country.upper()
    order.priced_at = timezone.now()
    _keep_lines(order, wanted.lines)
    return _changed(order, by)


@transaction.atomic
def hold_order(*, order_id: int, version: int, why: str, by: User) -> Order:
    """Let the order wait, for a word from the caller or for goods; the store does not see it."""
    order = _for_change(order_id, version)
    _require(order, (State.OPEN,), "only one that is being taken can be put on hold.")
    order.state, order.why = State.HELD, why.strip()[:200]
    return _changed(order, by)


@transaction.atomic
def release_order(*, order_id: int, version: int, by: User) -> Order:
    """Give the order to the store: its tills can call it up. Raises OrderIncomplete with what is missing."""
    order = _for_change(order_id, version)
    _require(order, (State.OPEN, State.HELD), "it is released once.")
    _check(order, as_priced(order))
    order.state, order.why = State.RELEASED, ""
    return _changed(order, by)


@transaction.atomic
def take_back(*, order_id: int, version: int, by: User) -> Order:
    """Go on with an order that waits or is with the store; not once a till has it."""
    order = _for_change(order_id, version)
    _require(order, (State.HELD, State.RELEASED, State.CANCELLED), "it is being taken already.")
    _require_not_at_till(order)
    order.state, order.why = State.OPEN, ""
    return _changed(order, by)


@transaction.atomic
def cancel_order(*, order_id: int, version: int, why: str, by: User) -> Order:
    """Give the order up; what was in it stays to be read."""
    order = _for_change(order_id, version)
    _require(order, (State.OPEN, State.HELD, State.RELEASED), "it was cancelled before.")
    _require_not_at_till(order)
    order.state, order.why = State.CANCELLED, why.strip()[:200]
    return _changed(order, by)


def as_priced(order: Order) -> Simulation:
    """The order as the store's tills would price it at its moment, with why."""
    return simulate(asked_of(order))


def asked_of(order: Order) -> Asked:
    """What the order asks of the price book."""
    lines = [AskedLine(line.code, line.quantity, line.price) for line in order.lines.all()]
    return Asked(
        store=order.store,
        at=order.priced_at,
        lines=lines,
        customer=order.customer,
        coupons=tuple(order.coupons),
        delivery_mode=order.delivery_mode or None,
        sent_to=destination_of(order),
        affiliations=(order.affiliation,) if order.affiliation else (),
        but=order.sale,
    )


def destination_of(order: Order) -> Destination | None:
    """Where the goods go; None while no place is named."""
    if not (order.city or order.region or order.postcode):
        return None
    country = order.country or order.store.country
    return Destination(country=country, state=order.region, city=order.city, postcode=order.postcode)


def handed_over(orders: Sequence[Order]) -> dict[int, HandOver]:
    """What became of orders at the tills, by id, as the stores' journals have come up."""
    called = {order.pk: (order.sale, *reversed(order.earlier_sales)) for order in orders if order.sale}
    records = RetailTransaction.objects.in_bulk([sale for sales in called.values() for sale in sales])
    found = {}
    for order in orders:
        heard = [records.get(sale) for sale in called.get(order.pk, ())]
        sold = next((one for one in heard if one is not None and one.kind == one.Kind.SALE), None)
        if sold is not None:
            found[order.pk] = HandOver(sale=sold)
        elif heard and heard[0] is None:
            found[order.pk] = HandOver(at_register=order.register)
        else:
            found[order.pk] = HandOver()  # never called up, or the sale was voided
    return found


def find_orders(text: str = "", state: str = "") -> QuerySet[Order]:
    """Orders by number, or by what tells the caller: phone number, name, account; the latest first.

    Those that were handed over are in `HANDED_OVER`, and not among the released ones any more.
    """
    orders = Order.objects.select_related("store__currency", "customer", "register")
    called = Q(pk=OuterRef("sale")) | Q(_IsAmong("pk", OuterRef("earlier_sales")))
    sold = Exists(RetailTransaction.objects.filter(called, kind=RetailTransaction.Kind.SALE))
    if state == HANDED_OVER:
        orders = orders.filter(sold)
    elif state:
        orders = orders.filter(~sold, state=state)
    text = text.strip()
    if not text:
        return orders
    accounts = [found.account for found in search_customers(text)]
    found = Q(customer__account__in=accounts)
    return orders.filter(found | Q(pk=Order.key_of(text)))


def _keep_lines(order: Order, lines: Sequence[AskedLine]) -> None:
    order.lines.all().delete()
    order.lines.bulk_create(
        OrderLine(
            order=order, place=place, code=line.code, quantity=line.quantity or Decimal(1), price=line.price
        )
        for place, line in enumerate(lines)
    )
    answer = as_priced(order)
    rows = list(order.lines.all())
    for row, line in zip(rows, answer.lines, strict=True):
        if line.article is not None and line.priced is not None:
            row.product_id, row.name, row.unit = (
                line.article.product,
                line.article.name[:200],
                line.article.unit,
            )
            row.unit_price, row.discount = line.priced.unit_price, line.priced.discount
            row.tax, row.total = line.priced.tax, line.priced.total
            row.priced = msgspec.to_builtins(line.priced)
    OrderLine.objects.bulk_update(rows, PRICED)
    order.total = answer.priced.totals.total


def _check(order: Order, answer: Simulation) -> None:
    """Raises OrderIncomplete for what a till would stumble over."""
    if not answer.lines:
        raise OrderIncomplete(why="The order is empty: add what the caller wants.", field="add")
    most = order.store.functionality_profile.max_quantity
    for line in answer.lines:
        what = line.article.name if line.article else line.asked.code
        if line.refusal:
            words = line.refusal if what in line.refusal else f"{what}: {line.refusal}"
            raise OrderIncomplete(why=words, field="code")
        if line.priced is not None and line.priced.quantity > most:
            words = f"{what}: the most on one line is {most}. Take a second order for the rest."
            raise OrderIncomplete(why=words, field="code")
    if answer.unknown_coupons:
        codes = ", ".join(answer.unknown_coupons)
        raise OrderIncomplete(why=f"No coupon {codes} unlocks an offer here: take it off.", field="coupons")
    if answer.refused_coupons:
        raise OrderIncomplete(why=f"{answer.refused_coupons[0]} Take it off.", field="coupons")
    mode = DeliveryMode.objects.filter(code=order.delivery_mode).first() if order.delivery_mode else None
    if order.delivery_mode and mode is None:
        raise OrderIncomplete(
            why=f"There is no way {order.delivery_mode} to deliver any more.", field="delivery"
        )
    if mode is not None and mode.needs_address and not (order.street and (order.city or order.postcode)):
        words = f"{mode.name} needs an address: a street, and a city or a postcode."
        raise OrderIncomplete(why=words, field="street")


def _for_change(order_id: int, version: int) -> Order:
    order = Order.objects.select_for_update(of=("self",)).select_related("store", "customer").get(pk=order_id)
    if order.version != version:
        raise OrderChanged(number=order.number, by=order.changed_by or "a till")
    return order


def _require(order: Order, states: Sequence[str], remedy: str) -> None:
    if order.state not in states:
        raise OrderNotOpen(number=order.number, state=order.get_state_display().lower(), remedy=remedy)


def _require_not_at_till(order: Order) -> None:
    found = handed_over([order])[order.pk]
    if found.sale is not None:
        words = f"it was sold as {found.sale.receipt_number}; take the goods back at a till."
        raise OrderNotOpen(number=order.number, state="handed over", remedy=words)
    if found.at_register:
        words = "void the sale there first, or wait until it has come up."
        raise OrderNotOpen(number=order.number, state=f"at {found.at_register.name}", remedy=words)


def _changed(order: Order, by: User) -> Order:
    order.changed_by, order.changed_at = by, timezone.now()
    order.version = F("version") + 1  # type: ignore[assignment]
    order.save()
    order.refresh_from_db(fields=["version"])
    return order


def usual_store(by: User) -> Store | None:
    """The store that somebody took the last order for."""
    last = Order.objects.filter(taken_by=by).select_related("store").first()
    return last.store if last else None


def is_editable(order: Order) -> bool:
    """Whether what is in the order may be changed."""
    return order.state in (State.OPEN, State.HELD)
